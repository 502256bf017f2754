"""Quick counting of what was given up; which threads only one process can show anything in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GIVEN_UP = sa.text("state IN ('dead', 'unknown')")


def upgrade() -> None:
    """Make the indexes and the column; processes that run now show things everywhere."""
    for table in ("inbox", "outbox"):
        op.create_index(
            f"ix_{table}_given_up",
            table,
            ["state"],
            sqlite_where=_GIVEN_UP,
            postgresql_where=_GIVEN_UP,
        )
    op.add_column("workers", sa.Column("within", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_column("workers", "within")
    for table in ("outbox", "inbox"):
        op.drop_index(f"ix_{table}_given_up", table)
