"""The cards of sessions: one message in each of its threads that is changed as the session goes on.

A card is posted with `Post.card`. Its row in the outbox is kept for as long as the session is.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from adapters.stored import thread_of
from bot.effects import EditCard, Post
from bot.store.queues import POST_LANE, OutboxRow, card_name
from bot.views import card as views
from engine import events as ev
from engine.hints import hints_left
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction
from engine.turns import Outcome

_SHOWN: Final = ("queued", "sending", "sent")


def opening(outcome: Outcome, now: datetime) -> Post:
    """The first message in the thread that is opened for a session: its card."""
    scenario, session_id = outcome.scenario, outcome.session.id
    return Post(
        message=views.card(scenario, outcome.state, now, session_id),
        to="opened",
        documents=_documents(scenario),
        scenario_id=scenario.id,
        card=True,
    )


def again(post: Post, scenario: Scenario, state: State, now: datetime, session_id: str) -> Post:
    """The first message in a further thread of a session: it is the card there."""
    shown = views.steered(post.message, scenario, state, now, session_id)
    return Post(message=shown, to="opened", card=True)


async def changed(tx: Transaction, outcome: Outcome) -> tuple[EditCard, ...]:
    """What changes the cards of a session after something happened in it, wherever they stand.

    Nothing where no card was shown, and nothing for a turn like any other.
    """
    if not any(_turns(event, outcome) for event in outcome.events):
        return ()
    scenario, session_id = outcome.scenario, outcome.session.id
    rows = await tx.execute(
        select(OutboxRow.key, OutboxRow.lane)
        .where(OutboxRow.card == card_name(session_id), OutboxRow.state.in_(_SHOWN))
        .order_by(OutboxRow.id)
    )
    shown = views.card(scenario, outcome.state, outcome.events[-1].at, session_id)
    return tuple(
        EditCard(
            card=row.key,
            message=shown,
            to=thread_of(row.lane.removeprefix(POST_LANE)),
            documents=_documents(scenario),
            scenario_id=scenario.id,
        )
        for row in rows
    )


def _turns(event: ev.Event, outcome: Outcome) -> bool:
    """Whether a card looks different after an event."""
    if isinstance(event, ev.HintGiven):
        return not hints_left(outcome.scenario, outcome.state)
    return isinstance(event, _TURNS)


_TURNS: Final = ev.PhaseEntered | ev.Paused | ev.Resumed | ev.Ended | ev.Seated | ev.Unseated


def _documents(scenario: Scenario) -> tuple[str, ...]:
    return tuple(document.file for document in scenario.brief.documents)
