"""What came in, what goes out, who works on it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state = 'waiting'")
_OPEN = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    """Make the tables."""
    _leases()
    _inbox()
    _outbox()


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("needs", sa.String(), nullable=False),
        sa.Column("due", _TIME, nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_leases")),
    )
    op.create_index("ix_leases_due", "leases", ["due", "lane"])
    op.create_index(op.f("ix_leases_owner"), "leases", ["owner"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("born", sa.String(), nullable=False),
        sa.Column("platforms", sa.String(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("tenant", "event_id", name=op.f("uq_inbox_tenant_event_id")),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["lane", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    for column in ("session_id", "author", "received_at"):
        op.create_index(op.f(f"ix_inbox_{column}"), "inbox", [column])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("opener", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("attempted_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_open", "outbox", ["lane", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    for column in ("opener", "card", "event", "session_id", "created_at"):
        op.create_index(op.f(f"ix_outbox_{column}"), "outbox", [column])


def downgrade() -> None:
    """Drop them."""
    for table in ("outbox", "inbox", "workers", "leases"):
        op.drop_table(table)
