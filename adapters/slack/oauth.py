"""Installing in many workspaces: Slack's OAuth pages over our own tables."""

import secrets
from typing import Any, Final
from urllib.parse import urlsplit

from slack_bolt.error import BoltError
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.errors import AdapterError, PlatformDown, Unreachable
from adapters.slack.api import QUIET, Api, ApiError, translated
from adapters.slack.installs import Install
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.many import ManyInstalls, Renewed

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
_SPENT: Final = frozenset({"invalid_refresh_token", "token_revoked", "bad_client_secret"})


class _States(AsyncOAuthStateStore):
    """Installations that were begun."""

    def __init__(self, installs: ManyInstalls) -> None:
        self._installs = installs

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        state = secrets.token_urlsafe(24)
        await self._installs.begin(state)
        return state

    async def async_consume(self, state: str) -> bool:
        return await self._installs.end(state or "")


class _Installations(AsyncInstallationStore):
    """Installations that were finished."""

    def __init__(self, installs: ManyInstalls, api: Api) -> None:
        self._installs = installs
        self._api = api

    async def async_save(self, installation: Installation) -> None:
        token = installation.bot_token or ""
        try:
            found = await self._api.by(token, lambda client: client.auth_test())
            install = of(found, token, installation)
            seconds = _seconds(installation)
            await self._installs.add(install, installation.bot_refresh_token or "", seconds)
        except (ApiError, AdapterError):
            raise BoltError("not stored") from None


class _Flow(AsyncOAuthFlow):
    """The library's pages, with our way to get the tokens."""

    async def run_installation(self, code: str) -> Installation | None:
        """What Slack grants for a code; None where it grants nothing."""
        asked = {
            "code": code,
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
        }
        if self.settings.redirect_uri:
            asked["redirect_uri"] = self.settings.redirect_uri
        try:
            granted = await _exchange(self.client, asked)
        except SlackApiError:
            return None
        return Installation(
            app_id=granted.get("app_id"),
            enterprise_id=(granted.get("enterprise") or {}).get("id"),
            team_id=(granted.get("team") or {}).get("id"),
            user_id=(granted.get("authed_user") or {}).get("id") or "",
            bot_token=granted.get("access_token"),
            bot_user_id=granted.get("bot_user_id"),
            bot_scopes=granted.get("scope") or "",
            bot_refresh_token=granted.get("refresh_token"),
            bot_token_expires_in=granted.get("expires_in"),
            is_enterprise_install=bool(granted.get("is_enterprise_install")),
        )


def of(found: Any, token: str, installation: Installation | None = None) -> Install:
    """An installation, by what `auth.test` says of its token."""
    whole = bool(found.get("is_enterprise_install")) or bool(
        installation and installation.is_enterprise_install
    )
    team, enterprise = str(found.get("team_id") or ""), str(found.get("enterprise_id") or "")
    scopes = found.get("scopes")
    granted = installation.bot_scopes if installation else None
    listed = granted or (str(scopes).split(",") if scopes else None)
    return Install(
        tenant=enterprise if whole and enterprise else team,
        team=team,
        enterprise=enterprise,
        token=token,
        bot_user=str(found.get("user_id") or ""),
        bot_id=str(found.get("bot_id") or ""),
        url=str(found.get("url") or ""),
        scopes=frozenset(one.strip() for one in listed) if listed else None,
    )


def flow_of(
    api: Api, installs: ManyInstalls, client_id: str, client_secret: str, public_url: str
) -> AsyncOAuthFlow:
    """The pages that install the app. Works while the API's session is open."""
    root = urlsplit(api.base_url)
    own = root.hostname != "slack.com"
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=list(BOT_SCOPES),
        redirect_uri=f"{public_url.rstrip('/')}{REDIRECT}" if public_url else None,
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        installation_store=_Installations(installs, api),
        state_store=_States(installs),
        authorization_url=f"{root.scheme}://{root.netloc}/oauth/v2/authorize" if own else None,
        logger=QUIET,
    )
    return _Flow(client=api.client(""), logger=QUIET, settings=settings)


async def renew(api: Api, client_id: str, client_secret: str, refresh_token: str) -> Renewed:
    """New tokens for a refresh token; see `many.Renewal`."""
    asked = {
        "client_id": client_id,
        "client_secret": client_secret,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    try:
        found = await api.by("", lambda client: _exchange(client, asked))
    except ApiError as error:
        if error.code in _SPENT:
            raise Unreachable(error.code) from None
        raise translated(error) from None
    if not found.get("access_token") or not found.get("refresh_token"):
        raise PlatformDown("no_token")
    return Renewed(
        token=str(found["access_token"]),
        refresh_token=str(found["refresh_token"]),
        seconds=int(found.get("expires_in") or 0) or 43_200,
    )


async def _exchange(client: AsyncWebClient, asked: dict[str, str]) -> Any:
    # The library's own method adds a header in a way that aiohttp is about to drop.
    return await client.api_call("oauth.v2.access", data=asked)


def _seconds(installation: Installation) -> int | None:
    until = installation.bot_token_expires_at
    if until is None:
        return None
    left = until - installation.installed_at
    return max(1, int(left))
