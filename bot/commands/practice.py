"""Commands that take up one thing again: a turn, or what was hardest."""

from dataclasses import replace

from bot import cards
from bot.access import require
from bot.commands.debrief import WHICH
from bot.commands.library import session_named
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Effect, OpenThread, Post, Result
from bot.scorecards import HELD, SILENT, ScoreCard, card_of
from bot.things import session_thing
from bot.views import practice as views
from bot.views.scene import effects_of
from engine.casting import human_seats, mode_names
from engine.errors import NotAllowedNow
from engine.store import Transaction


@REGISTRY.command(
    "rewind",
    "Go back to one of your turns and say it again, in a new thread.",
    turn=Option("Which turn, counted from 1; the last one if left out.", optional=True),
    simulation=WHICH,
    criterion=Option("Which line of the score it is for.", optional=True),
)
async def rewind(
    tx: Transaction,
    call: Call,
    turn: str | None,
    simulation: str | None,
    criterion: str | None,
) -> Result:
    """Branch off a session before one of the caller's turns; the old one stays as it is."""
    session_id = await session_named(tx, call, simulation)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    require(call.person, "play", session_thing(record, state))
    word = (turn or "").lower().removeprefix("turn").strip() or str(state.turns)
    if not word.isdigit():
        raise BadCommand("turn", "/sim rewind 3")
    made = await call.services.assessment.branch(
        tx, session_id, int(word), person=call.person.id, criterion=criterion or ""
    )
    _, _, now = await call.services.simulation.read(tx, made.session.id)
    seat = now.seat_of(call.person.id) or human_seats(scenario, now.mode)[0]
    opened = OpenThread(
        title=views.branch_title(scenario, made.turn), session_id=made.session.id, seat=seat
    )
    own = next(
        (
            one.text
            for one in state.utterances
            if one.seq == made.through + 1 and one.person == call.person.id
        ),
        "",
    )
    recap = cards.again(
        Post(message=views.rewound(scenario, now, made.turn, own)),
        scenario,
        now,
        call.at,
        made.session.id,
    )
    return Result((opened, recap), session_id=made.session.id)


@REGISTRY.command(
    "drill",
    "Practise the one thing that was hardest, in a short session.",
    criterion=Option(
        "Which line of the score; the one with most to gain if left out.", optional=True
    ),
    simulation=WHICH,
)
async def drill(
    tx: Transaction, call: Call, criterion: str | None, simulation: str | None
) -> Result:
    """Start a short session on one criterion of a session that was scored."""
    session_id = await session_named(tx, call, simulation)
    services, person = call.services, call.person
    card = await card_of(tx, services, session_id, person)
    require(person, "play", session_thing(card.record, card.state))
    wanted = _wanted(card, criterion)
    setting = views.setting(card.scenario, card.record.mode, wanted)
    made = await services.assessment.drill(tx, session_id, wanted, setting)
    mode = card.record.mode if card.record.mode in mode_names(made.scenario) else None
    started = await services.simulation.start(
        tx,
        made.scenario,
        people={"": person.id},
        mode=mode,
        language=card.record.language,
        owner=person.workspace,
        platform=call.thread.platform,
    )
    await services.assessment.record_drill(tx, started.session.id, made)
    seat = human_seats(made.scenario, started.state.mode)[0]
    opened = OpenThread(
        title=views.drill_title(made.scenario), session_id=started.session.id, seat=seat
    )
    opening = cards.opening(started, call.at)
    first = Post(message=views.drilled(card.evaluation, wanted), to="opened")
    scene = tuple(
        replace(one, to="opened")
        for one in effects_of(started, services.picture)
        if isinstance(one, Post)
    )
    begun: tuple[Effect, ...] = (opened, first, opening, *scene)
    return Result(begun, session_id=started.session.id)


def _wanted(card: ScoreCard, criterion: str | None) -> str:
    """What a drill is about: the line that was named, else the hardest.

    Raises:
        NotAllowedNow: there is nothing to drill yet, or none left.
    """
    if card.step == "running":
        raise NotAllowedNow("it still runs")
    if criterion is not None:
        return criterion
    if card.step == "silent":
        raise NotAllowedNow(SILENT)
    if card.is_held:
        raise NotAllowedNow(HELD)  # what it would be about tells what was missed
    if card.debrief.weakest is None:
        raise NotAllowedNow("nothing to drill")
    return card.debrief.weakest
