"""Commands of an instructor's hand in a running simulation."""

from collections.abc import Iterable
from datetime import datetime

from bot.access import require
from bot.commands.library import SESSION_ID, session_named
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Effect, Post, Result, Whisper
from bot.telling import told
from bot.things import session_thing
from bot.views import seats as views
from engine import events as ev
from engine.casting import ai_seats, persona_of, speaker_name
from engine.errors import NoSession
from engine.inputs import Input, Stage
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR
from engine.session import State
from engine.store import Transaction, events
from engine.store.sessions import SessionRecord
from engine.turns import Outcome

STAFF = ("instructor", "admin")
WHICH = Option("Which simulation, by ID; the one here if left out.", optional=True)

Place = tuple[SessionRecord, Scenario, State]


@REGISTRY.command(
    "cue",
    "Let something of the scenario happen now.",
    roles=STAFF,
    cue=Option("Which cue; all are listed if left out.", completes="cues", optional=True),
    simulation=WHICH,
)
async def cue(tx: Transaction, call: Call, cue: str | None, simulation: str | None) -> Result:
    """Fire one of the scenario's cues, whatever it waits for."""
    record, scenario, state = await _steered(tx, call, simulation)
    if cue is None or all(one.id != cue for one in scenario.cues):
        waiting = [(one.id, one.text) for one in scenario.cues if one.id not in state.cues]
        return Result((Whisper(message=views.cues(waiting, unknown=cue is not None)),))
    outcome = await _staged(tx, call, record.id, "cue", text=cue)
    return await _shown(tx, call, outcome)


@REGISTRY.command(
    "inject",
    "Say something in the scene, as the narrator or a character.",
    roles=STAFF,
    example="/sim inject who:NAME I feel dizzy.",
    text=Option("The words.", rest=True),
    who=Option(
        "As who:NAME before the words; the narrator if left out.",
        completes="characters",
        optional=True,
    ),
    simulation=WHICH,
)
async def inject(
    tx: Transaction, call: Call, text: str, who: str | None, simulation: str | None
) -> Result:
    """Put a line into the scene."""
    who, simulation = _whole_name(who, simulation)
    record, scenario, state = await _steered(tx, call, simulation)
    seat = NARRATOR if who is None else _character(scenario, state, who, "inject")
    outcome = await _staged(tx, call, record.id, "inject", seat=seat, text=text)
    return await _shown(tx, call, outcome)


@REGISTRY.command(
    "take-over",
    "Play a character yourself.",
    roles=STAFF,
    who=Option("Which character; the only one if left out.", completes="characters", optional=True),
    simulation=WHICH,
)
async def take_over(tx: Transaction, call: Call, who: str | None, simulation: str | None) -> Result:
    """From now on the caller's words in the thread are the character's."""
    who, simulation = _whole_name(who, simulation)
    record, scenario, state = await _steered(tx, call, simulation)
    seat = _character(scenario, state, who, "take-over")
    await _staged(tx, call, record.id, "take_over", seat=seat)
    shown = views.plays(speaker_name(scenario, state.mode, seat), seat)
    return Result((Whisper(message=shown),), session_id=record.id)


@REGISTRY.command(
    "hand-back",
    "Let a character that you play go on by itself.",
    roles=STAFF,
    who=Option("Which character; the only one if left out.", completes="characters", optional=True),
    simulation=WHICH,
)
async def hand_back(tx: Transaction, call: Call, who: str | None, simulation: str | None) -> Result:
    """The character speaks for itself again."""
    who, simulation = _whole_name(who, simulation)
    record, scenario, state = await _steered(tx, call, simulation)
    played = tuple(state.taken_over)
    seat = played[0] if who is None and len(played) == 1 else None
    seat = seat or _character(scenario, state, who, "hand-back")
    waits = seat in state.taken_over and _waits(await events.of_session(tx, record.id), seat)
    await _staged(tx, call, record.id, "hand_back", seat=seat)
    name = speaker_name(scenario, state.mode, seat)
    shown: tuple[Effect, ...] = (Whisper(message=views.handed_back(name)),)
    if waits and state.status == "in_progress":
        shown = (*shown, Post(message=views.say_again(name), to="rooms"))
    return Result(shown, session_id=record.id)


def _waits(log: Iterable[ev.Event], seat: str) -> bool:
    """Whether words said since a character was last taken over were answered by nobody."""
    waiting: set[int] = set()
    for seq, event in enumerate(log, 1):
        if isinstance(event, ev.TakenOver) and event.seat == seat:
            waiting = set()
        elif isinstance(event, ev.TraineeSaid):
            waiting.add(seq)
        elif isinstance(event, ev.CharacterSaid):
            waiting -= {*event.answers, event.in_reply_to}
        elif isinstance(event, ev.Injected) and event.seat == seat:
            waiting = set()
    return bool(waiting)


@REGISTRY.command(
    "reveal",
    "Show one of the scenario's exhibits now.",
    roles=STAFF,
    exhibit=Option("Which exhibit.", completes="exhibits"),
    simulation=WHICH,
)
async def reveal(tx: Transaction, call: Call, exhibit: str, simulation: str | None) -> Result:
    """Release an exhibit on the instructor's word."""
    record, scenario, _ = await _steered(tx, call, simulation)
    if all(one.id != exhibit for one in scenario.exhibits):
        known = "|".join(one.id for one in scenario.exhibits)
        raise BadCommand("exhibit", f"/sim reveal {known or 'EXHIBIT'}")
    outcome = await _staged(tx, call, record.id, "release", text=exhibit)
    return await _shown(tx, call, outcome)


async def _steered(tx: Transaction, call: Call, simulation: str | None) -> Place:
    """The session that the caller may steer: the one named, else that of the thread.

    Raises:
        NoSession: there is none.
        NotAllowed: they may not.
    """
    if simulation is None and call.session_id is None:
        raise NoSession
    session_id = call.session_id if simulation is None else None
    session_id = session_id or await session_named(tx, call, simulation)
    place = await call.services.simulation.read(tx, session_id)
    require(call.person, "inject", session_thing(place[0], place[2]))
    return place


async def _staged(
    tx: Transaction, call: Call, session_id: str, verb: str, *, seat: str = "", text: str = ""
) -> Outcome:
    def stage(_state: State, at: datetime) -> Input:
        return Stage(at=at, verb=verb, person=call.person.id, seat=seat, text=text)

    return await call.services.simulation.apply(tx, session_id, stage)


async def _shown(tx: Transaction, call: Call, outcome: Outcome) -> Result:
    shown = await told(tx, outcome, call.services)
    if call.session_id != outcome.session.id or not any(isinstance(one, Post) for one in shown):
        shown = (*shown, Whisper(message=views.done()))
    return Result(shown, session_id=outcome.session.id)


def _whole_name(who: str | None, simulation: str | None) -> tuple[str | None, str | None]:
    """A name of two words that was typed without quotes, put together again."""
    if who and simulation and not SESSION_ID.fullmatch(simulation):
        return f"{who} {simulation}", None
    return who, simulation


def _character(scenario: Scenario, state: State, said: str | None, word: str) -> str:
    """The seat of the character in the room that somebody means, by its id, name or first name.

    Left out, it is the only one there.

    Raises:
        BadCommand: there is none like that, or several could be meant.
    """
    seats = [
        seat
        for seat in ai_seats(scenario, state.mode)
        if seat in state.present and persona_of(scenario, state.mode, seat) is not None
    ]
    if said is None and len(seats) == 1:
        return seats[0]
    wanted = (said or "").strip().lower()
    for seat in seats:
        name = speaker_name(scenario, state.mode, seat).lower()
        if wanted in {seat.lower(), name}:
            return seat
    first = [
        one for one in seats if wanted in speaker_name(scenario, state.mode, one).lower().split()
    ]
    if len(first) == 1:
        return first[0]
    known = "|".join(seats)
    raise BadCommand("who", _INJECTED.format(known) if word == "inject" else f"/sim {word} {known}")


_INJECTED = "/sim inject who:{} I feel dizzy."
