"""The keys that posts carry in their metadata, and how they are found again. Pure.

Everybody in a workspace can read metadata, so keys hold ids and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.slack.render import Part

Json = Mapping[str, Any]

EVENT: Final = "dressrun_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A part of a message with its place: part `at` of `of`; `sub` of `subs` where that was cut."""

    part: Part
    at: int
    of: int
    sub: int = 0
    subs: int = 1

    def metadata(self, key: str) -> dict[str, Any]:
        """What it carries."""
        cut = {"sub": self.sub, "subs": self.subs} if self.subs > 1 else {}
        return metadata(key, at=self.at, of=self.of, **cut)


def metadata(key: str, *, at: int = 0, of: int = 1, **more: int) -> dict[str, Any]:
    """What a message carries; alone, unless more is said."""
    return {"event_type": EVENT, "event_payload": {"key": key, "at": at, "of": of, **more}}


def numbered(parts: list[Part]) -> list[Numbered]:
    """Parts with their places."""
    return [Numbered(part=one, at=at, of=len(parts)) for at, one in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one message: the time stamp at (part, sub), and how many of each there are."""

    at: Mapping[tuple[int, int], str] = field(default_factory=dict)
    of: int = 0
    subs: Mapping[int, int] = field(default_factory=dict)

    def part(self, at: int) -> list[str]:
        """The time stamps of a part; empty unless all of it stands."""
        found = [self.at.get((at, sub), "") for sub in range(self.subs.get(at, 1))]
        return found if all(found) else []

    @property
    def whole(self) -> bool:
        """Whether nothing lacks."""
        return self.of > 0 and all(self.part(at) for at in range(self.of))

    @property
    def in_order(self) -> list[str]:
        """The time stamps."""
        return [self.at[place] for place in sorted(self.at)]


def standing(messages: Iterable[Json], key: str) -> Standing:
    """What stands of the message with this key, among messages of ours."""
    at: dict[tuple[int, int], str] = {}
    subs: dict[int, int] = {}
    of = 0
    for one in messages:
        metadata = one.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") != EVENT or payload.get("key") != key:
            continue
        part, sub = int(payload.get("at", 0)), int(payload.get("sub", 0))
        at.setdefault((part, sub), str(one["ts"]))
        subs[part] = int(payload.get("subs", 1))
        of = max(of, int(payload.get("of", 1)))
    return Standing(at, of, subs)


def growing(messages: Iterable[Json]) -> list[str]:
    """Messages of ours without metadata, never edited: streams get theirs only at their end."""
    return [
        str(one["ts"])
        for one in messages
        if (one.get("metadata") or {}).get("event_type") != EVENT
        and not one.get("subtype")
        and not one.get("edited")
    ]
