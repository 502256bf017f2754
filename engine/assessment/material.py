"""A conversation as material for a model that judges: numbered lines, data and nothing else. Pure.

Words that speak to whoever grades are taken out before a model sees them, so they cannot move it.
"""

import json
from collections.abc import Iterator, Sequence

from engine import events as ev
from engine.assessment.begging import begs, sincere
from engine.assessment.quotes import written
from engine.assessment.record import Record
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR

LEFT_OUT = "(words to the examiner, left out)"
PLACEHOLDER = "Okay."
"""What the trainee says throughout in the conversation that checks a judge."""


def readable(text: str) -> str:
    """An utterance without what speaks to whoever grades; the rest stands as it was said."""
    return " ".join((*sincere(text), LEFT_OUT)) if begs(text) else text


def quotable(log: Sequence[ev.Event], record: Record) -> dict[int, str]:
    """What a judge may quote, by seq: the trainee's words, and what they wrote into orders."""
    found = dict(record.said)
    for seq, event in enumerate(log, 1):
        # Not the label of an action, which is ours.
        if isinstance(event, ev.ActionTaken) and (words := written(event).strip()):
            found[seq] = words
    return found


def material(scenario: Scenario, log: Sequence[ev.Event], record: Record, *, mute: bool) -> str:
    """The conversation, one JSON value a line; `mute` puts a placeholder for what was quotable.

    Lines that stood in for an outage, and those that were cut off, are left out.
    """
    lines = _lines(scenario, log, quotable(log, record), mute=mute)
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def _lines(
    scenario: Scenario, log: Sequence[ev.Event], mine: dict[int, str], *, mute: bool
) -> Iterator[dict[str, object]]:
    labels = {action.id: action.label for action in scenario.actions}
    for seq, event in enumerate(log, 1):
        if seq in mine:
            text = PLACEHOLDER if mute else readable(mine[seq])
            line: dict[str, object] = {"turn": seq, "who": "trainee", "text": text}
            if isinstance(event, ev.ActionTaken):
                line["did"] = labels.get(event.action, event.action)
            yield line
        elif isinstance(event, ev.ActionTaken):
            yield {"turn": seq, "who": "trainee", "did": labels.get(event.action, event.action)}
        elif heard := _heard(event):
            who, text = heard
            yield {"turn": seq, "who": who, "text": text}


def _heard(event: ev.Event) -> tuple[str, str] | None:
    """What somebody else said: a character, or one who played beside the trainee."""
    match event:
        case ev.TraineeSaid() if event.text.strip():
            return "colleague", readable(event.text)
        case ev.CharacterSaid() if not (event.cut or event.outage):
            return "character", event.text
        case ev.Injected() if event.seat != NARRATOR:
            return "character", event.text
        case _:
            return None
