"""What waits to be shown says what the log says, and what was changed there is told."""

import pytest
from sqlalchemy import func, update

from adapters.errors import PlatformDown
from bot.replaying import unlike_its_log
from bot.store.queues import OutboxRow
from tests.integration.delivery.rig import REPLY, Line


async def found(line: Line, room: str) -> list[str]:
    record = await line.session_of(room)
    async with line.database.reading() as tx:
        return await unlike_its_log(tx, line.app.services, record.id)


async def test_what_waits_to_be_shown_is_compared_with_the_log(line: Line) -> None:
    await line.started()  # the second time nobody is asked to agree
    line.adapter.failures = [PlatformDown()] * 90
    room = await line.started("feverish-child")
    await line.says("When did it start?", where=room)
    waiting = [one for one in await line.outbox() if REPLY in one.body]
    assert waiting
    assert [one.kind for one in await line.outbox() if one.body].count("post") > len(waiting)
    assert await found(line, room) == []
    async with line.database.transaction() as tx:
        other = func.replace(OutboxRow.body, REPLY, "It is a lie.")
        await tx.execute(update(OutboxRow).values(body=other))
    [told] = await found(line, room)
    assert told == f"outbox {waiting[0].id}: a character says there what is not in the log"


@pytest.mark.parametrize("body", ['{"kind": "post", "of": "another release"}', "{damaged"])
async def test_what_cannot_be_read_is_told_and_the_rest_compared(line: Line, body: str) -> None:
    await line.started()
    line.adapter.failures = [PlatformDown()] * 90
    room = await line.started("feverish-child")
    await line.says("When did it start?", where=room)
    [reply] = [one for one in await line.outbox() if REPLY in one.body]
    first = next(one for one in await line.outbox() if one.kind == "post" and one.body)
    async with line.database.transaction() as tx:
        other = func.replace(OutboxRow.body, REPLY, "It is a lie.")
        await tx.execute(update(OutboxRow).values(body=other))
        await tx.execute(update(OutboxRow).where(OutboxRow.id == first.id).values(body=body))
    assert await found(line, room) == [
        f"outbox {first.id}: what waits there cannot be read",
        f"outbox {reply.id}: a character says there what is not in the log",
    ]
