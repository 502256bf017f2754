"""Which message an event of the inbox is, so that later changes of it are recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SAID = sa.text("message <> ''")


def upgrade() -> None:
    """Add the platform's own id of a message; what came before is not known by one."""
    op.add_column("inbox", sa.Column("message", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_inbox_message",
        "inbox",
        ["channel", "message"],
        sqlite_where=_SAID,
        postgresql_where=_SAID,
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_index("ix_inbox_message", "inbox")
    op.drop_column("inbox", "message")
