"""The tables around the models: what was spent on whom, and which provider rests."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.tables import Base


class SpendingRow(Base):
    """What one conversation, one person's day or one workspace's day has cost so far.

    `key` is the id of the session, person or workspace; `day` is empty for a conversation. `told`
    is the highest crossing that instructors heard of, `fresh` whether it grew since that was
    looked at.
    """

    __tablename__ = "spending"
    __table_args__ = (
        Index(
            "ix_spending_fresh",
            "fresh",
            sqlite_where=text("fresh"),
            postgresql_where=text("fresh"),
        ),
    )

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    micro_usd: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[int]
    fresh: Mapped[bool]


class BreakerRow(Base):
    """A model that rests after failures, as every process sees it. No row: it works.

    `probe` is the token of the one call that tries it again, until `probe_until`.
    """

    __tablename__ = "breakers"

    key: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    reason: Mapped[str]
    down: Mapped[bool]
    open_until: Mapped[datetime]
    strikes: Mapped[int]
    successes: Mapped[int]
    probe: Mapped[str | None]
    probe_until: Mapped[datetime | None]
    updated_at: Mapped[datetime]
