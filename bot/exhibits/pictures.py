"""Exhibits drawn off the event loop, one at a time, each only once."""

import asyncio
from collections import OrderedDict
from threading import Lock

from bot.exhibits.charts import Drawable, png_of

_KEPT = 64  # pictures of about 60 kB

_drawing = Lock()  # matplotlib is not safe in several threads at once
_caching = Lock()  # held only for a look-up, so that the event loop may take it
_cache: OrderedDict[str, bytes] = OrderedDict()


async def png(exhibit: Drawable) -> bytes:
    """The exhibit as a PNG, 1000 pixels wide.

    Drawn in a thread and kept by content, so that a class that opens the same exhibit at once
    waits for one drawing.
    """
    key = repr(exhibit)  # the whole content; unlike equality it tells 1 from 1.0
    found = _found(key)
    return found if found is not None else await asyncio.to_thread(_drawn, key, exhibit)


def _drawn(key: str, exhibit: Drawable) -> bytes:
    with _drawing:
        if found := _found(key):
            return found
        drawn = png_of(exhibit)
        with _caching:
            _cache[key] = drawn
            while len(_cache) > _KEPT:
                _cache.popitem(last=False)
    return drawn


def _found(key: str) -> bytes | None:
    with _caching:
        if key in _cache:
            _cache.move_to_end(key)
        return _cache.get(key)
