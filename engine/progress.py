"""How far a rubric's evidence holds in a running session, as far as the state alone tells. Pure.

For hints, not for scores: it looks at no quotes, no times and no figures of style.
"""

from engine.scenario.rubric import Criterion, Evidence
from engine.session import State
from engine.words import says
from engine.world import matches


def is_met(criterion: Criterion, state: State) -> bool | None:
    """Whether all that a criterion names holds by now; None where the state does not tell."""
    rule = criterion.evidence
    if rule is None:
        return None
    known = [one for one in _parts(rule, state) if one is not None]
    return all(known) if known else None


def _parts(rule: Evidence, state: State) -> list[bool | None]:
    said = [one.text for one in state.utterances if one.role == "trainee"]
    return [
        any(one in state.asked for one in rule.asked_any) if rule.asked_any else None,
        all(one in state.asked for one in rule.asked_all) if rule.asked_all else None,
        all(one in state.said for one in rule.disclosed) if rule.disclosed else None,
        rule.action in state.actions if rule.action else None,
        state.signals.get(rule.signal, 0) >= rule.at_least if rule.signal else None,
        any(says(text, one) for text in said for one in rule.phrase) if rule.phrase else None,
        matches(state.world, rule.world) if rule.world and state.world else None,
    ]
