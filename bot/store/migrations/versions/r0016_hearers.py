"""Models that people were told of before they agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. It is empty: whoever agreed so far is asked once more if there are models."""
    op.create_table(
        "hearers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hearers"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("hearers")
