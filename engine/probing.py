"""What became of one question: what was understood, told, offered or kept back, and why.

For authors: it names facts that a trainee must not know of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.casting import persona_of
from engine.classify import Reader
from engine.errors import SimulationError
from engine.gate import held_by, is_sealed, trust_of
from engine.llm.embedded import defaults
from engine.matching import Match
from engine.reading import Reading
from engine.rehearsal import Exchange, Rehearsal
from engine.scenario import Scenario
from engine.scenario.knowledge import Fact
from engine.scenario.trial import Step
from engine.session import State

OUTCOMES = ("answered", "clarified", "withheld", "unknown")
Outcome = Literal["answered", "clarified", "withheld", "unknown"]

OFFERS = 3
"""So many facts are named when a question was answered with a question back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A sealed fact that was asked for, and what would open it."""

    fact: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One question and what it led to.

    `facts` were told, or offered when `clarified`; else there are none. `opened` are facts that it
    unsealed, `moved` state variables as (name, before, after).
    """

    question: str
    outcome: Outcome
    facts: tuple[str, ...]
    reply: str
    withheld: tuple[Withheld, ...] = ()
    opened: tuple[str, ...] = ()
    moved: tuple[tuple[str, int, int], ...] = ()
    fallback: bool = False
    ended: bool = False


async def probe(rehearsal: Rehearsal, reader: Reader, question: str) -> Probed:
    """Put a question to a running rehearsal. `reader` is the one that the rehearsal reads with."""
    scenario, before = rehearsal.scenario, rehearsal.state
    reading = reader.read(before, question)
    exchange = await rehearsal.say(question)
    after = rehearsal.state
    withheld = tuple(_withheld(scenario, before, after, reading))
    empty = not exchange.spoken.facts and not exchange.spoken.offered
    fallback = empty and _is_fallback(scenario, after, reading, exchange.spoken.text)
    outcome = _outcome(exchange, reading, fallback=fallback, withheld=bool(withheld))
    facts = {"answered": exchange.spoken.facts, "clarified": exchange.spoken.offered[:OFFERS]}
    return Probed(
        question=question,
        outcome=outcome,
        facts=facts.get(outcome, ()),
        reply=_reply(before, after, exchange),
        withheld=withheld,
        opened=tuple(sorted(after.opened - before.opened)),
        moved=tuple(_moved(before, after)),
        fallback=fallback,
        ended=after.over,
    )


async def take(rehearsal: Rehearsal, reader: Reader, step: Step) -> Probed | str:
    """Take a step of a test: what became of its words, or what else happened, told in a line."""
    if step.say:
        return await probe(rehearsal, reader, step.say)
    before = rehearsal.state
    args = dict(step.args)
    try:
        if step.order or step.submit:
            command = "order" if step.order else "submit"
            rehearsal.act(command, step.order or step.submit or "", args)
        elif step.tool:
            rehearsal.use(step.tool, args)
        elif step.wait_minutes is not None:
            rehearsal.wait(step.wait_minutes)
        elif step.command:
            rehearsal.step(step.command)
    except SimulationError as error:
        return f"not possible: {error}"
    return _heard(before, rehearsal.state) or "done"


def _outcome(exchange: Exchange, reading: Reading, *, fallback: bool, withheld: bool) -> Outcome:
    # A question back ("Do you mean a smell of gas?") may hold enough words to count as telling.
    if set(exchange.spoken.facts) - set(exchange.spoken.offered):
        return "answered"
    if exchange.spoken.offered:
        return "clarified"
    if withheld or "attack" in reading.acts:
        return "withheld"
    return "unknown" if fallback or exchange.spoken.outage else "answered"


def _reply(before: State, after: State, exchange: Exchange) -> str:
    """What the trainee would read: the character's words, else what the narrator says."""
    return exchange.spoken.text or _heard(before, after)


def _heard(before: State, after: State) -> str:
    """What became readable, beside the trainee's own words."""
    new = (one for one in after.utterances if one.seq > before.seq and one.role != "trainee")
    return " ".join(one.text for one in new)


def _is_fallback(scenario: Scenario, state: State, reading: Reading, text: str) -> bool:
    """Whether the character had no answer, and one of its lines for that stood in."""
    said = f" {' '.join(text.split())} "
    lines: list[str] = [*defaults.UNKNOWN, *defaults.NEGATIVE, *defaults.CLARIFY_OPEN]
    for seat in reading.addressed:
        persona = persona_of(scenario, state.mode, seat)
        lines += persona.lines.unknown if persona else ()
    return any(f" {' '.join(line.split())} " in said for line in lines)


def _withheld(
    scenario: Scenario, before: State, after: State, reading: Reading
) -> Iterator[Withheld]:
    asked = set(reading.sure_facts)
    for seat in reading.addressed:
        for fact in held_by(scenario, before, seat):
            if fact.id in asked and is_sealed(fact, after):
                asked.discard(fact.id)
                yield Withheld(fact=fact.id, why=sealed_because(scenario, after, seat, fact))


def sealed_because(scenario: Scenario, state: State, seat: str, fact: Fact) -> str:
    """What keeps a sealed fact closed now, in words for its author."""
    if fact.disclose == "never":
        return "it is never told"
    if fact.disclose == "on_action":
        releases = [
            f"{kind} {one.id}"
            for kind, several in (("action", scenario.actions), ("cue", scenario.cues))
            for one in several
            if fact.id in one.releases
        ]
        return f"it opens with {' or '.join(releases)}"
    missing = [one for one in fact.after if one not in state.said]
    reasons = [f"{' and '.join(missing)} must be told first"] if missing else []
    trust = trust_of(state, seat)
    if fact.trust is not None and trust < fact.trust:
        reasons.append(f"trust is {trust} and must reach {fact.trust}")
    return "; ".join(reasons) or "it opens with the next question for it"


def _moved(before: State, after: State) -> Iterator[tuple[str, int, int]]:
    for key, value in sorted(after.values.items()):
        if before.values.get(key, value) != value:
            yield key[1], before.values[key], value


NEAR = 0.1
"""What is less near than this says nothing."""


def nearest(scenario: Scenario, reader: Reader, sentence: str, count: int = 3) -> tuple[Match, ...]:
    """What a sentence is nearest to, best first: facts by their id, all else in brackets.

    Sealed facts, exhibits and what asks for nothing here are among it: where something in brackets
    is nearer than every fact, no fact was understood.
    """
    facts = {fact.id for fact in scenario.facts}
    # The reader's own matcher: another one could rank otherwise than what decided.
    ranked = reader._matcher.rank(sentence)
    return tuple(
        Match(one.id if one.id in facts else f"({one.id.lstrip('~')})", one.score)
        for one in ranked
        if one.score >= NEAR
    )[:count]
