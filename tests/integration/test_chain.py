"""Which model answers when one fails: the real libraries, over stand-ins for their providers."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from bot.bench.vendors import Say, Trouble
from bot.store.database import Database
from bot.store.resting import StoredShelf
from engine.errors import ModelUnavailable
from engine.llm.access import Patience
from engine.llm.breaker import Breaker, OwnShelf, Rest
from engine.llm.chain import Chain
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.link import Link
from engine.llm.port import Deadline, Done, Text, ToolCall
from engine.llm.tab import Tab
from engine.prompting import Prompt
from tests.integration.chain_rig import (
    FIRST,
    HAIKU,
    LAST,
    SECOND,
    T0,
    Room,
    asked,
    chain_over,
    providers,
    standing,
)
from tests.integration.models.prompts import PRIVATE, prompt

OVERLOADED = Trouble(shape="status", status=529)
BROKEN = Trouble(shape="status", status=500)


async def test_the_first_answers_and_is_paid_for() -> None:
    async with standing() as stand:
        stand.first.plan(Say(text="It began on Monday."))
        heard = await asked(stand.chain, prompt())
        assert stand.second.requests == []
    assert heard.texts == ["It began on Monday."]
    assert heard.rows == [("anthropic", "posted", "")]
    [call] = heard.tab.calls
    assert (call.kind, call.model, call.at, call.usage.estimated) == ("reply", HAIKU, T0, False)
    assert call.response_id
    assert call.request_id
    assert call.cost_micro_usd > 0
    assert call.raw
    assert PRIVATE not in repr(call.raw)
    assert (heard.tab.answered, heard.tab.degraded) == (FIRST, False)


@pytest.mark.parametrize(
    ("trouble", "reason", "charged"),
    [
        (BROKEN, "server", False),
        (Trouble(shape="status", status=400), "misconfigured", False),
        (Trouble(shape="status", status=401), "auth", False),
        (Trouble(shape="silent"), "first_token", True),
        (Trouble(shape="refusal"), "refusal", True),
        (Trouble(shape="garbage"), "server", True),
    ],
)
async def test_the_next_answers_where_one_fails_and_nobody_is_asked_twice(
    trouble: Trouble, reason: str, charged: bool
) -> None:
    async with standing() as stand:
        stand.first.plan(trouble)
        stand.second.plan(Say(text="On Monday."))
        heard = await asked(stand.chain, prompt())
        assert (len(stand.first.requests), len(stand.second.requests)) == (1, 1)
        assert stand.room.paused == []
    assert heard.texts == ["On Monday."]
    assert heard.rows == [("anthropic", "failed", reason), ("openai", "posted", "")]
    failed = heard.tab.calls[0]
    assert (failed.cost_micro_usd > 0) == charged
    assert (heard.tab.answered, heard.tab.degraded) == (SECOND, True)
    assert [one.reason for one in stand.room.told] == [reason]


async def test_overload_is_asked_once_more_after_a_pause() -> None:
    async with standing() as stand:
        stand.first.plan(OVERLOADED, Say(text="Sorry, now."))
        heard = await asked(stand.chain, prompt())
        assert stand.room.paused == [0.3]
    assert heard.texts == ["Sorry, now."]
    assert heard.rows == [("anthropic", "failed", "overloaded"), ("anthropic", "posted", "")]
    assert not heard.tab.degraded


async def test_a_short_retry_after_is_waited_for_and_a_long_one_is_not() -> None:
    limited = Trouble(shape="status", status=429, retry_after="2")
    async with standing() as stand:
        stand.first.plan(limited, limited)
        stand.second.plan(Say(text="Two."))
        heard = await asked(stand.chain, prompt())
        assert stand.room.paused == [2.0]
        assert providers(heard.rows) == ["anthropic", "anthropic", "openai"]
    async with standing() as stand:
        stand.first.plan(replace(limited, retry_after="3600"))
        heard = await asked(stand.chain, prompt())
        assert (stand.room.paused, providers(heard.rows)) == ([], ["anthropic", "openai"])


async def test_what_was_shown_of_a_broken_answer_is_void() -> None:
    async with standing() as stand:
        stand.first.plan(Trouble(shape="cut", text="It hurts when I breathe. And th"))
        stand.second.plan(Say(text="Only when I lie down."))
        heard = await asked(stand.chain, prompt())
        assert len(stand.first.requests) == 1  # what ran is paid, and not asked for again
    assert heard.texts == ["It hurts when I breathe.", "Only when I lie down."]
    assert heard.rows == [("anthropic", "failed", "cut"), ("openai", "posted", "")]
    assert heard.tab.calls[0].usage.estimated
    assert heard.tab.calls[0].cost_micro_usd > 0


async def test_with_everybody_away_the_embedded_persona_answers() -> None:
    async with standing() as stand:
        stand.first.plan(BROKEN)
        stand.second.plan(BROKEN)
        heard = await asked(stand.chain, prompt())
    assert heard.texts[-1]
    assert providers(heard.rows) == ["anthropic", "openai", "embedded"]
    assert (heard.tab.answered, heard.tab.degraded) == (LAST, True)
    assert heard.tab.calls[-1].cost_micro_usd == 0


async def test_a_provider_that_hangs_leaves_time_for_the_others() -> None:
    async with standing(patience=Patience(first=60)) as stand:
        await asked(stand.chain, prompt())  # now the libraries are loaded
        stand.first.plan(Trouble(shape="silent"))
        loop = asyncio.get_running_loop()
        began = loop.time()
        heard = await asked(stand.chain, prompt(), deadline=Deadline(began + 5))
        assert loop.time() - began < 5
    assert heard.rows[0] == ("anthropic", "failed", "first_token")
    assert heard.tab.answered == SECOND


async def test_without_time_only_the_embedded_persona_is_asked() -> None:
    async with standing() as stand:
        deadline = Deadline(asyncio.get_running_loop().time() + 0.5)
        heard = await asked(stand.chain, prompt(), deadline=deadline)
        assert (stand.first.requests, stand.second.requests) == ([], [])
    assert heard.tab.answered == LAST


async def test_a_spent_budget_goes_straight_to_the_embedded_persona() -> None:
    async with standing() as stand:
        heard = await asked(stand.chain, prompt(), tab=Tab(at=T0, left=0))
        assert (stand.first.requests, stand.second.requests) == ([], [])
        assert {one.reason for one in stand.room.told} == {"spent"}
    assert heard.rows == [("embedded", "posted", "")]
    assert heard.tab.degraded


async def test_a_failure_that_was_charged_may_use_up_the_budget() -> None:
    async with standing() as stand:
        stand.first.plan(Trouble(shape="silent"))
        heard = await asked(stand.chain, prompt(static=2000), tab=Tab(at=T0, left=1))
        assert stand.second.requests == []
    assert providers(heard.rows) == ["anthropic", "embedded"]
    assert heard.tab.left is not None
    assert heard.tab.left < 0


async def test_a_session_stays_with_the_model_that_answered_it_until_that_fails() -> None:
    async with standing() as stand:
        heard = await asked(stand.chain, prompt(), tab=Tab(at=T0, pinned=SECOND))
        assert heard.tab.answered == SECOND
        stand.second.plan(BROKEN)
        heard = await asked(stand.chain, prompt(), tab=Tab(at=T0, pinned=SECOND))
        assert heard.tab.answered == FIRST
        heard = await asked(stand.chain, prompt(), tab=Tab(at=T0, pinned=LAST))
        assert heard.tab.answered == FIRST  # nobody is kept with the stand-in for everybody


async def test_a_plain_model_asks_nobody_else_once_there_was_text() -> None:
    async with standing() as stand:
        stand.first.plan(Trouble(shape="cut"))
        with pytest.raises(ModelUnavailable, match="cut"):
            async for _ in stand.chain.stream(prompt(), Deadline()):
                pass


async def test_a_sick_provider_is_left_alone_and_the_next_turn_is_quick() -> None:
    async with standing(patience=Patience(first=60)) as stand:
        stand.first.plan(*[BROKEN] * 6)
        for _ in range(5):
            await asked(stand.chain, prompt())
        found = await asyncio.gather(*(asked(stand.chain, prompt()) for _ in range(60)))
        assert len(stand.first.requests) == 5
        assert {one.tab.answered for one in found} == {SECOND}
        stand.room.move(20)
        await asyncio.gather(*(asked(stand.chain, prompt()) for _ in range(60)))
        assert len(stand.first.requests) == 6


async def test_two_processes_send_one_probe_between_them(database: Database) -> None:
    room = Room()
    async with standing(shelf=StoredShelf(database), room=room) as stand:
        clients = Clients()
        other = chain_over(stand.first, stand.second, clients, StoredShelf(database), room)
        stand.first.plan(*[BROKEN] * 6)
        for _ in range(5):
            await asked(stand.chain, prompt())
        await asked(other, prompt())  # what one process learned, the other knows
        assert len(stand.first.requests) == 5
        for _ in range(2):  # one failing probe, then a good one
            room.move(60)
            before = len(stand.first.requests)
            chains = [stand.chain, other] * 20
            await asyncio.gather(*(asked(one, prompt()) for one in chains))
            assert len(stand.first.requests) == before + 1
        heard = await asked(other, prompt())  # the second good one closes it
        assert heard.tab.answered == FIRST
        found = await asyncio.gather(*(asked(one, prompt()) for one in (stand.chain, other) * 5))
        assert {one.tab.answered for one in found} == {FIRST}
        await clients.aclose()


async def test_what_was_down_is_tried_once_more_after_a_start(database: Database) -> None:
    shelf, room = StoredShelf(database), Room()
    async with standing(shelf=shelf, room=room) as stand:
        stand.first.plan(Trouble(shape="status", status=402))
        await asked(stand.chain, prompt())
        room.move(100_000)
        await asked(stand.chain, prompt())
        assert len(stand.first.requests) == 1
        rest = await shelf.look(FIRST)
        assert isinstance(rest, Rest)
        assert (rest.down, rest.reason) == (True, "auth")
        await shelf.revive([FIRST], room.at)
        clients = Clients()
        started = chain_over(stand.first, stand.second, clients, shelf, room)
        heard = await asked(started, prompt())
        assert heard.tab.answered == FIRST
        await clients.aclose()


class Endless(EmbeddedModel):
    """Begins, says so, and never ends."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        yield Text("Well, ")
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_cancelled_call_is_on_the_tab_and_holds_no_probe() -> None:
    shelf, room, model = OwnShelf(), Room(), Endless()
    rest = Rest(model="m", reason="server", open_until=room.at)
    await shelf.put("m", rest, probe=None, now=room.at)
    guard = Breaker("m", "m", shelf, now=room.now, random=lambda: 0.5, token_of=lambda: "probe")
    chain = Chain([Link(model=model, provider="anthropic", named=HAIKU, breaker=guard)])
    tab = Tab(at=T0)
    task = asyncio.create_task(asked(chain, prompt(), tab=tab))
    await model.begun.wait()
    assert shelf.rests["m"].probe == "probe"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert shelf.rests["m"].probe is None
    assert [(one.status, one.reason, one.usage.estimated) for one in tab.calls] == [
        ("failed", "cut", True)
    ]
    assert tab.calls[0].cost_micro_usd > 0
