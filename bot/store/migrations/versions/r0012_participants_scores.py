"""Each participant's own score, where several play together."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; what there is already is about the session as a whole."""
    kind = sa.String()
    op.add_column("evaluations", sa.Column("participant", kind, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the column, and what only it can tell apart."""
    op.execute("DELETE FROM evaluations WHERE participant <> ''")
    op.drop_column("evaluations", "participant")
