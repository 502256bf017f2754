"""Slack's events as ours: pure functions, no client.

The id of an event is that of the thing: a mention arrives twice, as `message` and as `app_mention`,
under two event ids, and in a shared channel once more for every workspace.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.commands import ROOT, Typed, root, typed
from adapters.port import (
    CommandCalled,
    CommandSpec,
    Event,
    HomeOpened,
    Joined,
    Left,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Stopped,
    ThreadRef,
)
from adapters.slack.places import file_ref, message_ref, thread_ref, user_ref
from adapters.slack.words import begins_with, names, plain_words

Body = Mapping[str, Any]

_WRITTEN_BY_PEOPLE: Final = (None, "", "file_share", "thread_broadcast", "me_message")
_UNREADABLE: Final = ("tombstone", "hidden_by_limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Who we are where an event comes from, and the commands there are."""

    tenant: str
    bot_user: str
    specs: tuple[CommandSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose an event is: which installation it was sent to."""

    team: str
    enterprise: str = ""
    whole: bool = False

    @property
    def tenant(self) -> str:
        """The enterprise where the app is installed for all of it, else the workspace."""
        return self.enterprise if self.whole else self.team


def owner(body: Body) -> Owner:
    """The installation that a payload is for.

    In a shared channel the outer team is that of whoever wrote; `authorizations` has ours.
    """
    granted = (body.get("authorizations") or [{}])[0]
    team = granted.get("team_id") or body.get("team_id") or _id(body.get("team"))
    enterprise = (
        granted.get("enterprise_id") or body.get("enterprise_id") or _id(body.get("enterprise"))
    )
    whole = granted.get("is_enterprise_install", body.get("is_enterprise_install"))
    return Owner(
        team=team or "",
        enterprise=enterprise or "",
        whole=bool(enterprise) and whole in (True, "true"),
    )


def event(body: Body, ours: Ours) -> Event | None:
    """The event in an `event_callback`; None for what is not for us, what bots write above all."""
    inner: Body = body.get("event") or {}
    match inner.get("type"):
        case "message":
            return message(inner, ours)
        case "app_mention":
            return _said(inner, ours)
        case "agent_session_stopped":
            return _stopped(inner, ours)
        case "app_home_opened":
            return HomeOpened(**_happened(inner, ours, "home")) if _is_home(inner) else None
        case "member_joined_channel" | "member_left_channel":
            return _came_or_went(inner, ours)
    return None


def message(inner: Body, ours: Ours) -> Event | None:
    """A `message` event of any subtype, or one out of a conversation's history."""
    match inner.get("subtype"):
        case "message_changed":
            return _changed(inner, ours)
        case "message_deleted":
            before = inner.get("previous_message") or {}
            return _deleted(inner, before, ours)
        case subtype if subtype in _WRITTEN_BY_PEOPLE:
            return _said(inner, ours)
    return None


def shared_channel(body: Body) -> str:
    """The channel that this event's workspace shares with another one, or empty."""
    inner: Body = body.get("event") or {}
    channel = inner.get("channel")
    return channel if body.get("is_ext_shared_channel") and isinstance(channel, str) else ""


def order_of(moment: datetime) -> str:
    """An order key for what carries no time stamp of Slack's."""
    return f"{moment.timestamp():.6f}"


def moment(stamp: str) -> datetime:
    """The time in a time stamp."""
    return datetime.fromtimestamp(float(stamp), UTC)


def digest(secret: str) -> str:
    """A short name for something that must not be kept as it is."""
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


# --- what was said ------------------------------------------------------------------------------


def _said(inner: Body, ours: Ours) -> Event | None:
    if _by_a_bot(inner, ours) or not inner.get("ts"):
        return None
    text, channel = str(inner.get("text") or ""), str(inner["channel"])
    direct = channel.startswith("D") or inner.get("channel_type") == "im"
    mentioned = names(text, ours.bot_user)
    words = plain_words(text, without=ours.bot_user)
    command = typed(words) or (_named(words, ours) if begins_with(text, ours.bot_user) else None)
    if not (direct or mentioned or command or _may_be_a_session(inner, ours)):
        return None
    happened = _happened(inner, ours, "m", stamp=str(inner["ts"]))
    files = _files(inner, ours)
    happened["thread"] = here = _thread(inner, ours)
    if command is not None:
        return CommandCalled(
            **happened, name=command.word, text=command.rest, files=files, direct=direct
        )
    if not words and not files and not mentioned:
        return None
    return MessagePosted(
        **happened,
        text=words,
        files=files,
        addressed=direct or mentioned,
        ref=message_ref(here, str(inner["ts"])),
    )


def _named(words: str, ours: Ours) -> Typed | None:
    """The command behind a mention, as in `@bot hint`; None when somebody is just spoken to."""
    called = root(words.removeprefix("/").removeprefix("!"))
    if called.word == ROOT:
        called = root(called.rest)
    for one in ours.specs:
        if one.name == called.word and (one.options or not called.rest):
            return called
    return None


def _may_be_a_session(inner: Body, ours: Ours) -> bool:
    """Whether this stands in a thread that we began; what people else write is not even looked at.

    Where Slack does not say who began it, it may.
    """
    stamp, thread = inner.get("ts"), inner.get("thread_ts")
    if not thread or thread == stamp:
        return False
    return inner.get("parent_user_id") in (None, "", ours.bot_user)


def _changed(inner: Body, ours: Ours) -> Event | None:
    now, before = inner.get("message") or {}, inner.get("previous_message") or {}
    if now.get("subtype") == "tombstone":
        return _deleted({**inner, "deleted_ts": now.get("ts")}, before, ours)
    if _by_a_bot(now, ours) or now.get("text") == before.get("text"):
        return None  # A preview was added, or a reply counted.
    standing = {**now, "channel": inner["channel"]}
    here = _thread(standing, ours)
    if not _was_heard(standing, ours):
        return None
    stamp = str(inner.get("event_ts") or (now.get("edited") or {}).get("ts") or inner.get("ts"))
    # What was changed when: a second delivery has the same stamp.
    changed = (now.get("edited") or {}).get("ts") or stamp
    return MessageEdited(
        event_id=f"e:{inner['channel']}:{now['ts']}:{changed}",
        order=stamp,
        user=user_ref(ours.tenant, str(now.get("user", ""))),
        at=moment(stamp),
        thread=here,
        ref=message_ref(here, str(now["ts"])),
        text=plain_words(str(now.get("text") or ""), without=ours.bot_user),
    )


def _deleted(inner: Body, before: Body, ours: Ours) -> Event | None:
    gone = inner.get("deleted_ts") or before.get("ts")
    if not gone or _by_a_bot(before, ours):
        return None
    standing = {**before, "ts": gone, "channel": inner["channel"]}
    if not _was_heard(standing, ours):
        return None
    here = _thread(standing, ours)
    stamp = str(inner.get("event_ts") or inner.get("ts") or gone)
    return MessageDeleted(
        event_id=f"d:{inner['channel']}:{gone}",
        order=stamp,
        user=user_ref(ours.tenant, str(before.get("user", ""))),
        at=moment(stamp),
        thread=here,
        ref=message_ref(here, str(gone)),
    )


def _was_heard(standing: Body, ours: Ours) -> bool:
    """Whether a message that was changed is one that we were handed in the first place."""
    direct = str(standing["channel"]).startswith("D")
    text = str(standing.get("text") or "")
    return direct or names(text, ours.bot_user) or _may_be_a_session(standing, ours)


# --- what happened besides ----------------------------------------------------------------------


def _stopped(inner: Body, ours: Ours) -> Event | None:
    channel, thread = inner.get("channel"), inner.get("thread_ts")
    channel = channel or inner.get("channel_id")
    if not channel or not inner.get("user"):
        return None
    here = thread_ref(ours.tenant, str(channel), str(thread or ""))
    return Stopped(**_happened(inner, ours, f"s:{channel}:{thread}"), thread=here)


def _came_or_went(inner: Body, ours: Ours) -> Event | None:
    if inner.get("user") in (None, ours.bot_user):
        return None
    came = inner["type"] == "member_joined_channel"
    here = thread_ref(ours.tenant, str(inner["channel"]))
    happened = _happened(inner, ours, f"{'j' if came else 'l'}:{inner['channel']}")
    return Joined(**happened, thread=here) if came else Left(**happened, thread=here)


def is_messages_tab(inner: Body) -> bool:
    """Whether somebody opened the conversation with the app, rather than its page."""
    return inner.get("type") == "app_home_opened" and inner.get("tab") == "messages"


def _is_home(inner: Body) -> bool:
    return bool(inner.get("user")) and inner.get("tab") == "home"


# --- pieces -------------------------------------------------------------------------------------


def _happened(inner: Body, ours: Ours, kind: str, stamp: str = "") -> dict[str, Any]:
    stamp = stamp or str(inner.get("event_ts") or inner.get("ts") or "0")
    where = str(inner.get("channel") or "") if kind == "m" else ""
    name = f"{where}:{stamp}" if where else f"{kind}:{inner.get('user')}:{stamp}"
    return {
        "event_id": name,
        "order": stamp,
        "user": user_ref(ours.tenant, str(inner["user"])),
        "at": moment(stamp),
    }


def _thread(inner: Body, ours: Ours) -> ThreadRef:
    """The thread of a message: one at the top begins a thread of its own, also in a DM."""
    stamp = str(inner.get("thread_ts") or inner["ts"])
    return thread_ref(ours.tenant, str(inner["channel"]), stamp)


def _files(inner: Body, ours: Ours) -> tuple[Any, ...]:
    return tuple(
        file_ref(ours.tenant, one)
        for one in inner.get("files") or ()
        if one.get("id") and one.get("mode") not in _UNREADABLE
    )


def _by_a_bot(inner: Body, ours: Ours) -> bool:
    user = inner.get("user")
    return bool(inner.get("bot_id")) or not user or user in (ours.bot_user, "USLACKBOT")


def _id(thing: Any) -> str:
    return str(thing.get("id") or "") if isinstance(thing, Mapping) else str(thing or "")
