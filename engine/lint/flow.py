"""Flow: every phase can be reached and left, and what moves the session on can be met."""

import re
from collections.abc import Iterable, Iterator

from engine.lint.parts import conditions, error
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.flow import Condition
from engine.signals import SIGNALS
from engine.words import normal

_PATTERN = re.compile(r"\\[bBdDsSwW.]|\.[*+?]|\(\?|\[[^\]]*\]|\||^\^|\$$")


def phases(scenario: Scenario) -> Iterator[Finding]:
    """Every phase is reached from the first, can be left, and leads to an end."""
    following = {phase.id: set(phase.next) for phase in scenario.phases}
    ends = {phase.id for phase in scenario.phases if not phase.next}
    leading = {id_: {one for one, after in following.items() if id_ in after} for id_ in following}
    reached = _closure({scenario.phases[0].id}, following)
    ending = _closure(ends, leading)
    for at, phase in enumerate(scenario.phases):
        here: Where = ("phases", at)
        if phase.id not in reached:
            told = f"phase {shown(phase.id)} is never reached: name it in a `next`, or remove it"
            yield error(here, told)
        if phase.id not in ending:
            told = f"from phase {shown(phase.id)} the session never ends: leave one `next` empty"
            yield error((*here, "next"), told)
        if not phase.exit.any and not phase.exit.all:
            yield error((*here, "exit"), f"phase {shown(phase.id)} cannot be left: add a condition")


def _closure(start: set[str], edges: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        one = ahead.pop()
        if one not in reached:
            reached.add(one)
            ahead.extend(edges.get(one, ()))
    return reached


def demanding(scenario: Scenario) -> Iterator[Finding]:
    """Every condition asks for something, so that it is not true at once."""
    on_ask = any(exhibit.release == "on_ask" for exhibit in scenario.exhibits)
    for path, condition in conditions(scenario):
        if condition == Condition(of=condition.of):
            yield error(path, "the condition is empty, so always true: say what has to happen")
        if condition.exhibits == "all" and not on_ask:
            told = "no exhibit is given `on_ask`, so `all` of them is true at once: name some"
            yield error((*path, "exhibits"), told)


def own_signals(scenario: Scenario) -> Iterator[Finding]:
    """A signal of the scenario's own has words that show it."""
    for id_, signal in scenario.signals.items():
        if id_ not in SIGNALS and not signal.match:
            told = f"{shown(id_)} is no shared signal: add the words that show it as `match`"
            yield error(("signals", id_, "match"), told)


def cues(scenario: Scenario) -> Iterator[Finding]:
    """A cue does something."""
    for at, cue in enumerate(scenario.cues):
        if not (cue.text or cue.joins or cue.releases or cue.moves or cue.ends):
            yield error(
                ("cues", at), f"cue {shown(cue.id)} does nothing: add a `text`, or remove it"
            )
        if cue.say_as and not cue.text:
            yield error(("cues", at, "text"), f"cue {shown(cue.id)} has nothing to say: add `text`")


def _phrases(scenario: Scenario) -> Iterator[tuple[Where, Iterable[str]]]:
    """Every list of words that is looked for in what a trainee says."""
    for at, action in enumerate(scenario.actions):
        yield ("actions", at, "match"), action.match
    for id_, signal in scenario.signals.items():
        yield ("signals", id_, "match"), signal.match
    for path, condition in conditions(scenario):
        yield (*path, "keyword"), condition.keyword
    for at, criterion in enumerate(scenario.rubric.criteria):
        if criterion.evidence:
            yield ("rubric", "criteria", at, "evidence", "phrase"), criterion.evidence.phrase
    for at, fact in enumerate(scenario.facts):
        yield ("facts", at, "mentions"), fact.mentions
    for id_, seat in scenario.cast.items():
        yield ("cast", id_, "aliases"), seat.aliases
    yield ("safety", "distress"), scenario.safety.distress


def phrases(scenario: Scenario) -> Iterator[Finding]:
    """What is looked for are plain words: no patterns, and never nothing at all."""
    for path, words in _phrases(scenario):
        for at, phrase in enumerate(words):
            if _PATTERN.search(phrase):
                told = f"{shown(phrase)} looks like a pattern: write the plain words"
                yield error((*path, at), told)
            elif not normal(phrase):
                yield error((*path, at), f"{shown(phrase)} has no word in it: write one")
    if not normal(scenario.safety.stop_word):
        yield error(("safety", "stop_word"), "the stop word has no word in it: write one")


def orders(scenario: Scenario) -> Iterator[Finding]:
    """No two actions of a command are recognised by the same words."""
    first: dict[tuple[str, str], str] = {}
    for at, action in enumerate(scenario.actions):
        for number, words in enumerate(action.match):
            owner = first.setdefault((action.command, normal(words)), action.id)
            if owner != action.id:
                told = f"{shown(words)} also means {shown(owner)}: keep it for one of the two"
                yield error(("actions", at, "match", number), told)


RULES = (phases, demanding, own_signals, cues, phrases, orders)
