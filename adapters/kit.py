"""A platform as a package of parts: what each folder in `adapters/` exports as `KIT`."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from adapters.clock import Clock, SystemClock
from adapters.messages import File
from adapters.port import ChatAdapter
from adapters.refs import Platform, UserRef
from adapters.specs import CommandSpec

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import MetaData
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import HTTPConnection
    from starlette.routing import BaseRoute


class KitSettings(BaseModel):
    """Base of a kit's own section, `DRESSRUN_<NAME>__*`.

    Three states: nothing set (`wanted()` is false: the platform is off), complete, and half: then
    `missing()` names the fields that still lack, and starting is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def wanted(self) -> bool:
        """Whether anybody asked for this platform: at least one field was set."""
        return bool(self.model_fields_set)

    def missing(self) -> tuple[str, ...]:
        """Names of the fields that must still be set, in the order of the model."""
        return ()

    def off(self) -> bool:
        """Whether it was switched off, for a platform that is on by itself."""
        return False


Section = TypeVar("Section", bound=KitSettings)


class Database(Protocol):
    """The application's database, for a kit with tables. Transactions are short."""

    @property
    def stores(self) -> bool:
        """Whether what is written is stored: False from a failure until something could be."""
        ...

    def transaction(self) -> "AbstractAsyncContextManager[AsyncSession]":
        """A transaction that may write: committed at the end of the block, undone by an error.

        Raises:
            PlatformDown: the database cannot be reached; try later.
            DeliveryFailed: it would not take what was written, and would not again.
        """
        ...

    def reading(self) -> "AbstractAsyncContextManager[AsyncSession]":
        """A transaction that only reads, and waits for no writer. Raises as `transaction`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KitContext:
    """All a kit may use to build its adapter.

    `data_dir` is a folder of this kit's own, which exists. `public_url` is where the outside
    reaches this process, empty when it cannot. `loopback`: only this machine reaches the server.
    `doors`: people come in through this process; a worker only shows things.
    `database` is None for a kit without tables. `answer_within` is how many seconds a query may
    take before the neutral answer is given.
    `secrets` of a platform stay inside `settings`, as pydantic's SecretStr.
    """

    settings: KitSettings
    specs: tuple[CommandSpec, ...]
    data_dir: Path
    clock: Clock = field(default_factory=SystemClock)
    public_url: str = ""
    loopback: bool = False
    doors: bool = True
    database: Database | None = None
    answer_within: float = 1.0

    def section(self, model: type[Section]) -> Section:
        """The settings as the kit's own model.

        Raises:
            TypeError: these are another kit's settings.
        """
        if not isinstance(self.settings, model):
            raise TypeError(f"expected {model.__name__}, not {type(self.settings).__name__}")
        return self.settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing `dressrun doctor` looked at. `text` is for the operator; no secret is in it."""

    level: Literal["ok", "warning", "error"]
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody who logged in, with the groups that they are in.

    `word` is what a page of theirs must send in `header` with all that it does, since a browser
    adds its cookie by itself; None for a program, which shows its secret each time.
    """

    user: UserRef
    name: str
    groups: frozenset[str] = frozenset()
    word: str | None = None
    header: str = ""


def _no_routes(_adapter: ChatAdapter) -> Sequence["BaseRoute"]:
    return ()


def _no_manifest(_context: KitContext) -> tuple[File, ...]:
    return ()


async def _no_link(_context: KitContext) -> str:
    return ""


async def _nothing_kept(_tx: "AsyncSession", _user_id: str) -> None:
    """A platform without tables of ours keeps nothing here."""


async def _no_threads(_tx: "AsyncSession", _threads: Collection[str]) -> None:
    """A platform without tables of ours keeps no thread here."""


async def _nothing_old(_tx: "AsyncSession", _now: datetime) -> None:
    """A platform without tables of ours has nothing that grows old here."""


async def _nothing_found(_context: KitContext) -> tuple[Finding, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformKit:
    """One platform. The application finds kits by scanning `adapters/` for packages with a `KIT`.

    `build` does no I/O and imports the platform's SDK lazily; connecting is `running`'s work.
    `routes` are mounted on the web server as they are, and answer 503 while `running` is not
    entered. `manifest` gives the files an operator uploads to the platform. `tables` are the kit's
    own, migrated with all others; their names start with the kit's name. `doctor` may use the
    network.

    `connects` says when the server connects it: where it is set up, always, or never, because it
    has a command of its own. `roles` gives the application's role for a group of `Profile.groups`,
    by the group's id. `bodies` are those paths that take more bytes than a server usually reads.

    `forget` removes what the kit's own tables hold of an account, by the id of its `UserRef`, in
    the transaction in which the application forgets the person. `let_go` removes what they hold of
    threads, by the keys of their `ThreadRef`s, once the sessions in them were kept for long enough;
    `tidy`, now and then, what nobody asks for any more.

    `shared`: its adapter shows things through the database alone, so that every process may.

    A platform that keeps people of its own has `invite`: it adds somebody by name and role, and
    gives a link that lets them in once; ValueError says what is wrong with either. `program` does
    the same and gives a secret for a program of theirs. `dismiss` lets somebody in no more, and
    says whether there was anybody of that name. `login` says who logged in, for the whole server;
    it raises AdapterError while that cannot be said. `first_link` gives a link to whoever starts a
    server that nobody can get into yet, else nothing.

    `signed` are the paths of those routes that find out by themselves who sends: by a platform's
    signature, or a link. Where others than this machine can come, everything else asks for a login.
    """

    name: Platform
    settings_model: type[KitSettings]
    build: Callable[[KitContext], ChatAdapter]
    routes: Callable[[ChatAdapter], Sequence["BaseRoute"]] = _no_routes
    manifest: Callable[[KitContext], tuple[File, ...]] = _no_manifest
    tables: "MetaData | None" = None
    doctor: Callable[[KitContext], Awaitable[tuple[Finding, ...]]] = _nothing_found
    connects: Literal["wanted", "always", "never"] = "wanted"
    roles: Mapping[str, str] = field(default_factory=dict)
    invite: Callable[[KitContext, str, str], Awaitable[str]] | None = None
    program: Callable[[KitContext, str, str], Awaitable[str]] | None = None
    dismiss: Callable[[KitContext, str], Awaitable[bool]] | None = None
    login: "Callable[[ChatAdapter, HTTPConnection], Awaitable[Login | None]] | None" = None
    first_link: Callable[[KitContext], Awaitable[str]] = _no_link
    signed: Collection[str] = ()
    bodies: Mapping[str, int] = field(default_factory=dict)
    forget: Callable[["AsyncSession", str], Awaitable[None]] = _nothing_kept
    let_go: Callable[["AsyncSession", Collection[str]], Awaitable[None]] = _no_threads
    tidy: Callable[["AsyncSession", datetime], Awaitable[None]] = _nothing_old
    shared: bool = False
