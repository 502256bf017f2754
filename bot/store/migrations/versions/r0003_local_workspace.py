"""The workspace in the browser: places, people, what was written there."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_WAITING = sa.text("NOT done")


def upgrade() -> None:
    """Make the tables."""
    _people()
    _places()
    _messages()
    _events()
    _uploads()


def _people() -> None:
    op.create_table(
        "local_counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_local_counter")),
    )
    op.create_table(
        "local_people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_people")),
    )
    op.create_table(
        "local_keys",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_local_keys")),
    )


def _places() -> None:
    op.create_table(
        "local_places",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("open_key", sa.String(), nullable=True),
        sa.Column("born", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_local_places")),
        sa.UniqueConstraint("open_key", name=op.f("uq_local_places_open_key")),
    )
    op.create_index(op.f("ix_local_places_seq"), "local_places", ["seq"])
    op.create_table(
        "local_members",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", "person", name=op.f("pk_local_members")),
    )
    op.create_index(op.f("ix_local_members_person"), "local_members", ["person"])
    op.create_table(
        "local_reads",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", "person", name=op.f("pk_local_reads")),
    )


def _messages() -> None:
    op.create_table(
        "local_messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("born", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("only_for", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_messages")),
        sa.UniqueConstraint("place", "key", name=op.f("uq_local_messages_place_key")),
    )
    op.create_index(op.f("ix_local_messages_seq"), "local_messages", ["seq"])
    op.create_index(op.f("ix_local_messages_place_born"), "local_messages", ["place", "born"])


def _events() -> None:
    op.create_table(
        "local_events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_local_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_local_events_event_id")),
    )
    op.create_index(op.f("ix_local_events_place_seq"), "local_events", ["place", "seq"])
    op.create_index(
        "ix_local_events_waiting",
        "local_events",
        ["seq"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def _uploads() -> None:
    op.create_table(
        "local_uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumb", sa.LargeBinary(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_uploads")),
    )
    op.create_index(op.f("ix_local_uploads_message"), "local_uploads", ["message"])


def downgrade() -> None:
    """Drop them."""
    for table in (
        "local_uploads",
        "local_events",
        "local_messages",
        "local_reads",
        "local_members",
        "local_places",
        "local_keys",
        "local_people",
        "local_counter",
    ):
        op.drop_table(table)
