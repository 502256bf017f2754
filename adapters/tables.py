"""What the tables of kits have in common."""

from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import AsyncSession


def metadata() -> MetaData:
    """For a kit's tables: keys and indexes are named as migrations name them."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


async def put_new(tx: AsyncSession, table: Table, **values: Any) -> bool:
    """Insert a row unless there is one like it; whether it was inserted."""
    # Imported late: kits are looked through by commands that open no database.
    from sqlalchemy.dialects import postgresql, sqlite

    known = postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
    statement = known.insert(table).values(**values).on_conflict_do_nothing()
    done = await tx.execute(statement.returning(*table.primary_key.columns))
    return done.first() is not None
