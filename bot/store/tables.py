"""The tables of the application: workspaces, people, doors, and who owns which scenario."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, MetaData, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.store.tables import NAMING, Json, SessionRow, UTCDateTime


class Base(DeclarativeBase):
    """The tables of the application. Every other file with tables in `bot` uses this base."""

    metadata = MetaData(naming_convention=dict(NAMING))
    type_annotation_map = {datetime: UTCDateTime(), dict[str, Any]: Json}  # noqa: RUF012


class WorkspaceRow(Base):
    """A tenant: a Slack team, a Discord server, a Teams tenant, this machine."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]


class PersonRow(Base):
    """A person, whatever platforms they come from."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    active: Mapped[bool]
    consented_at: Mapped[datetime | None]
    consent_version: Mapped[int]


class IdentityRow(Base):
    """One account of a person on one platform."""

    __tablename__ = "identities"

    platform: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(PersonRow.id, ondelete="CASCADE"), index=True)


class MembershipRow(Base):
    """A role of a person in a workspace; there may be several."""

    __tablename__ = "memberships"

    workspace_id: Mapped[str] = mapped_column(
        ForeignKey(WorkspaceRow.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)


class PreferenceRow(Base):
    """When and in which language a person wants to be written to."""

    __tablename__ = "preferences"

    person_id: Mapped[str] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True
    )
    time_zone: Mapped[str | None]
    quiet_from: Mapped[str | None]
    quiet_to: Mapped[str | None]
    language: Mapped[str | None]


class DoorRow(Base):
    """A thread that leads, or led, to a seat of a session."""

    __tablename__ = "doors"
    __table_args__ = (
        # One thread has one session at a time; `thread_key` is adapters.stored.thread_id.
        Index(
            "uq_doors_open",
            "thread_key",
            unique=True,
            sqlite_where=text("open"),
            postgresql_where=text("open"),
        ),
    )

    thread_key: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    seat: Mapped[str]
    purpose: Mapped[Literal["room", "dm", "brief", "watch", "phone"]] = mapped_column(String)
    open: Mapped[bool]
    created_at: Mapped[datetime]


class LibraryRow(Base):
    """Who wrote a scenario, and who may see it. `owner` is None once the author is forgotten."""

    __tablename__ = "library"

    scenario_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="SET NULL"), index=True
    )
    visibility: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]


class HearerRow(Base):
    """A model outside of this server that the notice names, since somebody was first told of it."""

    __tablename__ = "hearers"

    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
