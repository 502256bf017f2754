"""Commands of a session: from start to end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from bot import cards, doors
from bot.access import NotAllowed, Verb, may, require
from bot.commands.registry import REGISTRY, Call, Option, WhichSession
from bot.effects import EditCard, Effect, OpenThread, Post, Result, Whisper
from bot.store import persons
from bot.telling import told
from bot.things import scenario_thing, session_thing
from bot.views import library
from bot.views import people as people_views
from bot.views import seats as seat_views
from bot.views import session as views
from bot.views.scene import effects_of
from engine.actions import offered
from engine.casting import human_seats, mode_named, mode_of
from engine.errors import NoSession, NotAllowedNow
from engine.inputs import Act, Input, Step
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction, ledger, sessions
from engine.store.events import AlreadyStored
from engine.turns import Outcome


@REGISTRY.command(
    "start",
    "Start a simulation in a new thread.",
    scenario=Option("Which scenario to play.", completes="scenarios"),
    mode=Option("How it is played.", completes="modes", optional=True),
    hold=Option("Write yes to hold the one that runs in this chat.", optional=True),
)
async def start(
    tx: Transaction, call: Call, scenario: str, mode: str | None, hold: str | None
) -> Result:
    """Open a thread beside the caller's and a session in it, or point to the one that runs.

    Where there are no threads, the one that is in front is held for it once that was agreed to.
    """
    services = call.services
    found = services.catalog.get(scenario)
    mode = mode_named(found, mode)
    verdict = may(call.person, "start", scenario_thing(found, call.person.workspace))
    if verdict.why == "needs_consent":
        return _noticed(call, found, mode)
    if not verdict.allowed:
        raise NotAllowed(verdict.why)
    if await sessions.open_of(tx, call.person.id, found.id):
        return Result((Whisper(message=views.continue_here(found)),))
    here_too = (hold or "").lower() == "yes"
    if call.direct and library.is_team(found, mode) and not here_too:
        return Result((Whisper(message=seat_views.needs_others(found, mode)),))
    front = await _in_front(tx, call)
    if front is not None and not here_too:
        return Result((Whisper(message=views.hold_first(front[1], found, mode)),))
    aside = await _held(tx, call, front)
    started = await services.simulation.start(
        tx,
        found,
        people={"": call.person.id},
        mode=mode,
        language=_language(found.languages, call.person.preferences.language),
        owner=call.person.workspace,
        platform=call.thread.platform,
    )
    seat = human_seats(found, mode)[0]
    opened = OpenThread(title=found.title, session_id=started.session.id, seat=seat)
    card = cards.opening(started, call.at)
    scene = effects_of(started, services.picture)
    own = (Whisper(message=seat_views.your_part(found, mode, seat), to="opened"),)
    begun: tuple[Effect, ...] = (
        *(*aside, opened, card),
        *(own if library.is_team(found, mode) else ()),
        *(_in_thread(effect) for effect in scene),
    )
    return Result(begun, session_id=started.session.id)


def _noticed(call: Call, scenario: Scenario, mode: str) -> Result:
    """What the caller has to agree to first."""
    heard_by, days = call.services.models.heard_by, scenario.privacy.retention_days
    notice = people_views.notice(heard_by, days, then=_agreeing(scenario, mode))
    return Result((Whisper(message=notice),))


async def _in_front(tx: Transaction, call: Call) -> tuple[str, Scenario] | None:
    """The session that runs in a direct message where another one would take its place."""
    door = await doors.of_thread(tx, call.thread)
    if door is None or door.purpose != "dm":
        return None
    record, scenario, state = await call.services.simulation.read(tx, door.session_id)
    return (record.id, scenario) if state.status == "in_progress" else None


async def _held(
    tx: Transaction, call: Call, front: tuple[str, Scenario] | None
) -> tuple[Effect, ...]:
    """Let the one in front rest, and say so."""
    if front is None:
        return ()
    session_id, scenario = front
    resting = await call.services.simulation.apply(
        tx, session_id, lambda _state, at: Step(at=at, verb="pause", because="held")
    )
    return (Post(message=views.held(scenario)), *await cards.changed(tx, resting))


def _agreeing(scenario: Scenario, mode: str) -> str:
    """The choice that agrees and then starts; platforms take no long ids."""
    usual = mode_named(scenario, None)
    return f"agree:{scenario.id}" if mode == usual else f"agree:{scenario.id}:{mode}"


def _language(available: tuple[str, ...], wanted: str | None) -> str | None:
    return wanted if wanted in available else None


def _in_thread(effect: object) -> Post:
    if not isinstance(effect, Post):
        raise TypeError("a session opens with posts only")
    return replace(effect, to="opened")


@REGISTRY.command(
    "continue",
    "Go on with a simulation that runs, rests or was stopped.",
    scenario=Option("Which one; the latest if left out.", completes="running", optional=True),
)
async def continue_(tx: Transaction, call: Call, scenario: str | None) -> Result:
    """Take a session up again where it stood, with a line of recap."""
    session_id = await _to_continue(tx, call, scenario)
    await _refuse_known(tx, call, session_id)
    record, found, state = await call.services.simulation.read(tx, session_id)
    require(call.person, "play", session_thing(record, state))
    effects: list[Effect] = []
    if call.session_id != session_id:
        effects += await _held(tx, call, await _in_front(tx, call))
        seat = state.seat_of(call.person.id) or human_seats(found, state.mode)[0]
        effects.append(OpenThread(title=found.title, session_id=session_id, seat=seat))
    if state.status == "in_progress":
        recap = Post(message=views.recap(found, state, call.at))
        if effects:
            recap = cards.again(recap, found, state, call.at, session_id)
        return Result((*effects, recap), session_id=session_id)
    outcome = await call.services.simulation.apply(tx, session_id, _step(call, "resume"))
    shown = await told(tx, outcome, call.services)
    if effects:
        shown = tuple(_in_new_thread(outcome, shown, call.at))
    return Result((*effects, *shown), session_id=session_id)


def _in_new_thread(outcome: Outcome, shown: Iterable[Effect], now: datetime) -> Iterator[Effect]:
    """What is told as a session is taken up in another thread; the first message is its card."""
    first = True
    for effect in shown:
        if isinstance(effect, Post) and first:
            first, session_id = False, outcome.session.id
            yield cards.again(effect, outcome.scenario, outcome.state, now, session_id)
        elif isinstance(effect, Post):
            yield _in_thread(effect)
        elif isinstance(effect, EditCard):
            yield effect


async def _to_continue(tx: Transaction, call: Call, scenario: str | None) -> str:
    """The session here, if it is the one meant; else the newest of this person that can go on."""
    if call.session_id is not None:
        record = await sessions.get(tx, call.session_id)
        if scenario in {None, record.scenario_id}:
            return record.id
    found = await sessions.of_person(
        tx,
        call.person.id,
        statuses=("in_progress", "paused", "abandoned"),
        scenario_id=scenario,
        limit=1,
    )
    if not found:
        raise NoSession
    return found[0].id


async def here(tx: Transaction, call: Call) -> str:
    """The session a command is about: its thread's, else the only one the person has open.

    Raises:
        NoSession: there is none.
        WhichSession: there are several.
    """
    if call.session_id is not None:
        return call.session_id
    open_ones = await sessions.of_person(
        tx, call.person.id, statuses=("in_progress", "paused"), limit=2
    )
    if not open_ones:
        raise NoSession
    if len(open_ones) > 1:
        raise WhichSession("several run")
    return open_ones[0].id


@REGISTRY.command("status", "See where you are: phase, time, what was shown.")
async def status(tx: Transaction, call: Call) -> Result:
    """The state of the session, to the caller alone."""
    session_id = await here(tx, call)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    thing = session_thing(record, state)
    require(call.person, "see_transcript", thing)
    totals = await ledger.totals(tx, session_id)
    shown_to_all = call.services.settings.budgets.shown_to_trainees
    with_cost = shown_to_all or may(call.person, "see_cost", thing).allowed
    there = (*chain.from_iterable(state.people.values()), *state.taken_over.values())
    names = await persons.names(tx, there)
    shown = views.status(scenario, state, totals, call.at, with_cost=with_cost, names=names)
    return Result((Whisper(message=shown),))


@REGISTRY.command(
    "order",
    "Order a test or treatment, or use a tool.",
    what=Option("What to order.", completes="orders", optional=True, rest=True),
)
async def order(tx: Transaction, call: Call, what: str | None) -> Result:
    """Do one of the scenario's actions."""
    return await _act(tx, call, "order", what)


@REGISTRY.command(
    "submit",
    "Hand something in: a reading, a note, a handover.",
    what=Option(
        "What you hand in, in your words.", completes="submissions", optional=True, rest=True
    ),
)
async def submit(tx: Transaction, call: Call, what: str | None) -> Result:
    """Commit one of the scenario's submissions."""
    return await _act(tx, call, "submit", what)


async def _act(tx: Transaction, call: Call, command: str, what: str | None) -> Result:
    session_id = await here(tx, call)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    require(call.person, "play", session_thing(record, state))
    if not what:
        return Result((Whisper(message=views.offered(command, offered(scenario, command))),))
    await _refuse_known(tx, call, session_id)

    def act(state: State, at: datetime) -> Input:
        return Act(
            at=at,
            seat=state.seat_of(call.person.id) or "",
            person=call.person.id,
            command=command,
            text=what,
            event_id=call.event_id,
        )

    outcome = await call.services.simulation.apply(tx, session_id, act)
    return await _shown(tx, call, outcome)


NO_HINTS = "no hints in this mode"
"""Why a hint is refused, as `NotAllowedNow.why` has it."""

_VERBS: Mapping[str, Verb] = {"pause": "pause", "resume": "pause", "end": "end", "stop": "end"}
"""What a step takes, where it is not playing. Nobody needs to have agreed to get out."""


async def _refuse_known(tx: Transaction, call: Call, session_id: str) -> None:
    """Do nothing twice: what came before is not even looked at against the session as it is now.

    Raises:
        AlreadyStored: the log holds what this very call did.
    """
    seq = await call.services.simulation.known(tx, session_id, call.event_id)
    if seq is not None:
        raise AlreadyStored(session_id, seq)


def _step(call: Call, verb: str, because: str = "") -> Callable[[State, datetime], Input]:
    return lambda _state, at: Step(at=at, verb=verb, because=because, event_id=call.event_id)


async def _take_step(tx: Transaction, call: Call, verb: str, because: str = "") -> Result:
    return await _step_in(tx, call, await here(tx, call), verb, because)


async def _step_in(
    tx: Transaction, call: Call, session_id: str, verb: str, because: str = ""
) -> Result:
    record, _, state = await call.services.simulation.read(tx, session_id)
    require(call.person, _VERBS.get(verb, "play"), session_thing(record, state))
    await _refuse_known(tx, call, session_id)
    outcome = await call.services.simulation.apply(tx, session_id, _step(call, verb, because))
    return await _shown(tx, call, outcome)


@REGISTRY.command("next", "Go on to the next phase.")
async def next_(tx: Transaction, call: Call) -> Result:
    """Leave the phase by command; the last one completes the session."""
    return await _take_step(tx, call, "next")


@REGISTRY.command("hint", "Get a nudge, never an answer.")
async def hint(tx: Transaction, call: Call) -> Result:
    """A question back, to the caller alone."""
    session_id = await here(tx, call)
    _, scenario, state = await call.services.simulation.read(tx, session_id)
    if not mode_of(scenario, state.mode).hints:
        raise NotAllowedNow(NO_HINTS)
    return await _step_in(tx, call, session_id, "hint")


@REGISTRY.command("pause", "Rest; the clock stands.")
async def pause(tx: Transaction, call: Call) -> Result:
    """Stop the clock."""
    return await _take_step(tx, call, "pause")


@REGISTRY.command("resume", "Go on after a pause.")
async def resume(tx: Transaction, call: Call) -> Result:
    """Let the clock run again."""
    return await _take_step(tx, call, "resume")


@REGISTRY.command(
    "end",
    "Finish the simulation.",
    scenario=Option("Which one; the one here if left out.", completes="running", optional=True),
)
async def end(tx: Transaction, call: Call, scenario: str | None) -> Result:
    """Complete the session."""
    if not scenario or (call.session_id and await _plays(tx, call.session_id, scenario)):
        return await _take_step(tx, call, "end")
    found = await sessions.open_of(tx, call.person.id, scenario)
    if found is None:
        raise NoSession
    return await _step_in(tx, call, found.id, "end")


async def _plays(tx: Transaction, session_id: str, scenario: str) -> bool:
    record = await sessions.get(tx, session_id)
    return record.scenario_id == scenario


@REGISTRY.command("stop", "Stop at once and step out of the role-play. Nothing is scored.")
async def stop(tx: Transaction, call: Call) -> Result:
    """The way out at any moment, for any reason."""
    return await _take_step(tx, call, "stop", because=call.person.id)


async def _shown(tx: Transaction, call: Call, outcome: Outcome) -> Result:
    """What came of it, shown in the session's own rooms, wherever the command was called."""
    if not outcome.events:
        as_it_is = views.unchanged(outcome.scenario, outcome.state, call.at)
        return Result((Whisper(message=as_it_is),))
    shown, changed = await told(tx, outcome, call.services), outcome.session.id
    if call.session_id == changed or not any(isinstance(one, Post) for one in shown):
        return Result(shown, session_id=changed)
    rooms = await doors.rooms(tx, changed)
    near = [one for one in rooms if one.platform == call.thread.platform]
    if near:
        there = Whisper(message=views.elsewhere(outcome.scenario, near[0]))
        return Result((*shown, there), session_id=changed)
    here = tuple(replace(one, to="here") for one in shown if isinstance(one, Post))
    return Result((*shown, *here), session_id=changed)
