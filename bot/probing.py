"""`dressrun probe`: questions put to a scenario's characters, and what became of each."""

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.rubrics import shipped_rubrics
from bot.settings import Settings
from bot.wiring import catalog_of, reader_of
from engine.classify import Reader
from engine.errors import UnknownScenario
from engine.llm.select import build, parse_choice
from engine.loader import load
from engine.probing import OUTCOMES, Probed, nearest, probe, take
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.scenario.trial import Step
from engine.words import asks, parts

MAX_QUESTIONS = 10_000
MAX_BYTES = 2_000_000


@dataclass(slots=True)
class Probe:
    """Probes one scenario. Each question meets a fresh session, or all meet the same one."""

    scenario: Scenario
    reader: Reader
    mode: str | None = None
    conversation: bool = False

    def __post_init__(self) -> None:
        """Learn the scenario's questions now rather than at the first one."""
        self.reader.learn()

    async def ask(self, questions: Iterable[str]) -> AsyncIterator[Probed]:
        """Put the questions one by one; a session that has ended is begun again.

        Raises:
            UnknownMode: the scenario has no such mode.
        """
        rehearsal: Rehearsal | None = None
        for number, question in enumerate(questions):
            if rehearsal is None or not self.conversation or rehearsal.state.over:
                rehearsal = self.session(number)
            yield await probe(rehearsal, self.reader, question)

    async def trial(self, name: str) -> AsyncIterator[tuple[str, Probed | str]]:
        """Take the steps of one of the scenario's tests: what each was, and what came of it.

        Raises:
            LookupError: it has no such test; the text names those it has.
        """
        trial = next((one for one in self.scenario.tests if one.id == name), None)
        if trial is None:
            known = ", ".join(one.id for one in self.scenario.tests) or "none"
            raise LookupError(f"There is no test {name!r}. There are: {known}")
        self.mode = trial.mode
        rehearsal = self.session(0)
        for step in trial.steps:
            yield _shown(step), await take(rehearsal, self.reader, step)

    def session(self, seed: int) -> Rehearsal:
        """A fresh session. With equal seeds, equal questions get equal answers."""
        model = build(parse_choice("embedded"))
        return Rehearsal(self.scenario, model, mode=self.mode, seed=seed, reader=self.reader)


def probe_of(settings: Settings, wanted: str, mode: str | None, *, conversation: bool) -> Probe:
    """A probe of a scenario, named by its id or by the path of its file or folder.

    Raises:
        LookupError: there is no such scenario, or its file has errors; the text lists them.
    """
    scenario = scenario_named(settings, wanted)
    reader = reader_of(settings)(scenario)
    return Probe(scenario, reader, mode=mode, conversation=conversation)


def scenario_named(settings: Settings, wanted: str) -> Scenario:
    """The scenario with an id, or in a file or folder; drafts too.

    Raises:
        LookupError: there is none, or its file has errors; the text says what to do.
    """
    path = Path(wanted)
    if path.exists():
        loaded = load(path, shipped_rubrics())
        if loaded.scenario is None or not loaded.ok:
            problems = "\n".join(str(problem) for problem in loaded.problems)
            raise LookupError(f"{problems}\nMend this first, then probe it again.")
        return loaded.scenario
    catalog = catalog_of(settings)
    try:
        return catalog.get(wanted)
    except UnknownScenario as error:
        near = error.suggestions or tuple(one.id for one in catalog.all())
        raise LookupError(f"There is no scenario {wanted!r}. Try: {', '.join(near)}") from None


def questions_of(file: Path | None) -> Iterator[str]:
    """The questions of a file, one a line, or of stdin for None; blank lines are left out.

    Raises:
        ValueError: the file cannot be read, or is too large; the text says which.
    """
    if file is None:
        if sys.stdin.isatty():
            sys.stderr.write("One question a line; end with Ctrl-D.\n")
        return (line.strip() for line in sys.stdin if line.strip())
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise ValueError(f"{file}: larger than {MAX_BYTES // 1_000_000} MB: split it")
    try:
        lines = [line.strip() for line in raw.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise ValueError(f"{file}: not UTF-8 text: save it as UTF-8") from None
    found = [line for line in lines if line]
    if not found:
        raise ValueError(f"{file}: no question in it: write one a line")
    if len(found) > MAX_QUESTIONS:
        raise ValueError(f"{file}: more than {MAX_QUESTIONS} questions: split it")
    return iter(found)


def json_line(one: Probed) -> str:
    """The outcome of a question as one line of JSON; its four keys are an outside contract."""
    shown = {
        "question": one.question,
        "outcome": one.outcome,
        "facts": list(one.facts),
        "reply": one.reply,
    }
    return json.dumps(shown, ensure_ascii=False)


def _shown(step: Step) -> str:
    given = step.model_dump(exclude_none=True, exclude={"args"})
    args = "".join(f" {name}={value}" for name, value in step.args.items())
    return "".join(f"{verb}: {words}" for verb, words in given.items()) + args


async def played(probe: Probe, name: str, tell: Callable[[str], None]) -> None:
    """Play one of the scenario's tests and tell of each step."""
    report = Report(probe)
    async for step, came in probe.trial(name):
        for line in report.of(came) if isinstance(came, Probed) else (f"> {step}", f"  {came}", ""):
            tell(line)


async def run(
    probe: Probe, questions: Iterable[str], tell: Callable[[str], None], *, as_json: bool
) -> None:
    """Put all questions and tell of each as soon as it was answered."""
    if as_json:
        async for one in probe.ask(questions):
            tell(json_line(one))
        return
    report = Report(probe)
    async for one in probe.ask(questions):
        for line in report.of(one):
            tell(line)
    for line in report.summary():
        tell(line)


class Report:
    """Plain lines for an author, as the questions come in."""

    def __init__(self, probe: Probe) -> None:
        self._scenario = probe.scenario
        self._reader = probe.reader
        self._counts: Counter[str] = Counter()
        self._reached: set[str] = set()

    def of(self, one: Probed) -> Iterator[str]:
        """What became of one question."""
        self._counts[one.outcome] += 1
        self._reached.update(one.facts, (kept.fact for kept in one.withheld))
        yield f"> {one.question}"
        yield f"  {one.outcome:10}{' '.join(one.facts) or _what(one)}"
        yield f"  says      {one.reply or '(nothing)'}"
        for kept in one.withheld:
            yield f"  sealed    {kept.fact}: {kept.why}"
        yield from self._near(one.question)
        moves = [f"{name} {before} to {after}" for name, before, after in one.moved]
        moves += [f"opens {fact}" for fact in one.opened]
        if moves:
            yield f"  moves     {', '.join(moves)}"
        if one.ended:
            yield "  ends      the session; the next question begins a new one"
        yield ""

    def _near(self, question: str) -> Iterator[str]:
        """A line for each question in a message; for one that asks nothing, of all of it."""
        pieces = [piece for piece in parts(question) if asks(piece)]
        for piece in pieces or [question]:
            near = nearest(self._scenario, self._reader, piece)
            told = ", ".join(f"{match.id} {match.score:.2f}" for match in near)
            which = f" (to: {piece})" if len(pieces) > 1 or piece != question else ""
            if told:
                yield f"  nearest   {told}{which}"

    def summary(self) -> Iterator[str]:
        """How often what came out, and which facts nobody asked for."""
        total = self._counts.total()
        counts = ", ".join(f"{self._counts[name]} {name}" for name in OUTCOMES)
        yield f"{total} question{'s' if total != 1 else ''}: {counts}"
        never = [
            fact.id
            for fact in self._scenario.facts
            if fact.id not in self._reached and fact.disclose != "never"
        ]
        if never and total:
            yield f"Reached by no question: {' '.join(never)}"
        if self._counts["unknown"]:
            yield "Where one of the unknown should have been understood, add its words to `asks`."


def _what(one: Probed) -> str:
    """In place of facts: why there are none."""
    if one.withheld:
        return ", ".join(kept.fact for kept in one.withheld)
    if one.outcome == "withheld":
        return "(an attack on the machine)"
    return "(no fact fits)" if one.outcome == "unknown" else "(small talk, or something done)"
