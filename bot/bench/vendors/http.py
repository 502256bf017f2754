"""As much of HTTP/1.1 as a stand-in needs, on plain sockets: so that it can break them."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_REASONS: Mapping[int, str] = {200: "OK", 404: "Not Found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came in; `body` is parsed JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Peer:
    """The other end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def asked(self) -> Request | None:
        """The next request, None when there is no more."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = [line.partition(":") for line in lines if line]
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        raw = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Request(
            method=method,
            path=path.partition("?")[0],
            headers=headers,
            body=json.loads(raw) if raw else {},
            raw=raw,
        )

    async def send_json(
        self, status: int, body: object, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer with JSON."""
        await self.send(status, json.dumps(body).encode(), "application/json", headers)

    async def send(
        self, status: int, raw: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer with a body of a known length."""
        given = {"content-type": kind, "content-length": str(len(raw)), **(headers or {})}
        self.writer.write(_head(status, given) + raw)
        await self.writer.drain()

    async def begin_stream(self, headers: Mapping[str, str] | None = None) -> None:
        """Begin a stream of events."""
        given = {
            "content-type": "text/event-stream",
            "transfer-encoding": "chunked",
            **(headers or {}),
        }
        self.writer.write(_head(200, given))
        await self.writer.drain()

    async def event(self, data: str, name: str = "") -> None:
        """Send one event."""
        lines = [f"event: {name}"] if name else []
        raw = "\n".join((*lines, f"data: {data}", "", "")).encode()
        self.writer.write(b"%x\r\n%s\r\n" % (len(raw), raw))
        await self.writer.drain()

    async def end_stream(self) -> None:
        """End a stream in order."""
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def wait_until_left(self) -> None:
        """Send nothing more, until the other end hangs up."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(1024):
                pass

    def cut(self) -> None:
        """Break the connection off."""
        self.writer.transport.abort()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
