"""What was seen lately: remembered in this process, until there is too much of it."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Lately(Generic[Key, Value]):
    """At most so many values by key; those that were put first are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """The value, if it is remembered."""
        return self._held.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Remember a value, in place of an earlier one."""
        self._held.pop(key, None)
        self._held[key] = value
        while len(self._held) > self._most:
            del self._held[next(iter(self._held))]

    def drop(self, key: Key) -> None:
        """Forget a value, if there is one."""
        self._held.pop(key, None)
