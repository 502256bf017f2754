"""What ends the process that shows it, and what was only in flight as that happened."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import update

from adapters.errors import PlatformDown, Unknown
from adapters.port import Message, MessageRef, Speaker, To
from bot.delivery import outbox, queueing
from bot.delivery.isolation import MOST_ALONE, MOST_TRIES
from bot.delivery.outbox import Grown
from bot.delivery.placing import Origin, lane_of
from bot.delivery.posting import MOST_BUGS, MOST_UNSURE
from bot.delivery.tries import MOST, Tries
from bot.delivery.watching import standing
from bot.effects import EditCard, Post
from bot.store.database import Database
from bot.store.queues import LeaseRow, OutboxRow
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import PATIENCE, Failing, Line

PAST = datetime(2000, 1, 1, tzinfo=UTC)
DEADLY = "What no library can draw."
NOTHING = Message(text="Nothing.")
TOLD = "could not be shown"
ELSEWHERE = "DU1"


class Deadly(Failing):
    """The fake, with something that ends whoever shows it; until `slow` is over nothing returns."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.killed = asyncio.Event()
        self.slow = True
        self.ref: MessageRef | None = None

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        if DEADLY in message.text:
            self.killed.set()
            await asyncio.Event().wait()
        if self.slow:
            await asyncio.Event().wait()
        return self.ref or await super().post(to, message, key=key)

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        if DEADLY in message.text:
            self.killed.set()
            await asyncio.Event().wait()
        return await super().edit(ref, message)


class Dying(Line):
    """A line whose processes die."""

    adapter_of = Deadly
    adapter: Deadly
    deaths = 0

    async def dies(self) -> bool:
        """Work as one process until it is killed; False where that never happens."""
        self.adapter.killed.clear()
        work = asyncio.create_task(self.carrier.idle())
        killed = asyncio.create_task(self.adapter.killed.wait())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({work, killed}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            killed.cancel()
            return False
        work.cancel()
        await asyncio.wait({work})
        self.deaths += 1
        async with self.database.transaction() as tx:
            held = update(LeaseRow).where(LeaseRow.owner.is_not(None))
            await tx.execute(held.values(owner="dead:1", until=PAST))
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})
        return True

    async def row(self, key: str) -> OutboxRow:
        return next(one for one in await self.outbox() if one.key == key)


@pytest.fixture
async def dying(database: Database, tmp_path: Path) -> AsyncIterator[Dying]:
    """Connected."""
    async with Dying(database, tmp_path).open() as opened:
        assert isinstance(opened, Dying)
        yield opened


def post(text: str) -> Post:
    return Post(message=Message(text=text, speaker=Speaker(name="Colin Marsh")))


async def queued(line: Line, key: str, text: str, where: str = CHANNEL) -> None:
    """Keep something to be shown in a thread."""
    origin = Origin(key=key, here=parse.thread_ref(where), user=parse.user_ref("U1"))
    async with line.database.transaction() as tx:
        await queueing.queue(tx, (post(text),), origin, line.clock.now())


async def grown(line: Line, text: str) -> None:
    """Keep the end of a reply that grew until its process died."""
    here, now = parse.thread_ref(CHANNEL), line.clock.now()
    async with line.database.transaction() as tx:
        growing = await outbox.grow(tx, "deadly#0", here, cast("Any", Said()), now)
        assert isinstance(growing, Grown)
        await outbox.grows_at(tx, growing, await Failing.post(line.adapter, here, NOTHING, key="x"))
    async with line.database.transaction() as tx:
        await queueing.queue(tx, (post(text),), Origin(key="deadly", here=here), now, growing)


class Said:
    """As much of what somebody said as the row of its reply keeps."""

    key = "deadly"
    session_id = None


async def has_died(line: Line, **tries: int) -> None:
    """Let processes have died with all that is due, which was being shown."""
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(tries=Tries(**tries).packed))
        await tx.execute(
            update(OutboxRow)
            .where(OutboxRow.state == "queued")
            .values(state="sending", attempts=MOST, attempted_at=line.clock.now())
        )


@pytest.mark.parametrize("grows", [False, True], ids=["a post", "the end of a growing reply"])
async def test_what_ends_every_process_is_given_up_and_nothing_else_is(
    dying: Dying, *, grows: bool
) -> None:
    if grows:
        await grown(dying, DEADLY)
    else:
        await queued(dying, "deadly", DEADLY)
    await queued(dying, "behind", "What comes behind it.")
    await queued(dying, "beside", "What is in flight each time.", ELSEWHERE)
    while await dying.dies():
        dying.adapter.slow = dying.deaths <= MOST_TRIES
        assert dying.deaths <= MOST_TRIES + MOST_ALONE, "it was killed for ever"
    assert dying.deaths == MOST_TRIES + MOST_ALONE
    dead = await dying.row("deadly#0")
    assert (dead.state, dead.code) == ("dead", "failed")
    assert dying.shown(CHANNEL).count(TOLD) == 1
    assert dying.shown(CHANNEL).count("What comes behind it.") == 1
    assert dying.shown(ELSEWHERE).count("What is in flight each time.") == 1
    assert TOLD not in dying.shown(ELSEWHERE)
    async with dying.database.reading() as tx:
        found = await standing(tx, dying.clock.now(), turn_seconds=25)
    assert (found.unsent_dead, found.unsent, found.left) == (1, 0, 0)


async def test_it_is_kept_that_a_suspect_is_shown_alone_before_it_is(dying: Dying) -> None:
    await queued(dying, "deadly", DEADLY)
    await queued(dying, "beside", "Beside it.", ELSEWHERE)
    dying.adapter.slow = False
    async with dying.database.transaction() as tx:
        this = LeaseRow.lane == lane_of(parse.thread_ref(CHANNEL))
        await tx.execute(update(LeaseRow).where(this).values(tries=Tries(died=MOST).packed))
    assert await dying.dies()
    lanes = {one.lane: Tries.of(one.tries) for one in await dying.leases()}
    assert lanes[lane_of(parse.thread_ref(CHANNEL))] == Tries(died=MOST, alone=1)


FAILURES: list[Exception] = [PlatformDown(), Unknown(), ZeroDivisionError()]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: type(one).__name__)
async def test_deaths_are_no_failures_of_what_was_in_flight(
    dying: Dying, failure: Exception
) -> None:
    """In flight at many deaths, it fails once as anything may, and is shown."""
    await queued(dying, "word", "Still wanted.")
    await has_died(dying, died=MOST)
    dying.adapter.slow = False
    dying.adapter.failures = [failure]
    await dying.idle()
    assert (await dying.row("word#0")).state in ("queued", "sending")
    await dying.later(60)
    assert dying.shown(CHANNEL).count("Still wanted.") == 1
    assert TOLD not in dying.shown(CHANNEL)


async def test_one_that_comes_back_ends_nobody(dying: Dying) -> None:
    await queued(dying, "word", "Still wanted.")
    await has_died(dying, died=MOST_TRIES, alone=MOST_ALONE - 1)
    dying.adapter.slow = False
    dying.adapter.failures = [Unknown()]
    await dying.idle()
    assert [Tries.of(one.tries) for one in await dying.leases()] == [Tries(waited=1)]


async def test_what_is_queued_behind_one_that_waits_spares_it_nothing(dying: Dying) -> None:
    """Its thread is looked at each time, and it is tried no oftener and no longer for that."""
    dying.adapter.slow = False
    dying.adapter.failures = [Unknown()] * 100
    await queued(dying, "word", "Nobody knows.")
    for number in range(40):
        await dying.later(30)
        if (await dying.row("word#0")).state == "dead":
            break
        await queued(dying, f"behind{number}", "Behind it.")
        await dying.idle()
    dead = await dying.row("word#0")
    assert (dead.state, dead.code, dead.attempts) == ("dead", "too_often", MOST_UNSURE)


async def test_what_cannot_be_kept_as_shown_holds_up_nothing_for_ever(dying: Dying) -> None:
    await queued(dying, "word", "Shown, but where?")
    dying.adapter.slow = False
    dying.adapter.ref = cast("MessageRef", MessageRef(parse.thread_ref(CHANNEL), cast("str", {1})))
    await queued(dying, "behind", "What comes behind it.")
    for _ in range(MOST_BUGS - 1):
        await dying.later(60)
        assert (await dying.row("word#0")).state == "sending"
    await dying.later(60)
    dead = await dying.row("word#0")
    assert (dead.state, dead.code) == ("dead", "failed")
    dying.adapter.ref = None
    await dying.later(60)
    assert dying.shown(CHANNEL).count("What comes behind it.") == 1


async def test_a_change_that_ends_every_process_is_given_up(dying: Dying) -> None:
    """Nobody is told: what it would have changed stands."""
    dying.adapter.slow = False
    await queued(dying, "card", "Zero of three")
    await dying.idle()
    change = EditCard(ref=await stands(dying, "card#0"), message=Message(text=DEADLY))
    origin = Origin(key="change", here=parse.thread_ref(CHANNEL))
    async with dying.database.transaction() as tx:
        await queueing.queue(tx, (change,), origin, dying.clock.now())
    while await dying.dies():
        assert dying.deaths <= MOST_TRIES + MOST_ALONE, "it was killed for ever"
    assert (await dying.row("change#0")).state == "dead"
    assert TOLD not in dying.shown(CHANNEL)


async def stands(line: Line, key: str) -> MessageRef:
    async with line.database.reading() as tx:
        ref, _ = await outbox.card_of(tx, key)
    assert ref is not None
    return ref
