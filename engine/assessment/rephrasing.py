"""Better ways to say some lines, by pattern alone. Pure.

Only where the better line follows from the words themselves; anything finer is for a coach's model.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.signals import question_kind, signals_in
from engine.words import asks, parts, sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Better:
    """Words as they were said, and other ones. `quote` stands verbatim in the text."""

    quote: str
    better: str
    why: str


def rephrased(text: str) -> Iterator[Better]:
    """What of an utterance could be said better, in order; at most one a sentence."""
    questions = [one for one in parts(text) if asks(one)]
    if len(questions) > 2:
        yield Better(
            quote=text,
            better=_asked(questions[0]),
            why="One question at a time gets an answer to each.",
        )
        return
    for sentence in sentences(text):
        shown = set(signals_in(sentence))
        for signal, better in _FIXED.items():
            if signal in shown:
                yield Better(quote=sentence, better=better.better, why=better.why)
                break
        else:
            yield from _opened(sentence)


def _asked(question: str) -> str:
    words = question.strip().rstrip("?.,;")
    return f"{words[:1].upper()}{words[1:]}?"


def _opened(sentence: str) -> Iterator[Better]:
    """A closed question as an open one, where its form allows it."""
    if not sentence.rstrip().endswith("?") or question_kind(sentence) != "closed_question":
        return
    for pattern, better in _OPENERS:
        found = pattern.match(sentence.strip())
        if found:
            yield Better(
                quote=sentence,
                better=better(found),
                why="An open question lets the other person choose what matters.",
            )
            return


_OPENERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(r"(?i)^(?:do|did) you feel (?P<what>[^?]+)\?$"),
        lambda found: "How do you feel about it?",
    ),
    (
        re.compile(r"(?i)^are you (?:worried|scared|afraid|frightened|anxious)\b[^?]*\?$"),
        lambda found: "What worries you most?",
    ),
    (
        re.compile(r"(?i)^is it (?:bad|sore|painful|sharp|dull)\b[^?]*\?$"),
        lambda found: "What is it like?",
    ),
)


@dataclass(frozen=True, slots=True)
class _Said:
    better: str
    why: str


_FIXED: Mapping[str, _Said] = {
    "judgement": _Said(
        "Help me understand how that came about.",
        "A question about how, in place of a verdict, keeps the other person talking.",
    ),
    "dismissal": _Said(
        "I can hear that this worries you. What worries you most?",
        "Taking a worry up calms more than waving it away.",
    ),
    "pressure": _Said(
        "You can tell me as much as you like. I ask because it helps me to help you.",
        "Leave to choose opens more than pushing.",
    ),
    "advice": _Said(
        "Would it be all right if I told you what has helped others?",
        "Asked for first, information is heard; unasked, it is often argued with.",
    ),
}
