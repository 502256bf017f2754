"""Calls of models that are entered before they are made: when one counts as lost."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STARTED = sa.text("status = 'started'")


def upgrade() -> None:
    """Make the column, and what finds those that are late."""
    op.add_column("calls", sa.Column("lost_after", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_calls_started",
        "calls",
        ["lost_after"],
        sqlite_where=_STARTED,
        postgresql_where=_STARTED,
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_index("ix_calls_started", "calls")
    op.drop_column("calls", "lost_after")
