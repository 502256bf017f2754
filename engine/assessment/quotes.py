"""Quotes, and whether they stand in the log. Pure.

Only the trainee's own words, an action and what a tool wrote can be cited. A character's words
cannot: nobody earns points by what somebody else said.
"""

from collections.abc import Iterable, Mapping, Sequence

from engine.assessment.evaluation import Evaluation, Evidence
from engine.events import ActionTaken, Event, ToolDone, TraineeSaid
from engine.scenario.flow import Action


def citable(log: Sequence[Event], actions: Iterable[Action] = ()) -> Mapping[int, str]:
    """What can be quoted, by seq.

    An action without words is quoted by its label, for which its scenario's `actions` are needed.
    """
    labels = {action.id: action.label for action in actions}
    found = {seq: _words(event, labels).strip() for seq, event in enumerate(log, 1)}
    return {seq: words for seq, words in found.items() if words}


def stands(evidence: Evidence, words: Mapping[int, str]) -> bool:
    """Whether a quote stands verbatim in the citable words at its seq; an empty one never does."""
    return bool(evidence.quote.strip()) and evidence.quote in words.get(evidence.seq, "")


def verify_quotes(
    evaluation: Evaluation, log: Sequence[Event], actions: Iterable[Action] = ()
) -> tuple[Evidence, ...]:
    """The evidence that does not stand in the log; empty when all of it does.

    Pass the scenario's `actions`: without them the label of an action taken without words is
    unknown, so a quote of it does not stand.
    """
    words = citable(log, actions)
    return tuple(
        one for score in evaluation.criteria for one in score.evidence if not stands(one, words)
    )


def written(action: ActionTaken) -> str:
    """What somebody wrote into an order or a submission; the fields of its form where that is all.

    Empty for one that was only pressed.
    """
    if action.text.strip():
        return action.text
    return "\n".join(value.strip() for _, value in action.fields if value.strip())


def _words(event: Event, labels: Mapping[str, str]) -> str:
    match event:
        case TraineeSaid():
            return event.text
        case ActionTaken():
            return written(event) or labels.get(event.action, event.action)
        case ToolDone():
            return event.text if event.text.strip() else event.tool
        case _:
            return ""
