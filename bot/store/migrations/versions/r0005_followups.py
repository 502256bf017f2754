"""What reaches people after a session, what they say of it, and where their words stand."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PLANNED = sa.text("state = 'planned'")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    """Make the tables, and find sessions by when they ended."""
    _followups()
    _following()
    _opinions()
    _stands()
    op.create_index(op.f("ix_sessions_completed_at"), "sessions", ["completed_at"])


def _followups() -> None:
    op.create_table(
        "followups",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        _of("people", "followups", "person_id"),
        _of("sessions", "followups", "session_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followups")),
        sa.UniqueConstraint(
            "person_id", "about", "kind", "n", name=op.f("uq_followups_person_id_about_kind_n")
        ),
    )
    op.create_index(op.f("ix_followups_session_id"), "followups", ["session_id"])
    for name, column, where in (
        ("ix_followups_planned", "due", _PLANNED),
        ("ix_followups_queued", "done_at", _QUEUED),
    ):
        op.create_index(name, "followups", [column], sqlite_where=where, postgresql_where=where)


def _following() -> None:
    op.create_table(
        "following",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("stopped_at", _TIME, nullable=True),
        sa.Column("unreachable_since", _TIME, nullable=True),
        _of("people", "following", "person_id"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_following")),
    )


def _opinions() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        _of("people", "opinions", "person_id"),
        _of("sessions", "opinions", "session_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint(
            "person_id", "session_id", name=op.f("uq_opinions_person_id_session_id")
        ),
    )
    op.create_index(op.f("ix_opinions_session_id"), "opinions", ["session_id"])


def _stands() -> None:
    op.create_table(
        "stands",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        _of("sessions", "stands", "session_id"),
        sa.PrimaryKeyConstraint("session_id", "event_id", name=op.f("pk_stands")),
    )
    op.create_table(
        "seen_scores",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        _of("sessions", "seen_scores", "session_id"),
        _of("people", "seen_scores", "person_id"),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_seen_scores")),
    )


def _of(other: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_sessions_completed_at"), "sessions")
    for table in ("seen_scores", "stands", "opinions", "following", "followups"):
        op.drop_table(table)
