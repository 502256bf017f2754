"""Taking somebody out of what waits to be shown, as stored. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from adapters.text import literal
from engine.store.removal import Trace

_READ: Final = frozenset(
    {"text", "title", "label", "confirm", "alt", "who", "items", "columns", "rows", "fields"}
)
"""What people read of a message and its blocks. The rest are names, places and files."""


def without(body: str, trace: Trace) -> str:
    """The JSON of an effect whose message does not tell of somebody.

    What is no effect is the same afterwards: it cannot be shown. So are files.
    """
    try:
        effect = json.loads(body)
    except ValueError:
        return body
    if not isinstance(effect, dict) or not isinstance(effect.get("message"), dict):
        return body
    message = _message(effect["message"], trace)
    if message == effect["message"]:
        return body
    return json.dumps({**effect, "message": message}, separators=(",", ":"))


def _message(value: Any, trace: Trace) -> Any:
    if isinstance(value, list):
        return [_message(one, trace) for one in value]
    if not isinstance(value, Mapping):
        return value
    marked = value.get("kind") != "quote"  # What is quoted has no marks.
    return {
        key: _told(one, trace, marked=marked and key == "text")
        if key in _READ
        else _message(one, trace)
        for key, one in value.items()
    }


def _told(value: Any, trace: Trace, *, marked: bool) -> Any:
    if isinstance(value, str):
        return trace.taken_out(value, literal if marked else str)
    if isinstance(value, list):
        return [_told(one, trace, marked=marked) for one in value]
    return value
