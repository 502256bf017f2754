"""Checks on what a model said, before anybody reads it. Pure.

The first line of defence is that sealed facts are not in the prompt; this is the second.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.echo import echoes, told
from engine.prompting import Prompt, PromptFact, rendered
from engine.scenario.knowledge import Fact
from engine.words import normal, sentences

Problem = Literal["empty", "sealed", "role", "canary", "number", "long"]

_MARK = re.compile(r"\s*\[\[(\??)([a-z0-9_-]+)\]\]")
_ROLE = re.compile(
    r"\b(?:as an? (?:ai|language model|assistant)|"
    r"i am an? (?:ai|language model|chatbot|virtual assistant|simulated|simulation)|"
    r"my (?:system )?(?:prompt|instructions|guidelines)|"
    r"i was (?:told|instructed) to (?:play|act)|"
    r"i can not (?:help|assist) with that request|anthropic|openai)\b"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CANARY_LINES = (
    "Facts you may tell:",
    "You play one person in a training role-play",
    "<director>",
    "</director>",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text without its marks, and what they cited and offered."""

    text: str
    cited: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()


def without_marks(text: str) -> Marked:
    """Take out `[[id]]` (told) and `[[?id]]` (offered) marks."""
    marks = _MARK.findall(text)
    return Marked(
        text=_MARK.sub("", text).strip(),
        cited=tuple(dict.fromkeys(id_ for offer, id_ in marks if not offer)),
        offered=tuple(dict.fromkeys(id_ for offer, id_ in marks if offer)),
    )


def problem_of(text: str, prompt: Prompt, sealed: Iterable[Fact]) -> Problem | None:
    """The first reason why `text` must not be shown, or None.

    `text` is a reply or its beginning, marks already out.
    """
    if not text.strip():
        return "empty"
    if any(echoes(text, fact) and not _already_known(fact, prompt) for fact in sealed):
        return "sealed"
    if _ROLE.search(normal(text)):
        return "role"
    if any(line in text for line in _CANARY_LINES):
        return "canary"
    if _invented_numbers(text, prompt):
        return "number"
    return "long" if len(text) > prompt.max_chars else None


def _already_known(fact: Fact, prompt: Prompt) -> bool:
    """Whether the trainee said it first, or an open fact or authored line holds the same words.

    Repeating what stands in the room gives nothing away, and an author may word a cover with it.
    """
    held = [prompt.said, *prompt.covers, *(heard.text for heard in prompt.history)]
    held += [way for open_ in prompt.facts for way in (open_.say, *open_.variants)]
    return any(echoes(text, fact) for text in held)


def _invented_numbers(text: str, prompt: Prompt) -> bool:
    said = set(_NUMBER.findall(text))
    if not said:
        return False
    known = set(_NUMBER.findall(rendered(prompt)))
    known |= {
        number for fact in prompt.facts for way in fact.variants for number in _NUMBER.findall(way)
    }
    known |= {number for cover in prompt.covers for number in _NUMBER.findall(cover)}
    return bool(said - known - _spoken_numbers(prompt))


def _spoken_numbers(prompt: Prompt) -> set[str]:
    lines = prompt.persona.lines
    groups: Sequence[Sequence[str]] = [getattr(lines, name) for name in type(lines).model_fields]
    return {number for group in groups for line in group for number in _NUMBER.findall(line)}


def whole_sentences(text: str) -> str:
    """The part of a growing text that ends with a finished sentence; may be empty."""
    pieces = sentences(text)
    if pieces and not re.search(r"[.!?…][\"'\u201d\u2019)]*(?:\s*\[\[[^\]]*\]\])*\s*$", text):
        cut = text.rfind(pieces[-1])
        return text[:cut].rstrip()
    return text.rstrip()


def facts_told(
    text: str, cited: Sequence[str], facts: Sequence[PromptFact], full: Sequence[Fact]
) -> tuple[str, ...]:
    """The facts that a shown reply told, in the prompt's order.

    Only facts that were in the prompt count; a citation alone does not.
    """
    by_id = {fact.id: fact for fact in full}
    return tuple(
        fact.id
        for fact in facts
        if fact.id in by_id and told(text, by_id[fact.id], cited=fact.id in cited)
    )
