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
        try:
            gate.require_this_machine(asking)
        except NoAccess as error:
            return await self._logged_in(connection, asking, error)
        named = connection.query_params.get("as") or asking.headers.get(access.AS) or DEMO[0].id
        async with self._adapter.database.reading() as tx:
            person = await store.person(tx, named)
        if person is None or person.id not in _DEMO:
            raise NoAccess("login_needed")
        return person

    def key(self, connection: HTTPConnection) -> str:
        """The digest of what lets them in, for whoever `who` has let in; empty for demo people."""
        asking = asking_of(connection)
        try:
            self._adapter.gate.require_this_machine(asking)
        except NoAccess:
            return accounts.digest(asking.token or connection.cookies.get(access.COOKIE, ""))
        return ""

    async def csrf(self, connection: HTTPConnection) -> str | None:
        """The word that a page must send with what it does; None where nobody logs in."""
        try:
            self._adapter.gate.require_this_machine(asking_of(connection))
        except NoAccess:
            found = await self.login(connection)
            return found[1] if found else None
        return None

    async def login(self, connection: HTTPConnection) -> tuple[Person, str | None] | None:
        """Who logged in, and the word that their page must send; a program needs none.

        Raises:
            NotRunning: nothing is there yet, or any more.
        """
        self._adapter.require_running()
        token, now = asking_of(connection).token, self._adapter.clock.now()
        async with self._adapter.database.reading() as tx:
            if token:
                person = await accounts.program(tx, token, now)
                return (person, None) if person else None
            return await accounts.session(tx, connection.cookies.get(access.COOKIE, ""), now)

    async def _logged_in(
        self, connection: HTTPConnection, asking: Asking, refused: NoAccess
    ) -> Person:
        found = await self.login(connection)
        if found is None:
            raise refused
        person, csrf = found
        is_post = connection.scope["type"] == "http" and asking.acts
        if is_post and csrf and not accounts.same(asking.headers.get(access.CSRF, ""), csrf):
            raise NoAccess("csrf")
        return person


def asking_of(connection: HTTPConnection) -> Asking:
    """What a request tells about where it comes from."""
    scope: Mapping[str, Any] = connection.scope
    return Asking(
        headers=dict(connection.headers),
        peer=connection.client.host if connection.client else "",
        acts=scope["type"] == "websocket" or scope["method"] not in READING,
    )
