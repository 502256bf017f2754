"""What `dressrun doctor` looks at: whether the tokens work, and what they may."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.clock import Clock
from adapters.errors import AdapterError
from adapters.kit import Finding
from adapters.slack.api import SECONDS, Api, ApiError
from adapters.slack.installs import OneInstall
from adapters.slack.limits import PLATFORM
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.oauth import of
from adapters.slack.pulse import Pulse


async def examine(token: str, app_token: str, api_url: str, clock: Clock) -> tuple[Finding, ...]:
    """Ask Slack about the tokens that are set; nothing is changed."""
    api = Api(api_url, OneInstall(token), Pulse(clock))
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        api.session = session
        found = [*(await _bot(api, token) if token else ())]
        found += [await _app(api, app_token)] if app_token else []
    return tuple(found) or (
        _found("ok", "many workspaces; see who installed it at /slack/install"),
    )


async def _bot(api: Api, token: str) -> list[Finding]:
    try:
        install = of(await api.by(token, _who), token)
    except (ApiError, AdapterError) as error:
        text = f"the bot token does not work ({_code(error)}); copy it again from your app's page"
        return [_found("error", text)]
    lacking = sorted(one for one in BOT_SCOPES if not install.may(one))
    found = [_found("ok", f"connected to {install.tenant} as {install.bot_user}")]
    if lacking:
        text = f"scopes are missing: {', '.join(lacking)}; install the app again"
        found.append(_found("warning", text))
    return found


async def _app(api: Api, app_token: str) -> Finding:
    try:
        await api.by(app_token, _open)
    except (ApiError, AdapterError) as error:
        text = f"the app token does not work ({_code(error)}); it needs connections:write"
        return _found("error", text)
    return _found("ok", "Socket Mode can be opened")


async def _who(client: AsyncWebClient) -> object:
    return await client.auth_test()


async def _open(client: AsyncWebClient) -> object:
    return await client.apps_connections_open(app_token=client.token or "")


def _code(error: ApiError | AdapterError) -> str:
    return error.code or "no answer"


def _found(level: str, text: str) -> Finding:
    return Finding(
        level="ok" if level == "ok" else "warning" if level == "warning" else "error",
        code=PLATFORM,
        text=text,
    )
