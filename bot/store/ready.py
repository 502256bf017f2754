"""Statements that are ready to run: put together once, and given to the driver as they are.

What SQLAlchemy does anew each time, beside what the driver does, is most of what a short statement
costs. The values go through the same types as there, and the rows come back as the same results.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, Insert
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.sql.base import Executable

Fixed = Callable[[Any], Any]
Given = tuple[Any, ...] | dict[str, Any]
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement for a driver. `tells`: it has rows.

    `slots` are its values: each its own unless one is given under its key, as (key, own value).
    `names` are theirs, where the driver wants them. `fixing` and `fixed` are done to the values
    that come, and to those that go, at their places.
    """

    text: str
    slots: tuple[tuple[str, Any], ...]
    fixed: tuple[tuple[int, Fixed], ...]
    names: tuple[str, ...] | None
    columns: SimpleResultMetaData
    fixing: tuple[tuple[int, Fixed], ...]
    tells: bool

    def given(self, values: Mapping[str, Any]) -> Given:
        """What the driver is given for these values."""
        found = [values.get(key, own) for key, own in self.slots]
        for at, fixed in self.fixed:
            found[at] = fixed(found[at])
        return tuple(found) if self.names is None else dict(zip(self.names, found, strict=True))

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """The driver's rows, with values as they are in Python."""
        if not self.fixing:
            return list(found)
        rows = []
        for row in found:
            values = list(row)
            for at, fixed in self.fixing:
                values[at] = fixed(values[at])
            rows.append(tuple(values))
        return rows

    def result(self, found: Iterable[Sequence[Any]]) -> IteratorResult[Any]:
        """The driver's rows as a result."""
        return IteratorResult(self.columns, iter(self.rows(found)))


@lru_cache(_MOST)
def ready(statement: Executable, dialect: Dialect, keys: tuple[str, ...]) -> Ready | None:
    """A statement that gets values under these keys; None for one that this does not suit.

    Kept by the statement itself, so only for those that live as long as the process.
    """
    tells = bool(getattr(statement, "_returning", ())) or statement.is_select
    compiled = statement.compile(  # type: ignore[attr-defined]
        dialect=dialect,
        column_keys=list(keys),
        # So that nothing is told of an inserted row that nobody asked for.
        **({"for_executemany": True} if isinstance(statement, Insert) and not tells else {}),
    )
    if not _suits(compiled):
        return None
    names = compiled.positiontup if compiled.positional else compiled.binds
    binds = [compiled.binds[name] for name in names]
    given: list[Any] = [compiled._bind_processors.get(name) for name in names]
    columns = compiled._result_columns
    fixing = [one.type._cached_result_processor(dialect, None) for one in columns]
    return Ready(
        text=str(compiled),
        slots=tuple((one.key, one.effective_value) for one in binds),
        fixed=tuple((at, one) for at, one in enumerate(given) if one is not None),
        names=None if compiled.positional else tuple(names),
        columns=SimpleResultMetaData([one.keyname for one in columns]),
        fixing=tuple((at, one) for at, one in enumerate(fixing) if one is not None),
        tells=tells,
    )


def _suits(compiled: Any) -> bool:
    """Whether its text is the same for all values, and all values are given or its own."""
    odd = (
        compiled.post_compile_params,
        compiled.literal_execute_params,
        compiled.escaped_bind_names,
        getattr(compiled, "insert_prefetch", ()),
        getattr(compiled, "update_prefetch", ()),
    )
    return not any(odd) and all(one.callable is None for one in compiled.binds.values())
