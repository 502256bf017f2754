"""Compares what the platform shows with what the logs of the sessions hold."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.bench.killing.driver import Death, Ran
from bot.bench.killing.records import CHANGES, COMMANDS, Room, Shown
from bot.bench.quiet import thread
from bot.doors import of_thread
from bot.store.database import Database
from engine.events import ActionTaken, CharacterSaid, Edited, Ended, Event, TraineeSaid
from engine.store import events

_TOLD: Final = ("_This reply was stopped._", "went wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong, a line each, and how long it took to recover from each death.

    Seconds run from the restart to the moment when all that was open at the death was answered;
    None where the next death came before anything of it was. `turns` counts replies.
    """

    wrong: tuple[str, ...]
    seconds: tuple[float | None, ...]
    messages: int
    turns: int


async def judged(url: str, ran: Ran) -> Verdict:
    """Read every session's log, and hold it against what people saw."""
    wrong: list[str] = []
    answered: dict[str, float] = {}
    turns = 0
    database = Database(url)
    try:
        for room in ran.records.rooms.values():
            log = await _log(database, room)
            if log is None:
                wrong.append(f"person {room.person}: no session")
                continue
            shown = [one for one in ran.records.shown.values() if one.thread == room.thread]
            wrong += [f"person {room.person}: {one}" for one in _wrong(room, log, shown)]
            answered |= _answered(log, shown)
            turns += sum(isinstance(one, CharacterSaid) and bool(one.answers) for one in log)
    finally:
        await database.close()
    wrong += _threads(ran)
    handed = {id_: at for room in ran.records.rooms.values() for id_, at in room.handed.items()}
    return Verdict(
        wrong=tuple(wrong),
        seconds=tuple(
            _recovered(death, until, handed, answered)
            for death, until in zip(ran.deaths, _next_deaths(ran.deaths), strict=True)
        ),
        messages=sum(len(room.lines) for room in ran.records.rooms.values()),
        turns=turns,
    )


async def _log(database: Database, room: Room) -> list[Event] | None:
    async with database.reading() as tx:
        door = await of_thread(tx, thread(room.thread))
        return await events.of_session(tx, door.session_id) if door else None


def _wrong(room: Room, log: Sequence[Event], shown: Sequence[Shown]) -> Iterator[str]:
    said = [one.event_id for one in log if isinstance(one, TraineeSaid)]
    wanted = [id_ for id_, text, _ in room.lines if not text.startswith((COMMANDS, CHANGES))]
    yield from _undone(room, log)
    if said != wanted:
        yield f"the log holds {said}, they wrote {wanted}"
    answers = Counter(seq for one in log if isinstance(one, CharacterSaid) for seq in one.answers)
    for seq, one in enumerate(log, 1):
        if isinstance(one, TraineeSaid) and answers[seq] != 1:
            yield f"{one.event_id} was answered {answers[seq]} times"
    replies = [one.text for one in log if isinstance(one, CharacterSaid)]
    texts = [one.text for one in shown]
    if [text for text in texts if text in set(replies)] != replies:
        yield "replies do not stand once each, in order"
    yield from _above(room, log, shown)
    yield from (f"shown twice: {key}" for key, n in _keys(shown).items() if n > 1)
    for at in shown:
        if at.text == "…" or any(words in at.text for words in _TOLD):
            yield f"no whole reply stands at {at.key}"
        elif "It looks like" in at.text and at.text not in replies:
            yield f"a reply stands that nobody gave: {at.key}"


def _above(room: Room, log: Sequence[Event], shown: Sequence[Shown]) -> Iterator[str]:
    """What stands below the reply to it, so that it seems to have none."""
    places = {one.text: one.place for one in shown}
    for reply in log:
        if not isinstance(reply, CharacterSaid) or reply.text not in places:
            continue
        for seq in reply.answers:
            said = log[seq - 1]
            id_ = said.event_id or "" if isinstance(said, TraineeSaid) else ""
            if room.places.get(id_, 0) > places[reply.text]:
                yield f"{id_} stands below the reply to it"


def _undone(room: Room, log: Sequence[Event]) -> Iterator[str]:
    """What was ordered, ended and changed, and did not happen once."""
    ordered = [one.event_id for one in log if isinstance(one, ActionTaken)]
    wanted = [id_ for id_, text, _ in room.lines if text.startswith(f"{COMMANDS}order")]
    if ordered != wanted:
        yield f"the log holds the orders {ordered}, they gave {wanted}"
    ends = sum(text == f"{COMMANDS}end" for _, text, _ in room.lines)
    if sum(isinstance(one, Ended) for one in log) != ends:
        yield "it did not end once"
    for (id_, _, _), (_, text, _) in pairwise(room.lines):
        if text.startswith(CHANGES):
            new = text.removeprefix(CHANGES)
            stands = [
                one.text
                for seq, one in enumerate(log, 1)
                if (isinstance(one, TraineeSaid) and one.event_id == id_)
                or (isinstance(one, Edited) and _is_of(log, one, id_, seq))
            ]
            if stands[-1:] != [new] or stands.count(new) != 1:
                yield f"{id_} was not changed once"


def _is_of(log: Sequence[Event], change: Edited, id_: str, seq: int) -> bool:
    target = log[change.target - 1] if change.target < seq else None
    return isinstance(target, TraineeSaid) and target.event_id == id_


def _keys(shown: Sequence[Shown]) -> Counter[str]:
    return Counter(one.key for one in shown)


def _threads(ran: Ran) -> Iterator[str]:
    opened = len(ran.records.threads)
    if opened != len(ran.records.rooms):
        yield f"{opened} threads for {len(ran.records.rooms)} people"
    twice = [key for key, n in _keys(list(ran.records.shown.values())).items() if n > 1]
    yield from (f"shown twice: {key}" for key in twice)


def _answered(log: Sequence[Event], shown: Sequence[Shown]) -> dict[str, float]:
    """When the reply to each message stood whole, by its id."""
    stood = {one.text: one.at for one in shown}
    found = {}
    for reply in log:
        if isinstance(reply, CharacterSaid) and reply.text in stood:
            for seq in reply.answers:
                said = log[seq - 1]
                if isinstance(said, TraineeSaid) and said.event_id:
                    found[said.event_id] = stood[reply.text]
    return found


def _next_deaths(deaths: Sequence[Death]) -> list[float]:
    return [*(one.at for one in deaths[1:]), math.inf]


def _recovered(
    death: Death, until: float, handed: dict[str, float], answered: dict[str, float]
) -> float | None:
    # What the next death holds up is counted from the restart after that one.
    open_ = [
        answered[id_]
        for id_, at in handed.items()
        if id_ in answered and at <= death.at < answered[id_]
    ]
    ended = [at for at in open_ if at < until]
    if open_ and not ended:
        return None
    return max(0.0, max(ended, default=death.again) - death.again)
