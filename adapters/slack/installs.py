"""Where the app is installed, and the tokens for it: one workspace by token, or many by OAuth."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from adapters.errors import PlatformDown
from adapters.slack.parse import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """The app in one tenant. `scopes` None: nobody has said. `url` is the workspace's own."""

    tenant: str
    team: str
    token: str = field(repr=False)
    bot_user: str
    bot_id: str = ""
    enterprise: str = ""
    url: str = ""
    scopes: frozenset[str] | None = None

    def may(self, scope: str) -> bool:
        """Whether it was granted a scope; yes where nobody has said."""
        return self.scopes is None or scope in self.scopes


class Installs(Protocol):
    """Finds installations."""

    single: bool
    """Whether there is one workspace and no other."""

    async def of(self, tenant: str) -> Install:
        """The installation of a tenant.

        Raises:
            Unreachable: there is none any more.
            PlatformDown: it cannot be said now.
        """
        ...

    async def fresh(self, tenant: str) -> Install | None:
        """As `of`, without what is remembered; None where there is none."""
        ...

    async def owner(self, owner: Owner) -> Install | None:
        """The installation that an event was sent to; None for one that is not ours.

        Raises:
            PlatformDown: it cannot be said now.
        """
        ...

    async def tenant_in(self, channel: str, tenant: str) -> str:
        """The tenant whose sessions are in a shared channel: the first that was seen there."""
        ...

    async def shared_by(self, channel: str) -> str:
        """The same for a channel that may be shared; empty for one that nobody shares."""
        ...

    async def removed(self, tenant: str) -> None:
        """The app was taken out of a tenant, or its token revoked."""
        ...

    def known(self, tenant: str) -> Install | None:
        """What is remembered of an installation, without asking anybody."""
        ...


Greet = Callable[[str], Awaitable[Install]]
"""Asks Slack whose a token is."""


class OneInstall:
    """The app in one workspace, or in one enterprise, by its token."""

    single = True

    def __init__(self, token: str) -> None:
        self._token = token
        self._install: Install | None = None
        self.greet: Greet | None = None

    async def begin(self) -> Install:
        """Ask whose the token is. Raises as `Api.by`, and ApiError."""
        if self.greet is None:
            raise PlatformDown("not_greeted")
        self._install = await self.greet(self._token)
        return self._install

    async def of(self, tenant: str) -> Install:
        """The one there is. What an earlier token wrote elsewhere is not ours any more."""
        if self._install is None:
            raise PlatformDown("not_greeted")
        return self._install

    async def fresh(self, tenant: str) -> Install | None:
        """The same: its token never changes."""
        return self._install

    async def owner(self, owner: Owner) -> Install | None:
        """The one there is, if it is meant."""
        install = await self.of(owner.tenant)
        return install if owner.tenant == install.tenant or owner.team == install.team else None

    async def tenant_in(self, channel: str, tenant: str) -> str:
        """There is only one."""
        return tenant

    async def shared_by(self, channel: str) -> str:
        """There is only one."""
        return ""

    async def removed(self, tenant: str) -> None:
        """Nothing is stored here."""

    def known(self, tenant: str) -> Install | None:
        """The one there is."""
        return self._install
