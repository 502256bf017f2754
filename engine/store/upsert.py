"""Inserts that meet a row which is already there, written alike for both databases."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from engine.store import Transaction


async def insert_new(
    tx: Transaction,
    into: type[DeclarativeBase],
    values: Mapping[str, Any],
    *,
    key: Sequence[str],
) -> bool:
    """Insert a row unless one with the same `key` is there; whether it was inserted.

    `key` are the columns of a primary key or unique constraint. Of two writers that race, one
    waits for the other and then gets False; no transaction breaks.
    """
    table = _table(into)
    statement = (
        _insert(tx, table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=list(key))
        .returning(*table.primary_key.columns)
    )
    return (await tx.execute(statement)).first() is not None


async def put(
    tx: Transaction,
    into: type[DeclarativeBase],
    values: Mapping[str, Any],
    *,
    key: Sequence[str],
) -> None:
    """Insert a row, or give the one with the same `key` these values."""
    changed = {name: value for name, value in values.items() if name not in key}
    await tx.execute(
        _insert(tx, _table(into))
        .values(**values)
        .on_conflict_do_update(index_elements=list(key), set_=changed)
    )


def _table(of: type[DeclarativeBase]) -> Table:
    return cast("Table", of.__table__)


def _insert(tx: Transaction, table: Table) -> postgresql.Insert | sqlite.Insert:
    if tx.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
