"""Which words are used this time: seeded, and not the ones used last. Pure."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from engine.prompting import Prompt
from engine.words import sentences

REMEMBERED = 40
"""So many of its own last lines are looked at for words already used."""

_SHORTENED = re.compile(r"(?:^|\s)(?:mr|mrs|ms|dr|st|prof|approx|e\.g|i\.e)\.$", re.IGNORECASE)
_SMALL_WORDS = """
it it's its my the a an there there's this that that's these those he he's she she's his her they
they're their we we're we've our you your some someone something every everything sometimes mostly
usually often only just maybe about around almost since for from on in at with when whenever after
before during until while because if both once twice all most more not nothing nobody none one two
three four five six seven eight nine ten
"""
_LOWERABLE = frozenset(_SMALL_WORDS.split())
_FIRST_PERSON = frozenset({"i", "i'm", "i've", "i'd", "i'll"})


def folded(text: str) -> str:
    """A spoken line for comparison: case, spacing and a missing full stop aside."""
    return " ".join(finished(text).casefold().split())


def finished(text: str) -> str:
    """The text with an end to its last sentence, so that the next one can follow."""
    trimmed = text.strip()
    core = trimmed.rstrip("\"'\u201d\u2019)")
    return f"{trimmed}." if core and core[-1].isalnum() else trimmed


def spoken_sentences(text: str) -> tuple[str, ...]:
    """The sentences of an authored text; a title like "Dr." ends none."""
    found: list[str] = []
    for piece in sentences(finished(text)):
        if found and _SHORTENED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return tuple(found)


def lowered(text: str) -> str | None:
    """The text as it reads after a lead-in, or None where that could spoil a name."""
    first, *_ = text.split(maxsplit=1) or [""]
    word = first.rstrip(",.").lower().replace("\u2019", "'")
    if word in _FIRST_PERSON:
        return text
    return text[0].lower() + text[1:] if word in _LOWERABLE else None


def joined(things: Sequence[str]) -> str:
    """At least one thing, as `a, b or c`."""
    *head, last = things
    return f"{', '.join(head)} or {last}" if head else last


@dataclass(frozen=True)
class Voice:
    """A prompt, and what its character said lately."""

    prompt: Prompt

    @cached_property
    def _own_lines(self) -> tuple[str, ...]:
        mine = [heard.text for heard in reversed(self.prompt.history) if heard.mine]
        return tuple(folded(text) for text in mine[:REMEMBERED])

    @property
    def english(self) -> bool:
        """Whether English lead-ins fit the language of the reply."""
        return self.prompt.language.lower().startswith("en")

    @property
    def talkativeness(self) -> int:
        """The persona's talkativeness, 1 to 5."""
        return self.prompt.persona.style.talkativeness

    def number(self, salt: str, below: int) -> int:
        """A number in 0 … `below` - 1, settled by seed, turn, name and `salt` alone."""
        prompt = self.prompt
        key = f"{prompt.seed}\x1f{prompt.turn}\x1f{prompt.name}\x1f{salt}"
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % below

    def was_said(self, text: str) -> bool:
        """Whether one of its last lines holds `text`."""
        return self._age(folded(text)) < math.inf

    def fresh(self, options: Sequence[str], salt: str) -> str:
        """The option that was used longest ago; among unused ones the seed chooses.

        Never the one used last where there is another. Empty only if all options are.
        """
        unique = {folded(option): option for option in reversed(options) if option.strip()}
        if not unique:
            return ""
        ages = {key: self._age(key) for key in unique}
        oldest = [key for key in unique if ages[key] == max(ages.values())]
        if len(oldest) > 1 and ages[oldest[0]] < math.inf:
            # They stand in one line, as "Yes." does in "Yes. Often.": the longest is what was said.
            oldest.remove(max(oldest, key=len))
        return unique[sorted(oldest)[self.number(salt, len(oldest))]].strip()

    def _age(self, key: str) -> float:
        found = (place for place, line in enumerate(self._own_lines) if key in line)
        return next(found, math.inf)
