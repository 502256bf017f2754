"""Marks statements that each turn makes, so that a database may keep them ready to run."""

from typing import Any, Final, TypeVar

from sqlalchemy.sql.base import Executable

_MARK: Final = "often"

_Statement = TypeVar("_Statement", bound=Executable)


def often(statement: _Statement) -> _Statement:
    """The same statement, for a name that lasts as long as the process: it is kept for ever.

    Its values are given as parameters, and its rows are columns, not entities.
    """
    return statement.execution_options(**{_MARK: True})


def is_often(statement: Any) -> bool:
    """Whether a statement was marked."""
    return bool(statement.get_execution_options().get(_MARK))
