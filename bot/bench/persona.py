"""How well the embedded persona understands wordings it was not written for.

The questions are in `tests/bench/held_out`, written before the intent packs and never tuned on.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.bench import Figure
from bot.settings import Settings
from bot.wiring import catalog_of, intents_of
from engine.casting import persona_of
from engine.classify import Reader
from engine.echo import echoes
from engine.events import Asked
from engine.gate import sealed
from engine.llm.select import build, parse_choice
from engine.rehearsal import Exchange, Rehearsal
from engine.scenario import Scenario

HELD_OUT = Path("tests/bench/held_out")


@dataclass(frozen=True, slots=True)
class Question:
    """A held-out line: what is typed, and which facts a sensible listener would answer with."""

    text: str
    kind: str
    facts: tuple[str, ...]
    also: tuple[str, ...]
    to: str


@dataclass(slots=True)
class Tally:
    """Counts of one scenario, and the seconds each answer took."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take another tally in."""
        self.counts.update(other.counts)
        self.seconds.extend(other.seconds)


def run() -> Iterator[Figure]:
    """Figures by domain, then over all; per cent of questions.

    `right`: answered at once with the right fact; `clarified`: that, or among at most three offers;
    `wrong`: answered with another fact. `bound` facts share an intent, `own` have only examples.
    """
    if not HELD_OUT.is_dir():
        raise LookupError(f"{HELD_OUT} is not here; run this from a checkout of the repository")
    total = Tally()
    settings = Settings(scenarios_dir=None)
    shipped = {one.id: one for one in catalog_of(settings).published()}
    for file in sorted(HELD_OUT.glob("*.jsonl")):
        scenario = shipped[file.stem]
        reader = Reader(scenario, intents_of(settings))
        reader.learn()
        bound = intents_of(settings).bound(scenario)
        tally = asyncio.run(_measured(scenario, reader, set(bound), _questions(file)))
        yield {"domain": scenario.domain, **_figures(tally)}
        total.add(tally)
    yield {"domain": "all", **_figures(total)}


def _questions(file: Path) -> list[Question]:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [
        Question(
            text=one["question"],
            kind=one["kind"],
            facts=tuple(one["facts"]),
            also=tuple(one.get("also", ())),
            to=one.get("to", ""),
        )
        for one in lines
    ]


async def _measured(
    scenario: Scenario, reader: Reader, bound: set[str], questions: list[Question]
) -> Tally:
    model = build(parse_choice("embedded"))
    tally = Tally()
    for number, question in enumerate(questions):
        mode = _mode_for(scenario, question.to)
        play = Rehearsal(scenario, model, mode=mode, seed=number, reader=reader)
        begun = time.perf_counter()
        heard = await play.say(question.text)
        tally.seconds.append(time.perf_counter() - begun)
        tally.counts["sealed given"] += sum(
            echoes(heard.spoken.text, fact) and not echoes(question.text, fact)
            for fact in sealed(scenario, play.state)
        )
        _count(tally.counts, question, heard, bound)
    return tally


def _mode_for(scenario: Scenario, to: str) -> str | None:
    """The mode in which a character called `to` answers; the default where it always does."""
    for mode in scenario.modes:
        seats = (persona_of(scenario, mode, seat) for seat in scenario.modes[mode].cast)
        if to and any(one is not None and to in one.name.lower() for one in seats):
            return mode
    return None


def _count(counts: Counter[str], question: Question, heard: Exchange, bound: set[str]) -> None:
    asked = {fact for one in heard.events if isinstance(one, Asked) for fact in one.facts}
    offered = set(heard.spoken.offered)
    if question.kind != "fact":
        counts[question.kind] += 1
        counts[f"{question.kind} refused"] += not heard.spoken.facts and not offered
        return
    group = "bound" if set(question.facts) <= bound else "own"
    right = {*question.facts, *question.also}
    counts[group] += 1
    if asked:
        enough = asked <= right and (len(question.facts) == 1 or set(question.facts) <= asked)
        counts[f"{group} right"] += enough
        counts[f"{group} clarified"] += enough
        counts[f"{group} wrong"] += not asked & right
    else:
        counts[f"{group} clarified"] += bool(offered & right)


def _figures(tally: Tally) -> Figure:
    counts = tally.counts
    figures: Figure = {}
    for group in ("bound", "own"):
        if counts[group]:
            figures[f"{group}_questions"] = counts[group]
            for name in ("right", "clarified", "wrong"):
                share = 100 * counts[f"{group} {name}"] / counts[group]
                figures[f"{group}_{name}_pct"] = round(share, 1)
    for kind in ("off_topic", "attack", "small_talk"):
        figures[f"{kind}_refused_pct"] = round(100 * counts[f"{kind} refused"] / counts[kind], 1)
    ordered = sorted(tally.seconds)
    figures["sealed_given"] = counts["sealed given"]
    figures["answer_p99_ms"] = round(1000 * ordered[int(len(ordered) * 0.99)], 2)
    return figures
