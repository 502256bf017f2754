"""Small scenarios and logs to score."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import events as ev
from engine.assessment.evaluation import Evaluation, Score
from engine.assessment.scoring import evaluate
from engine.scenario import Scenario
from engine.session import State, fold

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FACTS = ("onset", "arm", "cocaine")

Json = dict[str, Any]


def scenario_of(*criteria: Json, **rest: Any) -> Scenario:
    """A scenario with this rubric; weights need not sum to 100 here."""
    rubric = {"pass": 60, "criteria": [_criterion(n, one) for n, one in enumerate(criteria)]}
    return Scenario.model_validate(_BODY | {"rubric": rubric} | rest)


def _criterion(number: int, given: Json) -> Json:
    usual = {"id": f"c{number}", "label": f"Criterion {number}", "weight": 10}
    return usual | {"kind": "deterministic"} | given


_BODY: Json = {
    "format": "dressrun/1",
    "id": "small",
    "version": "1.0.0",
    "title": "Small",
    "domain": "clinical",
    "level": "novice",
    "minutes": 20,
    "license": "CC0-1.0",
    "brief": {"task": "Talk to Ruth."},
    "cast": {
        "trainee": {"role": "doctor", "played_by": "human"},
        "patient": {"role": "patient", "played_by": "ai", "persona": "ruth"},
    },
    "personas": {"ruth": {"name": "Ruth", "lines": {"unknown": ["I do not know.", "No idea."]}}},
    "facts": [{"id": fact, "say": f"About {fact}."} for fact in FACTS],
    "actions": [
        {"id": "ecg", "command": "order", "label": "Order an ECG", "match": ["ecg"]},
    ],
    "opening": {"text": "Ruth sits down."},
    "phases": [{"id": "talk", "title": "Talk", "exit": {}}],
    "world": {"now": "2026-11-30T09:00", "tickets": [{"id": "t1", "fields": {"team": "desk"}}]},
}


class Scene:
    """A log as it grows. Each method returns the seq of what was said or done."""

    def __init__(self, scenario: Scenario, language: str = "en") -> None:
        self.scenario = scenario
        self.log: list[ev.Event] = []
        self.at = NOON
        self.add(
            ev.Started(at=self.at, scenario_hash="h1", mode="standard", language=language),
            ev.Seated(at=self.at, seat="trainee", person="p1"),
        )

    @property
    def state(self) -> State:
        return fold(self.scenario, self.log)

    def add(self, *events: ev.Event) -> int:
        self.log.extend(events)
        return len(self.log)

    def wait(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)

    def say(self, text: str, asks: Sequence[str] = (), signals: Sequence[str] = ()) -> int:
        seq = self.add(ev.TraineeSaid(at=self.at, seat="trainee", person="p1", text=text))
        for signal in signals:
            self.add(ev.Signalled(at=self.at, signal=signal, in_seq=seq))
        if asks:
            self.add(ev.Asked(at=self.at, seat="patient", facts=tuple(asks), in_seq=seq))
        return seq

    def reply(
        self,
        text: str,
        facts: Sequence[str] = (),
        *,
        to: int | None = None,
        cut: bool = False,
        outage: bool = False,
    ) -> int:
        seq = self.add(
            ev.CharacterSaid(
                at=self.at,
                seat="patient",
                text=text,
                in_reply_to=to,
                answers=(to,) if to else (),
                cut=cut,
                outage=outage,
            )
        )
        for fact in facts:
            self.add(ev.FactSaid(at=self.at, fact=fact, seat="patient", in_seq=seq))
        return seq

    def act(self, text: str = "", action: str = "ecg") -> int:
        return self.add(
            ev.ActionTaken(at=self.at, action=action, seat="trainee", person="p1", text=text)
        )

    def end(self, because: str = "command", status: str = "completed") -> int:
        return self.add(ev.Ended(at=self.at, status=status, because=because))

    def evaluation(self) -> Evaluation:
        return evaluate(self.scenario, self.log, self.state)

    def score(self, criterion: str = "c0") -> Score:
        return next(one for one in self.evaluation().criteria if one.id == criterion)


def scene(*criteria: Json, language: str = "en", **rest: Any) -> Scene:
    return Scene(scenario_of(*criteria, **rest), language)


def rule(**evidence: Any) -> Json:
    """A criterion with only this evidence."""
    return {"evidence": evidence}
