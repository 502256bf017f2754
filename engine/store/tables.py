"""The tables of the simulation.

They know sessions, seats and person ids; people and workspaces are rows of the application, so
`person_id` and `owner` have no foreign key here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING: Final[Mapping[str, str]] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names for constraints, so that a migration can name what it drops. For every table of ours."""


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out, on every database.

    Binding a naive datetime is a `ValueError`: it would mean another moment on another machine.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC again; SQLite stored it without saying so."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Not JSONB: it refuses the NUL and lone surrogates that people can send, and nobody queries inside.
Json: Final = JSON(none_as_null=True)
Serial: Final = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself


class Base(DeclarativeBase):
    """The tables of the engine."""

    metadata = MetaData(naming_convention=dict(NAMING))
    type_annotation_map = {datetime: UTCDateTime(), dict[str, Any]: Json}  # noqa: RUF012


class ScenarioVersionRow(Base):
    """A scenario as it was played, by the hash of its body."""

    __tablename__ = "scenario_versions"

    hash: Mapped[str] = mapped_column(primary_key=True)
    scenario_id: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class SessionRow(Base):
    """The head of a session. `seq` is the last seq of its log and the fence around it.

    `rewritten` counts the times that something in the log was changed in place. `seal` is a running
    hash over the log, see `engine.store.seals`; empty where it was begun before there were any.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "owner", "created_at"),
        Index(None, "scenario_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    scenario_id: Mapped[str]
    scenario_hash: Mapped[str] = mapped_column(ForeignKey(ScenarioVersionRow.hash))
    mode: Mapped[str]
    language: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    phase: Mapped[str]
    seq: Mapped[int]
    owner: Mapped[str]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    due: Mapped[datetime | None] = mapped_column(index=True)
    rewritten: Mapped[int] = mapped_column(server_default="0")
    seal: Mapped[str] = mapped_column(server_default="")


class ParticipantRow(Base):
    """Who sits, or once sat, in which seat."""

    __tablename__ = "participants"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    seat: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class EventRow(Base):
    """One entry of a session's log. `person_id` and `external_id` repeat what its body says."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("session_id", "external_id"),
        Index(None, "session_id", "at"),
        Index(None, "person_id", "at"),
    )

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    v: Mapped[int]
    body: Mapped[dict[str, Any]]
    person_id: Mapped[str | None]
    external_id: Mapped[str | None]


class CallRow(Base):
    """One call of a model: what it was for, what it took, what became of it.

    One that is `started` counts as lost from `lost_after` on.
    """

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("session_id", "seq_in_session"),
        UniqueConstraint("provider", "response_id"),
        Index(None, "session_id", "created_at"),
        Index(None, "created_at"),
        Index(
            "ix_calls_started",
            "lost_after",
            sqlite_where=text("status = 'started'"),
            postgresql_where=text("status = 'started'"),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey(SessionRow.id, ondelete="CASCADE"))
    seq_in_session: Mapped[int]
    kind: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    response_id: Mapped[str | None]
    status: Mapped[str]
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    reasoning: Mapped[int]
    cache_read: Mapped[int]
    cache_write: Mapped[int]
    cache_write_long: Mapped[int]
    estimated: Mapped[bool]
    cost_micro_usd: Mapped[int] = mapped_column(BigInteger)
    latency_ms: Mapped[int]
    request_id: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    raw: Mapped[dict[str, Any] | None]
    lost_after: Mapped[datetime | None]


class EvaluationRow(Base):
    """One evaluation of a session; a new one never replaces an old one.

    `participant` is whose it is where several play together, else empty. Versions count through
    the whole session, whoever they are about.
    """

    __tablename__ = "evaluations"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant: Mapped[str]
    rubric_hash: Mapped[str]
    scenario_hash: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class DebriefRow(Base):
    """What a coach wrote about one version of an evaluation."""

    __tablename__ = "debriefs"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class DisputeRow(Base):
    """Somebody sees a criterion differently; what was decided stands beside it."""

    __tablename__ = "disputes"
    __table_args__ = (Index(None, "session_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey(SessionRow.id, ondelete="CASCADE"))
    version: Mapped[int]
    criterion: Mapped[str]
    person_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    points: Mapped[int | None]
    resolver: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class RatingRow(Base):
    """What a person gave a criterion: the trainee of themselves, or an instructor."""

    __tablename__ = "ratings"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int]
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ScoreReleaseRow(Base):
    """An instructor let the trainee see the score of a session."""

    __tablename__ = "score_releases"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]


class OriginRow(Base):
    """Which session another one grew from: a branch at `origin_seq`, or a drill of a criterion."""

    __tablename__ = "origins"

    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str]
    origin: Mapped[str | None] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="SET NULL"), index=True
    )
    origin_seq: Mapped[int]
    criterion: Mapped[str]
    created_at: Mapped[datetime]
