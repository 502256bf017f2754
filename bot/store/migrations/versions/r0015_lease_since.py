"""Since when a lane is worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; of lanes that are worked on now nobody knows it."""
    op.add_column("leases", sa.Column("since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("leases", "since")
