"""The card of a session: what stands first in its thread, how it goes now, and how to steer it."""

from dataclasses import replace
from datetime import datetime

from adapters.port import Choice, Message, Text
from bot.views import library, seats
from bot.views.session import CARE, phase_words
from bot.views.text import counted, minutes
from engine.casting import free_seats, human_seats, mode_of
from engine.hints import hints_left
from engine.scenario import Scenario
from engine.session import State


def card(scenario: Scenario, state: State, now: datetime, session_id: str) -> Message:
    """The opening with the session's state. It is changed in place, so it tells no time that runs.

    Buttons of a session that rests or is over name it: others may go on in the same place.
    """
    seat = human_seats(scenario, state.mode)[0]
    shown = library.opening(scenario, state.mode, seat, over=state.over)
    return steered(shown, scenario, state, now, session_id)


def steered(
    shown: Message, scenario: Scenario, state: State, now: datetime, session_id: str
) -> Message:
    """A message that serves as the card of a session, below its own words."""
    free = _free(scenario, state)
    room = (Text(seats.free_seats_line(scenario, state.mode, free)),) if free else ()
    return replace(
        shown,
        blocks=(*shown.blocks, *room, Text(_standing(scenario, state, now))),
        choices=(*seats.joining(scenario, state.mode, free), *_choices(scenario, state, session_id))
        if free
        else _choices(scenario, state, session_id),
        pinned=True,
    )


def _free(scenario: Scenario, state: State) -> tuple[str, ...]:
    """The parts of a team that somebody could take now."""
    if state.over or not library.is_team(scenario, state.mode):
        return ()
    return free_seats(scenario, state.mode, state.people)


def _standing(scenario: Scenario, state: State, now: datetime) -> str:
    played = minutes(state.minutes(now))
    if state.status == "completed":
        turns = counted(state.turns, "turn")
        return f"**Completed**: {turns} in {played}. See how it went with `!debrief`."
    if state.ended_because in CARE:
        return "**Over**: nobody in it will answer now."
    if state.over:
        return f"**Stopped** after {played}. Nothing is lost: take it up again whenever you like."
    if state.status == "paused":
        return f"**Paused**: {phase_words(scenario, state)}, {played} in. The clock stands."
    return f"**Running**: {phase_words(scenario, state)}, about {minutes(scenario.minutes)} in all."


def _choices(scenario: Scenario, state: State, session_id: str) -> tuple[Choice, ...]:
    end = Choice(
        f"end:{scenario.id}", "End", confirm=f"Finish “{scenario.title}” now? It is scored then."
    )
    if state.status == "completed":
        debrief = f"debrief:simulation={session_id}"
        return (Choice(debrief, "How did it go?", style="primary"),)
    if state.over:
        label = "Come back to it" if state.ended_because in CARE else "Continue"
        return (Choice(f"continue:{scenario.id}", label),)
    if state.status == "paused":
        return (Choice(f"continue:{scenario.id}", "Go on", style="primary"), end)
    hints = mode_of(scenario, state.mode).hints and hints_left(scenario, state)
    hint = (Choice("hint", "Hint"),) if hints else ()
    return (*hint, Choice("pause", "Pause"), Choice("status", "Where am I?"), end)
