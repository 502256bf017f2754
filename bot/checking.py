"""`dressrun check`: scenario files, and the tests they carry."""

from collections.abc import Iterable
from pathlib import Path

from bot.rubrics import shipped_rubrics
from bot.settings import Settings
from bot.wiring import intents_of, reader_of
from engine import yaml_text
from engine.classify import Reader
from engine.intents import Intents
from engine.llm.port import Model
from engine.llm.select import build, parse_choice
from engine.loader import load
from engine.problems import Problem, Where, nearest
from engine.scenario import Scenario
from engine.trials import play as play_trial

NOTHING_FOUND = "no scenario.yaml found here; give a scenario's file or a folder of scenarios"


async def check_paths(
    paths: Iterable[Path], settings: Settings, *, play: bool
) -> tuple[list[str], bool]:
    """Lines for the author, and whether there is no error among them."""
    intents = intents_of(settings)
    reader = reader_of(settings, intents)
    files = [file for path in paths for file in scenario_files(path)]
    if not files:
        return [NOTHING_FOUND], False
    model = build(parse_choice("embedded"))
    lines: list[str] = []
    ok = True
    for file in files:
        loaded = load(file, shipped_rubrics())
        found = [*loaded.problems]
        failed = any(problem.severity == "error" for problem in found)
        if play and loaded.scenario is not None and not failed:
            found += _unknown_intents(file, loaded.scenario, intents)
            found += await _played(file, loaded.scenario, model, reader(loaded.scenario))
        lines += [str(problem) for problem in found]
        wrong = sum(problem.severity == "error" for problem in found)
        ok = ok and not wrong
        if loaded.scenario is not None and not wrong:
            lines += _bindings(file, loaded.scenario, intents)
        lines.append(f"{file}: {_verdict(loaded.scenario, wrong, play=play)}")
    return lines, ok


def scenario_files(path: Path) -> list[Path]:
    """The scenario files at or below a path, in order."""
    if path.is_dir():
        return sorted(path.rglob("scenario.yaml"))
    return [path]


def _unknown_intents(file: Path, scenario: Scenario, intents: Intents) -> list[Problem]:
    """Intents that no pack has; without packs there is nothing to compare with."""
    known = intents.by_id
    return [
        problem
        for at, fact in enumerate(scenario.facts)
        if known and fact.intent is not None and fact.intent not in known
        for problem in _problems(
            file,
            ("facts", at, "intent"),
            [f"fact {fact.id}: no intent {fact.intent}{nearest(fact.intent, known)}"],
        )
    ]


def _bindings(file: Path, scenario: Scenario, intents: Intents) -> list[str]:
    """Which facts that name no intent are understood in the words of one all the same."""
    named = {fact.id for fact in scenario.facts if fact.intent}
    bound = {fact: to for fact, to in intents.bound(scenario).items() if fact not in named}
    return [f"{file}: note: fact {fact} is understood as {to}" for fact, to in bound.items()]


async def _played(file: Path, scenario: Scenario, model: Model, reader: Reader) -> list[Problem]:
    reader.learn()
    found: list[Problem] = []
    for at, trial in enumerate(scenario.tests):
        told = [
            f"test {trial.id}: {one}" for one in await play_trial(scenario, trial, model, reader)
        ]
        if told:
            told[-1] += f"; see it with: dressrun probe {file.parent} --test {trial.id}"
            found += _problems(file, ("tests", at), told)
    return found


def _problems(file: Path, path: Where, texts: Iterable[str]) -> list[Problem]:
    line, column = yaml_text.read(file.read_bytes()).place_of(path)
    return [Problem(path=str(file), line=line, column=column, text=text) for text in texts]


def _verdict(scenario: Scenario | None, wrong: int, *, play: bool) -> str:
    if wrong or scenario is None:
        return f"{wrong} error{'s' if wrong != 1 else ''}"
    return f"ok, {len(scenario.tests)} tests passed" if play else "ok"
