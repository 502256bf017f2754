"""The app's manifest, made from the commands that there are. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from adapters.commands import ROOT
from adapters.slack.actions import SHORTCUT
from adapters.slack.limits import SHORTCUTS
from adapters.specs import CommandSpec

Json = dict[str, Any]

NAME: Final = "Dressrun"

BOT_SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "hear when somebody mentions the bot",
    "channels:history": "hear what is said in a session's thread, and read what was missed",
    "channels:join": "come into a public channel where somebody starts a session",
    "channels:read": "know who is in a channel",
    "chat:write": "speak",
    "chat:write.customize": "let characters speak under their own name and picture",
    "commands": "offer /sim and the entries in a message's menu",
    "files:read": "take a recording or document that somebody hands in",
    "files:write": "show pictures and hand out documents",
    "groups:history": "the same in private channels that the bot was invited to",
    "groups:read": "the same in private channels that the bot was invited to",
    "im:history": "hear direct messages to the bot",
    "im:read": "know direct messages to the bot",
    "im:write": "send feedback directly",
    "mpim:history": "hear what is said in group messages with the bot",
    "mpim:read": "know who is in group messages with the bot",
    "mpim:write": "open a session that only some people see",
    "pins:write": "keep a session's first message in sight",
    "usergroups:read": "assign to a user group",
    "users:read": "know names, pictures and time zones",
}
"""Every scope that is asked for, with what it is for."""

EVENTS: Final = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)


def manifest(specs: tuple[CommandSpec, ...], public_url: str, *, rotates: bool) -> str:
    """The manifest as JSON: over HTTP where there is an address, else in Socket Mode.

    Args:
        specs: the commands.
        public_url: where Slack reaches this server; empty where it cannot.
        rotates: whether tokens end and are renewed, for an app in many workspaces.
    """
    base = public_url.rstrip("/")
    return (
        json.dumps(
            {
                "display_information": {
                    "name": NAME,
                    "description": "Training role-plays with simulated people.",
                    "background_color": "#1f3a4d",
                },
                "features": _features(specs, base),
                "oauth_config": _oauth(base, rotates=rotates),
                "settings": _settings(base, rotates=rotates),
            },
            indent=2,
        )
        + "\n"
    )


def _features(specs: tuple[CommandSpec, ...], base: str) -> Json:
    words = [one.name for one in specs]
    command: Json = {
        "command": f"/{ROOT}",
        "description": "Start a simulation, or see what there is.",
        "usage_hint": _hint(words),
        "should_escape": True,
    }
    if base:
        command["url"] = f"{base}/slack/events"
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
        "agent_view": {"agent_description": "Simulated people to practise with."},
        "shortcuts": [_shortcut(one) for one in in_menus(specs)],
        "slash_commands": [command],
    }


def in_menus(specs: tuple[CommandSpec, ...]) -> tuple[CommandSpec, ...]:
    """The commands in a message's menu: those that everybody may call and that need nothing."""
    fitting = (
        one for one in specs if not one.roles and all(option.optional for option in one.options)
    )
    return tuple(fitting)[:SHORTCUTS]


def _shortcut(spec: CommandSpec) -> Json:
    return {
        "name": f"{spec.name.capitalize()}"[:24],
        "type": "message",
        "callback_id": f"{SHORTCUT}{spec.name}",
        "description": spec.summary[:150],
    }


def _hint(words: list[str]) -> str:
    hint = ""
    for one in words:
        longer = f"{hint} | {one}" if hint else one
        if len(longer) > 90:
            break
        hint = longer
    return f"[{hint}]"


def _oauth(base: str, *, rotates: bool) -> Json:
    made: Json = {"scopes": {"bot": sorted(BOT_SCOPES)}}
    if base and rotates:
        made["redirect_urls"] = [f"{base}/slack/oauth_redirect"]
    return made


def _settings(base: str, *, rotates: bool) -> Json:
    heard: Json = {"bot_events": list(EVENTS)}
    acted: Json = {"is_enabled": True}
    if base:
        heard["request_url"] = f"{base}/slack/events"
        acted |= {
            "request_url": f"{base}/slack/events",
            "message_menu_options_url": f"{base}/slack/events",
        }
    return {
        "event_subscriptions": heard,
        "interactivity": acted,
        "org_deploy_enabled": rotates,
        "socket_mode_enabled": not base,
        "token_rotation_enabled": rotates,
    }
