"""What the clock brings to a session, at the time at which the session is due."""

from datetime import datetime, timedelta
from typing import Final

from bot import doors
from bot.effects import Result
from bot.errands.registry import errand
from bot.incoming import TICK, Errand
from bot.services import Services
from bot.telling import told
from engine.errors import NoSession
from engine.inputs import Input, Step
from engine.session import State
from engine.store import Transaction, sessions

PATIENCE: Final = timedelta(hours=1)
"""So long time stands in a session of which nobody sees anything, as all its threads are shut."""


@errand(TICK)
async def tick(tx: Transaction, given: Errand, services: Services) -> Result:
    """Let time pass in a session.

    Nothing for one that rests, is over or is gone. One that went on meanwhile is due later than
    it was when this was set; then the errand is set anew.
    """
    now = services.now()
    try:
        record = await sessions.get(tx, given.about)
    except NoSession:
        return Result()
    if record.due is None:
        return Result()
    if record.due > now:
        await services.simulation.wake(tx, record.id, record.due)
        return Result()
    if now - record.due < PATIENCE and await doors.are_shut(tx, record.id):
        await services.simulation.wake(tx, record.id, record.due + PATIENCE)
        return Result()
    outcome = await services.simulation.apply(tx, record.id, _tick)
    if not outcome.events:
        return Result()
    return Result(await told(tx, outcome, services), session_id=record.id)


def _tick(_state: State, at: datetime) -> Input:
    return Step(at=at, verb="tick")
