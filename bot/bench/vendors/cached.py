"""What a provider's cache would have held: accounts by exact beginnings of requests."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import ceil
from typing import Any

_CHARS = 3.5
USUALLY = 1024
"""Tokens: shorter beginnings are kept by nobody that we know of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a request, in its order; `kept` where a beginning ends that is to be cached."""

    text: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Tokens of one request: all, read from the cache, written to it."""

    input: int
    read: int
    written: int


@dataclass(slots=True)
class PrefixCache:
    """Knows the beginnings that were marked, byte for byte. Nothing in it grows old.

    Beginnings shorter than `cached_from` tokens are not kept. What was kept before is found at a
    mark, and up to `lookback` pieces before one.
    """

    cached_from: int = USUALLY
    lookback: int = 20
    _known: set[bytes] = field(default_factory=set)

    def account(self, parts: Sequence[Part]) -> Account:
        """Read what is known, keep what is marked."""
        ends = list(_ends(parts))
        marks = [at for at, part in enumerate(parts) if part.kept]
        read = kept = 0
        new: set[bytes] = set()
        for at, (place, tokens) in enumerate(ends):
            if tokens < self.cached_from:
                continue
            near = parts[at].kept or any(at <= mark <= at + self.lookback for mark in marks)
            if near and place in self._known:
                read = tokens
            if parts[at].kept:
                kept = tokens
                new.add(place)
        self._known |= new
        return Account(input=ends[-1][1], read=read, written=max(0, kept - read))


def _ends(parts: Sequence[Part]) -> Iterator[tuple[bytes, int]]:
    """For each part what all is up to its end: a digest, and tokens."""
    digest = blake2b(digest_size=16)
    tokens = 0
    for part in parts:
        digest.update(part.text.encode("utf-8", "replace") + b"\x1f")
        tokens += ceil(len(part.text) / _CHARS)
        yield digest.digest(), tokens


def text_of(value: Any) -> str:
    """A piece of a request as text, marks of caching aside: they are no part of what is read."""
    return json.dumps(_unmarked(value), ensure_ascii=False)


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unmarked(one) for name, one in value.items() if name != "cache_control"}
    return [_unmarked(one) for one in value] if isinstance(value, list) else value
