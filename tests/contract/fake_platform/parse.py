"""The fake's payloads as our events and queries: pure functions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.commands import typed
from adapters.port import (
    CommandCalled,
    Completing,
    Event,
    FileRef,
    FormChecked,
    FormSent,
    FormValues,
    FormWanted,
    HomeOpened,
    HomeShown,
    InteractionRef,
    Joined,
    Left,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    MessageRef,
    Pressed,
    ReachableChanged,
    Stopped,
    ThreadRef,
    UserRef,
)
from adapters.text import cleaned
from tests.contract.fake_platform.limits import PLATFORM, WORKSPACE

_PLAIN = {"stopped": Stopped, "joined": Joined, "left": Left}
_EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def thread_ref(name: str) -> ThreadRef:
    return ThreadRef(PLATFORM, WORKSPACE, f"{WORKSPACE}:{name}")


def thread_name(thread: ThreadRef) -> str:
    return thread.key.partition(":")[2]


def user_ref(id_: str) -> UserRef:
    return UserRef(PLATFORM, WORKSPACE, id_)


def file_ref(body: dict[str, Any]) -> FileRef:
    return FileRef(
        platform=PLATFORM,
        workspace=WORKSPACE,
        id=body["url"],
        name=body["name"],
        media_type=body["type"],
        size=body.get("size"),
        locator=body["url"],
    )


def event(body: dict[str, Any]) -> Event | None:
    """The event in a payload; None for what is not for us, our own words above all."""
    if body.get("bot"):
        return None
    if body["type"] == "message":
        return _message(body)
    if body["type"] == "home":
        return HomeOpened(**_happened(body))
    if body["type"] == "blocked":
        return ReachableChanged(**_happened(body), reachable=not body["value"])
    return _in_thread(body)


def _in_thread(body: dict[str, Any]) -> Event | None:
    base = {**_happened(body), "thread": thread_ref(body["thread"])}
    if (plain := _PLAIN.get(body["type"])) is not None:
        return plain(**base)
    interaction = InteractionRef(
        user_ref(body["user"]), f"token-{body['id']}", _EPOCH + timedelta(minutes=15)
    )
    match body["type"]:
        case "edited":
            ref = MessageRef(base["thread"], str(body["message"]))
            return MessageEdited(**base, ref=ref, text=cleaned(body["text"]))
        case "deleted":
            return MessageDeleted(**base, ref=MessageRef(base["thread"], str(body["message"])))
        case "command":
            return CommandCalled(
                **base, name=body["name"], options=_pairs(body), interaction=interaction
            )
        case "press":
            ref = MessageRef(base["thread"], body["message"])
            return Pressed(**base, choice=body["button"], ref=ref, interaction=interaction)
        case "form":
            return FormSent(**base, form=body["form"], values=values(body), interaction=interaction)
    return None


def completing(body: dict[str, Any]) -> Completing:
    return Completing(
        user=user_ref(body["user"]),
        thread=thread_ref(body["thread"]),
        command=body["name"],
        option=body["option"],
        typed=body["typed"],
    )


def form_wanted(body: dict[str, Any]) -> FormWanted:
    source = "choice" if body["type"] == "press" else "command"
    return FormWanted(
        user=user_ref(body["user"]),
        thread=thread_ref(body["thread"]),
        source=source,
        by=body["button"] if source == "choice" else body["name"],
    )


def form_checked(body: dict[str, Any]) -> FormChecked:
    return FormChecked(
        user=user_ref(body["user"]),
        thread=thread_ref(body["thread"]),
        form=body["form"],
        values=values(body),
    )


def home_shown(body: dict[str, Any]) -> HomeShown:
    return HomeShown(user=user_ref(body["user"]))


def values(body: dict[str, Any]) -> FormValues:
    return tuple(body["values"].items())


def _message(body: dict[str, Any]) -> Event:
    base = {**_happened(body), "thread": thread_ref(body["thread"])}
    if command := typed(body["text"]):
        return CommandCalled(**base, name=command.word, text=command.rest)
    return MessagePosted(
        **base,
        text=cleaned(body["text"]),
        files=tuple(file_ref(file) for file in body.get("files", ())),
        addressed=body["thread"].startswith("D"),
        ref=MessageRef(base["thread"], str(body["id"])),
    )


def _happened(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": f"{body['thread']}:{body['id']}",
        "order": f"{body['id']:012d}",
        "user": user_ref(body["user"]),
        "at": _EPOCH + timedelta(seconds=body["id"]),
    }


def _pairs(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(body.get("options", {}).items())
