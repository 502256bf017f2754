"""A card's lorebook as facts: its keys are what a question must mention. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from engine.importers.asking import asks_about, plain_phrase
from engine.importers.facts import MAX_SAY, Facts
from engine.importers.macros import Macros
from engine.importers.values import LABEL, Sifter, first_of, line
from engine.signals import is_attack
from engine.words import content_stems

MAX_ENTRIES = 300
YOU = "you"

_PATTERN = re.compile(r"[\\^$|*+?\[\](){}/]")


class Lorebook:
    """Turns entries into facts, and remembers which could not be."""

    def __init__(self, facts: Facts, macros: Macros, sifter: Sifter) -> None:
        self._facts = facts
        self._macros = macros
        self._sifter = sifter
        self._off = 0
        self._keyless = 0
        self._many = 0

    def add(self, book: object) -> None:
        """Take in a `character_book`; anything that is none is left alone."""
        entries = first_of(book, "entries") if isinstance(book, dict) else None
        if isinstance(entries, dict):  # some editors write them numbered
            entries = list(entries.values())
        given = (
            [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
        )
        self._many += max(0, len(given) - MAX_ENTRIES)
        for entry in given[:MAX_ENTRIES]:
            self._entry(entry)

    def _entry(self, entry: Mapping[str, object]) -> None:
        if entry.get("enabled") is False:
            self._off += 1
            return
        keys = self._keys(entry)
        content = self._sifter.sentences(self._macros.text(str(entry.get("content") or ""), YOU))
        name = line(str(first_of(entry, "name", "comment") or ""), LABEL) or (keys or [""])[0]
        if not keys or not content:
            self._keyless += 1
            return
        asks = [ask for key in keys[:3] for ask in asks_about(key)[: 6 if len(keys) == 1 else 3]]
        first, *more = _portions(content)
        id_ = self._facts.add(
            name, first, asks=asks, topic=keys[0], section="lorebook", mentions=keys
        )
        for portion in more if id_ else ():
            self._facts.add(f"{name} more", portion, section="lorebook", mentions=keys)

    def _keys(self, entry: Mapping[str, object]) -> list[str]:
        raw = entry.get("keys")
        keys = [one for one in raw if isinstance(one, str)] if isinstance(raw, list) else []
        if entry.get("use_regex") is True:
            keys = []
        named = (self._macros.text(key, YOU) for key in keys if not _PATTERN.search(_bare(key)))
        plain = (plain_phrase(key) for key in named)
        return list(
            dict.fromkeys(key for key in plain if content_stems(key) and not is_attack(key))
        )[:12]

    def notes(self) -> Iterator[str]:
        """What to tell the author."""
        if self._off:
            yield f"lorebook entries left out because they were switched off: {self._off}"
        if self._keyless:
            yield f"lorebook entries left out for want of plain keys or of content: {self._keyless}"
        if self._many:
            yield f"lorebook entries left out because there were too many: {self._many}"


def _bare(key: str) -> str:
    return re.sub(r"\{\{\s*(?:char|user)\s*\}\}", "", key, flags=re.IGNORECASE)


def _portions(sentences: Sequence[str]) -> list[str]:
    """Sentences joined while they fit into one fact."""
    found: list[str] = [""]
    for one in sentences:
        joined = f"{found[-1]} {one}".strip()
        if len(joined) > MAX_SAY // 2 and found[-1]:
            found.append(one)
        else:
            found[-1] = joined
    return found
