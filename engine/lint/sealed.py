"""Sealed facts: none can be read before it is earned, by the trainee or by a speaking model."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.casting import cast_of, mode_names
from engine.echo import echoes
from engine.gate import SEALABLE
from engine.lint.media import named
from engine.lint.parts import error, texts_of, warning
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.exhibits import Radiology
from engine.scenario.knowledge import Fact
from engine.words import content_stems, normal, sentences

_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{3,}\b")
_IN_NAMES = re.compile(r"[._-]+")


class _Text(NamedTuple):
    """A text, where it stands, and the facts that may be read in it."""

    path: Where
    text: str
    may_tell: tuple[str, ...] = ()


def _before_the_start(scenario: Scenario) -> Iterator[_Text]:
    yield _Text(("id",), _IN_NAMES.sub(" ", scenario.id))
    yield _Text(("title",), scenario.title)
    yield _Text(("track",), scenario.track)
    brief = scenario.brief.model_dump(include={"task", "context", "content_warning", "documents"})
    yield from (_Text(*one) for one in texts_of(brief, ("brief",)))
    for path, name in named(scenario):
        yield _Text(path, _IN_NAMES.sub(" ", name))
    for at, criterion in enumerate(scenario.rubric.criteria):
        if criterion.id in scenario.brief.goals:
            field = "goal" if criterion.goal else "label"
            told = criterion.goal or criterion.label
            yield _Text(("rubric", "criteria", at, field), told)
        yield _Text(("rubric", "criteria", at, "hint"), criterion.hint)
    yield _Text(("opening", "text"), scenario.opening.text)
    for id_, mode in scenario.modes.items():
        yield _Text(("modes", id_, "label"), mode.label)
        yield _Text(("modes", id_, "summary"), mode.summary)
        if mode.opening:
            yield _Text(("modes", id_, "opening", "text"), mode.opening.text)


def _of_cast(scenario: Scenario) -> Iterator[_Text]:
    people = {
        id_
        for mode in mode_names(scenario)
        for id_, seat in cast_of(scenario, mode).items()
        if seat.played_by != "ai"
    }
    for id_, seat in scenario.cast.items():
        yield _Text(("cast", id_, "role"), seat.role)
        if id_ in people:
            yield _Text(("cast", id_, "brief"), seat.brief)
    for id_, persona in scenario.personas.items():
        yield _Text(("personas", id_, "name"), persona.name)


def _on_the_way(scenario: Scenario) -> Iterator[_Text]:
    """What the trainee comes to read while it plays, whatever has opened."""
    for at, phase in enumerate(scenario.phases):
        yield _Text(("phases", at, "title"), phase.title)
        yield _Text(("phases", at, "ask"), phase.ask)
    for at, action in enumerate(scenario.actions):
        yield _Text(("actions", at, "label"), action.label)
        yield _Text(("actions", at, "text"), action.text, action.releases)
        for number, field in enumerate(action.fields):
            yield _Text(("actions", at, "fields", number, "label"), field.label)
    for at, cue in enumerate(scenario.cues):
        yield _Text(("cues", at, "text"), cue.text, cue.releases)
    for at, exhibit in enumerate(scenario.exhibits):
        if exhibit.release == "at_start":
            left_out = {"id", "kind", "release", "asks", "intent", "report", "file"}
            written = exhibit.model_dump(exclude=left_out)
            yield from (_Text(*one) for one in texts_of(written, ("exhibits", at)))


def _in_prompts(scenario: Scenario) -> Iterator[_Text]:
    """What a character may say, or a speaking model reads, while facts are sealed."""
    for id_, persona in scenario.personas.items():
        spoken = {"background", "speech", "principles", "lines", "demographics"}
        written = persona.model_dump(include=spoken)
        yield from (_Text(*one) for one in texts_of(written, ("personas", id_)))
    for at, fact in enumerate(scenario.facts):
        yield _Text(("facts", at, "cover"), fact.cover)
        yield _Text(("facts", at, "topic"), fact.topic)
        for number, tell in enumerate(fact.tells):
            yield _Text(("facts", at, "tells", number), tell)
        for language, text in fact.texts.items():
            yield _Text(("facts", at, "texts", language, "cover"), text.cover)
    for at, phase in enumerate(scenario.phases):
        yield _Text(("phases", at, "behaviour"), phase.behaviour)
    for id_, mode in scenario.modes.items():
        yield _Text(("modes", id_, "behaviour"), mode.behaviour)


def unread(scenario: Scenario) -> Iterator[Finding]:
    """No sealed fact can be read in what the trainee sees or a character says unasked."""
    sealed = [fact for fact in scenario.facts if fact.disclose in SEALABLE]
    walks = (_before_the_start, _of_cast, _on_the_way, _in_prompts)
    for path, text, may_tell in (one for walk in walks for one in walk(scenario)):
        for fact in sealed if text else ():
            if fact.id not in may_tell and gives_away(text, fact):
                told = f"this gives away the sealed fact {shown(fact.id)}: reword it"
                yield error(path, told)


def gives_away(text: str, fact: Fact) -> bool:
    """Whether a text tells what a sealed fact says, or names what a `never` fact names."""
    if echoes(text, fact):
        return True
    if fact.disclose != "never":
        return False
    # The name of a diagnosis alone tells it, though it is one word of several.
    names = _ACRONYM.findall(" ".join((fact.say, *fact.variants)))
    words = f" {normal(text)} " if names else ""
    return any(f" {normal(name)} " in words for name in names)


def unshown(scenario: Scenario) -> Iterator[Finding]:
    """No exhibit tells a `never` fact, nor a film its own report."""
    never = [fact for fact in scenario.facts if fact.disclose == "never"]
    for at, exhibit in enumerate(scenario.exhibits):
        if exhibit.release == "at_start":
            continue
        written = exhibit.model_dump(include={"title", "alt", "caption", "rows", "labels"})
        for path, text in texts_of(written, ("exhibits", at)):
            for fact in never:
                if gives_away(text, fact):
                    told = f"this gives away the `never` fact {shown(fact.id)}: reword it"
                    yield error(path, told)
    for at, exhibit in enumerate(scenario.exhibits):
        if isinstance(exhibit, Radiology) and exhibit.withhold_report:
            yield from _of_report(exhibit, at)


def _of_report(exhibit: Radiology, at: int) -> Iterator[Finding]:
    told = [
        Fact(id="report", say=sentence)
        for sentence in sentences(exhibit.report)
        if len(set(content_stems(sentence))) >= 3
    ]
    for name in ("title", "alt", "caption"):
        if any(echoes(getattr(exhibit, name), one) for one in told):
            yield error(("exhibits", at, name), "this gives away the withheld report: reword it")


def untold(scenario: Scenario) -> Iterator[Finding]:
    """No fact that is free to tell says what another one seals."""
    sealed = [fact for fact in scenario.facts if fact.disclose in SEALABLE]
    for at, fact in enumerate(scenario.facts):
        if fact.disclose in SEALABLE:
            continue
        for other in sealed:
            if any(gives_away(way, other) for way in (fact.say, *fact.variants)):
                told = f"this tells the sealed fact {shown(other.id)} to whoever asks: reword it"
                yield warning(("facts", at, "say"), told)


RULES = (unread, unshown, untold)
