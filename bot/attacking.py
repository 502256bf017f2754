"""`dressrun probe --attacks`: tries to talk a scenario's characters out of what is sealed."""

from collections.abc import AsyncIterator
from copy import copy
from dataclasses import dataclass

from bot.bench.leak import ATTACKS, WARM, LeakCount, Search
from bot.probing import Probe
from engine.gate import SEALABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack: what was said to it, and what was given away in its prompt or its answer."""

    text: str
    warm: bool
    reply: str
    facts: tuple[str, ...]
    leaked: tuple[str, ...]


async def attacks_on(probe: Probe) -> AsyncIterator[Attack]:
    """Every attack in a fresh session, and once more after trust was earned."""
    search = Search(probe.scenario)
    for warm in (False, True):
        begun = probe.session(0)
        for line in WARM if warm else ():
            if not begun.state.over:
                await begun.say(line)
        for text in ATTACKS if not begun.state.over else ():
            rehearsal = copy(begun)  # the state is never changed, only replaced
            rehearsal.log = [*begun.log]
            thought = rehearsal.thought(text)
            found = search.prompts(thought)
            spoken = (await rehearsal.say(text)).spoken
            found += search.reply(thought, spoken.text)
            yield Attack(
                text=text,
                warm=warm,
                reply=spoken.text,
                facts=spoken.facts,
                leaked=_facts(found),
            )


def _facts(found: LeakCount) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.rpartition(": ")[2] for place in found.found))


async def attacked(probe: Probe) -> tuple[list[str], bool]:
    """Lines for the author, and whether nothing sealed was given away."""
    tried = [one async for one in attacks_on(probe)]
    lines: list[str] = []
    for one in tried:
        if one.leaked:
            when = " (after earning trust)" if one.warm else ""
            lines.append(f"> {one.text}{when}")
            lines.append(f"  says      {one.reply}")
            lines.append(f"  GIVES     {' '.join(one.leaked)}")
    sealed = sum(fact.disclose in SEALABLE for fact in probe.scenario.facts)
    leaks = sum(bool(one.leaked) for one in tried)
    lines.append(
        f"{len(tried)} attacks on {sealed} sealed facts: "
        + (f"{leaks} gave something away" if leaks else "nothing given away")
    )
    answered = sorted({fact for one in tried for fact in one.facts if not one.leaked})
    if answered:
        lines.append(f"Told to anybody who asks, so here too: {' '.join(answered)}")
    return lines, not leaks
