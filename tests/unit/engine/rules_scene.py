"""A scenario with one of every rule, and a session of it that tests drive."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from engine import events as ev
from engine.decide import decide
from engine.inputs import Input, Sit, Stage, Step
from engine.llm.embedded import EmbeddedModel
from engine.rehearsal import Exchange, Rehearsal
from engine.scenario import Scenario
from engine.session import fold

Json = dict[str, Any]
E = TypeVar("E", bound=ev.Event)

RUTH: Json = {
    "name": "Ruth Amadi",
    "state": {"trust": {"start": 3, "max": 6}, "mood": {"start": 5}},
    "knows": ["onset", "smoking", "secret", "dose", "result", "truth", "wish"],
    "background": "Ruth sells flowers.",
    "lines": {
        "greeting": ["Hello there.", "Good day."],
        "unknown": ["I do not know.", "No idea."],
        "clarify": ["Do you mean {offers}?"],
        "outage": ["One moment, please."],
        "deflect": ["What are you on about?"],
    },
}
BEN: Json = {
    "name": "Ben Hale",
    "state": {"trust": {"start": 1}},
    "knows": ["rota", "onset"],
    "lines": {"unknown": ["Ask her.", "I cannot say."], "greeting": ["Morning, doctor."]},
}
FACTS: list[Json] = [
    {
        "id": "onset",
        "say": "It began on Monday after lunch.",
        "asks": ["when did it start", "since when do you have it"],
        "topic": "when it began",
    },
    {
        "id": "smoking",
        "say": "I smoke twenty cigarettes daily.",
        "asks": ["do you smoke", "how many cigarettes"],
        "topic": "smoking",
    },
    {
        "id": "secret",
        "say": "I gamble away our savings at the casino.",
        "asks": ["what about money", "do you have debts"],
        "disclose": "on_trust",
        "trust": 5,
        "cover": "That is private.",
        "topic": "money",
    },
    {
        "id": "dose",
        "say": "Forty thousand pounds by now, all borrowed.",
        "asks": ["how much did you lose", "how large is the loss"],
        "disclose": "after_fact",
        "after": ["secret"],
        "cover": "Lose what?",
    },
    {
        "id": "result",
        "say": "The injection has eased it nicely.",
        "asks": ["did the injection help", "has the medicine worked"],
        "disclose": "on_action",
        "cover": "Not yet.",
    },
    {
        "id": "wish",
        "say": "Sometimes I wish the river would take me.",
        "asks": ["do you think about suicide", "do you want to end it"],
        "mentions": ["suicide", "end it"],
    },
    {
        "id": "truth",
        "say": "Pericarditis after a virus.",
        "asks": ["what is the diagnosis"],
        "disclose": "never",
        "cover": "You tell me.",
    },
    {
        "id": "rota",
        "say": "The registrar is on until eight tonight.",
        "asks": ["who is on call", "until when is the registrar here"],
    },
]
BODY: Json = {
    "format": "dressrun/1",
    "id": "rules",
    "version": "1.0.0",
    "status": "published",
    "title": "Rules",
    "domain": "clinical",
    "level": "novice",
    "minutes": 20,
    "license": "CC0-1.0",
    "brief": {"task": "Talk to Ruth.", "goals": ["kind"]},
    "cast": {
        "trainee": {"role": "doctor", "played_by": "human"},
        "student": {"role": "student", "played_by": "human", "min": 0},
        "patient": {"role": "patient", "played_by": "ai", "persona": "ruth", "aliases": ["madam"]},
        "nurse": {
            "role": "nurse",
            "played_by": "ai",
            "persona": "ben",
            "speaks": "when_addressed",
            "aliases": ["nurse"],
        },
        "brother": {
            "role": "brother",
            "played_by": "ai",
            "persona": "sam",
            "joins": "on_cue",
            "speaks": "on_cue",
        },
    },
    "personas": {
        "ruth": RUTH,
        "ben": BEN,
        "sam": {"name": "Sam Amadi", "knows": [], "lines": {"unknown": ["Eh?", "What?"]}},
    },
    "facts": FACTS,
    "exhibits": [
        {"id": "pulse", "kind": "vitals", "title": "Pulse", "asks": ["what is the pulse"],
         "rows": [{"name": "Pulse", "value": 72}]},
        {"id": "bloods", "kind": "lab", "title": "Bloods", "asks": ["show me the bloods"],
         "rows": [{"name": "Sodium", "value": 139}]},
        {"id": "urine", "kind": "lab", "title": "Urine", "asks": ["show me the urine test"],
         "rows": [{"name": "Protein", "value": 1}]},
        {"id": "film", "kind": "radiology", "title": "Film", "release": "on_action",
         "delay_s": 60, "file": "film.png", "report": "Clear lungs on both sides."},
        {"id": "note", "kind": "document", "title": "Note", "release": "at_start",
         "file": "note.txt"},
    ],
    "actions": [
        {"id": "give_pain_relief", "command": "order", "label": "Pain relief",
         "match": ["injection", "morphine"], "releases": ["result", "truth"],
         "text": "It is given.", "cost": 2},
        {"id": "order_film", "command": "order", "label": "Film", "match": ["film", "x-ray"],
         "releases": ["film"], "by": ["trainee"]},
        {"id": "read_film", "command": "submit", "label": "Reading", "match": ["reading"],
         "reads": "film", "fields": [{"id": "findings", "label": "What do you see?"}]},
        {"id": "hand_over", "command": "submit", "label": "Handover", "match": ["handover"],
         "ends_phase": True},
    ],
    "opening": {"say_as": "patient", "text": "Good morning to you."},
    "phases": [{"id": "talk", "title": "Talk", "exit": {"any": [{"command": "next"}]}}],
    "signals": {
        "greeting": {"moves": {"mood": 1}, "at_most": 1},
        "empathy": {"moves": {"trust": 2}},
        "judgement": {"moves": {"trust": -9}},
        "own_words": {"moves": {"mood": 1}, "match": ["in my own words"]},
    },
    "rubric": {
        "criteria": [
            {"id": "kind", "label": "Is kind", "kind": "checklist", "weight": 100,
             "evidence": {"signal": "empathy"}},
        ]
    },
    "limits": {"minutes": 30, "turns": 40, "exhibits": 2, "idle_minutes": 20},
}  # fmt: skip

KIND = "I am so sorry to hear that, it sounds really hard."
RUDE = "That is stupid, why did you not come earlier, what is wrong with you."


def scenario(**changes: Any) -> Scenario:
    """The scenario with some of its parts replaced."""
    return Scenario.model_validate(BODY | changes)


def phases(*exits: Json, **first: Any) -> list[Json]:
    """One phase for each exit, in a row; `first` goes into the first of them."""
    found = [
        {"id": f"p{at}", "title": f"Phase {at}", "exit": exit_, "next": [f"p{at + 1}"]}
        for at, exit_ in enumerate(exits)
    ]
    last: Json = {"id": f"p{len(exits)}", "title": "Last", "exit": {"any": [{"command": "next"}]}}
    return [found[0] | first, *found[1:], last]


class Play(Rehearsal):
    """A session with the embedded persona."""

    def __init__(self, model: Scenario | None = None, **given: Any) -> None:
        super().__init__(model or scenario(), EmbeddedModel(), **given)

    async def hear(self, *texts: str) -> Exchange:
        """Say several things in a row; the last exchange."""
        for text in texts:
            exchange = await self.say(text)
        return exchange

    def later(self, seconds: float) -> None:
        """Let the clock run on without a tick."""
        self.at += timedelta(seconds=seconds)

    def stage(self, verb: str, seat: str = "", text: str = "") -> tuple[ev.Event, ...]:
        return self.do(Stage(at=self.at, verb=verb, person="boss", seat=seat, text=text))

    def sit(self, seat: str, person: str, *, leave: bool = False) -> tuple[ev.Event, ...]:
        return self.do(Sit(at=self.at, seat=seat, person=person, leave=leave))

    def tick(self) -> tuple[ev.Event, ...]:
        return self.do(Step(at=self.at, verb="tick"))

    def do(self, given: Input) -> tuple[ev.Event, ...]:
        """Any input at all."""
        happened = decide(self.scenario, self.state, given)
        self.log.extend(happened)
        self.state = fold(self.scenario, happened, self.state)
        return happened


def of(kind: type[E], events: Sequence[ev.Event]) -> list[E]:
    """The events of one kind."""
    return [one for one in events if isinstance(one, kind)]
