"""Slack, over HTTP or in Socket Mode. No library is loaded before the adapter is built."""

import base64
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator

from adapters.kit import Finding, KitContext, KitSettings, PlatformKit
from adapters.messages import File
from adapters.port import ChatAdapter
from adapters.slack.limits import PLATFORM
from adapters.slack.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from adapters.slack.adapter import SlackAdapter

PATHS: Final = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
KEY_BYTES: Final = 32
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class SlackSettings(KitSettings):
    """`DRESSRUN_SLACK__*`: one workspace by `bot_token`, or many by `client_id` and its secret.

    Events come by Socket Mode with `app_token`, else over HTTP, signed by `signing_secret`.
    With `token_key` the tokens of many workspaces are stored encrypted: one key, or several
    separated by commas, of which the first encrypts and all read.
    """

    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    token_key: SecretStr | None = None
    api_url: str = "https://slack.com/api/"

    @field_validator("api_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or plain):
            raise ValueError("write an https:// address, or an http:// one on this machine")
        return value if value.endswith("/") else f"{value}/"

    @field_validator("token_key")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(_is_key(one) for one in _several(value)):
            raise ValueError("write 32 random bytes in base64; docs/slack.md has a line for that")
        return value

    def missing(self) -> tuple[str, ...]:
        """A way to speak, and a way to hear."""
        many = bool(self.client_id or self.client_secret)
        lacking: list[str] = []
        if many:
            lacking += [] if self.client_id else ["client_id"]
            lacking += [] if self.client_secret else ["client_secret"]
        elif not self.bot_token:
            lacking.append("bot_token")
        if not self.app_token and not self.signing_secret:
            lacking.append("signing_secret" if many else "app_token")
        return tuple(lacking)


def build(context: KitContext) -> "SlackAdapter":
    """An adapter; it connects in `running`."""
    from adapters.slack.adapter import SlackAdapter
    from adapters.slack.connection import Setup
    from adapters.slack.installs import OneInstall
    from adapters.slack.many import ManyInstalls
    from adapters.slack.sealing import Seal

    section = context.section(SlackSettings)
    setup = Setup(
        token=_secret(section.bot_token),
        app_token=_secret(section.app_token),
        signing_secret=_secret(section.signing_secret),
        client_id=section.client_id,
        client_secret=_secret(section.client_secret),
        api_url=section.api_url,
        public_url=context.public_url,
        answer_within=context.answer_within,
    )
    installs: OneInstall | ManyInstalls = OneInstall(setup.token)
    if section.client_id:
        if context.database is None:
            raise ValueError("many workspaces need a database")
        seal = Seal(*_several(section.token_key))
        installs = ManyInstalls(context.database, context.clock, seal)
    return SlackAdapter(setup, installs=installs, specs=context.specs, clock=context.clock)


def routes(adapter: ChatAdapter) -> "Sequence[BaseRoute]":
    """What Slack calls, and the pages that install the app."""
    from adapters.slack.adapter import SlackAdapter
    from adapters.slack.routes import routes_of

    if not isinstance(adapter, SlackAdapter):
        raise TypeError(f"expected our own adapter, not {type(adapter).__name__}")
    return routes_of(adapter)


def manifest(context: KitContext) -> tuple[File, ...]:
    """The app's manifest, from the commands that there are."""
    from adapters.slack.manifest import manifest as made

    section = context.section(SlackSettings)
    text = made(context.specs, context.public_url, rotates=bool(section.client_id))
    return (File(name="slack.json", media_type="application/json", content=text.encode()),)


async def doctor(context: KitContext) -> tuple[Finding, ...]:
    """Whether the tokens work."""
    from adapters.slack.doctor import examine

    section = context.section(SlackSettings)
    return await examine(
        _secret(section.bot_token), _secret(section.app_token), section.api_url, context.clock
    )


def _is_key(text: str) -> bool:
    """Whether this is 32 bytes in base64 as addresses take it."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == KEY_BYTES
    except ValueError:
        return False


def _several(value: SecretStr | None) -> list[str]:
    return [one.strip() for one in _secret(value).split(",") if one.strip()]


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


KIT = PlatformKit(
    name=PLATFORM,
    settings_model=SlackSettings,
    build=build,
    routes=routes,
    manifest=manifest,
    tables=METADATA,
    doctor=doctor,
    signed=PATHS,
)
