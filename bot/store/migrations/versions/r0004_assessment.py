"""Debriefs, disputes, ratings by people, score releases, and where a session comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _debriefs()
    _disputes()
    _ratings()
    _releases()
    _origins()


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"],
        ["sessions.id"],
        name=op.f(f"fk_{table}_session_id_sessions"),
        ondelete="CASCADE",
    )


def _debriefs() -> None:
    op.create_table(
        "debriefs",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        _of_session("debriefs"),
        sa.PrimaryKeyConstraint("session_id", "version", name=op.f("pk_debriefs")),
    )


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("resolver", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("resolved_at", _TIME, nullable=True),
        _of_session("disputes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_person_id"), "disputes", ["person_id"])
    op.create_index(op.f("ix_disputes_resolver"), "disputes", ["resolver"])
    op.create_index(
        op.f("ix_disputes_session_id_created_at"), "disputes", ["session_id", "created_at"]
    )


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        _of_session("ratings"),
        sa.PrimaryKeyConstraint(
            "session_id", "source", "person_id", "criterion", name=op.f("pk_ratings")
        ),
    )
    op.create_index(op.f("ix_ratings_person_id"), "ratings", ["person_id"])


def _releases() -> None:
    op.create_table(
        "score_releases",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        _of_session("score_releases"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_score_releases")),
    )
    op.create_index(op.f("ix_score_releases_person_id"), "score_releases", ["person_id"])


def _origins() -> None:
    op.create_table(
        "origins",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("origin_seq", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        _of_session("origins"),
        sa.ForeignKeyConstraint(
            ["origin"],
            ["sessions.id"],
            name=op.f("fk_origins_origin_sessions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_origins")),
    )
    op.create_index(op.f("ix_origins_origin"), "origins", ["origin"])


def downgrade() -> None:
    """Drop them."""
    for table in ("origins", "score_releases", "ratings", "disputes", "debriefs"):
        op.drop_table(table)
