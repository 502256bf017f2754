"""The tables of Slack: where the app is installed, logins under way, and shared channels.

Times are whole seconds since 1970, as Slack counts them.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from adapters.tables import metadata

METADATA: Final = metadata()

INSTALLATIONS: Final = Table(
    "slack_installations",
    METADATA,
    Column("tenant", String, primary_key=True),  # a workspace, or an enterprise as a whole
    Column("team", String, nullable=False),
    Column("enterprise", String, nullable=False),
    Column("token", Text, nullable=False),
    Column("refresh_token", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=True),
    Column("rotating_until", BigInteger, nullable=False),
    Column("bot_id", String, nullable=False),
    Column("bot_user", String, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("url", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("installed_at", BigInteger, nullable=False),
)
"""One row for each tenant. `rotating_until` is set while one process gets new tokens for it."""

STATES: Final = Table(
    "slack_states",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
"""Installations that somebody has begun in a browser."""

CHANNELS: Final = Table(
    "slack_channels",
    METADATA,
    Column("channel", String, primary_key=True),
    Column("tenant", String, nullable=False),
)
"""Channels that several workspaces share, each with the one whose sessions are there: one message
comes once for every workspace, and is one message."""
