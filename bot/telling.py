"""What is told of something that happened in a session: its scene, and how it stands."""

from bot import cards, doors
from bot.effects import Effect, Post
from bot.services import Services
from bot.views import session as views
from bot.views.scene import effects_of
from engine import events as ev
from engine.store import Transaction
from engine.turns import Outcome


async def told(tx: Transaction, outcome: Outcome, services: Services) -> tuple[Effect, ...]:
    """Everything new in a session, for everybody in its rooms, and the cards there as it is now.

    Where it ended in a direct message in which another one was held for it, that one is offered.
    """
    shown = (*effects_of(outcome, services.picture), *await cards.changed(tx, outcome))
    if not any(isinstance(one, ev.Ended) for one in outcome.events):
        return shown
    held = await doors.held(tx, outcome.session.id)
    if held is None:
        return shown
    _, scenario, _ = await services.simulation.read(tx, held)
    return (*shown, Post(message=views.bring_back(scenario), to="rooms"))
