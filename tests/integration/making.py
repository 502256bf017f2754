"""Sessions as tests need them."""

from datetime import UTC, datetime, timedelta

from engine.events import CharacterSaid, Event, Seated, Started, TraineeSaid
from engine.store import Transaction, events, scenarios, sessions
from engine.store.sessions import SessionRecord

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HASH = "5c" * 32


def at(minutes: float) -> datetime:
    """A moment of the story."""
    return T0 + timedelta(minutes=minutes)


async def new_session(
    tx: Transaction,
    session_id: str = "s1",
    *,
    scenario_id: str = "chest-pain",
    owner: str = "w1",
    minute: float = 0,
) -> SessionRecord:
    """A session with an empty log."""
    await scenarios.put(
        tx, hash_=HASH, scenario_id=scenario_id, version="1.0.0", body="{}", at=at(0)
    )
    return await sessions.create(
        tx,
        session_id=session_id,
        scenario_id=scenario_id,
        scenario_hash=HASH,
        mode="standard",
        language="en",
        seed=2**31,
        owner=owner,
        at=at(minute),
    )


async def begun(
    tx: Transaction, session_id: str = "s1", *people: str, minute: float = 0, owner: str = "w1"
) -> int:
    """A session in which people sit; the seq after it."""
    made = await new_session(tx, session_id, minute=minute, owner=owner)
    opening: list[Event] = [Started(at=at(minute), scenario_hash=HASH, mode="standard")]
    opening += [Seated(at=at(minute), seat="trainee", person=person) for person in people]
    await events.append(tx, made, opening)
    return len(opening)


async def goes_on(tx: Transaction, session_id: str, *happened: Event) -> None:
    """Let a log go on."""
    await events.append(tx, await sessions.get(tx, session_id), happened)


def said(
    person: str, text: str, minute: float = 1, event_id: str | None = None, seat: str = "trainee"
) -> TraineeSaid:
    """Something a person said."""
    return TraineeSaid(at=at(minute), seat=seat, person=person, text=text, event_id=event_id)


def replied(text: str, minute: float = 1) -> CharacterSaid:
    """Something the character said."""
    return CharacterSaid(at=at(minute), seat="patient", text=text)
