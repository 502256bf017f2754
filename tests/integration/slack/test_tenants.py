"""Several workspaces: nothing is mixed, nothing doubled, tokens are renewed once."""

import asyncio
import base64
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.errors import PlatformDown, Unreachable
from adapters.port import CommandCalled, Message, MessagePosted
from adapters.slack.adapter import SlackAdapter
from adapters.slack.installs import Install, OneInstall
from adapters.slack.many import ManyInstalls
from adapters.slack.places import thread_ref, user_ref
from adapters.slack.routes import EVENTS, routes_of
from adapters.slack.sealing import Seal
from adapters.slack.tables import INSTALLATIONS
from bot.platforms import KitDatabase
from bot.store.database import Database
from tests.contract.doors import Answers, Inbox
from tests.integration.slack.stage import ADA, BEN, CHANNEL, adapter_of, sender, team, world_of
from tests.slack import FakeSlack, Team
from tests.slack.hands import Hands
from tests.slack.world import Message as Said


class Line:
    def __init__(self, slack: FakeSlack, adapter: SlackAdapter, installs: ManyInstalls) -> None:
        self.slack = slack
        self.adapter = adapter
        self.installs = installs
        self.inbox = Inbox()
        self.web = Starlette(routes=routes_of(adapter))
        self.hands = Hands(slack, self._send)

    async def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with self.browser() as client:
            answer = await client.post(EVENTS, content=body, headers=headers)
        return answer.status_code, answer.text

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.web)
        return httpx.AsyncClient(transport=transport, base_url="https://bot.test")

    async def adds(self, one: Team, seconds: int | None = None) -> None:
        """The app is installed in a team."""
        install = Install(
            tenant=one.enterprise if one.whole else one.id,
            team="" if one.whole else one.id,
            enterprise=one.enterprise,
            token=one.token,
            bot_user=one.bot_user,
            bot_id=one.bot_id,
            url=one.url,
        )
        await self.installs.add(install, one.refresh_token, seconds)


@asynccontextmanager
async def installed(
    database: Database, *teams: Team, add: bool = True, seal: Seal | None = None
) -> AsyncIterator[Line]:
    slack = FakeSlack(world_of(*teams))
    clock = SystemClock()
    async with slack.running():
        installs = ManyInstalls(KitDatabase(database), clock, seal)
        more: dict[str, Any] = {"client_id": "1.2", "client_secret": "hush"}
        adapter = adapter_of(slack, installs, clock, public_url="https://bot.test", **more)
        line = Line(slack, adapter, installs)
        for one in teams if add else ():
            await line.adds(one)
        async with adapter.running(line.inbox.accept, Answers()):
            yield line


def root_in(line: Line, one: Team, stamp: str = "1700000000.000001") -> str:
    said = Said(stamp, CHANNEL, one.bot_user, "Root", bot_id=one.bot_id)
    line.slack.world.channels[one.id, CHANNEL].messages[stamp] = said
    return stamp


async def test_two_workspaces_with_equal_ids_are_kept_apart(sqlite: Database) -> None:
    one, two = team("T1"), team("T2")
    async with installed(sqlite, one, two) as line:
        for each in (one, two):
            inner = {
                "type": "message",
                "channel": CHANNEL,
                "user": ADA,
                "text": f"in {each.id}",
                "ts": "1700000001.000001",
                "thread_ts": root_in(line, each),
                "parent_user_id": each.bot_user,
            }
            await line.hands.deliver(line.hands.event(each, inner))
        first, second = line.inbox.events
        assert isinstance(first, MessagePosted)
        assert isinstance(second, MessagePosted)
        assert first.thread != second.thread
        assert first.user != second.user
        await line.adapter.post(first.thread, Message(text="For one."), key="k")
        await line.adapter.post(second.thread, Message(text="For two."), key="k")
        tokens = [call.token for call in line.slack.log if call.method == "chat.postMessage"]
        assert tokens == [one.token, two.token]


async def test_a_message_in_a_shared_channel_is_one_message(sqlite: Database) -> None:
    one, two = team("T1"), team("T2")
    async with installed(sqlite, one, two) as line:
        inner = {
            "type": "message",
            "channel": CHANNEL,
            "user": ADA,
            "text": "from next door",
            "ts": "1700000001.000001",
            "thread_ts": root_in(line, one),
        }
        for each in (one, two):
            body = line.hands.event(each, inner, is_ext_shared_channel=True)
            await line.hands.deliver(body)
        assert len({one.event_id for one in line.inbox.events}) == 1
        assert {one.thread.workspace for one in line.inbox.events} == {"T1"}
        assert {one.user.workspace for one in line.inbox.events} == {"T1"}


async def test_what_is_called_in_a_shared_channel_belongs_to_those_who_have_it(
    sqlite: Database,
) -> None:
    one, two = team("T1"), team("T2")
    async with installed(sqlite, one, two) as line:
        said = line.slack.world.write(one, CHANNEL, ADA, "Hi", root_in(line, one))
        body = line.hands.event(one, said, is_ext_shared_channel=True)
        await line.hands.deliver(body)
        await line.hands.command(two, CHANNEL, BEN, "status")
        await line.hands.command(two, CHANNEL, BEN, "start")  # asks for a scenario
        await line.hands.fills(two, BEN, line.slack.world.views[-1], {"scenario": "chest-pain"})
        _, called, filled = line.inbox.events
        assert isinstance(filled, CommandCalled)
        assert {one.thread.workspace for one in (called, filled)} == {"T1"}
        assert {one.user for one in (called, filled)} == {user_ref("T1", BEN)}


async def test_an_app_that_is_installed_again_is_healthy_again() -> None:
    one, slack = team("T1"), FakeSlack(world_of(team("T1")))
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock())
        hands = Hands(slack, sender(adapter))
        async with adapter.running(Inbox().accept, Answers()):
            gone = {"type": "app_uninstalled", "event_ts": "1700000000.000009"}
            await hands.deliver(hands.event(one, gone))
            assert adapter.health().code == "not_installed"
            await hands.writes(one, CHANNEL, ADA, "Back again")
            assert adapter.health().state == "up"


async def test_an_enterprise_is_one_tenant(sqlite: Database) -> None:
    whole = team("T1", enterprise="E1", whole=True)
    async with installed(sqlite, whole) as line:
        line.slack.world.channels["T1", CHANNEL].members.add(whole.bot_user)
        await line.hands.writes(whole, CHANNEL, ADA, "Hi", root_in(line, whole))
        await line.hands.command(whole, CHANNEL, ADA, "hint")
        said, called = line.inbox.events
        assert isinstance(said, MessagePosted)
        assert isinstance(called, CommandCalled)
        assert said.thread.workspace == called.thread.workspace == "E1"
        ref = await line.adapter.post(said.thread, Message(text="Hello."), key="k")
        assert ref.thread == said.thread


async def test_who_installs_it_is_kept_and_who_takes_it_out_is_not(sqlite: Database) -> None:
    one = team("T1")
    async with installed(sqlite, one, add=False) as line:
        line.slack.world.codes["code-1"] = "T1"
        async with line.browser() as browser:
            page = await browser.get("/slack/install")
            assert page.status_code == 200
            [state] = parse_qs(urlsplit(_link(page.text)).query)["state"]
            asked = {"code": "code-1", "state": state}
            async with line.browser() as other:
                stranger = await other.get("/slack/oauth_redirect", params=asked)
            assert stranger.status_code == 400  # another browser than the one that began
            done = await browser.get("/slack/oauth_redirect", params=asked)
            again = await browser.get("/slack/oauth_redirect", params=asked)
        assert (done.status_code, again.status_code) == (200, 400)
        there = thread_ref("T1", CHANNEL)
        await line.adapter.post(there, Message(text="Hello."), key="k")
        gone = {"type": "app_uninstalled", "event_ts": "1700000000.000009"}
        assert (await line.hands.deliver(line.hands.event(one, gone))).ok
        with pytest.raises(Unreachable):
            await line.adapter.post(there, Message(text="Hello?"), key="k2")
        assert (await line.hands.deliver(line.hands.event(one, gone))).ok  # nobody knows it now
        async with sqlite.reading() as tx:
            row = (await tx.execute(select(INSTALLATIONS))).mappings().one()
        assert (row["token"], row["refresh_token"], row["active"]) == ("", "", False)


def _link(page: str) -> str:
    [found] = re.findall(r'href="([^"]*oauth/v2/authorize[^"]*)"', page)
    return html.unescape(found)


async def test_a_revoked_bot_token_takes_it_out_and_a_persons_does_not(sqlite: Database) -> None:
    one = team("T1")
    async with installed(sqlite, one) as line:
        for tokens in ({"oauth": ["U1"]}, {"bot": ["U2"]}):
            there = await line.installs.fresh("T1")
            assert there is not None
            gone = {"type": "tokens_revoked", "tokens": tokens, "event_ts": "1.000001"}
            await line.hands.deliver(line.hands.event(one, gone))
        assert await line.installs.fresh("T1") is None


async def test_two_processes_renew_a_token_once(database: Database) -> None:
    one = team("T1", refresh_token="refresh-0")
    address = database.url.render_as_string(hide_password=False)
    other = Database(address)
    async with installed(database, one, add=False) as line:
        await line.adds(one, seconds=-1)
        others = ManyInstalls(KitDatabase(other), SystemClock())
        others.renewal = line.installs.renewal
        found = await asyncio.gather(*(each.of("T1") for each in (line.installs, others) * 3))
        assert len({install.token for install in found}) == 1
        assert found[0].token == one.token
        assert len(line.slack.calls("oauth.v2.access")) == 1
    await other.close()


async def test_a_token_that_ends_soon_is_used_by_others_while_one_renews_it(
    sqlite: Database,
) -> None:
    one = team("T1", refresh_token="refresh-0")
    async with installed(sqlite, one, add=False) as line:
        await line.adds(one, seconds=600)
        async with sqlite.transaction() as tx:
            far = int((SystemClock().now() + timedelta(minutes=1)).timestamp())
            await tx.execute(update(INSTALLATIONS).values(rotating_until=far))
        assert (await line.installs.of("T1")).token == one.token
        assert line.slack.calls("oauth.v2.access") == []


async def test_a_token_that_was_replaced_elsewhere_is_read_again(sqlite: Database) -> None:
    one = team("T1")
    async with installed(sqlite, one) as line:
        there = thread_ref("T1", CHANNEL)
        await line.adapter.post(there, Message(text="Old."), key="k1")
        one.dead_tokens.add(one.token)
        one.token = "xoxe-new"  # noqa: S105
        async with sqlite.transaction() as tx:
            await tx.execute(update(INSTALLATIONS).values(token="xoxe-new"))
        await line.adapter.post(there, Message(text="New."), key="k2")
        texts = [one.text for one in line.slack.world.channels["T1", CHANNEL].messages.values()]
        assert texts == ["Old.", "New."]


async def test_a_refresh_token_that_is_spent_takes_the_installation_out(sqlite: Database) -> None:
    one = team("T1", refresh_token="refresh-0")
    async with installed(sqlite, one, add=False) as line:
        await line.adds(one, seconds=-1)
        one.refresh_token = "spent"  # noqa: S105
        with pytest.raises(Unreachable):
            await line.installs.of("T1")
        assert await line.installs.fresh("T1") is None


# --- tokens at rest -------------------------------------------------------------------------------

KEY, OLD = (base64.urlsafe_b64encode(bytes([one]) * 32).decode() for one in (1, 2))


async def stored(database: Database) -> tuple[str, str]:
    """The tokens as they lie in the database."""
    async with database.reading() as tx:
        row = (await tx.execute(select(INSTALLATIONS))).mappings().one()
    return row["token"], row["refresh_token"]


async def test_with_a_key_no_token_lies_in_the_database_as_it_is(database: Database) -> None:
    one = team("T1", refresh_token="refresh-0")
    async with installed(database, one, add=False, seal=Seal(KEY)) as line:
        await line.adds(one, seconds=600)  # it ends soon, so it is renewed at once
        await line.adapter.post(thread_ref("T1", CHANNEL), Message(text="Hello."), key="k")
        assert len(line.slack.calls("oauth.v2.access")) == 1
        assert line.slack.log[-1].token == one.token
        for lying, real in zip(await stored(database), (one.token, one.refresh_token), strict=True):
            assert real not in lying
            assert Seal(KEY).opened(lying) == real


async def test_what_lay_there_is_encrypted_at_the_next_start_also_by_another_key(
    sqlite: Database,
) -> None:
    one = team("T1", refresh_token="refresh-0")
    async with installed(sqlite, one):
        assert await stored(sqlite) == (one.token, one.refresh_token)
    for seal in (Seal(OLD), Seal(KEY, OLD)):
        async with installed(sqlite, one, add=False, seal=seal) as line:
            lying = await stored(sqlite)
            assert (await line.installs.of("T1")).token == one.token
    assert [Seal(KEY).opened(one) for one in lying] == [one.token, one.refresh_token]


async def test_without_its_key_a_token_waits_and_is_kept(sqlite: Database) -> None:
    one = team("T1")
    async with installed(sqlite, one, seal=Seal(KEY)):
        lying = await stored(sqlite)
    async with installed(sqlite, one, add=False, seal=Seal(OLD)) as line:
        said = line.slack.world.write(one, CHANNEL, ADA, "Hi", root_in(line, one))
        assert not (await line.hands.once(line.hands.event(one, said))).ok  # Slack brings it again
        with pytest.raises(PlatformDown):
            await line.installs.of("T1")
        assert await stored(sqlite) == lying
