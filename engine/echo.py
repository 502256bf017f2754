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
    wanted = _wanted(way)
    if len(wanted) < 2:
        return bool(wanted) and wanted <= _words(text)
    enough = max(2.0, ENOUGH * len(wanted))
    windows = _windows(text)
    if len(wanted & windows[0]) < enough:
        return False
    return any(len(wanted & window) >= enough for window in windows[1:])


@lru_cache(maxsize=20_000)
def _wanted(way: str) -> frozenset[str]:
    return _content(way) or frozenset(stems(way))


@lru_cache(maxsize=2000)
def _words(text: str) -> frozenset[str]:
    words = stems(text)
    return frozenset((*words, *map(stem, words)))


@lru_cache(maxsize=2000)
def _windows(text: str) -> tuple[frozenset[str], ...]:
    """The content of the text, of each sentence, and of each two neighbours."""
    each = tuple(map(_content, sentences(text)))
    return (frozenset().union(*each), *each, *(one | other for one, other in pairwise(each)))


def told(reply: str, fact: Fact, *, cited: bool) -> bool:
    """Whether a reply said the fact: its content is there, or it was cited and words overlap."""
    if echoes(reply, fact):
        return True
    words = _content(reply)
    return cited and any(
        len(words & _content(way)) >= max(1, len(_content(way)) // 3) for way in _ways(fact)
    )
