"""How often a log was changed in place, so that what was read of it before is known as old."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column."""
    kind = sa.Integer()
    op.add_column("sessions", sa.Column("rewritten", kind, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sessions", "rewritten")
