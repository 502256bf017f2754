"""A way to PostgreSQL that can be stopped: what is sent stays on it, as if the server hung."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url

#: Seconds that a test waits for an answer that cannot come.
SOON = 0.2


class Way:
    """Between us and a server, on loopback. Passes everything on while `open` is set."""

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self.open = asyncio.Event()
        self.open.set()
        self.url = ""
        self.asked = asyncio.Event()
        self._passing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Way"]:
        """Take connections while the block runs."""
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        own = self._to.set(host="127.0.0.1", port=port, query={})
        self.url = own.render_as_string(hide_password=False)
        try:
            yield self
        finally:
            server.close()
            for one in self._passing:
                one.cancel()
            await asyncio.gather(*self._passing, return_exceptions=True)

    def stop(self) -> None:
        """Pass nothing on from now."""
        self.asked.clear()
        self.open.clear()

    async def _pass(self, ours: asyncio.StreamReader, us: asyncio.StreamWriter) -> None:
        self.asked.set()
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        try:
            await self.open.wait()
            await self._passed(ours, us)
        finally:
            us.close()

    async def _passed(self, ours: asyncio.StreamReader, us: asyncio.StreamWriter) -> None:
        host = str(self._to.query.get("host") or self._to.host)
        port = self._to.port or 5432
        if host.startswith("/"):
            theirs, them = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            theirs, them = await asyncio.open_connection(host, port)
        try:
            with suppress(asyncio.CancelledError):
                await asyncio.gather(self._pump(ours, them), self._pump(theirs, us))
        finally:
            them.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                self.asked.set()
                await self.open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
