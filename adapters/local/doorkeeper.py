"""Finds out who asks, over HTTP or a WebSocket."""

from typing import TYPE_CHECKING, Any, Final

from starlette.requests import HTTPConnection

from adapters.local import access, accounts, store
from adapters.local.access import Asking, NoAccess
from adapters.local.adapter import LocalAdapter
from adapters.local.rows import Person
from adapters.local.seed import DEMO

if TYPE_CHECKING:
    from collections.abc import Mapping

READING: Final = frozenset({"GET", "HEAD"})
_DEMO: Final = frozenset(one.id for one in DEMO)


class Doorkeeper:
    """Lets people into one workspace."""

    def __init__(self, adapter: LocalAdapter) -> None:
        self._adapter = adapter

    async def who(self, connection: HTTPConnection) -> Person:
        """Who asks.

        Raises:
            NoAccess: nobody is let in like this.
            NotRunning: nothing is there yet, or any more.
        """
        self._adapter.require_running()
        gate, asking = self._adapter.gate, asking_of(connection)
        gate.require_own_page(asking)
        if not gate.demo:
            return await self._logged_in(connection, asking)
        gate.require_this_machine(asking)
        named = connection.query_params.get("as") or asking.headers.get(access.AS) or DEMO[0].id
        async with self._adapter.database.reading() as tx:
            person = await store.person(tx, named)
        if person is None or person.id not in _DEMO:
            raise NoAccess("login_needed")
        return person

    async def csrf(self, connection: HTTPConnection) -> str | None:
        """The word that a page must send with what it does; None where nobody logs in."""
        if self._adapter.gate.demo:
            return None
        found = await self._session(connection)
        return found[1] if found else None

    async def _logged_in(self, connection: HTTPConnection, asking: Asking) -> Person:
        found = await self._session(connection)
        if found is None:
            raise NoAccess("login_needed")
        person, csrf = found
        is_post = connection.scope["type"] == "http" and asking.acts
        if is_post and not accounts.same(asking.headers.get(access.CSRF, ""), csrf):
            raise NoAccess("csrf")
        return person

    async def _session(self, connection: HTTPConnection) -> tuple[Person, str] | None:
        token = connection.cookies.get(access.COOKIE, "")
        async with self._adapter.database.reading() as tx:
            return await accounts.session(tx, token, self._adapter.clock.now())


def asking_of(connection: HTTPConnection) -> Asking:
    """What a request tells about where it comes from."""
    scope: Mapping[str, Any] = connection.scope
    return Asking(
        headers=dict(connection.headers),
        peer=connection.client.host if connection.client else "",
        acts=scope["type"] == "websocket" or scope["method"] not in READING,
    )
