"""Choices as Slack's buttons. Pure."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from adapters.messages import Choice
from adapters.refs import MessageRef, ThreadRef
from adapters.slack.limits import BUTTONS, CONFIRM, CONFIRM_LABEL, LABEL
from adapters.text import harmless

Json = dict[str, Any]
Link = Callable[[MessageRef], str]

PRESS: Final = "press"
FORM: Final = "form"
OPEN: Final = "open"
"""How action ids begin, by what a press does."""


def rows(choices: tuple[Choice, ...], to: Link) -> Iterator[Json]:
    """The choices, some side by side in each block."""
    for start in range(0, len(choices), BUTTONS):
        row = [
            _button(one, start + number, to)
            for number, one in enumerate(choices[start : start + BUTTONS])
        ]
        yield {"type": "actions", "elements": row}


def _button(choice: Choice, number: int, to: Link) -> Json:
    """`action_id` says what a press does; Slack wants each one once in a block."""
    label = harmless(choice.label)
    label = label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"
    does = OPEN if choice.link is not None else FORM if choice.opens_form else PRESS
    made: Json = {
        "type": "button",
        "text": {"type": "plain_text", "text": label or " ", "emoji": True},
        "action_id": f"{does}:{number}",
        "value": choice.id,
    }
    if choice.style != "plain":
        made["style"] = choice.style
    if where := _where(choice, to):
        made["url"] = where
    if choice.confirm:
        made["confirm"] = {
            "title": {"type": "plain_text", "text": label or " "},
            "text": {"type": "plain_text", "text": harmless(choice.confirm)[:CONFIRM]},
            "confirm": {"type": "plain_text", "text": label[:CONFIRM_LABEL] or " "},
            "deny": {"type": "plain_text", "text": "\N{MULTIPLICATION X}"},
        }
    return made


def _where(choice: Choice, to: Link) -> str:
    match choice.link:
        case None:
            return ""
        case str():
            return choice.link
        case MessageRef():
            return to(choice.link)
        case ThreadRef():
            return to(MessageRef(choice.link, ""))
