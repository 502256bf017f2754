"""Tokens that are renewed while something else happens to their row: none is lost."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from adapters.errors import PlatformDown, Unreachable
from adapters.slack.connection import FIRST
from adapters.slack.installs import Install
from adapters.slack.many import ROTATING, ManyInstalls, Renewed
from adapters.slack.sealing import MARK, Seal
from adapters.slack.tables import INSTALLATIONS
from bot.platforms import KitDatabase
from bot.store.database import Database
from tests.contract.clocks import ManualClock, QuickClock
from tests.contract.doors import Answers, Inbox
from tests.integration.slack.stage import adapter_of, team, world_of
from tests.slack import FakeSlack

KEY = base64.urlsafe_b64encode(bytes([1]) * 32).decode()
LAPSED = ROTATING.total_seconds() + 1


def new_token(number: int) -> str:
    """The token that comes with a refresh token."""
    return f"token-{number}"


class Grants:
    """Slack's side: a refresh token works once. An answer is held until it is let go."""

    def __init__(self) -> None:
        self.good = "refresh-0"
        self.asked: list[str] = []
        self.held: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def __call__(self, refresh_token: str) -> Renewed:
        self.asked.append(refresh_token)
        works, number = refresh_token == self.good, len(self.asked)
        if works:
            self.good = f"refresh-{number}"
        let = asyncio.Event()
        self.held.put_nowait(let)
        await let.wait()
        if not works:
            raise Unreachable("invalid_refresh_token")
        return Renewed(token=new_token(number), refresh_token=f"refresh-{number}", seconds=43_200)


class Process:
    """One process over a database that others use too."""

    def __init__(self, database: Any, clock: Any, grants: Grants, *keys: str) -> None:
        self.installs = ManyInstalls(database, clock, Seal(*keys))
        self.installs.renewal = grants

    async def adds(self, seconds: int = -1, number: int = 0) -> None:
        """The app is installed."""
        install = Install(tenant="T1", team="T1", token=new_token(number), bot_user="U1")
        await self.installs.add(install, f"refresh-{number}", seconds)

    def uses(self) -> asyncio.Task[Install]:
        """Something is to be posted."""
        return asyncio.create_task(asyncio.wait_for(self.installs.of("T1"), 10))


class Fleet:
    """Several processes, a database connection each, with one clock and one Slack."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.grants = Grants()
        self.opened = [database]

    def process(self, *keys: str) -> Process:
        """One more of them."""
        database = Database(self.opened[0].url.render_as_string(hide_password=False))
        self.opened.append(database)
        return Process(KitDatabase(database), self.clock, self.grants, *keys)

    async def row(self) -> tuple[str, str, bool]:
        """The tokens as they are stored, and whether they are used."""
        async with self.opened[0].reading() as tx:
            row = (await tx.execute(select(INSTALLATIONS))).mappings().one()
        return row["token"], row["refresh_token"], row["active"]

    async def until_stored(self, begin: str) -> None:
        """Wait for a token that begins so: nothing tells of it."""
        async with asyncio.timeout(10):
            while not (await self.row())[0].startswith(begin):  # noqa: ASYNC110
                await asyncio.sleep(0)


@pytest.fixture
async def fleet(database: Database) -> AsyncIterator[Fleet]:
    made = Fleet(database)
    yield made
    for other in made.opened[1:]:
        await other.close()


async def test_tokens_are_sealed_anew_after_they_were_renewed(fleet: Fleet) -> None:
    renews, seals = fleet.process(), fleet.process(KEY)
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    assert not await seals.installs.sealed_anew()
    assert await fleet.row() == ("token-0", "refresh-0", True)
    let.set()
    assert (await waiting).token == new_token(1)
    assert await fleet.row() == ("token-1", "refresh-1", True)
    assert await seals.installs.sealed_anew()
    assert all(one.startswith(MARK) for one in (await fleet.row())[:2])
    assert (await seals.installs.of("T1")).token == new_token(1)
    assert fleet.grants.asked == ["refresh-0"]


async def test_new_tokens_are_kept_also_where_their_row_was_sealed_anew(fleet: Fleet) -> None:
    renews, seals = fleet.process(), fleet.process(KEY)
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    await fleet.clock.advance(LAPSED)
    assert await seals.installs.sealed_anew()  # whoever renews them took too long
    let.set()
    assert (await waiting).token == new_token(1)
    assert (await seals.installs.of("T1")).token == new_token(1)
    assert fleet.grants.asked == ["refresh-0"]


async def test_who_comes_too_late_with_a_spent_token_takes_nothing_out(fleet: Fleet) -> None:
    slow, late = fleet.process(KEY), fleet.process(KEY)
    await slow.adds()
    first = slow.uses()
    let_first = await fleet.grants.held.get()
    await fleet.clock.advance(LAPSED)
    second = late.uses()
    let_second = await fleet.grants.held.get()
    assert fleet.grants.asked == ["refresh-0", "refresh-0"]
    let_first.set()
    assert (await first).token == new_token(1)
    let_second.set()
    assert (await second).token == new_token(1)
    assert (await fleet.row())[2]


async def test_tokens_of_an_earlier_installation_are_not_put_over_a_later_one(
    fleet: Fleet,
) -> None:
    renews, other = fleet.process(), fleet.process()
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    await fleet.clock.advance(2)
    await other.adds(seconds=43_200, number=7)
    with capture_logs() as logs:
        let.set()
        assert (await waiting).token == new_token(7)
    assert await fleet.row() == ("token-7", "refresh-7", True)
    assert [(one["event"], one["tenant"]) for one in logs] == [("tokens_not_kept", "T1")]


async def test_two_claims_of_one_second_are_told_apart_by_their_installations(
    fleet: Fleet,
) -> None:
    renews, other = fleet.process(), fleet.process()
    await renews.adds()
    await fleet.clock.advance(2)
    earlier = renews.uses()
    let_earlier = await fleet.grants.held.get()
    await other.adds(number=7)
    fleet.grants.good = "refresh-7"
    later = other.uses()
    let_later = await fleet.grants.held.get()
    let_earlier.set()
    while not earlier.done() and not later.done():
        await fleet.clock.advance(1)
        let_later.set()
    assert (await later).token == new_token(2)
    while not earlier.done():
        await fleet.clock.advance(1)
    assert (await earlier).token == new_token(2)


async def test_who_took_the_app_out_meanwhile_is_heeded(fleet: Fleet) -> None:
    renews, other = fleet.process(), fleet.process()
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    await other.installs.removed("T1")
    let.set()
    with pytest.raises(Unreachable):
        await waiting
    assert await fleet.row() == ("", "", False)


async def test_new_tokens_are_kept_also_where_nobody_waits_for_them_any_more(fleet: Fleet) -> None:
    renews = fleet.process()
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    waiting.cancel()
    await asyncio.wait({waiting})
    let.set()
    await fleet.until_stored(new_token(1))
    assert waiting.cancelled()
    assert await fleet.row() == ("token-1", "refresh-1", True)


async def test_what_could_not_be_sealed_at_the_start_is_sealed_later(fleet: Fleet) -> None:
    renews, seals = fleet.process(), fleet.process(KEY)
    await renews.adds()
    waiting = renews.uses()
    let = await fleet.grants.held.get()
    slack = FakeSlack(world_of(team("T1")))
    async with slack.running():
        more = {"client_id": "1.2", "client_secret": "hush"}
        adapter = adapter_of(slack, seals.installs, fleet.clock, **more)
        async with adapter.running(Inbox().accept, Answers()):
            assert await fleet.row() == ("token-0", "refresh-0", True)
            let.set()
            await waiting
            await fleet.clock.advance(FIRST)
            await fleet.until_stored(MARK)
    assert (await seals.installs.of("T1")).token == new_token(1)


class Failing:
    """A database that is away for the next `times` writes."""

    def __init__(self, database: Database) -> None:
        self._database = KitDatabase(database)
        self.times = 0

    @property
    def stores(self) -> bool:
        return not self.times

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        if self.times:
            self.times -= 1
            raise PlatformDown("database")
        async with self._database.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._database.reading() as tx:
            yield tx


@pytest.mark.parametrize(("times", "kept"), [(3, True), (1000, False)])
async def test_a_database_that_is_away_is_asked_again_to_keep_new_tokens(
    sqlite: Database, times: int, kept: bool
) -> None:
    grants, failing = Grants(), Failing(sqlite)
    process = Process(failing, QuickClock(), grants)
    await process.adds()
    waiting = process.uses()
    let = await grants.held.get()
    failing.times = times
    with capture_logs() as logs:
        let.set()
        [found] = await asyncio.gather(waiting, return_exceptions=True)
    if kept:
        assert isinstance(found, Install)
        assert (found.token, logs) == ("token-1", [])
    else:
        assert isinstance(found, PlatformDown)
        assert [one["event"] for one in logs] == ["tokens_not_kept"]
    failing.times = 0
    assert grants.asked == ["refresh-0"]
