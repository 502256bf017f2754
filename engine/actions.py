"""Which action or tool written words name. Pure."""

import re

from engine.scenario import Scenario
from engine.scenario.flow import Action
from engine.words import normal

_ARGUMENT = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|(\S+))')


def matched_action(scenario: Scenario, command: str, text: str) -> str | None:
    """The action that `text` names: the one with the longest words that stand in it."""
    plain = f" {normal(text)} "
    found = [
        (len(normal(words)), action.id)
        for action in scenario.actions
        if action.command == command
        for words in (*action.match, action.id.replace("_", " "))
        if f" {normal(words)} " in plain
    ]
    return max(found, key=lambda item: item[0])[1] if found else None


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
