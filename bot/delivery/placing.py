"""Where effects are shown: each becomes a row for every place it goes to."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from adapters.port import ThreadRef, To, UserRef
from adapters.port import Whisper as WhisperTo
from adapters.stored import dump_to, load_to, thread_id, thread_of
from bot import doors
from bot.delivery.stored import dump_effect
from bot.effects import EditCard, Effect, MarkThread, OpenDM, OpenThread, Post, Whisper
from bot.store.queues import POST_LANE as POST_LANE
from bot.store.queues import card_name
from engine.store import Transaction

DEAD: Final = ":dead"
"""Ends the name of what is said about an event that was given up."""
NOT_SHOWN: Final = ":not_shown"
"""Ends the name of what is said about something that could not be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What effects come from.

    `key` begins the keys of their rows. `here` and `user` are where and who, where an event led to
    them. `kept`: they are for a client of the API to read, not to be sent. `session_id` is whose
    rooms are meant.
    """

    key: str
    here: ThreadRef | None = None
    user: UserRef | None = None
    session_id: str | None = None
    kept: bool = False
    code: str = ""


def cause_of(event: str) -> str:
    """The name of the event behind what is said about its mishaps."""
    while event.endswith((DEAD, NOT_SHOWN)):
        event = event.removesuffix(DEAD)
        if event.endswith(NOT_SHOWN):
            event = event.removesuffix(NOT_SHOWN).rpartition("#")[0]
    return event


def lane_of(thread: ThreadRef) -> str:
    """The lane of what is shown in a thread."""
    return f"{POST_LANE}{thread_id(thread)}"


def own_thread(user: UserRef) -> ThreadRef:
    """What stands for the direct messages of an account until they are opened."""
    return ThreadRef(user.platform, user.workspace, f"dm:{user.id}")


def to_of(stored: str, lane: str) -> To | None:
    """Where a row goes, as stored; a whisper to the thread of its lane. None: that is not open."""
    to = load_to(stored) if stored else None
    if isinstance(to, WhisperTo):
        return replace(to, thread=thread_of(lane.removeprefix(POST_LANE)))
    return to


async def rows_of(
    tx: Transaction, effects: Sequence[Effect], origin: Origin, now: datetime
) -> AsyncIterator[dict[str, Any]]:
    """The rows of an outbox for these effects, in order; see `queueing.queue`."""
    rooms: tuple[ThreadRef, ...] | None = None
    opener: str | None = None
    number = 0
    for effect in effects:
        if getattr(effect, "to", None) == "rooms" and rooms is None:
            rooms = await doors.rooms(tx, origin.session_id) if origin.session_id else ()
        for to, lane in _places(effect, origin, rooms or (), opener):
            key = f"{origin.key}#{number}"
            number += 1
            waits = getattr(effect, "to", None) == "opened"
            yield {
                "key": key,
                "lane": lane_of(lane),
                "kind": effect.kind,
                "to": "" if to is None else dump_to(to),
                "opener": opener if waits else None,
                "card": _card(effect, origin.session_id),
                "body": dump_effect(effect),
                "event": origin.key,
                "session_id": origin.session_id,
                "ref": None,
                "state": "kept" if origin.kept and lane == origin.here else "queued",
                "code": origin.code,
                "attempts": 0,
                "due": now,
                "attempted_at": None,
                "created_at": now,
            }
            if isinstance(effect, OpenThread):
                opener = key


def _card(effect: Effect, session_id: str | None) -> str | None:
    if isinstance(effect, EditCard):
        return effect.card or None
    kept = isinstance(effect, Post) and effect.card and session_id is not None
    return card_name(session_id) if kept and session_id else None


def _places(
    effect: Effect, origin: Origin, rooms: Sequence[ThreadRef], opener: str | None
) -> Iterator[tuple[To | None, ThreadRef]]:
    """Where an effect is shown, and the thread whose order it keeps."""
    here = origin.here
    if isinstance(effect, OpenDM):
        # The real thread is known once it is open; until then the account stands for it.
        own = own_thread(effect.user)
        yield own, own
    elif isinstance(effect, Post | MarkThread):
        yield from _posted(effect, here, rooms, opener)
    elif isinstance(effect, EditCard) and isinstance(effect.to, ThreadRef):
        yield effect.to, effect.to
    elif here is None:
        return
    elif not isinstance(effect, Whisper):
        yield here, here
    elif origin.user is not None:
        # One for a thread still to be opened moves with its lane.
        yield WhisperTo(here, origin.user, None), here


def _posted(
    effect: Post | MarkThread,
    here: ThreadRef | None,
    rooms: Sequence[ThreadRef],
    opener: str | None,
) -> Iterator[tuple[To | None, ThreadRef]]:
    if effect.to == "rooms":
        yield from ((room, room) for room in rooms)
    elif isinstance(effect.to, ThreadRef):
        yield effect.to, effect.to
    elif here is not None:
        yield (None if effect.to == "opened" and opener else here), here
