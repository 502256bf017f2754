"""Logs: JSON lines with ids, exceptions as places."""

import asyncio
import io
import logging
import sys
from collections.abc import Iterator

import orjson
import pytest
import structlog
from prometheus_client import CollectorRegistry

from bot.observability import Metrics, configure, correlated, places_of, report

WORDS = "what somebody said"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where lines go; logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("info", stream=stream, tty=False)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_json_with_its_ids(out: io.StringIO) -> None:
    with correlated(request_id="r1"):
        structlog.get_logger("bot.somewhere").info("turn", seq=3)
    structlog.get_logger("bot.somewhere").debug("unheard")
    [line] = lines(out)
    assert line["event"] == "turn"
    assert line["request_id"] == "r1"
    assert line["seq"] == 3
    assert line["level"] == "info"
    assert line["logger"] == "bot.somewhere"
    assert str(line["timestamp"]).endswith("Z")


async def test_ids_go_along_into_tasks_and_not_beyond(out: io.StringIO) -> None:
    async def work() -> None:
        structlog.get_logger("bot.work").info("done")

    with correlated(session_id="s1"):
        task = asyncio.create_task(work())
    await task
    structlog.get_logger("bot.work").info("after")
    inside, after = lines(out)
    assert inside["session_id"] == "s1"
    assert "session_id" not in after


def raised() -> ValueError:
    """An exception whose text, cause and group hold words."""
    with pytest.raises(ValueError, match=WORDS) as caught:
        _fail()
    return caught.value


def _fail() -> None:
    try:
        {}[WORDS]
    except KeyError as cause:
        raise ValueError(WORDS) from cause


def test_an_exception_is_types_and_places(out: io.StringIO) -> None:
    structlog.get_logger("bot.x").error("bug", exc_info=raised())
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=raised())
    report(raised())
    try:
        raise raised()
    except ValueError:
        logging.getLogger("asyncio").exception("lost")
    for line in lines(out):
        assert "ValueError" in str(line["exception"])
        assert "KeyError" in str(line["exception"])
        assert "test_observability.py" in str(line["exception"])
    assert len(lines(out)) == 4
    assert WORDS not in out.getvalue()


def test_groups_are_told_with_all_they_hold() -> None:
    told = places_of(ExceptionGroup(WORDS, [raised(), TypeError(WORDS)]))
    assert "ExceptionGroup" in told
    assert "TypeError" in told
    assert WORDS not in told


def test_other_libraries_are_heard_from_warnings_on_and_only_their_first_line(
    out: io.StringIO,
) -> None:
    logging.getLogger("sqlalchemy.engine").info("INSERT %s", WORDS)
    logging.getLogger("websockets.server").debug("< TEXT %s", WORDS)
    logging.getLogger("uvicorn.error").debug("< TEXT %s", WORDS)
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "x", WORDS)
    logging.getLogger("uvicorn.access").info("GET /?%s", WORDS)
    logging.getLogger("asyncio").error("Task was lost\nfuture: ValueError(%r)", WORDS)
    [line] = lines(out)
    assert line["event"] == "Task was lost"
    assert WORDS not in out.getvalue()


def test_a_terminal_gets_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure("info", stream=sys.stdout, tty=True)
    structlog.get_logger("bot.x").info("served", exc_info=raised())
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    text = capsys.readouterr().out
    assert "served" in text
    assert not text.startswith("{")
    assert WORDS not in text


def test_metrics_are_one_page() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.turns.labels("answered").inc()
    metrics.turn_seconds.observe(0.2)
    page = metrics.page().decode()
    assert 'dressrun_turns_total{result="answered"} 1.0' in page
    assert 'dressrun_turn_seconds_bucket{le="0.25"} 1.0' in page
