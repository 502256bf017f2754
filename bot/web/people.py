"""People: what the models were asked for somebody."""

from typing import Annotated

from fastapi import APIRouter, Query

from bot import people
from bot.people import NoPerson
from bot.platforms import Visitor
from bot.web import callers
from bot.web.context import PROBLEMS, Running, Who
from bot.web.shapes import ResponseLine
from engine.store import Transaction, ledger
from engine.store.ledger import Entry

router = APIRouter(prefix="/api/people", tags=["people"], responses=PROBLEMS)


@router.get("/{user_id}/responses", summary="Calls of models in a person's sessions")
async def responses(
    app: Running, who: Who, user_id: str, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[ResponseLine]:
    """Newest first, without words. `user_id` is that of the sessions, or a person's own id."""
    async with app.services.database.reading() as tx:
        found = await ledger.of_person(tx, await _person(tx, user_id, who), limit=limit)
    return [response_line(one) for one in found]


async def _person(tx: Transaction, user_id: str, who: Visitor | None) -> str:
    """The id of a person.

    Raises:
        NoPerson: nobody is called that.
    """
    if "\0" in user_id:  # which no database takes
        raise NoPerson("unknown")
    known = await callers.named(tx, user_id, who)
    if who is not None and known is None:
        raise NoPerson("unknown")
    return known or (await people.get(tx, user_id, "")).id


def response_line(entry: Entry) -> ResponseLine:
    """An entry of the ledger without what was said."""
    call = entry.call
    return ResponseLine(
        session_id=entry.session_id,
        number=entry.number,
        kind=call.kind,
        provider=call.provider,
        model=call.model,
        status=call.status,
        at=call.at,
        response_id=call.response_id,
        tokens_in=call.usage.input,
        tokens_out=call.usage.output,
        reasoning=call.usage.reasoning,
        cache_read=call.usage.cache_read,
        cache_write=call.usage.cache_write,
        estimated=call.usage.estimated,
        cost_micro_usd=call.cost_micro_usd,
        latency_ms=call.latency_ms,
    )
