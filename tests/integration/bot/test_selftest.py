"""The self-test finds what is broken: it is no use if it only ever says yes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.selftest import Visit, tried


@asynccontextmanager
async def answering(status: str, body: str) -> AsyncIterator[int]:
    """A server that gives everybody the same answer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def found(port: int) -> dict[str, str]:
    visit = Visit(port, scenario="chest-pain", session="0" * 32)
    return {what: await tried(step) for what, step in visit.steps}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        ("500 Oops", "{}", "status 500"),
        ("200 OK", "<html>", "JSONDecodeError"),
        ("200 OK", "{}", "KeyError"),
    ],
)
async def test_a_door_that_answers_nonsense_is_named(status: str, body: str, said: str) -> None:
    async with answering(status, body) as port:
        why = await found(port)
    assert said in why["GET /api/health"]
    assert all(why[what] for what in why if "scenarios" not in what)


async def test_nobody_behind_the_door() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    why = await found(port)
    assert len(why) == 7
    assert all("ConnectionRefusedError" in one for one in why.values())


async def test_what_was_not_begun_cannot_go_on() -> None:
    visit = Visit(port=1)
    assert await tried(visit.talk) == "no session was started"
    assert await tried(visit.start) == "no scenario to play"
