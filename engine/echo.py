"""Whether a text gives a fact away. Pure; one measure for lint, verification and leak tests."""

from functools import lru_cache
from itertools import pairwise

from engine.scenario.knowledge import Fact
from engine.words import content_stems, sentences, stem, stems

ENOUGH = 0.75
"""The share of a fact's content words that one or two sentences must hold to tell it."""


@lru_cache(maxsize=20_000)
def _content(text: str) -> frozenset[str]:
    return frozenset(content_stems(text))


def _ways(fact: Fact) -> tuple[str, ...]:
    return (
        fact.say,
        *fact.variants,
        *(way for text in fact.texts.values() for way in (text.say, *text.variants)),
    )


def echoes(text: str, fact: Fact) -> bool:
    """Whether `text` tells what the fact says.

    It does when a sentence of it, or two neighbours, hold at least `ENOUGH` of the content words of
    one way to say the fact, and at least two of them; a fact of one content word is told by
    that word.
    """
    return any(_tells(text, way) for way in _ways(fact))


def _tells(text: str, way: str) -> bool:
    wanted = _content(way) or frozenset(stems(way))
    if not wanted:
        return False
    if len(wanted) == 1:
        return wanted <= {stem(word) for word in stems(text)} | set(stems(text))
    pieces = sentences(text)
    windows = (*pieces, *(f"{one} {two}" for one, two in pairwise(pieces)))
    return any(
        len(shared := wanted & _content(window)) >= 2 and len(shared) >= ENOUGH * len(wanted)
        for window in windows
    )


def told(reply: str, fact: Fact, *, cited: bool) -> bool:
    """Whether a reply said the fact: its content is there, or it was cited and words overlap."""
    if echoes(reply, fact):
        return True
    words = _content(reply)
    return cited and any(
        len(words & _content(way)) >= max(1, len(_content(way)) // 3) for way in _ways(fact)
    )
