"""The live stream: drafts, states that pass, a store that is away, browsers that cannot follow."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.errors import NotStored, PlatformDown
from adapters.local import store
from adapters.local.access import Gate
from adapters.local.adapter import LocalAdapter
from adapters.local.limits import QUEUE
from adapters.local.live import Follower, Item
from adapters.local.parse import thread_ref
from adapters.port import NOTHING, Answered, Event, Message, Query, Speaker
from bot.platforms import KitDatabase
from bot.store.database import Database
from tests.integration.filling import LARGE, full, stored_again

MARIA = Speaker("Maria Lopez")
ROOM = thread_ref("clinical")


async def nothing(_query: Query) -> Answered:
    return NOTHING


async def taken(_event: Event) -> None:
    return None


def adapter_over(database: Database) -> LocalAdapter:
    return LocalAdapter(database=KitDatabase(database), clock=SystemClock(), gate=Gate(demo=True))


@pytest.fixture
async def adapter(database: Database) -> AsyncIterator[LocalAdapter]:
    made = adapter_over(database)
    async with made.running(taken, nothing):
        yield made


async def test_a_draft_grows_for_who_looks_and_ends_in_the_tables(adapter: LocalAdapter) -> None:
    async with adapter.feed.following("trainee-1", None) as follower:
        frames = adapter.feed.frames(follower, None)
        assert (await anext(frames))["type"] == "hello"
        async with adapter.draft(ROOM, key="k", speaker=MARIA) as draft:
            first = await anext(frames)
            await draft.show("One.")
            grown = await anext(frames)
            await draft.finish(Message(text="One. Two.", speaker=MARIA))
        while (last := await anext(frames)).get("message", {}).get("text") != "One. Two.":
            pass
    assert (first["message"]["draft"], first["message"]["text"]) == (True, "")
    assert (grown["type"], grown["text"]) == ("draft", "One.")
    assert grown["message_id"] == last["message"]["id"]
    assert last["message"]["draft"] is False
    assert last["seq"] > first["seq"]


async def test_what_another_process_put_there_stays(adapter: LocalAdapter) -> None:
    whole = Message(text="One. Two.", speaker=MARIA)
    async with adapter.draft(ROOM, key="k", speaker=MARIA) as draft:
        await draft.show("One.")
        await adapter.edit(draft.ref, whole)
    async with adapter.database.reading() as tx:
        stands = await store.message(tx, draft.ref.id)
    assert stands is not None
    assert (stands.text, stands.draft) == ("One. Two.", False)


async def test_while_it_can_only_be_read_one_notice_stands(sqlite: Database) -> None:
    adapter = adapter_over(sqlite)
    async with adapter.running(taken, nothing), adapter.feed.following("trainee-1", None) as one:
        frames = adapter.feed.frames(one, None)
        assert (await anext(frames))["type"] == "hello"
        await adapter.post(ROOM, Message(text="before"), key="before")
        while (await anext(frames))["type"] != "message":
            pass
        async with full(sqlite):
            with pytest.raises(PlatformDown):
                await adapter.post(ROOM, Message(text="x" * LARGE), key="large")
            assert (await anext(frames))["type"] == "down"
            for text in ("one", "two"):  # each is read, and told, after one more look
                await adapter.post(ROOM, Message(text=text), key=text)
                while (frame := await anext(frames))["type"] != "message":
                    assert frame["type"] == "place"
                assert frame["message"]["text"] == text
            assert adapter.health().code == "store_away"
        await stored_again(sqlite)
        adapter.feed.ring()
        while (frame := await anext(frames))["type"] != "up":
            assert frame["type"] == "place"
        assert adapter.health().state == "up"


async def test_a_number_from_another_life_asks_for_a_reload(adapter: LocalAdapter) -> None:
    async with adapter.feed.following("trainee-1", 10**6) as follower:
        frames = [frame async for frame in adapter.feed.frames(follower, 10**6)]
    assert frames == [{"type": "reset"}]


def test_a_browser_that_cannot_follow_is_let_go() -> None:
    follower = Follower("trainee-1", 0)
    for seq in range(1, QUEUE + 5):
        follower.offer(Item(frame={}, seq=seq))
    assert follower.gone == "slow"


def test_a_whisper_is_offered_to_one() -> None:
    follower = Follower("trainee-1", 0)
    follower.offer(Item(frame={}, seq=1, only_for="trainee-2"))
    follower.offer(Item(frame={}, seq=2, only_for="trainee-1"))
    follower.offer(Item(frame={}, seq=2 - 2, only_for="trainee-2"))
    assert follower.queue.qsize() == 1


async def test_what_no_process_took_is_handed_over_by_the_next(
    sqlite: Database, tmp_path: Path
) -> None:
    import httpx
    from starlette.applications import Starlette

    from adapters.local.routes import routes_of

    async def refused(event: Event) -> None:
        raise NotStored(event.event_id)

    first = adapter_over(sqlite)
    async with first.running(refused, nothing), first.feed.following("trainee-1", None) as one:
        transport = httpx.ASGITransport(Starlette(routes=routes_of(first)))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            said = {"text": "keep this", "event_id": "e1"}
            assert (await http.post("/local/api/places/clinical/messages", json=said)).is_success
        frames = first.feed.frames(one, None)
        while (await anext(frames))["type"] != "down":
            pass
    heard: list[Event] = []

    async def kept(event: Event) -> None:
        heard.append(event)

    second = adapter_over(sqlite)
    async with second.running(kept, nothing):
        await second.handover.idle()
    async with second.running(kept, nothing):
        await second.handover.idle()
    assert [event.event_id for event in heard] == ["trainee-1:e1"]
