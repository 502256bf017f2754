"""Every way in which a provider is known to fail, through its real library."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.bench.vendors import Say, Trouble
from bot.bench.vendors.script import Shape
from engine.llm.access import Access, Patience
from engine.llm.clients import Clients
from engine.llm.port import Deadline, Failure
from engine.llm.wire import Garbled, reading, transport_errors
from tests.contract.vendor_rig import VendorRig
from tests.integration.models.prompts import PRIVATE, QUICK, hear, prompt


@pytest.mark.parametrize(
    ("status", "reason", "counts", "operator"),
    [
        (400, "misconfigured", False, True),
        (401, "auth", False, True),
        (402, "auth", False, True),
        (403, "auth", False, True),
        (404, "misconfigured", False, True),
        (408, "server", True, False),
        (409, "server", True, False),
        (422, "misconfigured", False, True),
        (429, "rate_limited", True, False),
        (500, "server", True, False),
        (502, "server", True, False),
        (503, "overloaded", True, False),
        (504, "server", True, False),
        (529, "overloaded", True, False),
    ],
)
async def test_a_status_is_told_apart_and_asked_once(
    rig: VendorRig, status: int, reason: Failure, counts: bool, operator: bool
) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="status", status=status, said=f"You wrote: {PRIVATE}"))
        heard = await hear(model)
        assert len(server.requests) == 1
    assert heard.failed is not None
    assert (heard.failed.reason, heard.failed.status) == (reason, status)
    assert heard.failed.request_id == "req_1"
    assert heard.failed.billed is None
    assert heard.failed.counts_against_breaker == counts
    assert heard.failed.needs_operator == operator
    assert heard.text == ""


async def test_a_quota_that_is_used_up_is_for_the_operator(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="status", status=429, kind="insufficient_quota"))
        heard = await hear(model)
    assert heard.failed is not None
    assert heard.failed.reason == "auth"
    assert heard.failed.needs_operator


@pytest.mark.parametrize(
    ("shape", "reason", "text"),
    [
        ("silent", "first_token", ""),
        ("stall", "idle", "It began on Monday. It h"),
        ("cut", "cut", "It began on Monday. It h"),
        ("overload", "overloaded", "It began on Monday. It h"),
        ("refusal", "refusal", ""),
        ("garbage", "server", ""),
        ("page", "cut", ""),
    ],
)
async def test_a_stream_that_fails_says_how(
    rig: VendorRig, shape: Shape, reason: Failure, text: str
) -> None:
    waits = shape in ("silent", "stall")
    async with rig.over(patience=QUICK if waits else None) as (model, server, _):
        server.plan(Trouble(shape=shape, said=PRIVATE))
        heard = await hear(model)
        assert len(server.requests) == 1
        again = await hear(model)
    assert heard.failed is not None
    assert (heard.failed.reason, heard.text) == (reason, text)
    assert heard.failed.counts_against_breaker == (reason != "refusal")
    assert not heard.failed.needs_operator
    assert not heard.failed.may_repeat  # what ran is paid
    assert heard.failed.billed is not None
    assert heard.failed.billed.input > 0
    assert again.failed is None


async def test_a_stream_that_ends_without_saying_so_was_cut(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="no_end"))
        heard = await hear(model)
    if rig.provider == "local":  # there it is legal
        assert heard.failed is None
        assert heard.done is not None
        assert heard.done.stop == "end"
    else:
        assert heard.failed is not None
        assert heard.failed.reason == "cut"


async def test_a_cut_after_the_end_takes_nothing_away(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="cut_after_end", text="All is said."))
        heard = await hear(model)
    assert heard.failed is None
    assert heard.text == "All is said."
    assert heard.done is not None
    assert heard.done.usage.output > 0


async def test_what_was_written_before_a_cut_is_counted(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="cut"))
        heard = await hear(model)
    assert heard.failed is not None
    assert heard.failed.billed is not None
    assert heard.failed.billed.estimated
    assert heard.failed.billed.output >= len(heard.text) // 4


async def test_nobody_there_is_no_answer_and_may_be_asked_again(rig: VendorRig) -> None:
    async with rig.over() as (_, server, _):
        gone = server.url
    clients = Clients()
    model = rig.make("model-1", Access(api_key="k", base_url=gone), clients, None)
    heard = await hear(model)
    await clients.aclose()
    assert heard.failed is not None
    assert (heard.failed.reason, heard.failed.billed) == ("connect", None)
    assert heard.failed.may_repeat


async def test_an_empty_answer_is_asked_for_once_more_with_more_room(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="empty"), Say(text="Now I speak."))
        heard = await hear(model)
        rooms = [room(one.body) for one in server.requests]
    assert heard.text == "Now I speak."
    assert rooms[1] > rooms[0]
    assert heard.done is not None
    assert [one.reason for one in heard.done.earlier] == ["empty"]
    assert heard.done.earlier[0].response_id not in ("", heard.done.response_id)


def room(body: object) -> int:
    assert isinstance(body, dict)
    found = [body[name] for name in ("max_tokens", "max_output_tokens") if name in body]
    return int(found[0])


async def test_two_empty_answers_are_a_failure_and_both_are_paid(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="empty"), Trouble(shape="empty"), Say(text="Too late."))
        heard = await hear(model)
        assert len(server.requests) == 2
    assert heard.failed is not None
    assert heard.failed.reason == "empty"
    assert not heard.failed.counts_against_breaker
    assert len(heard.failed.earlier) == 1
    assert heard.failed.billed is not None


TOO_LONG = {
    "anthropic": Trouble(shape="status", status=400, said="prompt is too long: 210000 tokens"),
    "openai": Trouble(shape="status", status=400, kind="context_length_exceeded"),
    "local": Trouble(shape="status", status=400, said="the maximum context length is 4096"),
}


async def test_what_is_too_long_is_sent_once_more_with_less_history(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(TOO_LONG[rig.provider])
        heard = await hear(model, prompt(30))
        sizes = [len(one.request.raw) for one in server.requests]
    assert heard.failed is None
    assert heard.text
    assert len(sizes) == 2
    assert sizes[1] < sizes[0]
    assert heard.done is not None
    assert [one.reason for one in heard.done.earlier] == ["overflow"]


async def test_what_stays_too_long_is_not_sent_a_third_time(rig: VendorRig) -> None:
    too_large = Trouble(shape="status", status=413)
    async with rig.over() as (model, server, _):
        server.plan(TOO_LONG[rig.provider], too_large)
        heard = await hear(model, prompt(30))
        assert len(server.requests) == 2
    assert heard.failed is not None
    assert heard.failed.reason == "overflow"
    assert not heard.failed.counts_against_breaker
    assert not heard.failed.needs_operator


async def test_an_answer_that_fills_the_window_is_cut_by_length(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(
            Trouble(shape="window_full", text="It began. It"), Say(text="It be", limit=True)
        )
        full, limited = await hear(model), await hear(model)
    assert full.done is not None
    assert limited.done is not None
    assert full.done.stop == limited.done.stop == "length"


async def test_a_pause_that_is_asked_for_is_told_and_not_waited_for(rig: VendorRig) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    loop = asyncio.get_running_loop()
    async with rig.over() as (model, server, _):
        for said in ("3600", in_an_hour, "2", "soon", "inf", "nan", "1" * 400):
            server.plan(Trouble(shape="status", status=429, retry_after=said))
        started = loop.time()
        pauses = [(await hear(model)).failed for _ in range(7)]
        assert loop.time() - started < 60
        assert len(server.requests) == 7
    told = [one.retry_after if one else None for one in pauses]
    assert told[0] == 3600
    assert told[1] == pytest.approx(3600, abs=30)
    assert told[2:] == [2, None, None, None, None]
    assert [one.counts_against_breaker for one in pauses if one] == [True, True, False, *[True] * 4]


async def test_the_deadline_ends_every_wait(rig: VendorRig) -> None:
    loop = asyncio.get_running_loop()
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="silent"), Trouble(shape="stall"))
        await model._wire.prepare()  # the library takes its time to load, the first time
        for text in ("", "It began on Monday. It h"):
            heard = await hear(model, deadline=Deadline(loop.time() + 1.0))
            assert heard.failed is not None
            assert (heard.failed.reason, heard.text) == ("deadline", text)
            assert heard.failed.billed is not None
            assert heard.failed.billed.estimated


async def test_without_time_nothing_is_sent(rig: VendorRig) -> None:
    async with rig.over(simultaneous=1) as (model, server, _):
        late = await hear(model, deadline=Deadline(asyncio.get_running_loop().time() - 1))
        server.plan(Trouble(shape="stall"))
        first = model.stream(prompt(), Deadline())
        await anext(first)
        deadline = Deadline(asyncio.get_running_loop().time() + 0.1)
        second = await hear(model, deadline=deadline)  # the only place is taken
        await first.aclose()
        assert len(server.requests) == 1
        third = await hear(model)
    for heard in (late, second):
        assert heard.failed is not None
        assert (heard.failed.reason, heard.failed.billed) == ("no_time", None)
        assert not heard.failed.counts_against_breaker
    assert third.failed is None


async def test_who_reads_slowly_is_not_cut_off(rig: VendorRig) -> None:
    patience = Patience(first=5.0, idle=0.5)
    never = asyncio.Event()
    async with rig.over(patience=patience) as (model, _, _):
        stream = model.stream(prompt(), Deadline())
        pieces = [await anext(stream)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(never.wait(), timeout=1.0)
        pieces += [piece async for piece in stream]
    assert len(pieces) > 1


async def test_nothing_that_a_provider_said_is_kept_or_logged(
    rig: VendorRig, caplog: pytest.LogCaptureFixture
) -> None:
    shapes: list[Trouble] = [
        Trouble(shape="status", status=400, said=f"Your prompt was: {PRIVATE}"),
        Trouble(shape="status", status=500, said=PRIVATE),
        Trouble(shape="overload", said=PRIVATE),
        Trouble(shape="garbage"),
        Trouble(shape="cut"),
    ]
    with caplog.at_level(logging.INFO):
        async with rig.over() as (model, server, _):
            server.plan(*shapes)
            failures = [(await hear(model)).failed for _ in shapes]
    assert "zebra" not in caplog.text
    for failed in failures:
        assert failed is not None
        assert failed.__context__ is None
        assert failed.__cause__ is None
        assert "zebra" not in f"{failed!r} {failed.args} {vars(failed)}"


@pytest.mark.parametrize(
    "access",
    [
        Access(api_key="k", base_url="no address"),
        Access(api_key="k", base_url="ftp://127.0.0.1/v1"),
    ],
)
async def test_an_address_that_is_none_is_for_the_operator(rig: VendorRig, access: Access) -> None:
    clients = Clients()
    model = rig.make("model-1", access, clients, None)
    await model.prepare()
    heard = await hear(model)
    await clients.aclose()
    assert heard.failed is not None
    assert heard.failed.reason == "misconfigured"
    assert heard.failed.needs_operator
    assert heard.failed.billed is None


@pytest.mark.parametrize("key", ["two\nlines", "a\x00b"])
async def test_a_key_that_no_header_holds_is_for_the_operator(rig: VendorRig, key: str) -> None:
    async with rig.over() as (_, server, clients):
        access = Access(api_key=key, base_url=server.url)
        heard = await hear(rig.make("model-1", access, clients, None))
        assert server.requests == []
    assert heard.failed is not None
    assert heard.failed.reason == "misconfigured"
    assert key not in f"{heard.failed!r}{vars(heard.failed)}"


def test_what_came_garbled_is_told_from_mistakes_of_ours() -> None:
    with pytest.raises(Garbled) as caught, reading():
        raise AttributeError(PRIVATE)
    assert PRIVATE not in str(caught.value)
    assert not issubclass(TypeError, transport_errors())
    assert not issubclass(AttributeError, transport_errors())
