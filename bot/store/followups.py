"""The tables of what reaches people after a session, and what they said about it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, PersonRow
from engine.store.tables import Serial, SessionRow

PLANNED = "state = 'planned'"
QUEUED = "state = 'queued'"

Kind = Literal["feedback", "reflection", "drill", "unfinished", "digest"]
State = Literal["planned", "queued", "sent", "skipped", "stopped", "undelivered"]


class FollowUpRow(Base):
    """A direct message that somebody is to get at `due`, once.

    `about` is a session's id, or a workspace's for a digest. `n` counts those of one kind about one
    thing. `workspace_id` is where the person is written to. `queued`: its row in the outbox was
    stored in the same transaction. `code` says why it is over.
    """

    __tablename__ = "followups"
    __table_args__ = (
        UniqueConstraint("person_id", "about", "kind", "n"),
        Index(
            "ix_followups_planned",
            "due",
            sqlite_where=text(PLANNED),
            postgresql_where=text(PLANNED),
        ),
        Index(
            "ix_followups_queued",
            "done_at",
            sqlite_where=text(QUEUED),
            postgresql_where=text(QUEUED),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(PersonRow.id, ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), index=True
    )
    workspace_id: Mapped[str]
    about: Mapped[str]
    kind: Mapped[Kind] = mapped_column(String)
    n: Mapped[int]
    due: Mapped[datetime]
    state: Mapped[State] = mapped_column(String)
    code: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class FollowingRow(Base):
    """What somebody chose about follow-ups, and whether they can be reached by them."""

    __tablename__ = "following"

    person_id: Mapped[str] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True
    )
    stopped_at: Mapped[datetime | None]
    unreachable_since: Mapped[datetime | None]


class OpinionRow(Base):
    """What somebody thinks of the product: 1 to 5, and words if they want."""

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("person_id", "session_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(PersonRow.id, ondelete="CASCADE"))
    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), index=True
    )
    useful: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class StandsRow(Base):
    """Where on a platform an utterance of a session stands, for links to it."""

    __tablename__ = "stands"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text)


class ScoringRow(Base):
    """Somebody is at it to score a session with a judge; after `until` they died at it."""

    __tablename__ = "scorings"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    until: Mapped[datetime]


class SeenScoreRow(Base):
    """Somebody saw the score of their session; from then on they rate themselves no more."""

    __tablename__ = "seen_scores"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
