"""Wording: briefs of the right length, languages by their codes, lines with what they need."""

import re
from collections.abc import Iterator

from engine.lint.parts import error
from engine.problems import Finding, shown
from engine.scenario import Scenario
from engine.words import sentences

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_OFFERS = "{offers}"


def brief(scenario: Scenario) -> Iterator[Finding]:
    """The task of a case interview is two or three sentences."""
    count = len(sentences(scenario.brief.task))
    if scenario.domain == "interview" and count not in (2, 3):
        told = f"the task of a case interview is 2 or 3 sentences, this one has {count}"
        yield error(("brief", "task"), f"{told}: {'shorten it' if count > 3 else 'add to it'}")


def languages(scenario: Scenario) -> Iterator[Finding]:
    """Languages are codes, each once."""
    for at, language in enumerate(scenario.languages):
        if not _LANGUAGE.fullmatch(language):
            told = f"{shown(language)} is no language code: write it like `en` or `pt-BR`"
            yield error(("languages", at), told)
        elif language in scenario.languages[:at]:
            yield error(("languages", at), f"{shown(language)} is there twice: remove one")


def offers(scenario: Scenario) -> Iterator[Finding]:
    """A clarifying line has a place for what it offers; no other line has such a place."""
    for id_, persona in scenario.personas.items():
        for at, line in enumerate(persona.lines.clarify):
            if line.count(_OFFERS) != 1:
                told = f"a clarifying line needs `{_OFFERS}` once: write where the offers go"
                yield error(("personas", id_, "lines", "clarify", at), told)


RULES = (brief, languages, offers)
