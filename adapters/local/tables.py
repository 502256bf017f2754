"""The tables of the workspace. What people write here is stored here before anything else."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.tables import metadata

METADATA: Final = metadata()

_TIME: Final = DateTime(timezone=True)

COUNTER: Final = Table(
    "local_counter",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""The last number given to a change. Its row is locked until the change is committed, so that
changes can be seen in the order of their numbers only."""

PEOPLE: Final = Table(
    "local_people",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False),
)

PLACES: Final = Table(
    "local_places",
    METADATA,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),  # channel, dm, thread
    Column("title", String, nullable=False),
    Column("parent", String, nullable=True),
    Column("state", String, nullable=False),
    Column("private", Boolean, nullable=False),  # only members see it
    Column("open_key", String, nullable=True),
    Column("born", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("created_at", _TIME, nullable=False),
    UniqueConstraint("open_key"),
)

MEMBERS: Final = Table(
    "local_members",
    METADATA,
    Column("place", String, primary_key=True),
    Column("person", String, primary_key=True, index=True),
)

MESSAGES: Final = Table(
    "local_messages",
    METADATA,
    Column("id", String, primary_key=True),
    Column("place", String, nullable=False),
    Column("born", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False, index=True),  # of its last change
    Column("author", String, nullable=True),  # a person's id; None for the bot
    Column("key", String, nullable=True),
    Column("only_for", String, nullable=True),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("event_id", String, nullable=True),
    Column("at", _TIME, nullable=False),
    UniqueConstraint("place", "key"),
    Index(None, "place", "born"),
)

EVENTS: Final = Table(
    "local_events",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", String, nullable=False),
    Column("place", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("done", Boolean, nullable=False),  # the application has it
    Column("at", _TIME, nullable=False),
    UniqueConstraint("event_id"),
    Index(None, "place", "seq"),
    Index(
        "ix_local_events_waiting",
        "seq",
        sqlite_where=text("NOT done"),
        postgresql_where=text("NOT done"),
    ),
)

UPLOADS: Final = Table(
    "local_uploads",
    METADATA,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=True),
    Column("message", String, nullable=True, index=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("thumb", LargeBinary, nullable=True),
    Column("at", _TIME, nullable=False),
)

READS: Final = Table(
    "local_reads",
    METADATA,
    Column("place", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

KEYS: Final = Table(
    "local_keys",
    METADATA,
    Column("digest", String, primary_key=True),  # the secret itself is nowhere
    Column("kind", String, nullable=False),  # link: works once; session: a browser's
    Column("person", String, nullable=False),
    Column("csrf", String, nullable=False),
    Column("expires_at", _TIME, nullable=False),
)
