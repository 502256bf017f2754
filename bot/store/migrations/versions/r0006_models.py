"""What models cost, and which of them rests: more on each call, sums, breakers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_FRESH = sa.text("fresh")


def upgrade() -> None:
    """Make the tables, and say more of each call."""
    _calls()
    _spending()
    _breakers()


def _calls() -> None:
    for column in (
        sa.Column("cache_write_long", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("request_id", sa.String(), nullable=False, server_default=""),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
    ):
        op.add_column("calls", column)


def _spending() -> None:
    op.create_table(
        "spending",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", "day", name=op.f("pk_spending")),
    )
    op.create_index(
        "ix_spending_fresh",
        "spending",
        ["fresh"],
        sqlite_where=_FRESH,
        postgresql_where=_FRESH,
    )


def _breakers() -> None:
    op.create_table(
        "breakers",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("down", sa.Boolean(), nullable=False),
        sa.Column("open_until", _TIME, nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("probe", sa.String(), nullable=True),
        sa.Column("probe_until", _TIME, nullable=True),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_breakers")),
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_table("breakers")
    op.drop_table("spending")
    for name in ("reason", "request_id", "cache_write_long"):
        op.drop_column("calls", name)
