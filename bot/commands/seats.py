"""Commands about who sits in a simulation: join, leave."""

from datetime import datetime

from bot import cards
from bot.access import NotAllowed, may
from bot.commands.registry import REGISTRY, Call, Option
from bot.effects import Effect, Post, Result, Whisper
from bot.things import session_thing
from bot.views import people as people_views
from bot.views import seats as views
from engine.casting import free_seats, human_seats, speaker_name
from engine.errors import NoSession, SessionEnded
from engine.inputs import Input, Sit
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction


@REGISTRY.command(
    "join",
    "Take a free seat in the simulation here.",
    seat=Option("Which part; asked where several are free.", completes="seats", optional=True),
)
async def join(tx: Transaction, call: Call, seat: str | None) -> Result:
    """Sit down in the session of the thread; whoever did not agree to the notice is asked first."""
    session_id = _here(call)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    taken = state.seat_of(call.person.id)
    if taken:
        return Result((Whisper(message=views.seated_already(scenario, state.mode, taken)),))
    verdict = may(call.person, "join", session_thing(record, state))
    if verdict.why == "needs_consent":
        heard_by = call.services.models.heard_by
        then = f"agree-join:{seat}" if seat else "agree-join"
        notice = people_views.notice(heard_by, scenario.privacy.retention_days, then=then)
        return Result((Whisper(message=notice),))
    if not verdict.allowed:
        raise NotAllowed(verdict.why)
    if state.over:
        raise SessionEnded(session_id)
    free = free_seats(scenario, state.mode, state.people)
    if not free:
        return Result((Whisper(message=views.full(scenario)),))
    wanted = _meant(scenario, state.mode, seat) if seat else None
    if wanted not in free:
        if seat or len(free) > 1:
            return Result((Whisper(message=views.which(scenario, state.mode, free)),))
        wanted = free[0]
    return await _seated(tx, call, session_id, wanted)


async def _seated(tx: Transaction, call: Call, session_id: str, seat: str) -> Result:
    def sit(_state: State, at: datetime) -> Input:
        return Sit(at=at, seat=seat, person=call.person.id)

    outcome = await call.services.simulation.apply(tx, session_id, sit)
    scenario, mode = outcome.scenario, outcome.state.mode
    effects: tuple[Effect, ...] = (
        Whisper(message=views.welcome(scenario, mode, seat)),
        Post(message=views.came(scenario, mode, seat, call.person.name), to="rooms"),
        *await cards.changed(tx, outcome),
    )
    return Result(effects, session_id=session_id)


@REGISTRY.command("leave", "Give your seat in the simulation here back.")
async def leave(tx: Transaction, call: Call) -> Result:
    """Stand up, unless nobody would be left."""
    session_id = _here(call)
    _, scenario, state = await call.services.simulation.read(tx, session_id)
    seat = state.seat_of(call.person.id)
    if seat is None:
        return Result((Whisper(message=views.no_seat(scenario)),))
    if state.over:
        raise SessionEnded(session_id)
    if sum(len(who) for who in state.people.values()) == 1:
        return Result((Whisper(message=views.alone(scenario)),))

    def stand(_state: State, at: datetime) -> Input:
        return Sit(at=at, seat=seat, person=call.person.id, leave=True)

    outcome = await call.services.simulation.apply(tx, session_id, stand)
    gone = Post(message=views.went(scenario, state.mode, seat, call.person.name), to="rooms")
    return Result((gone, *await cards.changed(tx, outcome)), session_id=session_id)


def _here(call: Call) -> str:
    """The session of the thread; a seat is taken where the others can see it.

    Raises:
        NoSession: the thread leads to none.
    """
    if call.session_id is None:
        raise NoSession
    return call.session_id


def _meant(scenario: Scenario, mode: str, said: str) -> str | None:
    """The seat somebody means by its id or by how it is called."""
    word = said.strip().lower()
    return next(
        (
            seat
            for seat in human_seats(scenario, mode)
            if word in {seat.lower(), speaker_name(scenario, mode, seat).lower()}
        ),
        None,
    )
