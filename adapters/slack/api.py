"""Calls of Slack's Web API: by which token, how failures are named, and what they say of us."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.errors import (
    AdapterError,
    DeliveryFailed,
    Gone,
    NotRunning,
    PlatformDown,
    RateLimited,
    Unknown,
    Unreachable,
)
from adapters.slack.installs import Install, Installs
from adapters.slack.pulse import Pulse

Json = Mapping[str, Any]
Call = Callable[[AsyncWebClient], Awaitable[Any]]

SECONDS: Final = 10
"""A call takes no longer; whoever posts waits for less."""

QUIET: Final = logging.getLogger("adapters.slack.library")
"""What the library would log holds what people wrote, and tokens: so it logs nothing."""
QUIET.setLevel(logging.CRITICAL + 1)
QUIET.propagate = False

AWAY: Final = "not_reachable"

_GONE: Final = frozenset({"message_not_found", "file_not_found", "file_deleted"})
_BUSY: Final = frozenset({"ratelimited", "rate_limited"})
_MAYBE: Final = frozenset({"internal_error", "fatal_error", "request_timeout"})
_LATER: Final = frozenset(
    {"service_unavailable", "invalid_auth", "not_authed", "token_expired", "accesslimited"}
)
_FINAL: Final = frozenset(
    {
        "account_inactive",
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "org_login_required",
        "restricted_action",
        "team_access_not_granted",
        "team_not_found",
        "thread_not_found",
        "token_revoked",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
    }
)
_DOUBTFUL: Final = frozenset({"invalid_auth", "not_authed", "token_expired", "token_revoked"})


class ApiError(Exception):
    """Slack said no. `code` is its own; `text` never holds what it quotes."""

    def __init__(self, code: str, retry_after: float = 1.0, status: int = 200) -> None:
        super().__init__("refused by Slack")
        self.code = code
        self.retry_after = retry_after
        self.status = status


def translated(error: ApiError) -> AdapterError:
    """A refusal as what it means for us."""
    code = error.code
    if code in _BUSY or error.status == 429:
        return RateLimited(error.retry_after)
    if code in _GONE:
        return Gone(code)
    if code in _FINAL:
        return Unreachable(code)
    if code in _LATER or error.status == 503:
        return PlatformDown(code)
    if code in _MAYBE or error.status >= 500:
        return Unknown(code)
    return DeliveryFailed(code)


def client_of(token: str, base_url: str, session: aiohttp.ClientSession | None) -> AsyncWebClient:
    """The library's client: silent, and without tries of its own, which could post twice."""
    return AsyncWebClient(
        token=token or None,
        base_url=base_url,
        session=session,
        timeout=SECONDS,
        logger=QUIET,
        retry_handlers=[],
    )


class Api:
    """Calls for every tenant. Works while `session` is set."""

    def __init__(self, base_url: str, installs: Installs, pulse: Pulse) -> None:
        self.base_url = base_url
        self.session: aiohttp.ClientSession | None = None
        self._installs = installs
        self._pulse = pulse

    def client(self, token: str) -> AsyncWebClient:
        """A client for a token, or for none.

        Raises:
            NotRunning: we are not connected.
        """
        if self.session is None:
            raise NotRunning
        return client_of(token, self.base_url, self.session)

    async def ask(self, tenant: str, call: Call) -> Json:
        """Call as a tenant. Raises AdapterError alone."""
        try:
            return await self.call(tenant, call)
        except ApiError as error:
            raise translated(error) from None

    async def call(self, tenant: str, call: Call) -> Json:
        """Call as a tenant, once more where its token was replaced meanwhile.

        Raises:
            ApiError: Slack said no.
            Unreachable: the app is not installed there.
            PlatformDown, Unknown: no answer came.
        """
        install = await self._installs.of(tenant)
        try:
            return await self.by(install.token, call)
        except ApiError as error:
            if error.code not in _DOUBTFUL:
                raise
            fresh = await self._replaced(install)
            if fresh is None:
                raise
        return await self.by(fresh.token, call)

    async def by(self, token: str, call: Call) -> Json:
        """Call with a token. Raises as `call`."""
        client = self.client(token)
        try:
            answer = await call(client)
        except SlackApiError as error:
            raise self._refused(error) from None
        except aiohttp.ClientConnectorError:
            self._pulse.passing(AWAY)
            raise PlatformDown("connect") from None
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError):
            self._pulse.passing(AWAY)
            raise Unknown("no_answer") from None
        self._pulse.over(AWAY)
        data = getattr(answer, "data", answer)
        headers = getattr(answer, "headers", {})
        scopes = {key.lower(): value for key, value in headers.items()}.get("x-oauth-scopes")
        return {**data, "scopes": scopes} if isinstance(data, dict) else {}

    async def _replaced(self, doubted: Install) -> Install | None:
        """The installation as it stands now, if its token is another one."""
        fresh = await self._installs.fresh(doubted.tenant)
        return fresh if fresh is not None and fresh.token != doubted.token else None

    def _refused(self, error: SlackApiError) -> ApiError:
        response = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 500)
        headers = {key.lower(): value for key, value in getattr(response, "headers", {}).items()}
        data = getattr(response, "data", {})
        code = str(data.get("error") or "") if isinstance(data, dict) else ""
        if status == 503:
            self._pulse.passing(AWAY)
        else:
            self._pulse.over(AWAY)
        try:
            after = float(headers.get("retry-after", 1))
        except ValueError:
            after = 1.0
        return ApiError(code, after, status)
