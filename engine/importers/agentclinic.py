"""AgentClinic cases (`OSCE_Examination`) as clinical scenarios. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from engine.importers.asking import asks_about_own, asks_for_symptom, clinical_intents
from engine.importers.drafts import NAME, one_phase, persona_named, safe_trials
from engine.importers.facts import Facts
from engine.importers.findings import Findings
from engine.importers.hiding import Hider
from engine.importers.result import CannotImport, Imported
from engine.importers.values import LABEL, Sifter, first_of, keyed, label, line, slug, text_of
from engine.importers.voice import (
    in_own_words,
    is_denial,
    symptom_in_own_words,
    without_denial,
)
from engine.scenario import Brief, Provenance, Scenario, Source
from engine.scenario.flow import Action, FormField, Opening
from engine.scenario.knowledge import Fact
from engine.scenario.people import Seat
from engine.scenario.rubric import Criterion, Evidence, Rubric

MAX_CASES = 500
TASK = "Take the history, examine the patient, order what you need, and say what you think it is."
MINUTES = 20

_AGE = re.compile(r"\b(\d{1,3})[ -]?(?:years?|yrs?|y/?o)\b", re.IGNORECASE)
_LISTED = re.compile(r"[;,]\s*|\band\b(?= \w+$)")
_NOTES = (
    ("history", "History", "clinical/opening.more"),
    ("past_history", "Past_Medical_History", "clinical/history.medical"),
    ("social", "Social_History", ""),
    ("review", "Review_of_Systems", "clinical/symptom.other"),
)
_HAND_IN = Action(
    id="hand_in_impression",
    command="submit",
    label="What you think it is",
    match=("impression", "my assessment"),
    fields=(FormField(id="impression", label="What do you think it is?"),),
    text="Your note is in.",
)


def agentclinic_cases(records: Sequence[object], name: str) -> tuple[Imported, ...]:
    """Every case of a file as a scenario; `name` is what to call them, with their number.

    Raises:
        CannotImport: one of them is no such case; the text says which, and what is missing.
    """
    if not records:
        raise CannotImport("there is no case in it: look whether the file is whole")
    if len(records) > MAX_CASES:
        raise CannotImport(f"more than {MAX_CASES} cases: split the file")
    if len(records) == 1:
        return (_Case(records[0], name, 0).imported(),)
    return tuple(_Case(one, name, number).imported() for number, one in enumerate(records, 1))


class _Case:
    """One case on its way; number 0 is the only one of its file."""

    def __init__(self, record: object, name: str, number: int) -> None:
        where = f"case {number}" if number else "the case"
        outer = keyed(record, where)
        self._case = keyed(first_of(outer, "OSCE_Examination") or outer, where)
        if first_of(self._case, "Patient_Actor") is None:
            told = f"{where} has no `Patient_Actor`"
            raise CannotImport(f"{told}: give a file of AgentClinic's OSCE_Examination form")
        self._actor = keyed(first_of(self._case, "Patient_Actor"), f"{where}, `Patient_Actor`")
        self._name, self._number = name, number
        self._sifter = Sifter()
        self._diagnosis = self._said(self._case, "Correct_Diagnosis", "Diagnosis")
        secret = Fact(id="diagnosis", say=self._diagnosis or "unknown", disclose="never")
        self._hider = Hider(secret if self._diagnosis else None)
        self._facts = Facts()
        self._symptoms()
        self._person()
        if not len(self._facts):
            raise CannotImport(f"{where} tells nothing about the patient: fill in `Patient_Actor`")

    def _said(self, where: Mapping[str, object], *names: str, limit: int = 1_800) -> str:
        return self._sifter.text(text_of(first_of(where, *names)), limit)

    def imported(self) -> Imported:
        """The scenario, and what is left to write."""
        asked = [fact.id for fact in self._facts][:4]
        if self._diagnosis:
            self._facts.add("diagnosis", self._diagnosis, disclose="never", section="answer")
        findings = Findings(self._hider, frozenset(self._facts.taken()))
        exams = first_of(self._case, "Physical_Examination_Findings")
        tests = first_of(self._case, "Test_Results")
        examined = findings.add_all("examine", exams, "Physical examination")
        ordered = findings.add_all("order", tests, "Test results")
        criteria = tuple(_criteria(asked, examined, ordered))
        made = self._scenario(findings, criteria)
        return Imported(scenario=made, notes=tuple(self._notes(made, findings)))

    def _symptoms(self) -> None:
        value = first_of(self._actor, "Symptoms")
        given = value if isinstance(value, dict) else {"Primary_Symptom": value}
        primary = first_of(given, "Primary_Symptom", "Primary", "Chief_Complaint")
        others = first_of(given, "Secondary_Symptoms", "Secondary")
        for number, one in enumerate(self._listed(primary, split=False)):
            self._symptom("main_symptom", one, "clinical/opening.reason", first=number == 0)
        for one in self._listed(others, split=True):
            self._symptom(one, one, self._free_intent(one), first=False)

    def _symptom(self, name: str, symptom: str, intent: str, *, first: bool) -> None:
        thing = without_denial(symptom)
        self._facts.add(
            name,
            symptom_in_own_words(symptom),
            intent=intent,
            asks=asks_for_symptom(thing),
            topic=self._hider.kept(line(thing.lower(), LABEL), "topics"),
            section="symptoms",
            disclose="volunteered" if first else "on_ask",
            negative=is_denial(symptom),
        )

    def _listed(self, value: object, *, split: bool) -> Iterator[str]:
        for one in value if isinstance(value, list) else [value]:
            text = self._sifter.text(text_of(one)).rstrip(".")
            pieces = _LISTED.split(text) if split and not isinstance(value, list) else [text]
            yield from (piece.strip() for piece in pieces if piece.strip())

    def _person(self) -> None:
        """Everything else about the patient."""
        if found := _AGE.search(self._said(self._actor, "Demographics")):
            self._facts.add("age", f"I'm {found[1]}.", intent="clinical/identity.age")
        for name, key, intent in _NOTES:
            self._written(name, key, first_of(self._actor, key), intent)
        known = {"demographics", "symptoms", *(key.lower() for _, key, _ in _NOTES)}
        for key, value in self._actor.items():
            if key.lower() not in known:
                self._written(slug(key, "more"), key, value, "")

    def _written(self, name: str, key: str, value: object, intent: str) -> None:
        """Sentences that belong to a shared intent as facts of their own, the others as one."""
        rest: list[str] = []
        for number, sentence in enumerate(self._sifter.sentences(text_of(value))):
            own = self._free_intent(sentence)
            if name == "history" and number == 0:
                own = "clinical/opening.events"
            if own:
                self._facts.add(
                    f"{name} {own.rpartition('/')[2].rpartition('.')[2]}",
                    in_own_words(sentence),
                    intent=own,
                    section=name,
                    negative=is_denial(sentence),
                )
            else:
                rest.append(in_own_words(sentence))
        if rest:
            topic = self._hider.kept(label(key).lower(), "topics")
            asks = asks_about_own(label(key))
            self._facts.add(
                name, " ".join(rest), intent=intent, asks=asks, topic=topic, section=name
            )

    def _free_intent(self, text: str) -> str:
        return next((one for one in clinical_intents(text) if self._facts.free(one)), "")

    def _id(self) -> str:
        base = slug(self._name, "imported-case")
        if self._hider.tells(base.replace("-", " ")):
            base = "imported-case"
        return f"{base[:40].strip('-')}-{self._number}" if self._number else base

    def _scenario(self, findings: Findings, criteria: tuple[Criterion, ...]) -> Scenario:
        main = next((fact.topic for fact in self._facts if fact.topic), "")
        task = self._said(self._case, "Objective_for_Doctor")
        about = self._hider.kept(
            self._said(self._actor, "Demographics", limit=LABEL), "demographics"
        )
        return Scenario(
            format="dressrun/1",
            id=self._id(),
            version="0.1.0",
            title=self._hider.kept(label(main), "the title", "An imported case"),
            domain="clinical",
            level="intermediate",
            minutes=MINUTES,
            license="unknown: see provenance, and ask whoever made the case",
            provenance=Provenance(
                sources=(Source(title=f"AgentClinic case {self._number or 1}"),),
                generator="dressrun import agentclinic",
            ),
            brief=Brief(
                task=self._hider.kept(task, "the brief", TASK),
                goals=tuple(one.id for one in criteria),
            ),
            cast={
                "doctor": Seat(role="doctor", played_by="human"),
                "patient": Seat(role="patient", played_by="ai", persona="patient"),
            },
            personas={"patient": persona_named(NAME, {"about": about} if about else {})},
            facts=tuple(self._facts),
            exhibits=tuple(findings.exhibits),
            actions=(*findings.actions, _HAND_IN),
            opening=Opening(say_as="patient", text="Hello, doctor."),
            phases=one_phase("The encounter", MINUTES, _HAND_IN.id),
            rubric=Rubric(criteria=criteria),
            tests=safe_trials(),
        )

    def _notes(self, made: Scenario, findings: Findings) -> Iterator[str]:
        facts = [fact for fact in made.facts if fact.disclose != "never"]
        yield "read every `say` aloud: it should be how this person talks, not how notes sound"
        yield f"the name {NAME} is made up: choose one, and write `background` and `speech`"
        bare = " ".join(fact.id for fact in facts if not fact.asks)
        if bare:
            yield f"give these facts `asks` of their own, beside the shared ones: {bare}"
        yield "decide what has to be earned: set `disclose: on_trust` with `trust` and `cover`"
        if not self._diagnosis:
            yield "the case names no diagnosis: add it as a fact with `disclose: never`"
        telling = " ".join(fact.id for fact in facts if self._hider.tells(fact.say))
        if telling:
            yield f"these facts name the diagnosis themselves: {telling}"
        if count := self._facts.left_out + findings.left_out:
            yield f"facts or results left out because there were too many: {count}"
        yield "the rubric is a draft: say what counts in this case, with `advice`"
        yield "add a test of kind `expert`, then set `status: published`; settle the `license`"
        yield from (*self._hider.notes(), *self._sifter.notes())


def _criteria(
    asked: Sequence[str], examined: Sequence[str], ordered: Sequence[str]
) -> Iterator[Criterion]:
    """Drafts whose weights add up to 100, whatever the case holds."""
    yield Criterion(
        id="history",
        label="Asks for the history",
        kind="checklist",
        weight=35 + (0 if examined else 20) + (0 if ordered else 15),
        evidence=Evidence(asked_all=tuple(asked)),
    )
    if examined:
        found = Evidence(action=examined[0])
        yield Criterion(
            id="examination", label="Examines", kind="deterministic", weight=20, evidence=found
        )
    if ordered:
        found = Evidence(action=ordered[0])
        yield Criterion(
            id="tests", label="Orders tests", kind="deterministic", weight=15, evidence=found
        )
    yield Criterion(id="impression", label="Says what it is", kind="human", weight=30)
