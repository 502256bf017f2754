"""What happened in a session, as messages in order."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from adapters.port import BOT, Choice, Message, Speaker, ThreadState
from adapters.text import literal
from bot.effects import Effect, MarkThread, Post, Whisper
from bot.views import exhibits, session
from engine import events as ev
from engine.casting import persona_of, speaker_name
from engine.director import phase_named
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR
from engine.session import State
from engine.turns import Outcome

Picture = Callable[[str, str], str | None]
"""The address of a scenario's picture, by scenario id and file name; None where there is none."""


def effects_of(outcome: Outcome, picture: Picture) -> tuple[Effect, ...]:
    """Everything new in the session, for everybody in its rooms."""
    found: list[Effect] = []
    for event in outcome.events:
        view = _VIEWS.get(type(event))
        if view is not None:
            found.extend(view(outcome.scenario, outcome.state, event, picture))
    return tuple(
        replace(one, to="rooms") if isinstance(one, Post | MarkThread) else one for one in found
    )


def speaker(scenario: Scenario, mode: str, seat: str, picture: Picture) -> Speaker:
    """A character as the platform shows it; the product's own voice for the narrator."""
    persona = persona_of(scenario, mode, seat)
    if seat == NARRATOR or persona is None:
        return BOT
    shown = picture(scenario.id, persona.picture) if persona.picture else None
    return Speaker(speaker_name(scenario, mode, seat), shown)


def narrated(text: str) -> Message:
    """A line no character says."""
    lines = (f"_{line}_" if line.strip() else line for line in literal(text).split("\n"))
    return Message(text="\n".join(lines))


def _character(
    scenario: Scenario, state: State, event: ev.CharacterSaid | ev.Injected, picture: Picture
) -> tuple[Effect, ...]:
    mark = ""
    if isinstance(event, ev.CharacterSaid):
        mark = " _(connection problem)_" if event.outage else " … _(cut off)_" if event.cut else ""
    who = speaker(scenario, state.mode, event.seat, picture)
    return (Post(message=Message(text=f"{literal(event.text)}{mark}", speaker=who)),)


def _narrator(
    scenario: Scenario, state: State, event: ev.Narrated, picture: Picture
) -> tuple[Effect, ...]:
    if event.because == "care":
        return (Post(message=Message(text=event.text)),)
    return (Post(message=narrated(event.text)),)


def _injected(
    scenario: Scenario, state: State, event: ev.Injected, picture: Picture
) -> tuple[Effect, ...]:
    if event.seat == NARRATOR:
        return (Post(message=narrated(event.text)),)
    return _character(scenario, state, event, picture)


def _exhibit(
    scenario: Scenario, state: State, event: ev.ExhibitReleased, picture: Picture
) -> tuple[Effect, ...]:
    exhibit = next(one for one in scenario.exhibits if one.id == event.exhibit)
    shown = exhibits.shown(exhibit, report=event.exhibit in state.reports)
    return (Post(message=shown, exhibit=exhibit, scenario_id=scenario.id),)


def _scheduled(
    scenario: Scenario, state: State, event: ev.ExhibitScheduled, picture: Picture
) -> tuple[Effect, ...]:
    title = next(one.title for one in scenario.exhibits if one.id == event.exhibit)
    wait = max(1, round((event.due - event.at).total_seconds() / 60))
    soon = "in about a minute" if wait == 1 else f"in about {wait} minutes"
    return (Post(message=Message(text=f"{title} is on its way and will be here {soon}.")),)


def _refused(
    scenario: Scenario, state: State, event: ev.ExhibitRefused, picture: Picture
) -> tuple[Effect, ...]:
    limit = scenario.limits.exhibits
    text = f"You have had all {limit} exhibits this simulation allows. Go on with what you have."
    return (Post(message=Message(text=text)),)


def _action(
    scenario: Scenario, state: State, event: ev.ActionTaken, picture: Picture
) -> tuple[Effect, ...]:
    action = next(one for one in scenario.actions if one.id == event.action)
    if action.text or action.reads:
        return ()  # The narrator or the report says it.
    return (Post(message=narrated(f"{action.label}: done.")),)


def _report(
    scenario: Scenario, state: State, event: ev.ReportReleased, picture: Picture
) -> tuple[Effect, ...]:
    exhibit = next(one for one in scenario.exhibits if one.id == event.exhibit)
    return (Post(message=exhibits.report(exhibit)),)


def _proposed(
    scenario: Scenario, state: State, event: ev.ToolProposed, picture: Picture
) -> tuple[Effect, ...]:
    if state.people.get(event.seat):
        text = f"{literal(event.summary)}. Is that right? Write yes, or no."
        choices = (Choice("say:yes", "Yes", style="primary"), Choice("say:no", "No"))
        return (Post(message=Message(text=text, choices=choices)),)
    return ()  # The character asked in its own line.


def _tool(
    scenario: Scenario, state: State, event: ev.ToolDone, picture: Picture
) -> tuple[Effect, ...]:
    if not state.people.get(event.seat):
        return ()  # A character's own tool: its line says what came of it.
    return (Post(message=Message(text=literal(event.text))),)


def _phase(
    scenario: Scenario, state: State, event: ev.PhaseEntered, picture: Picture
) -> tuple[Effect, ...]:
    if event.because == "start":
        return ()
    title = phase_named(scenario, event.phase).title
    return (Post(message=Message(text=f"**{title}**")),)


def _joined(
    scenario: Scenario, state: State, event: ev.Joined, picture: Picture
) -> tuple[Effect, ...]:
    name = speaker_name(scenario, state.mode, event.seat)
    return (Post(message=narrated(f"{name} comes in.")),)


def _hint(
    scenario: Scenario, state: State, event: ev.HintGiven, picture: Picture
) -> tuple[Effect, ...]:
    return (Whisper(message=session.hint(event.text, scenario.rubric.hint_cost)),)


def _paused(
    scenario: Scenario, state: State, event: ev.Paused, picture: Picture
) -> tuple[Effect, ...]:
    return (Post(message=session.paused()), MarkThread(state=ThreadState.PAUSED))


def _resumed(
    scenario: Scenario, state: State, event: ev.Resumed, picture: Picture
) -> tuple[Effect, ...]:
    back = session.recap(scenario, state, event.at)
    return (Post(message=back), MarkThread(state=ThreadState.ACTIVE))


def _ended(
    scenario: Scenario, state: State, event: ev.Ended, picture: Picture
) -> tuple[Effect, ...]:
    closed = MarkThread(state=ThreadState.CLOSED, ended=event.status)
    return (Post(message=session.ended(scenario, state)), closed)


_VIEWS: Mapping[type[ev.Event], Callable[[Scenario, State, Any, Picture], tuple[Effect, ...]]] = {
    ev.CharacterSaid: _character,
    ev.Narrated: _narrator,
    ev.Injected: _injected,
    ev.ExhibitReleased: _exhibit,
    ev.ExhibitScheduled: _scheduled,
    ev.ExhibitRefused: _refused,
    ev.ActionTaken: _action,
    ev.ReportReleased: _report,
    ev.ToolProposed: _proposed,
    ev.ToolDone: _tool,
    ev.PhaseEntered: _phase,
    ev.Joined: _joined,
    ev.HintGiven: _hint,
    ev.Paused: _paused,
    ev.Resumed: _resumed,
    ev.Ended: _ended,
}
