"""The tables of delivery: what came in, what goes out, and who works on what.

A lane is what keeps its order: `session:<id>` or `thread:<key>` for what came in, `post:<key>` for
what goes out to one thread.
"""

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base
from engine.store.tables import Serial

WAITING = "state = 'waiting'"
SAID = "message <> ''"
OPEN = "state IN ('queued', 'sending')"
GIVEN_UP = "state IN ('dead', 'unknown')"

POST_LANE: Final = "post:"
"""Begins the lane of what goes out."""


def card_name(session_id: str) -> str:
    """What the rows of a session's cards have as their `card`."""
    return f"session:{session_id}"


class LeaseRow(Base):
    """A lane, when there is something to do on it, and who does it since and until when.

    `needs`: the platform whose adapter the work takes, empty for none. `due` None: nothing to do.
    `tries`: how often work on it ended badly since something last succeeded, as `Tries` packs it.
    """

    __tablename__ = "leases"
    __table_args__ = (Index("ix_leases_due", "due", "lane"),)

    lane: Mapped[str] = mapped_column(primary_key=True)
    needs: Mapped[str]
    due: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(index=True)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    tries: Mapped[int]


class InboxRow(Base):
    """Something that happened on a platform, or that is to happen at `due`.

    `body` is emptied once it is done. `code` says why it was refused. `person_id` is set where a
    client of the API wrote, whose answers are kept for it to read; `agrees` where a message that
    is taken means that this person agrees to the notice. `message` is the platform's own id of a
    message, by which later changes name it.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("tenant", "event_id"),
        Index(
            "ix_inbox_message",
            "channel",
            "message",
            sqlite_where=text(SAID),
            postgresql_where=text(SAID),
        ),
        Index(
            "ix_inbox_waiting",
            "lane",
            "id",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index(
            "ix_inbox_given_up",
            "state",
            sqlite_where=text(GIVEN_UP),
            postgresql_where=text(GIVEN_UP),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    tenant: Mapped[str]
    event_id: Mapped[str]
    channel: Mapped[str]
    lane: Mapped[str]
    order_key: Mapped[str]
    due: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(index=True)
    person_id: Mapped[str | None]
    agrees: Mapped[bool]
    author: Mapped[str] = mapped_column(index=True)
    message: Mapped[str]
    state: Mapped[Literal["waiting", "done", "dead"]] = mapped_column(String)
    code: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


class OutboxRow(Base):
    """Something to show on a platform, once.

    `opener` is the key of the row that opens the thread it goes to. `card` is the key of the row
    whose message it changes, and in the row of a session's card that card's name. State `kept`: for
    a client of the API to read. `body` is emptied once it was sent.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "lane", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index(
            "ix_outbox_given_up",
            "state",
            sqlite_where=text(GIVEN_UP),
            postgresql_where=text(GIVEN_UP),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    lane: Mapped[str]
    kind: Mapped[Literal["post", "edit", "draft", "whisper", "dm", "open_thread", "mark"]] = (
        mapped_column(String)
    )
    to: Mapped[str] = mapped_column(Text)
    opener: Mapped[str | None] = mapped_column(index=True)
    card: Mapped[str | None] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(index=True)
    session_id: Mapped[str | None] = mapped_column(index=True)
    ref: Mapped[str | None] = mapped_column(Text)
    state: Mapped[Literal["queued", "sending", "sent", "unknown", "dead", "kept"]] = mapped_column(
        String
    )
    code: Mapped[str]
    attempts: Mapped[int]
    due: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class WorkerRow(Base):
    """A process that takes work. `place` and `pid` tell others there whether it still lives.

    `within`: the lanes of threads that only this process can show something in begin like this.
    """

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    pid: Mapped[int]
    born: Mapped[str]
    platforms: Mapped[str]
    within: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
