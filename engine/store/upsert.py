"""Inserts that meet a row which is already there, written alike for both databases."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import ReturningInsert

from engine.store import Transaction
from engine.store.often import often


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
    statement = _if_new(_table(into), tuple(key), tx.get_bind().dialect.name)
    return (await tx.execute(statement, dict(values))).first() is not None


async def put(
    tx: Transaction,
    into: type[DeclarativeBase],
    values: Mapping[str, Any],
    *,
    key: Sequence[str],
) -> None:
    """Insert a row, or give the one with the same `key` these values."""
    changed = tuple(name for name in values if name not in key)
    statement = _or_changed(_table(into), tuple(key), changed, tx.get_bind().dialect.name)
    await tx.execute(statement, dict(values))


# Built once each: putting a statement together costs more than running it.
@cache
def _if_new(table: Table, key: tuple[str, ...], dialect: str) -> ReturningInsert[Any]:
    insert = _insert(table, dialect).on_conflict_do_nothing(index_elements=list(key))
    return often(insert.returning(*table.primary_key.columns))


@cache
def _or_changed(
    table: Table, key: tuple[str, ...], changed: tuple[str, ...], dialect: str
) -> postgresql.Insert | sqlite.Insert:
    insert = _insert(table, dialect)
    given = {name: insert.excluded[name] for name in changed}
    return often(insert.on_conflict_do_update(index_elements=list(key), set_=given))


def _table(of: type[DeclarativeBase]) -> Table:
    return cast("Table", of.__table__)


def _insert(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
