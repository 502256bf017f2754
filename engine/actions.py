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
