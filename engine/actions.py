"""Which action or tool written words name. Pure."""

import re
from dataclasses import dataclass

from engine.scenario import Scenario
from engine.scenario.flow import Action
from engine.words import content_stems, normal, stem

_ARGUMENT = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|(\S+))')


def matched_action(scenario: Scenario, command: str, text: str) -> str | None:
    """The action that `text` names: the one with the longest words that stand in it."""
    found = _found(scenario, command, text)
    return max(found, key=lambda one: len(one.words)).action if found else None


def matched_orders(scenario: Scenario, text: str) -> tuple[str, ...]:
    """Every order that `text` names, as it stands in it; words count for one order only."""
    taken: list[_Found] = []
    for one in sorted(_found(scenario, "order", text), key=lambda one: -len(one.words)):
        if all(one.end <= other.at or other.end <= one.at for other in taken):
            taken.append(one)
    return tuple(dict.fromkeys(one.action for one in sorted(taken, key=lambda one: one.at)))


_POLITE = re.compile(
    r"\b(?:if|when|as soon as) (?:(?:you|it|that|this) (?:can|could|would|please|may|have|get|is|"
    r"are|do|"
    r"does)(?: (?:an?|the|not|be|mind|one|so|ok|okay|alright|all|right|fine|free|ready|possible|"
    r"kind|"
    r"moment|minute|second|chance|time|good|enough|with|by|you))*(?= please|$| (?:and|get|give|"
    r"order|"
    r"start|do|run|send|call|repeat|arrange|request|take|draw|check|put)\b)|possible\b)|"
    r"\b(?:look|looking|looks) after\b|\bafter (?:that|this|all)\b|\b(?:at|just|only) once\b|"
    r"\bonce (?:more|again|a|daily|every)\b|\bwhy not\b|\bnot only\b|"
    r"\bdo not (?:worry|forget)(?: to)?\b"
)
"""Sounds like a condition or a no, and is none: "when you have a moment", "don't forget"."""
_LATER = re.compile(
    r"\b(?:if|unless|once|when|whenever|as soon as|in case|provided|depending|after|afterwards|"
    r"later|"
    r"tomorrow|not yet|not now|hold off|next (?:week|month|time|year)|"
    r"in (?:an?|half an|a few|\w+) (?:hours?|minutes?|mins?|days?|weeks?|while|bit))\b|"
    r"\bat (?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midday|"
    r"midnight)(?: \d\d)?(?: o ?clock| am| pm)?(?: please| tonight| today)?$"
)
_NOT = re.compile(
    r"\b(?:not|never|no|without|instead of|rather than|before|avoid|stop|hold|skip|cancel)\b"
)


def orders_for_now(scenario: Scenario, text: str) -> tuple[str, ...]:
    """The orders that `text` names to be done at once.

    None where it sets a condition or a later time; of the rest, what follows a "not" is left out.
    """
    plain = _POLITE.sub(" ", normal(text))
    if _LATER.search(plain):
        return ()
    denied = _NOT.search(plain)
    return matched_orders(scenario, plain[: denied.start()] if denied else plain)


def begins_with_order(scenario: Scenario, text: str) -> bool:
    """Whether the first words of `text` are those of an order."""
    return any(one.at == 1 for one in _found(scenario, "order", text))


@dataclass(frozen=True, slots=True)
class _Found:
    action: str
    words: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.words)


def _found(scenario: Scenario, command: str, text: str) -> list[_Found]:
    plain = f" {normal(text)} "
    return [
        _Found(action.id, wanted, plain.index(f" {wanted} ") + 1)
        for action in scenario.actions
        if action.command == command
        for wanted in map(normal, (*action.match, action.id.replace("_", " ")))
        if wanted and f" {wanted} " in plain
    ]


def offered(scenario: Scenario, command: str) -> tuple[str, ...]:
    """What can be ordered or submitted, by label; tools are named for `order`."""
    labels = [action.label for action in scenario.actions if action.command == command]
    if command == "order":
        labels += [tool.id for tool in scenario.tools]
    return tuple(labels)


def written_args(text: str) -> dict[str, str]:
    """Arguments written as `nurse=ann start=2026-12-01T15:30`; quotes keep blanks together."""
    pairs = _ARGUMENT.findall(text)
    return {name.lower(): quoted or plain for name, quoted, plain in pairs}


def typed_fields(action: Action, text: str) -> tuple[tuple[str, str], ...]:
    """The fields of an action's form, where they were typed as `name=value`."""
    typed = written_args(text)
    return tuple((one.id, typed[one.id]) for one in action.fields if one.id in typed)


def missing_content(
    action: Action, text: str, fields: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    """The labels of what a submission lacks, where it asks for content and has none at all.

    Words of one's own beside the submission's name count, and so does any field of its form.
    """
    wanted = tuple(one.label for one in action.fields if one.required)
    if action.command != "submit" or not wanted or any(value.strip() for _, value in fields):
        return ()
    named = {word for words in (*action.match, action.id) for word in normal(words).split()}
    own = [word for word in content_stems(text) if word not in {stem(one) for one in named}]
    return () if own else wanted
