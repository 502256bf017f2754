"""What the simulation keeps: its tables, and queries by noun.

Each query is a function over a `Transaction` that the caller opened; nothing here commits. Values
come back frozen, never as rows.
"""

from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

Transaction: TypeAlias = AsyncSession
"""An open transaction. Whoever opened it commits it."""
