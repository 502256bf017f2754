"""The log of a session: its order, its fence, and reading it back."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.store.database import Database
from engine import events as ev
from engine.errors import NoSession, SequenceTaken
from engine.events import UnreadableEvent
from engine.store import events, sessions
from engine.store.events import AlreadyStored
from tests.integration.making import at, begun, goes_on, new_session, replied, said

ODD = 'n\0ul, lone \ud800, \N{PILE OF POO}, 日本, "quotes" and {braces}'


async def log(database: Database, after: int = 0) -> list[ev.Event]:
    async with database.reading() as tx:
        return await events.of_session(tx, "s1", after)


async def test_what_was_appended_comes_back_in_order(database: Database) -> None:
    written: list[ev.Event] = [
        said("p1", ODD, event_id="m1"),
        replied("It started this morning."),
        ev.ExhibitScheduled(at=at(2), exhibit="ecg", due=at(7), because="ordered"),
        ev.ToolDone(
            at=at(3),
            tool="book",
            args=(("day", "2026-03-02"),),
            seat="trainee",
            ok=True,
            text="Booked.",
        ),
    ]
    async with database.transaction() as tx:
        await new_session(tx)
        await goes_on(tx, "s1", *written[:2])
    async with database.transaction() as tx:
        await goes_on(tx, "s1", *written[2:])

    assert await log(database) == written
    assert await log(database, after=3) == [written[3]]
    assert await log(database, after=4) == []
    async with database.reading() as tx:
        head = await sessions.get(tx, "s1")
    assert (head.seq, head.updated_at) == (4, at(3))


async def test_every_kind_survives_storing(database: Database) -> None:
    filled = [_filled(kind) for kind in ev.KINDS.values()]
    async with database.transaction() as tx:
        await new_session(tx)
        await goes_on(tx, "s1", *filled)
    assert await log(database) == filled


def _filled(kind: type[ev.Event]) -> ev.Event:
    """An event with something in every field."""
    samples = {
        "at": at(1),
        "due": at(2),
        "facts": ("a", "b"),
        "answers": (1, 2),
        "args": (("k", "v"),),
        "fields": (("k", "v"),),
        "changes": (),
        "event_id": f"id-{kind.kind}",
        "ok": True,
        "cut": True,
        "outage": True,
        "degraded": True,
    }
    numbers = {"in_seq", "by", "to", "target", "seed", "in_reply_to", "tokens"}
    return kind(
        **{
            name: samples.get(name, 3 if name in numbers else "words")
            for name in ev.fields_of(kind)
        }
    )


async def test_appending_at_an_old_seq_is_refused_and_breaks_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        seq = await begun(tx, "s1", "p1")
        old = await sessions.get(tx, "s1")
        new = await events.append(tx, old, [said("p1", "one")])
    async with database.transaction() as tx:
        with pytest.raises(SequenceTaken) as caught:
            await events.append(tx, old, [said("p1", "two")])
        await events.append(tx, new, [said("p1", "three")])
    assert caught.value.seq == seq + 1
    texts = [one.text for one in await log(database) if isinstance(one, ev.TraineeSaid)]
    assert texts == ["one", "three"]


async def test_of_writers_that_race_exactly_one_wins_each_seq(database: Database) -> None:
    async with database.transaction() as tx:
        seq = await begun(tx, "s1", "p1")
        read = await sessions.get(tx, "s1")

    async def write(words: str) -> bool:
        try:
            async with database.transaction() as tx:
                await events.append(tx, read, [said("p1", words), replied(words)])
        except SequenceTaken:
            return False
        return True

    won = await asyncio.gather(*(write(str(number)) for number in range(8)))
    assert sum(won) == 1
    first, second = (await log(database))[seq:]
    assert isinstance(first, ev.TraineeSaid)
    assert isinstance(second, ev.CharacterSaid)
    assert first.text == second.text == str(won.index(True))


async def test_there_is_no_log_without_a_session(database: Database) -> None:
    async with database.transaction() as tx:
        gone = replace(await new_session(tx), id="none")
        with pytest.raises(NoSession):
            await events.append(tx, gone, [replied("Hello.")])
        assert await events.of_session(tx, "none") == []


async def test_appending_nothing_changes_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        made = await new_session(tx)
        assert await events.append(tx, replace(made, seq=7), []) == replace(made, seq=7)
        assert await sessions.get(tx, "s1") == made


async def test_one_delivery_is_stored_once(database: Database) -> None:
    async with database.transaction() as tx:
        seq = await begun(tx, "s1", "p1")
        await goes_on(tx, "s1", said("p1", "one", event_id="m1"))
        assert await events.by_external(tx, "s1", "m1") == seq + 1
        assert await events.by_external(tx, "s1", "m2") is None
        with pytest.raises(AlreadyStored) as caught:
            await goes_on(tx, "s1", said("p1", "x", event_id="m1"))
        assert caught.value.seq == seq + 1
        assert (await sessions.get(tx, "s1")).seq == seq + 1


async def test_one_message_may_be_words_and_an_action(database: Database) -> None:
    act = ev.ActionTaken(at=at(1), action="ecg", seat="trainee", person="p1", event_id="m1")
    async with database.transaction() as tx:
        seq = await begun(tx, "s1", "p1")
        await goes_on(tx, "s1", said("p1", "ECG", event_id="m1"), act)
        assert await events.by_external(tx, "s1", "m1") == seq + 1
    assert (await log(database))[-1] == act


async def test_two_sessions_may_hold_the_same_delivery(database: Database) -> None:
    async with database.transaction() as tx:
        for session_id in ("s1", "s2"):
            await new_session(tx, session_id)
            await goes_on(tx, session_id, said("p", "x", event_id="m"))
            assert await events.by_external(tx, session_id, "m") == 1


async def test_the_log_of_a_newer_release_is_not_guessed_at(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await tx.execute(text("UPDATE events SET v = 99 WHERE seq = 1"))
        with pytest.raises(UnreadableEvent):
            await events.of_session(tx, "s1")


async def test_seats_follow_the_log(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1", "p2")
        left = ev.Unseated(at=at(3), seat="trainee", person="p1")
        await goes_on(tx, "s1", left)
        seated = await sessions.participants(tx, "s1")
    assert [(one.person, one.joined_at, one.left_at) for one in seated] == [
        ("p1", at(0), at(3)),
        ("p2", at(0), None),
    ]

    async with database.transaction() as tx:
        back = ev.Seated(at=at(5), seat="trainee", person="p1")
        await goes_on(tx, "s1", back)
        again = await sessions.participants(tx, "s1")
    assert [(one.person, one.left_at) for one in again] == [("p2", None), ("p1", None)]
