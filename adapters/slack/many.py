"""The app in many workspaces: installations in the database.

Their tokens are renewed by one process at a time. A row of the database holds them as they are
stored; they are read where they are used.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, select, update

from adapters.clock import Clock
from adapters.errors import AdapterError, DeliveryFailed, PlatformDown, Unreachable
from adapters.kit import Database
from adapters.slack.installs import Install
from adapters.slack.parse import Owner, digest
from adapters.slack.sealing import Seal
from adapters.slack.tables import CHANNELS, INSTALLATIONS, STATES
from adapters.tables import put_new

log = structlog.get_logger(__name__)

REMEMBERED: Final = timedelta(seconds=60)
"""So long a token is used without looking; another process may have replaced it."""

RENEWED: Final = timedelta(hours=2)
"""So long before its end a token is renewed."""

ROTATING: Final = timedelta(seconds=60)
"""So long one process may take to renew a token before another one tries."""

STATE: Final = timedelta(minutes=10)
_POLL: Final = 0.25
_AGAIN: Final = 1.0
_NO_TOKENS: Final = {"active": False, "token": "", "refresh_token": "", "expires_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """New tokens for old."""

    token: str
    refresh_token: str
    seconds: int


Renewal = Callable[[str], Awaitable[Renewed]]
"""Gets new tokens for a refresh token. Raises AdapterError; `Unreachable` where Slack knows the
refresh token no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The right to renew a row's tokens, until a second since 1970; `sent` is what they cost."""

    row: Mapping[str, Any] = field(repr=False)
    sent: str = field(repr=False)
    until: int


class ManyInstalls:
    """Installations in the database, their tokens under a seal."""

    single = False

    def __init__(self, database: Database, clock: Clock, seal: Seal | None = None) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal or Seal()
        self._held: dict[str, tuple[datetime, Install]] = {}
        self._shared: dict[str, str] = {}
        self._renewing: set[asyncio.Task[Mapping[str, Any] | None]] = set()
        self.renewal: Renewal | None = None

    async def of(self, tenant: str) -> Install:
        """The installation of a tenant, its token good for a while."""
        found = self._held.get(tenant)
        if found is not None and found[0] > self._clock.now():
            return found[1]
        install = await self.fresh(tenant)
        if install is None:
            raise Unreachable("not_installed")
        return install

    async def fresh(self, tenant: str) -> Install | None:
        """The installation as it is stored, renewed if it ends soon."""
        self._held.pop(tenant, None)
        row = await self._row(tenant)
        if row is None or not row["active"]:
            return None
        if self._ends_soon(row):
            row = await self._renewed(row)
        install = self._install(row)
        self._held[tenant] = (self._clock.now() + REMEMBERED, install)
        return install

    async def owner(self, owner: Owner) -> Install | None:
        """The installation that an event was sent to."""
        for tenant in dict.fromkeys((owner.tenant, owner.team, owner.enterprise)):
            if tenant:
                try:
                    return await self.of(tenant)
                except Unreachable:
                    continue
        return None

    async def tenant_in(self, channel: str, tenant: str) -> str:
        """The first tenant that was seen in a shared channel, while it has the app."""
        known = self._shared.get(channel)
        if known is None:
            async with self._database.transaction() as tx:
                await put_new(tx, CHANNELS, channel=channel, tenant=tenant)
                known = str(
                    await tx.scalar(select(CHANNELS.c.tenant).where(CHANNELS.c.channel == channel))
                )
            self._shared[channel] = known
        if known != tenant and await self.owner(Owner(team=known)) is None:
            async with self._database.transaction() as tx:
                await tx.execute(
                    update(CHANNELS).where(CHANNELS.c.channel == channel).values(tenant=tenant)
                )
            self._shared[channel] = known = tenant
        return known

    async def shared_by(self, channel: str) -> str:
        """The tenant whose sessions are in a channel that several share."""
        if channel in self._shared:
            return self._shared[channel]
        async with self._database.reading() as tx:
            found = await tx.scalar(select(CHANNELS.c.tenant).where(CHANNELS.c.channel == channel))
        return str(found or "")

    async def removed(self, tenant: str) -> None:
        """Use its token no more, and keep none."""
        async with self._database.transaction() as tx:
            await tx.execute(
                update(INSTALLATIONS).where(INSTALLATIONS.c.tenant == tenant).values(_NO_TOKENS)
            )
        self._held.pop(tenant, None)

    def known(self, tenant: str) -> Install | None:
        """What was looked up last."""
        found = self._held.get(tenant)
        return found[1] if found is not None else None

    async def add(self, install: Install, refresh_token: str, seconds: int | None) -> None:
        """Keep an installation, in place of an earlier one of that tenant."""
        now = int(self._clock.now().timestamp())
        values = {
            "tenant": install.tenant,
            "team": install.team,
            "enterprise": install.enterprise,
            "token": self._seal.closed(install.token),
            "refresh_token": self._seal.closed(refresh_token),
            "expires_at": now + seconds if seconds else None,
            "rotating_until": 0,
            "bot_id": install.bot_id,
            "bot_user": install.bot_user,
            "scopes": ",".join(sorted(install.scopes or ())),
            "url": install.url,
            "active": True,
            "installed_at": now,
        }
        async with self._database.transaction() as tx:
            await tx.execute(delete(INSTALLATIONS).where(INSTALLATIONS.c.tenant == install.tenant))
            await tx.execute(INSTALLATIONS.insert().values(values))
        self._held.pop(install.tenant, None)

    async def sealed_anew(self) -> bool:
        """Encrypt what was stored without a key, or with an earlier one.

        Whether nothing is left to do: a row is left alone while its tokens are being renewed, or
        where it was changed just now. Raises AdapterError.
        """
        columns = INSTALLATIONS.c
        now, complete = int(self._clock.now().timestamp()), True
        async with self._database.transaction() as tx:
            found = await tx.execute(
                # In one order, so that two processes do not wait for each other.
                select(columns.tenant, columns.token, columns.refresh_token).order_by(
                    columns.tenant
                )
            )
            for tenant, token, refresh_token in found.all():
                fresh = self._seal.anew(token), self._seal.anew(refresh_token)
                if fresh != (token, refresh_token):
                    sealed = await tx.execute(
                        update(INSTALLATIONS)
                        .where(columns.tenant == tenant, columns.token == token)
                        .where(columns.refresh_token == refresh_token)
                        .where(columns.rotating_until < now)
                        .values(token=fresh[0], refresh_token=fresh[1])
                        .returning(columns.tenant)
                    )
                    complete = sealed.first() is not None and complete
        return complete

    # --- logins under way ----------------------------------------------------------------------

    async def begin(self, state: str) -> None:
        """Somebody begins to install."""
        now = int(self._clock.now().timestamp())
        until = now + int(STATE.total_seconds())
        async with self._database.transaction() as tx:
            await tx.execute(delete(STATES).where(STATES.c.expires_at < now))
            await tx.execute(STATES.insert().values(digest=digest(state), expires_at=until))

    async def end(self, state: str) -> bool:
        """Whether it was begun here, and lately; true once."""
        now = int(self._clock.now().timestamp())
        async with self._database.transaction() as tx:
            gone = await tx.execute(
                delete(STATES)
                .where(STATES.c.digest == digest(state), STATES.c.expires_at >= now)
                .returning(STATES.c.digest)
            )
            return gone.first() is not None

    # --- renewing ------------------------------------------------------------------------------

    def _ends_soon(self, row: Mapping[str, Any]) -> bool:
        return bool(row["refresh_token"]) and self._left(row) < RENEWED

    def _left(self, row: Mapping[str, Any]) -> timedelta:
        ends = row["expires_at"]
        if ends is None:
            return timedelta.max
        return timedelta(seconds=int(ends) - self._clock.now().timestamp())

    async def _renewed(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row with new tokens. One process asks for them; a refresh token works once."""
        while True:
            if (claim := await self._claimed(row)) is not None:
                # Who asked may wait no longer; what Slack gives for a spent token is kept anyway.
                task = asyncio.create_task(self._rotated(claim))
                self._renewing.add(task)
                task.add_done_callback(self._renewing.discard)
                if (renewed := await asyncio.shield(task)) is not None:
                    return renewed
            elif self._left(row) > timedelta():
                return row  # It still works, and somebody renews it.
            else:
                await self._clock.sleep(_POLL)
            now = await self._row(row["tenant"])
            if now is None or not now["active"]:
                raise Unreachable("not_installed")
            if not self._ends_soon(now):
                return now
            row = now

    async def _rotated(self, claim: _Claim) -> Mapping[str, Any] | None:
        """The row with new tokens; None where it is another one by now, to be looked at again."""
        row = claim.row
        if self.renewal is None:
            raise PlatformDown("no_client")
        try:
            new = await self.renewal(claim.sent)
        except AdapterError as error:
            if self._left(row) > timedelta():
                return row
            if not isinstance(error, Unreachable):
                raise PlatformDown("not_renewed") from None
            if await self._given_up(claim):
                raise
            return None
        changed = {
            "token": self._seal.closed(new.token),
            "refresh_token": self._seal.closed(new.refresh_token),
            "expires_at": int(self._clock.now().timestamp()) + new.seconds,
            "rotating_until": 0,
        }
        return {**row, **changed} if await self._kept(claim, changed) else None

    async def _kept(self, claim: _Claim, changed: Mapping[str, Any]) -> bool:
        """Store new tokens, if need be again and again while the claim lasts: the old are spent.

        Raises AdapterError where the database was away all that time.
        """
        tenant = claim.row["tenant"]
        while True:
            try:
                kept = await self._stored(claim, changed)
            except AdapterError as error:
                if self._clock.now().timestamp() > claim.until:
                    log.warning("tokens_not_kept", tenant=tenant, code=error.code)
                    raise
                await self._clock.sleep(_AGAIN)
                continue
            if not kept:
                log.warning("tokens_not_kept", tenant=tenant, code="replaced")
            return kept

    async def _stored(self, claim: _Claim, changed: Mapping[str, Any]) -> bool:
        """Write into the row that was claimed; whether it is still there."""
        mine = INSTALLATIONS.c.tenant == claim.row["tenant"]
        async with self._database.transaction() as tx:
            found = await tx.execute(select(INSTALLATIONS).where(mine).with_for_update())
            row = found.mappings().first()
            if row is None or not self._is_claimed(dict(row), claim):
                return False
            await tx.execute(update(INSTALLATIONS).where(mine).values(changed))
        return True

    def _is_claimed(self, row: Mapping[str, Any], claim: _Claim) -> bool:
        # Its text says nothing: a token that is sealed anew is the same token.
        if not row["active"] or row["installed_at"] != claim.row["installed_at"]:
            return False
        if row["rotating_until"] == claim.until:
            return True
        try:  # We took too long; who claimed it after us has nothing but the token we have spent.
            return self._seal.opened(row["refresh_token"]) == claim.sent
        except PlatformDown:
            return False

    async def _given_up(self, claim: _Claim) -> bool:
        """Use these tokens no more; whether they were still ours to renew."""
        columns = INSTALLATIONS.c
        async with self._database.transaction() as tx:
            gone = await tx.execute(
                update(INSTALLATIONS)
                .where(columns.tenant == claim.row["tenant"])
                .where(columns.installed_at == claim.row["installed_at"])
                .where(columns.rotating_until == claim.until)
                .values(_NO_TOKENS)
                .returning(columns.tenant)
            )
            return gone.first() is not None

    async def _claimed(self, row: Mapping[str, Any]) -> _Claim | None:
        """The right to renew these tokens; None where they are renewed or changed elsewhere."""
        sent = self._seal.opened(row["refresh_token"])  # Who cannot read it stands in nobody's way.
        now = int(self._clock.now().timestamp())
        until = now + int(ROTATING.total_seconds())
        async with self._database.transaction() as tx:
            mine = await tx.execute(
                update(INSTALLATIONS)
                .where(
                    INSTALLATIONS.c.tenant == row["tenant"],
                    INSTALLATIONS.c.installed_at == row["installed_at"],
                    INSTALLATIONS.c.refresh_token == row["refresh_token"],
                    INSTALLATIONS.c.rotating_until < now,
                )
                .values(rotating_until=until)
                .returning(INSTALLATIONS.c.tenant)
            )
            claimed = mine.first() is not None
        return _Claim(row=row, sent=sent, until=until) if claimed else None

    async def _row(self, tenant: str) -> Mapping[str, Any] | None:
        try:
            async with self._database.reading() as tx:
                found = await tx.execute(
                    select(INSTALLATIONS).where(INSTALLATIONS.c.tenant == tenant)
                )
                row = found.mappings().first()
        except DeliveryFailed:
            raise PlatformDown("database") from None
        return dict(row) if row is not None else None

    def _install(self, row: Mapping[str, Any]) -> Install:
        scopes = frozenset(one for one in str(row["scopes"]).split(",") if one)
        return Install(
            tenant=row["tenant"],
            team=row["team"],
            enterprise=row["enterprise"],
            token=self._seal.opened(row["token"]),
            bot_user=row["bot_user"],
            bot_id=row["bot_id"],
            url=row["url"],
            scopes=scopes or None,
        )
