"""What limits of time, places and pauses do to a chain, and which of its models rest."""

import asyncio

import pytest

from bot.bench.vendors import Say, Trouble, vendor
from bot.bench.vendors.server import Kept
from bot.store.database import Database
from bot.store.resting import StoredShelf
from engine.assessment.asking import Asking
from engine.errors import ModelUnavailable
from engine.listening import Picked
from engine.llm.access import Access, Patience
from engine.llm.anthropic import anthropic_model
from engine.llm.breaker import FIRST_REST, OwnShelf, Rest
from engine.llm.chain import Chain
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.link import Link
from engine.llm.port import Deadline, Question
from engine.store import breakers
from tests.integration.chain_rig import (
    FIRST,
    HAIKU,
    SECOND,
    T0,
    Room,
    asked,
    guard,
    standing,
)
from tests.integration.models.prompts import prompt

BROKEN = Trouble(shape="status", status=500)


@pytest.mark.parametrize("said", ["18446744073709551615", "inf"])
async def test_an_endless_pause_that_is_asked_for_ends_no_turn(said: str) -> None:
    async with standing() as stand:
        stand.first.plan(*[Trouble(shape="status", status=503, retry_after=said)] * 5)
        for _ in range(5):
            heard = await asked(stand.chain, prompt())
            assert heard.tab.answered == SECOND


async def test_who_waits_for_a_place_in_vain_costs_nothing_and_blames_nobody() -> None:
    clients, shelf, room = Clients(1), OwnShelf(), Room()
    sent = asyncio.Event()

    def answer(_: Kept) -> Trouble:
        sent.set()
        return Trouble(shape="silent")

    async with vendor("anthropic", answer) as server:
        access = Access(api_key="k", base_url=server.url)
        model = anthropic_model(HAIKU, access, clients, Patience(first=60))
        await model.prepare()
        holds = asyncio.create_task(anext(model.stream(prompt(), Deadline())))
        await sent.wait()
        breaker = guard(FIRST, shelf, room.now)
        chain = Chain(
            [
                Link(model=model, provider="anthropic", named=HAIKU, breaker=breaker),
                Link(model=EmbeddedModel(), provider="embedded", named="embedded"),
            ]
        )
        until = Deadline(asyncio.get_running_loop().time() + 4)
        heard = await asyncio.gather(*(asked(chain, prompt(), deadline=until) for _ in range(6)))
        assert len(server.requests) == 1
        holds.cancel()
        await asyncio.gather(holds, return_exceptions=True)
        await clients.aclose()
    assert [one.rows for one in heard] == [[("embedded", "posted", "")]] * 6
    assert shelf.rests == {}


async def test_a_short_limit_of_ours_calls_nobody_sick() -> None:
    clients, shelf = Clients(), OwnShelf()

    def answer(kept: Kept) -> Say | Trouble:
        listens = "output_config" in kept.body
        return Trouble(shape="silent") if listens else Say(text="Fine.")

    async with vendor("anthropic", answer) as server:
        access = Access(api_key="k", base_url=server.url)
        model = anthropic_model(HAIKU, access, clients)
        await model.prepare()
        breaker = guard(FIRST, shelf, Room().now)
        chain = Chain([Link(model=model, provider="anthropic", named=HAIKU, breaker=breaker)])
        for _ in range(6):
            until = Deadline(asyncio.get_running_loop().time() + 1.1)
            with pytest.raises(ModelUnavailable, match="deadline"):
                await chain.decide(Question(instructions="i", material="m"), Picked, until)
            assert (await asked(chain, prompt())).texts == ["Fine."]
        await clients.aclose()


@pytest.mark.parametrize("seconds", [1.5, 60])
async def test_a_judge_that_is_late_or_called_off_is_paid(seconds: float) -> None:
    clients, sent = Clients(), asyncio.Event()

    def answer(_: Kept) -> Trouble:
        sent.set()
        return Trouble(shape="silent")

    async with vendor("anthropic", answer) as server:
        model = anthropic_model(HAIKU, Access(api_key="k", base_url=server.url), clients)
        await model.prepare()
        breaker = guard(FIRST, OwnShelf(), Room().now)
        link = Link(model=model, provider="anthropic", named=HAIKU, breaker=breaker)
        asking = Asking(Chain([link]), "judge", lambda: T0)
        until = Deadline(asyncio.get_running_loop().time() + seconds)
        question = Question(instructions="i", material="m" * 9000)
        task = asyncio.create_task(asking.ask(question, Picked, until))
        await sent.wait()
        if seconds == 60:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await clients.aclose()
    assert [(one.status, one.usage.estimated) for one in asking.calls] == [("failed", True)]
    assert asking.calls[0].cost_micro_usd > 0


async def test_what_a_vendor_counted_is_known_at_the_deadline() -> None:
    async with standing(patience=Patience(first=60, idle=60)) as stand:
        await asked(stand.chain, prompt(static=6000))
        stand.first.plan(Trouble(shape="stall"))
        until = Deadline(asyncio.get_running_loop().time() + 4)
        heard = await asked(stand.chain, prompt(static=6000), deadline=until)
    failed = heard.tab.calls[0]
    assert (failed.reason, failed.usage.cache_read > 0) == ("deadline", True)


@pytest.mark.parametrize("status", [400, 404])
async def test_what_refuses_every_request_as_wrong_is_not_sent_every_turn(status: int) -> None:
    async with standing() as stand:
        stand.first.answer = lambda _: Trouble(shape="status", status=status)
        for _ in range(20):
            await asked(stand.chain, prompt())
        assert len(stand.first.requests) <= 3


@pytest.mark.parametrize("status", [400, 429])
async def test_one_probe_a_rest_whatever_becomes_of_it(status: int) -> None:
    shelf, room = OwnShelf(), Room()
    async with standing(shelf=shelf, room=room) as stand:
        stand.first.plan(*[BROKEN] * 5)
        for _ in range(5):
            await asked(stand.chain, prompt())
        room.move(20)
        stand.first.answer = lambda _: Trouble(shape="status", status=status, retry_after="1")
        for _ in range(20):
            await asked(stand.chain, prompt())
        assert len(stand.first.requests) == 6


async def test_only_what_is_set_and_rests_now_is_told_of(database: Database) -> None:
    shelf, room = StoredShelf(database), Room()
    for name in ("a", "b", "gone"):
        rest = Rest(model=name, reason="server", open_until=room.at + FIRST_REST)
        await shelf.put(name, rest, probe=None, now=room.at)
    down = Rest(model="b", reason="auth", open_until=room.at, down=True)
    await shelf.put("b", down, probe=None, now=room.at)

    async def told() -> list[str]:
        async with database.reading() as tx:
            return [one.model for one in await breakers.resting(tx, ("a", "b"), room.at)]

    assert await told() == ["a", "b"]
    room.move(15)
    assert await told() == ["b"]
    room.move(breakers.KEPT.total_seconds())
    await shelf.revive(("a", "b"), room.at)
    assert [await shelf.look(one) is not None for one in ("a", "b", "gone")] == [True, True, False]
