"""The local workspace: a chat platform of our own, in the browser, with no account.

Nothing heavy is imported until the adapter is built.
"""

from typing import TYPE_CHECKING, Final

from adapters.kit import Database, KitContext, KitSettings, Login, PlatformKit
from adapters.local.limits import LIMITS, PLATFORM
from adapters.local.tables import METADATA
from adapters.port import ChatAdapter

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import HTTPConnection
    from starlette.routing import BaseRoute

    from adapters.local.adapter import LocalAdapter

_ROOM: Final = 64 * 1024
"""Bytes that may stand around an uploaded file."""


class LocalSettings(KitSettings):
    """`DRESSRUN_LOCAL__*`. There is nothing that has to be set."""

    enabled: bool = True

    def off(self) -> bool:
        """Whether it was switched off."""
        return not self.enabled


def build(context: KitContext) -> "LocalAdapter":
    """An adapter; demo people are open only where nothing but this machine reaches the server."""
    from adapters.local.access import Gate
    from adapters.local.adapter import LocalAdapter

    context.section(LocalSettings)
    return LocalAdapter(
        database=_database(context),
        clock=context.clock,
        gate=Gate(demo=context.loopback and not context.public_url, public_url=context.public_url),
        specs=context.specs,
        root=context.public_url,
        answer_within=context.answer_within,
        doors=context.doors,
    )


def routes(adapter: ChatAdapter) -> "Sequence[BaseRoute]":
    """The page and its API."""
    from adapters.local.routes import routes_of

    return routes_of(_own(adapter))


async def login(adapter: ChatAdapter, connection: "HTTPConnection") -> Login | None:
    """Who logged in, by a browser's cookie or a program's secret."""
    from adapters.local import access
    from adapters.local.doorkeeper import Doorkeeper
    from adapters.local.groups import groups_of
    from adapters.local.parse import user_ref

    found = await Doorkeeper(_own(adapter)).login(connection)
    if found is None:
        return None
    person, word = found
    return Login(
        user=user_ref(person.id),
        name=person.name,
        groups=frozenset(one.id for one in groups_of(person.role)),
        word=word,
        header=access.CSRF,
    )


async def program(context: KitContext, name: str, role: str) -> str:
    """Add somebody; the secret of a program of theirs."""
    from adapters.local import accounts

    async with _database(context).transaction() as tx:
        return await accounts.add_program(tx, name, role, context.clock.now())


async def dismiss(context: KitContext, name: str) -> bool:
    """Let somebody in no more."""
    from adapters.local import accounts

    async with _database(context).transaction() as tx:
        return await accounts.remove(tx, name)


async def invite(context: KitContext, name: str, role: str) -> str:
    """Add somebody; a link that lets them in once."""
    from adapters.local import accounts

    async with _database(context).transaction() as tx:
        token = await accounts.add(tx, name, role, context.clock.now())
    return _link(context, token)


async def forget(tx: "AsyncSession", user_id: str) -> None:
    """Let go of what somebody wrote and was shown here."""
    from adapters.local import forgetting

    await forgetting.forget(tx, user_id)


async def let_go(tx: "AsyncSession", threads: "Collection[str]") -> None:
    """Let go of threads whose sessions are old."""
    from adapters.local import forgetting

    await forgetting.let_go(tx, threads)


async def tidy(tx: "AsyncSession", now: "datetime") -> None:
    """Let go of what was handed over long ago, and of logins that are over."""
    from adapters.local import forgetting

    await forgetting.tidy(tx, now)


async def first_link(context: KitContext) -> str:
    """A link for an administrator, where a login is needed and nobody has one yet."""
    from adapters.local import accounts

    if context.loopback and not context.public_url:
        return ""
    async with _database(context).transaction() as tx:
        token = await accounts.first(tx, context.clock.now())
    return _link(context, token) if token else ""


def _own(adapter: ChatAdapter) -> "LocalAdapter":
    from adapters.local.adapter import LocalAdapter

    if not isinstance(adapter, LocalAdapter):
        raise TypeError(f"expected our own adapter, not {type(adapter).__name__}")
    return adapter


def _link(context: KitContext, token: str) -> str:
    return f"{context.public_url.rstrip('/')}/local/link/{token}"


def _database(context: KitContext) -> Database:
    if context.database is None:
        raise ValueError("the local workspace needs a database")
    return context.database


KIT = PlatformKit(
    name=PLATFORM,
    settings_model=LocalSettings,
    build=build,
    routes=routes,
    tables=METADATA,
    connects="always",
    invite=invite,
    program=program,
    dismiss=dismiss,
    login=login,
    signed=("/local/link/{token}",),
    first_link=first_link,
    forget=forget,
    let_go=let_go,
    tidy=tidy,
    shared=True,
    roles={"instructors": "instructor", "admins": "admin"},
    bodies={"/local/api/uploads": LIMITS.upload_bytes + _ROOM},
)
