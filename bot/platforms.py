"""The platforms that a server connects: found, built, and kept running."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from adapters.errors import AdapterError, DeliveryFailed, PlatformDown
from adapters.kit import KitContext, KitSettings, Login, PlatformKit
from adapters.port import AdapterHealth, ChatAdapter, Event, Platform, UserRef
from bot import people
from bot.answers import Answers
from bot.catching_up import following
from bot.clock import DemoClock
from bot.commands import REGISTRY
from bot.people import ROLES, Identity, Role
from bot.settings import PREFIX, Settings
from bot.store.database import Database, StoreAway, StoreRefused
from bot.wiring import App, section_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import HTTPConnection
    from starlette.routing import BaseRoute

log = structlog.get_logger(__name__)

_NOBODY_OF_OUR_OWN = "no platform that is on keeps people of its own"


@dataclass(frozen=True, slots=True)
class KitDatabase:
    """The database as kits get it, with failures that are theirs."""

    database: Database

    @property
    def stores(self) -> bool:
        """Whether what is written is stored."""
        return self.database.stores

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[AsyncSession]":
        """A transaction that may write."""
        async with _translated(self.database.transaction) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> "AsyncGenerator[AsyncSession]":
        """A transaction that only reads."""
        async with _translated(self.database.reading) as tx:
            yield tx


@asynccontextmanager
async def _translated(begin: Callable[[], Any]) -> "AsyncGenerator[AsyncSession]":
    try:
        async with begin() as tx:
            yield tx
    except StoreAway:
        raise PlatformDown("database") from None
    except StoreRefused as error:
        raise DeliveryFailed(str(error)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who logged in.

    `roles` are those that the platform gives them, out of `governed`; others may be stored.
    """

    account: Identity
    name: str
    roles: frozenset[Role]
    governed: frozenset[Role]

    @property
    def is_admin(self) -> bool:
        """Whether they look after the server."""
        return "admin" in self.roles


@dataclass(slots=True, kw_only=True)
class Connected:
    """One platform: its kit, its adapter, and those of its people whose roles were looked up."""

    kit: PlatformKit
    adapter: ChatAdapter
    app: App
    _known: dict[str, frozenset[str]] = field(default_factory=dict)
    _unnamed: dict[str, str] = field(default_factory=dict)
    """Names of people without a role by a group, until they are remembered for something else."""

    async def visitor(self, connection: "HTTPConnection") -> tuple[Login, Visitor] | None:
        """Who logged in on this platform.

        Raises:
            AdapterError: that cannot be said now.
        """
        found = await self.kit.login(self.adapter, connection) if self.kit.login else None
        if found is None:
            return None
        if self._known.get(found.user.id, found.groups) != found.groups:
            self._known.pop(found.user.id, None)  # they have another role by now
        user, governed = found.user, frozenset(self.kit.roles.values())
        held = {self.kit.roles[one] for one in found.groups if one in self.kit.roles}
        return found, Visitor(
            account=people.account_of(user),
            name=found.name,
            roles=frozenset(one for one in ROLES if one in held),
            governed=frozenset(one for one in ROLES if one in governed),
        )

    async def accept(self, event: Event) -> None:
        """Store what happened; whoever has a role by a group of the platform's has it by then.

        Raises:
            NotStored: it was not.
        """
        if self.kit.roles and event.user.id not in self._known:
            await self._look_up(event.user)
        elif event.user.id in self._unnamed:
            await self._name(event.user)
        await self.app.delivery.accept(event)

    async def _look_up(self, user: UserRef) -> None:
        try:
            profile = await self.adapter.profile(user)
            groups = frozenset(one.id for one in profile.groups)
            roles = {self.kit.roles[one] for one in groups if one in self.kit.roles}
            await self._give(user, profile.name, roles)
        except (AdapterError, StoreAway, StoreRefused) as error:
            # Without the roles they can do less; their next event tries again.
            log.warning("roles_unknown", code=error.code)
            return
        self._known[user.id] = groups

    async def _give(self, user: UserRef, name: str, groups: Collection[str]) -> None:
        """Give somebody the roles of their groups, and take those of groups they have left.

        Whoever is in none and was never seen is not remembered for it.
        """
        who = people.account_of(user)
        services, mapped = self.app.services, set(self.kit.roles.values())
        async with services.database.transaction() as tx:
            if not groups and await people.known(tx, who) is None:
                self._unnamed[user.id] = name
                return
            person = await people.person_of(tx, who, name=name, at=services.now())
            for role in ROLES:
                held = role in groups
                if role in mapped and held != (role in person.roles):
                    await people.set_role(tx, person.id, person.workspace, role, held=held)

    async def _name(self, user: UserRef) -> None:
        """Keep the name of somebody who is remembered by now."""
        who, services = people.account_of(user), self.app.services
        try:
            async with services.database.transaction() as tx:
                if await people.known(tx, who) is None:
                    return
                name = self._unnamed[user.id]
                await people.person_of(tx, who, name=name, at=services.now())
        except (StoreAway, StoreRefused) as error:
            log.warning("name_unknown", code=error.code)
            return
        self._unnamed.pop(user.id, None)


@dataclass(frozen=True, slots=True)
class Platforms:
    """Every platform of a server."""

    connected: tuple[Connected, ...] = ()

    @property
    def routes(self) -> "list[BaseRoute]":
        """What they answer over HTTP."""
        return [route for one in self.connected for route in one.kit.routes(one.adapter)]

    @property
    def health(self) -> Mapping[str, AdapterHealth]:
        """How each of them is connected, by name."""
        return {str(one.kit.name): one.adapter.health() for one in self.connected}

    @property
    def bodies(self) -> Mapping[str, int]:
        """The paths that take larger bodies than others, with their limits in bytes."""
        return {path: most for one in self.connected for path, most in one.kit.bodies.items()}

    @property
    def signed(self) -> tuple[str, ...]:
        """The paths of those routes that find out by themselves who sends."""
        return tuple(path for one in self.connected for path in one.kit.signed)

    async def visitor(self, connection: "HTTPConnection") -> tuple[Login, Visitor] | None:
        """Who logged in, on whichever platform keeps people of its own.

        Raises:
            AdapterError: that cannot be said now.
        """
        for one in self.connected:
            if (found := await one.visitor(connection)) is not None:
                return found
        return None

    @asynccontextmanager
    async def running(self, app: App) -> AsyncGenerator[None]:
        """Take part on all of them while the block runs, and handle what happens there."""
        answers = Answers(app.services)
        adapters = {one.adapter.platform: one.adapter for one in self.connected}
        async with AsyncExitStack() as stack:
            for one in self.connected:
                await stack.enter_async_context(one.adapter.running(one.accept, answers.answer))
            await stack.enter_async_context(app.delivery.running(adapters))
            database = app.services.database
            await stack.enter_async_context(following(self.connected, database, app.clock))
            yield


def chosen(
    settings: Settings, kits: Mapping[str, PlatformKit]
) -> Mapping[Platform, tuple[PlatformKit, KitSettings]]:
    """The platforms that a server is to connect, with what is set for each.

    Raises:
        ValueError: something is set wrong or lacks; a line for each variable.
    """
    found: dict[Platform, tuple[PlatformKit, KitSettings]] = {}
    problems: list[str] = []
    for kit in kits.values():
        if kit.connects == "never":
            continue
        try:
            section = section_of(kit)
        except ValueError as error:
            problems.append(str(error))
            continue
        if section.off() or (kit.connects == "wanted" and not section.wanted()):
            continue
        if missing := section.missing():
            names = ", ".join(f"{PREFIX}{kit.name.upper()}__{one.upper()}" for one in missing)
            problems.append(f"{kit.name} is set up by half: set {names} as well")
            continue
        found[kit.name] = (kit, section)
    if problems:
        raise ValueError("\n".join(problems))
    return found


async def invited(app: App, kits: Mapping[str, PlatformKit], name: str, role: str) -> list[str]:
    """Add somebody on every platform that keeps people of its own; a link for each.

    Raises:
        ValueError: the name or role will not do, or there is no such platform.
    """
    links = [
        await kit.invite(context_of(app, kit, section), name, role)
        for kit, section in chosen(app.settings, kits).values()
        if kit.invite is not None
    ]
    if not links:
        raise ValueError(_NOBODY_OF_OUR_OWN)
    return [_whole(app.settings, link) for link in links]


async def let_in(app: App, kits: Mapping[str, PlatformKit], name: str, role: str) -> list[str]:
    """Add somebody with a program, as `invited`; a secret for each platform.

    Raises:
        ValueError: as `invited`.
    """
    secrets = [
        await kit.program(context_of(app, kit, section), name, role)
        for kit, section in chosen(app.settings, kits).values()
        if kit.program is not None
    ]
    if not secrets:
        raise ValueError(_NOBODY_OF_OUR_OWN)
    return secrets


async def dismissed(app: App, kits: Mapping[str, PlatformKit], name: str) -> None:
    """Let somebody in no more, wherever they were let in.

    Raises:
        ValueError: nobody is called that.
    """
    found = [
        await kit.dismiss(context_of(app, kit, section), name)
        for kit, section in chosen(app.settings, kits).values()
        if kit.dismiss is not None
    ]
    if not any(found):
        raise ValueError(f"nobody who was let in is called {name!r}")


async def first_links(app: App, platforms: Platforms) -> list[str]:
    """Links for whoever starts a server that nobody can get into yet."""
    found = [
        await one.kit.first_link(context_of(app, one.kit, section_of(one.kit)))
        for one in platforms.connected
    ]
    return [_whole(app.settings, link) for link in found if link]


def _whole(settings: Settings, link: str) -> str:
    """A link with the address that the server has, as far as that is known."""
    # Bound to every address: a container's is reached from its own machine, where a browser keeps
    # a login without TLS too.
    here = f"http://localhost:{settings.port}" if settings.on_every_address else ""
    root = settings.reached_at or here or f"http://{settings.bind}"
    return link if "://" in link else f"{root}{link}"


def context_of(
    app: App, kit: PlatformKit, section: KitSettings, *, doors: bool = True
) -> KitContext:
    """What a kit may use in this application. `doors`: people come in through this process."""
    settings = app.settings
    folder = settings.data_dir / kit.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return KitContext(
        settings=section,
        specs=REGISTRY.specs_for(demo=isinstance(app.clock, DemoClock)),
        data_dir=folder,
        clock=app.clock,
        public_url=settings.public_url,
        loopback=settings.on_loopback,
        doors=doors,
        database=KitDatabase(app.services.database) if kit.tables is not None else None,
    )


def platforms_of(app: App, kits: Mapping[str, PlatformKit]) -> Platforms:
    """The platforms of a server, built; `running` connects them.

    Raises:
        ValueError: as `chosen`.
    """
    return Platforms(
        tuple(
            Connected(kit=kit, adapter=kit.build(context_of(app, kit, section)), app=app)
            for kit, section in chosen(app.settings, kits).values()
        )
    )


@asynccontextmanager
async def shown_by(app: App, kits: Mapping[str, PlatformKit]) -> AsyncGenerator[Platforms]:
    """The platforms that a process without doors shows things on while the block runs.

    Raises:
        ValueError: as `chosen`.
    """
    shared = [one for one in chosen(app.settings, kits).values() if one[0].shared]
    platforms = Platforms(
        tuple(
            Connected(
                kit=kit, adapter=kit.build(context_of(app, kit, section, doors=False)), app=app
            )
            for kit, section in shared
        )
    )
    async with platforms.running(app):
        yield platforms
