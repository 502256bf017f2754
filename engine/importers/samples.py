"""Sample data of three tables, `scenarios`, `sessions` and `messages`, as scenarios. Pure.

A row of `scenarios` has `title` and `config_json`, whose keys are not fixed: what is known by its
name finds its place, prompts are left out, and the rest become facts.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from engine.importers.asking import asks_about_own
from engine.importers.drafts import NAME, one_phase, opening_with, persona_named, safe_trials
from engine.importers.facts import Facts
from engine.importers.result import CannotImport, Imported, ImportedSession
from engine.importers.transcripts import answered, sessions_of
from engine.importers.values import (
    LABEL,
    Sifter,
    first_of,
    keyed,
    label,
    leaves,
    line,
    slug,
    text_of,
)
from engine.scenario import Brief, Domain, Level, Provenance, Scenario, Source
from engine.scenario.people import Seat
from engine.scenario.rubric import Criterion, Evidence, Rubric
from engine.words import asks as is_question
from engine.words import normal

MAX_SCENARIOS = 200
FROM_DIALOGUE = 40
MAX_GOALS = 20

_PROMPT = re.compile(r"prompt|instruction|jailbreak|system", re.IGNORECASE)
_NAMES = ("persona_name", "character_name", "customer_name", "client_name", "name")
_PERSONAS = ("persona", "character", "customer", "client", "patient", "actor")
_TASKS = ("task", "brief", "description", "objective", "summary")
_ROLES = ("role", "persona_role", "character_role")
_BACKGROUNDS = ("background", "backstory", "story")
_OPENINGS = ("opening", "initial_message", "first_message", "greeting", "opening_line")
_LEVELS = ("level", "difficulty")
_KINDS = ("domain", "type", "category", "scenario_type")
_GOALS = ("objectives", "goals", "learning_objectives", "success_criteria", "criteria")
_KNOWN = (
    *_NAMES,
    *_GOALS,
    *_TASKS,
    *_ROLES,
    *_BACKGROUNDS,
    *_OPENINGS,
    *_LEVELS,
    *_KINDS,
    "id",
    "title",
)

_LEVEL_WORDS: tuple[tuple[str, Level], ...] = (
    ("begin", "novice"), ("easy", "novice"), ("novice", "novice"), ("basic", "novice"),
    ("hard", "advanced"), ("advanced", "advanced"), ("expert", "advanced"),
    ("difficult", "advanced"),
)  # fmt: skip
_DOMAIN_WORDS: tuple[tuple[str, Domain], ...] = (
    ("social", "social_work"), ("counsel", "social_work"), ("medic", "clinical"),
    ("clinic", "clinical"), ("patient", "clinical"), ("health", "clinical"), ("case", "interview"),
    ("interview", "interview"), ("phone", "telephony"), ("call centre", "telephony"),
    ("schedul", "telephony"),
)  # fmt: skip


def sample_scenarios(tables: object) -> tuple[Imported, ...]:
    """Every row of `scenarios` as a scenario, with the sessions that were held in it.

    Raises:
        CannotImport: there is no such table, or a row is not what it should be; the text says.
    """
    data = keyed(tables, "the file")
    rows = _rows(data, "scenarios")
    if not rows:
        raise CannotImport("there is no row in `scenarios`: give a file that has this table")
    if len(rows) > MAX_SCENARIOS:
        raise CannotImport(f"more than {MAX_SCENARIOS} scenarios: split the file")
    sessions = sessions_of(_rows(data, "sessions"), _rows(data, "messages"))
    given = [keyed(row, f"scenario {number}") for number, row in enumerate(rows, 1)]
    ids = _ids(given)
    return tuple(
        _Row(row, id_, number, _held_in(sessions, row, id_)).imported()
        for number, (row, id_) in enumerate(zip(given, ids, strict=True), 1)
    )


def _rows(data: Mapping[str, object], table: str) -> Sequence[object]:
    rows = data.get(table, [])
    if not isinstance(rows, list):
        raise CannotImport(f"`{table}` is not a list of rows: export it as one")
    return rows


def _ids(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """An id for each row, from its title, all different."""
    found: list[str] = []
    for number, row in enumerate(rows, 1):
        id_ = slug(text_of(first_of(row, "title", "id")), f"scenario-{number}")
        found.append(id_ if id_ not in found else f"{id_[:45]}-{number}")
    return found


def _held_in(
    sessions: Sequence[ImportedSession], row: Mapping[str, object], id_: str
) -> tuple[ImportedSession, ...]:
    names = {str(row.get("id", "")), text_of(row.get("title")), id_, text_of(row.get("file_path"))}
    return tuple(one for one in sessions if one.scenario_id and one.scenario_id in names)


def _config(row: Mapping[str, object], number: int) -> Mapping[str, object]:
    raw = first_of(row, "config_json", "config") or {}
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            told = f"scenario {number}: `config_json` is not JSON"
            raise CannotImport(f"{told}: correct it, or export the table again") from None
    return keyed(raw, f"scenario {number}, `config_json`")


class _Row:
    """One row on its way."""

    def __init__(
        self,
        row: Mapping[str, object],
        id_: str,
        number: int,
        sessions: tuple[ImportedSession, ...],
    ) -> None:
        self._row, self._id, self._sessions = row, id_, sessions
        self._config = _config(row, number)
        person = first_of(self._config, *_PERSONAS)
        self._person: Mapping[str, object] = person if isinstance(person, dict) else {}
        self._sifter = Sifter()
        self._facts = Facts()
        self._prompts: list[str] = []
        self.title = self._sifter.text(text_of(row.get("title")), LABEL)
        if not self.title:
            raise CannotImport(f"scenario {number} has no `title`: give it one")

    def imported(self) -> Imported:
        """The scenario, its sessions with our id, and what is left to write."""
        self._from_config({**self._config, **self._person})
        self._from_dialogue()
        made = self._scenario()
        return Imported(scenario=made, notes=tuple(self._notes(made)), sessions=self._sessions)

    def _given(self, *names: str, limit: int = 1_500) -> str:
        value = first_of(self._person, *names) or first_of(self._config, *names)
        return self._sifter.text(text_of(value), limit) if isinstance(value, str | list) else ""

    def _from_config(self, values: Mapping[str, object]) -> None:
        known = {re.sub(r"\W|_", "", name) for name in (*_KNOWN, *_PERSONAS)}
        for key, value in values.items():
            if _PROMPT.search(key):
                self._prompts.append(line(key, LABEL))
            elif re.sub(r"\W|_", "", key.lower()) not in known:
                for name, text in leaves(value, label(key)):
                    self._field(name, text)

    def _field(self, name: str, text: str) -> None:
        if _PROMPT.search(name):
            self._prompts.append(line(name, LABEL))
        elif said := self._sifter.text(text):
            asks = asks_about_own(name)
            self._facts.add(name, said, asks=asks, topic=name.lower(), section="config")

    def _from_dialogue(self) -> None:
        """Questions that were asked, as drafts: what was answered, and the words that asked."""
        count = 0
        for asked, answer in answered(self._sessions):
            said = self._sifter.text(answer, 400)
            question = line(asked, 200)
            if count < FROM_DIALOGUE and is_question(question) and normal(said):
                named = " ".join(normal(question).split()[:6])
                count += bool(self._facts.add(named, said, asks=(question,), section="dialogue"))

    def _scenario(self) -> Scenario:
        name = self._given(*_NAMES, limit=LABEL) or NAME
        role = self._given(*_ROLES, limit=LABEL) or "character"
        opening = self._given(*_OPENINGS)
        task = self._given(*_TASKS) or f"You meet {name}. Find out what they need, and help them."
        criteria = tuple(self._criteria())
        return Scenario(
            format="dressrun/1",
            id=self._id,
            version="0.1.0",
            title=self.title,
            domain=self._domain(),
            level=self._level(),
            minutes=15,
            license="unknown: see provenance, and ask whoever made it",
            provenance=Provenance(
                sources=(Source(title=f"Sample data, scenario {self.title}"),),
                generator="dressrun import sample",
            ),
            brief=Brief(
                task=_sentences_for(self._domain(), task), goals=tuple(one.id for one in criteria)
            ),
            cast={
                "trainee": Seat(role="trainee", played_by="human"),
                "character": Seat(role=role, played_by="ai", persona="character"),
            },
            personas={"character": persona_named(name, {}, self._given(*_BACKGROUNDS))},
            facts=tuple(self._facts),
            opening=opening_with(opening, name),
            phases=one_phase("The conversation", 15),
            rubric=Rubric(criteria=criteria),
            tests=safe_trials(),
        )

    def _goals(self) -> Iterator[str]:
        value = first_of(self._config, *_GOALS)
        for one in value if isinstance(value, list) else [value]:
            if goal := self._sifter.text(text_of(one), 200):
                yield f"{goal[:1].upper()}{goal[1:]}"

    def _criteria(self) -> Iterator[Criterion]:
        """What code can see, and for a person to judge each goal that the file names."""
        asked = tuple(fact.id for fact in self._facts)[:5]
        goals = list(dict.fromkeys(self._goals()))[:MAX_GOALS] or ["The conversation as a whole"]
        share, rest = divmod(40 if asked else 100, len(goals))
        if asked:
            found = Evidence(asked_any=asked)
            label_ = "Asks what it is about"
            yield Criterion(id="asks", label=label_, kind="checklist", weight=60, evidence=found)
        for number, goal in enumerate(goals, 1):
            weight = share + (rest if number == 1 else 0)
            yield Criterion(id=f"goal_{number}", label=goal, kind="human", weight=weight)

    def _domain(self) -> Domain:
        words = f"{self._given(*_KINDS)} {self.title}".lower()
        return next((domain for sign, domain in _DOMAIN_WORDS if sign in words), "service")

    def _level(self) -> Level:
        words = self._given(*_LEVELS).lower()
        return next((level for sign, level in _LEVEL_WORDS if sign in words), "intermediate")

    def _notes(self, made: Scenario) -> Iterator[str]:
        if self._prompts:
            names = ", ".join(dict.fromkeys(self._prompts))
            yield f"left out, for a file never gives orders to the machine: {names}"
        yield from self._sifter.notes()
        if self._sessions:
            held = Counter(one.status for one in self._sessions)
            shown = ", ".join(f"{count} {status}" for status, count in sorted(held.items()))
            yield f"sessions that were held: {shown}; they are in transcripts.jsonl"
        dialogue = [fact.id for fact in made.facts if fact.section == "dialogue"]
        if dialogue:
            yield f"read whether these answers of another machine are right: {' '.join(dialogue)}"
        if not made.facts:
            yield "there are no facts: write what this person can tell, as `facts`"
        if self._facts.left_out:
            yield f"facts left out because there were too many: {self._facts.left_out}"
        yield f"the domain is a guess, {made.domain}: change it if it is another"
        yield "rewrite each `say` as this person would say it, and give it six or more `asks`"
        yield "decide what has to be earned: set `disclose: on_trust` with `trust` and `cover`"
        yield "the rubric is a draft: say what counts; add a test of kind `expert`"
        yield "settle the `license`, then set `status: published`"


def _sentences_for(domain: Domain, task: str) -> str:
    """A task in as many sentences as its domain wants."""
    if domain != "interview":
        return task
    first = task.replace("! ", ". ").replace("? ", ". ").split(". ")[0].rstrip(".!?")
    return f"{first}. Find out what matters, and say what you would do."
