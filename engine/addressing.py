"""Whom words are for: the characters that are called, else whoever answers. Pure."""

import re

from engine.casting import ai_seats, cast_of, persona_of
from engine.scenario import Scenario
from engine.session import State
from engine.words import normal, sentences

_GREETED = re.compile(r"^(?:(?:hi|hello|hey|ok|okay|thanks|thank you|sorry|please|so|and|now) )+")
_OF_THEM = re.compile(
    r"(?:is|was|has|had|says|said|told|seems|seemed|looks|looked|wants|wanted|needs|needed|and|or)\b"
)
_TO_THEM = re.compile(
    r"\b(?:the|an?|your|my|our|his|her|this|that|to|with|by|from|for|of|about|and|or|than|called|is|was|"
    r"ask|asked|tell|told|see|saw)$"
)
_COMPLETE = re.compile(
    # Words after which no object is missing, so that a bare name at the end calls somebody.
    r"(?:^|\b)(?:hi|hello|hey|morning|afternoon|evening|thanks|thank you|sorry|please|okay|ok|yes|"
    r"no|bye|goodbye|well|right|welcome|you|it|that|me|us|him|them|yourself|here|there|now|today|then|"
    r"too|again|more|later|so|on|sure|course)$|"
    r"^(?:so |and |but )*(?:what|how) .*\b(?:think|feel|say|mean|suggest|need|want|sleep|cope|do)$|"
    r"^(?:(?:please|can you|could you|would you|will you|and|now) )*"
    r"(?:take|give|get|bring|check|do(?! you| we| i| they)|run|start|order|tell|show|help|put|send|"
    r"explain|describe|set up|repeat|measure) (?:\w+ ){1,6}\w+$"
)


def addressed(scenario: Scenario, state: State, text: str) -> tuple[str, ...]:
    """The characters a message is for.

    Whoever is called by name or role at a sentence's start or end, the last called first; else
    whoever spoke last, among those that always answer; else the first of those. A character that a
    person plays now answers itself, so nobody else does for it.
    """
    cast = cast_of(scenario, state.mode)
    here = [
        seat
        for seat in ai_seats(scenario, state.mode)
        if seat in state.present and cast[seat].persona
    ]
    called = [
        seat
        for sentence in reversed(sentences(text))
        for seat in here
        if _calls(scenario, state, seat, sentence)
    ]
    ours = [seat for seat in here if not _played(scenario, state, seat)]
    if called:
        return tuple(seat for seat in dict.fromkeys(called) if seat in ours)
    always = [seat for seat in here if cast[seat].speaks == "always"]
    if state.front in always:
        return (state.front,) if state.front in ours else ()
    return tuple(seat for seat in always if seat in ours)[:1]


def _played(scenario: Scenario, state: State, seat: str) -> bool:
    """Whether a person plays a character now."""
    both = cast_of(scenario, state.mode)[seat].played_by == "ai_or_human"
    return seat in state.taken_over or (both and bool(state.people.get(seat)))


def _calls(scenario: Scenario, state: State, seat: str, sentence: str) -> bool:
    persona = persona_of(scenario, state.mode, seat)
    if persona is None:
        return False
    first, *rest = persona.name.split()
    names = {
        normal(name) for name in (persona.name, first, *rest[-1:], *scenario.cast[seat].aliases)
    }
    return any(_is_called(name, sentence) for name in names - {"", "mr", "mrs", "ms", "dr"})


def _is_called(name: str, sentence: str) -> bool:
    """Whether a sentence speaks to `name`, and not only about them ("the nurse told me")."""
    plain = normal(sentence)
    if plain == name or f"@{name}" in sentence.lower():
        return True
    begins = _GREETED.sub("", plain)
    if begins == name:
        return True
    if begins.startswith(f"{name} "):
        marked = re.match(rf"(?:\w+,? )?{re.escape(name)}\s*[,:;.!?-]", sentence.lower())
        return bool(marked) or not _OF_THEM.match(begins.removeprefix(name).lstrip())
    if not plain.endswith(f" {name}"):
        return False
    before = plain.removesuffix(f" {name}")
    marked = re.search(rf"[,;:.!?-]\s*{re.escape(name)}\W*$", sentence.lower())
    return not _TO_THEM.search(before) and bool(marked or _COMPLETE.search(before))
