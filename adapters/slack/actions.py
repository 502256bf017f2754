"""What people press, call and fill in, as our events and queries. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.commands import root
from adapters.port import (
    CommandCalled,
    CommandSpec,
    Completing,
    Event,
    FileRef,
    FormChecked,
    FormSent,
    FormValue,
    FormWanted,
    InteractionRef,
    MessageRef,
    Pressed,
    ThreadRef,
    UserRef,
)
from adapters.slack.buttons import FORM, OPEN
from adapters.slack.limits import WHISPER_MINUTES
from adapters.slack.parse import Body, Ours, digest, moment, order_of
from adapters.slack.places import (
    file_ref,
    message_ref,
    spot,
    thread_ref,
    user_ref,
    whisper_ref,
)
from adapters.slack.words import plain_words

SHORTCUT: Final = "sim_"
"""How the callback ids of our shortcuts begin; the command's name follows."""

COMMAND_VIEW, FORM_VIEW = "command:", "form:"
"""How the callback ids of our forms begin: a command's options, or a form of the application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a form of ours knows about where it was opened; Slack gives it back as it was."""

    thread: ThreadRef
    text: str = ""


def dump_kept(kept: Kept) -> str:
    """As a form's `private_metadata`."""
    return json.dumps({"t": [kept.thread.workspace, kept.thread.key], "x": kept.text})


def load_kept(view: Body) -> Kept | None:
    """Undo `dump_kept`; None for a view that is not a form of ours."""
    try:
        found = json.loads(view.get("private_metadata") or "")
        workspace, key = found["t"]
        tenant, channel, thread = str(key).split(":")
    except (ValueError, TypeError, KeyError):
        return None
    if tenant != workspace:
        return None
    return Kept(thread=thread_ref(tenant, channel, thread), text=str(found.get("x", "")))


def channel(body: Body) -> str:
    """The channel somebody acts in, or in which they opened a form; empty where that is none."""
    if body.get("command"):
        return str(body.get("channel_id") or "")
    if body.get("type") in ("block_actions", "message_action"):
        return str((body.get("channel") or {}).get("id") or "")
    kept = load_kept(body.get("view") or {})
    return spot(kept.thread).channel if kept is not None else ""


# --- commands -----------------------------------------------------------------------------------


def called(body: Body, ours: Ours, now: datetime) -> CommandCalled:
    """A slash command. It can only be called beside threads, so it belongs to the channel."""
    line = root(str(body.get("text") or ""))
    user = user_ref(ours.tenant, str(body["user_id"]))
    return CommandCalled(
        event_id=f"c:{digest(str(body.get('trigger_id') or order_of(now)))}",
        order=order_of(now),
        user=user,
        at=now,
        thread=thread_ref(ours.tenant, str(body["channel_id"])),
        name=line.word,
        text=plain_words(line.rest),
        direct=str(body["channel_id"]).startswith("D"),
        interaction=interaction(body, user, now),
    )


def shortcut(body: Body, ours: Ours, now: datetime) -> CommandCalled | None:
    """A command out of a message's menu, which also works in threads; None for one not of ours."""
    name = str(body.get("callback_id") or "")
    said, channel = body.get("message") or {}, (body.get("channel") or {}).get("id")
    if not name.startswith(SHORTCUT) or not channel or not said.get("ts"):
        return None
    stamp = str(body.get("action_ts") or order_of(now))
    user = user_ref(ours.tenant, str(body["user"]["id"]))
    return CommandCalled(
        event_id=f"x:{user.id}:{stamp}",
        order=stamp,
        user=user,
        at=moment(stamp),
        thread=thread_ref(ours.tenant, channel, str(said.get("thread_ts") or said["ts"])),
        name=name.removeprefix(SHORTCUT),
        direct=str(channel).startswith("D"),
        interaction=interaction(body, user, now),
    )


def wanted(call: CommandCalled) -> FormWanted:
    """Which form a command opens."""
    return FormWanted(
        user=call.user, thread=call.thread, source="command", by=call.name, text=call.text
    )


def completed(call: CommandCalled, specs: tuple[CommandSpec, ...]) -> CommandSpec | None:
    """The command whose options are to be asked for: something needed was left out."""
    for one in specs:
        if one.name == call.name and not call.text and not call.options:
            return one if any(not option.optional for option in one.options) else None
    return None


# --- presses ------------------------------------------------------------------------------------


def pressed(body: Body, ours: Ours, now: datetime, dm: ThreadRef | None = None) -> Pressed | None:
    """A press; None for what is no choice of ours.

    Args:
        body: a `block_actions` payload.
        ours: who we are.
        now: the time.
        dm: where to go on after a press on the app's own page, which is in no conversation.
    """
    actions = body.get("actions") or [{}]
    action: Body = actions[0]
    if action.get("type") != "button" or str(action.get("action_id", "")).startswith(OPEN):
        return None
    place = _place(body, ours, dm)
    if place is None:
        return None
    here, ref = place
    stamp = str(action.get("action_ts") or order_of(now))
    user = user_ref(ours.tenant, str(body["user"]["id"]))
    return Pressed(
        event_id=f"p:{user.id}:{stamp}:{digest(str(action.get('value')))[:8]}",
        order=stamp,
        user=user,
        at=moment(stamp),
        thread=here,
        choice=str(action.get("value") or ""),
        ref=ref,
        direct=spot(here).is_dm,
        interaction=interaction(body, user, now),
    )


def is_on_page(body: Body) -> bool:
    """Whether a press was on the app's own page."""
    return (body.get("container") or {}).get("type") == "view"


def opens_form(body: Body) -> bool:
    """Whether a press may open a form."""
    action: Body = (body.get("actions") or [{}])[0]
    return str(action.get("action_id", "")).startswith(FORM)


def wanted_by(press: Pressed) -> FormWanted:
    """Which form a choice opens."""
    return FormWanted(
        user=press.user, thread=press.thread, source="choice", by=press.choice, ref=press.ref
    )


def _place(
    body: Body, ours: Ours, dm: ThreadRef | None
) -> tuple[ThreadRef, MessageRef | None] | None:
    if is_on_page(body):
        return (dm, None) if dm is not None else None
    said, box = body.get("message") or {}, body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or box.get("channel_id") or "")
    stamp = str(said.get("ts") or box.get("message_ts") or "")
    if not channel or not stamp:
        return None
    root_stamp = str(said.get("thread_ts") or box.get("thread_ts") or "")
    if box.get("is_ephemeral"):
        here = thread_ref(ours.tenant, channel, root_stamp)
        return here, whisper_ref(here, str(body["user"]["id"]), stamp)
    here = thread_ref(ours.tenant, channel, root_stamp or stamp)
    return here, message_ref(here, stamp)


# --- forms --------------------------------------------------------------------------------------


def completing(body: Body, ours: Ours) -> Completing | None:
    """What could stand in a field that is being filled in."""
    view: Body = body.get("view") or {}
    kept = load_kept(view)
    name = str(view.get("callback_id") or "")
    if kept is None or not name.startswith(COMMAND_VIEW):
        return None
    return Completing(
        user=user_ref(ours.tenant, str(body["user"]["id"])),
        thread=kept.thread,
        command=name.removeprefix(COMMAND_VIEW),
        option=str(body.get("block_id") or ""),
        typed=plain_words(str(body.get("value") or "")),
        given=tuple(_options(view, ours)),
    )


def form_checked(body: Body, ours: Ours) -> FormChecked | None:
    """Whether a form of the application is right; None for one of a command's options."""
    view: Body = body["view"]
    kept, name = load_kept(view), str(view.get("callback_id") or "")
    if kept is None or not name.startswith(FORM_VIEW):
        return None
    return FormChecked(
        user=user_ref(ours.tenant, str(body["user"]["id"])),
        thread=kept.thread,
        form=name.removeprefix(FORM_VIEW),
        values=tuple(_values(view, ours)),
    )


def form_sent(body: Body, ours: Ours, now: datetime) -> Event | None:
    """What a filled form means: the form of the application, or a command with its options."""
    view: Body = body["view"]
    kept, name = load_kept(view), str(view.get("callback_id") or "")
    if kept is None:
        return None
    user = user_ref(ours.tenant, str(body["user"]["id"]))
    happened: dict[str, Any] = {
        "event_id": f"v:{view['id']}",
        "order": order_of(now),
        "user": user,
        "at": now,
        "thread": kept.thread,
    }
    if name.startswith(FORM_VIEW):
        values = tuple(_values(view, ours))
        return FormSent(**happened, form=name.removeprefix(FORM_VIEW), values=values)
    if name.startswith(COMMAND_VIEW):
        files = tuple(one for _, one in _values(view, ours) if isinstance(one, FileRef))
        return CommandCalled(
            **happened,
            name=name.removeprefix(COMMAND_VIEW),
            options=tuple(_options(view, ours)),
            files=files,
            direct=spot(kept.thread).is_dm,
        )
    return None


def _options(view: Body, ours: Ours) -> Iterator[tuple[str, str]]:
    for name, value in _values(view, ours):
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, UserRef):
            yield name, value.id


def _values(view: Body, ours: Ours) -> Iterator[tuple[str, FormValue]]:
    state: Mapping[str, Mapping[str, Body]] = (view.get("state") or {}).get("values") or {}
    order = [str(one.get("block_id")) for one in view.get("blocks") or ()]
    for name in [one for one in order if one in state] or list(state):
        for filled in state[name].values():
            for value in _filled(filled, ours):
                yield name, value


def _filled(filled: Body, ours: Ours) -> Iterator[FormValue]:
    """Every value in a field; none in an empty one."""
    text, at = filled.get("value"), filled.get("selected_date_time")
    if text not in (None, ""):
        yield plain_words(str(text))
    if at is not None:
        yield moment(str(at)).isoformat()
    yield from (user_ref(ours.tenant, str(one)) for one in _several(filled, "selected_user"))
    yield from (str(one["value"]) for one in _several(filled, "selected_option"))
    yield from (file_ref(ours.tenant, file) for file in filled.get("files") or ())


def _several(filled: Body, name: str) -> Sequence[Any]:
    """What was chosen, one or many: Slack writes the one without an s."""
    one = filled.get(name)
    return (one,) if one else filled.get(f"{name}s") or ()


def interaction(body: Body, user: UserRef, now: datetime) -> InteractionRef | None:
    """The right to answer what was called or pressed."""
    url = body.get("response_url")
    if not isinstance(url, str) or not url:
        return None
    return InteractionRef(user, url, now + timedelta(minutes=WHISPER_MINUTES))
