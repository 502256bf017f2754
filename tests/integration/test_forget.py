"""Forgetting: nothing of the person remains, and nothing of the others goes."""

import json

import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.migrations.models import every_metadata
from engine import events as ev
from engine.errors import NoSession
from engine.store import Transaction, evaluations, events, ledger, sessions
from engine.store.forget import delete_session, forget_person, merge_person
from engine.store.ledger import Call
from tests.integration.making import HASH, at, begun, goes_on, replied, said

ANA = "a1" * 16
BEN = "b2" * 16
WORDS = "My mother had the same illness, and I never told anybody."


async def dump(tx: Transaction) -> str:
    """Everything in every table, as one text."""
    found: list[str] = []
    for metadata in every_metadata():
        for table in metadata.sorted_tables:
            rows = await tx.execute(select(table))
            found += [json.dumps(list(row), default=str, ensure_ascii=False) for row in rows]
    return "\n".join(found)


async def judged(tx: Transaction, session_id: str, seq: int) -> None:
    """An evaluation that quotes both, and a call whose raw payload holds words."""
    await evaluations.append(
        tx,
        session_id,
        rubric_hash="r",
        scenario_hash=HASH,
        body={
            "overall": 70,
            "person": ANA,
            "criteria": [
                {
                    "id": "empathy",
                    "reason": 'Ana opened up: "I never told anybody."',
                    "evidence": [
                        {"seq": seq + 1, "quote": "I never told anybody."},
                        {"seq": seq + 3, "quote": "Where does it hurt?"},
                    ],
                }
            ],
        },
        at=at(9),
    )
    call = Call(
        kind="reply",
        provider="openai",
        model="m",
        status="posted",
        at=at(1),
        response_id=f"r-{session_id}",
        raw={"prompt": WORDS},
    )
    await ledger.append(tx, session_id, [call])


async def shared(tx: Transaction, session_id: str = "s1") -> int:
    """A session of Ana and Ben; the seq after it."""
    seq = await begun(tx, session_id, ANA, BEN)
    happened: list[ev.Event] = [
        said(ANA, WORDS, event_id="m1"),
        replied("I am sorry to hear that, Ana. Take your time."),
        said(BEN, "Where does it hurt?", event_id="m2"),
        replied("In my chest."),
        ev.ActionTaken(
            at=at(2),
            action="note",
            seat="trainee",
            person=ANA,
            text="Anxious, asks for her mother",
            fields=(("plan", "call her sister tomorrow"),),
            event_id="m3",
        ),
        ev.Edited(at=at(3), target=seq + 1, text="My aunt, I mean."),
        ev.HintGiven(at=at(3), text=f'You said "{WORDS}"', criterion="empathy"),
        ev.Injected(at=at(4), seat="narrator", person=BEN, text="The door opens."),
        ev.Cared(at=at(5), person=ANA, sign="distress"),
    ]
    await goes_on(tx, session_id, *happened)
    await judged(tx, session_id, seq)
    return seq + len(happened)


async def test_nothing_of_the_person_remains_in_a_shared_session(database: Database) -> None:
    async with database.transaction() as tx:
        seq = await shared(tx)
        assert WORDS in await dump(tx)
        done = await forget_person(tx, ANA, names=("Ana Silva",))
        left = await dump(tx)
    assert (done.deleted, done.cleaned) == ((), ("s1",))
    for word in (ANA, "Ana", "mother", "aunt", "sister", "never told", '"m1"', '"m3"'):
        assert word not in left, word
    for word in (BEN, "Where does it hurt?", "In my chest.", "The door opens.", '"m2"'):
        assert word in left, word

    async with database.reading() as tx:
        log = await events.of_session(tx, "s1")
        [stored] = await evaluations.of_session(tx, "s1")
        head = await sessions.get(tx, "s1")
        assert head.seq == seq == len(log)
        assert head.rewritten == 1  # so that nobody goes on with what they remember
        assert [one.person for one in await sessions.participants(tx, "s1")].count(BEN) == 1
        assert await sessions.of_person(tx, ANA) == []
        assert (await ledger.totals(tx, "s1")).calls == 1
    people = {one.person for one in log if isinstance(one, (ev.TraineeSaid, ev.Seated))}
    assert len(people) == 2  # still two, and still told apart
    assert stored.body["overall"] == 70
    [criterion] = stored.body["criteria"]
    assert [one["quote"] for one in criterion["evidence"]] == ["[removed]", "Where does it hurt?"]


async def test_a_quote_of_another_stays_only_as_far_as_it_still_stands(database: Database) -> None:
    quotes = {
        "You told me": "You told me",
        "me, Ana Silva: I nev": "[removed]",  # runs into what is gone
        "told anybody": "[removed]",  # a piece of it
        "me, Ana Silva:": "me, [removed]:",
        f"{WORDS} Is that so?": "[removed] Is that so?",
        "Is that so?": "Is that so?",
    }
    evidence = [{"seq": 5, "quote": one} for one in quotes]
    async with database.transaction() as tx:
        assert await begun(tx, "s1", ANA, BEN) == 3
        mirror = said(BEN, f"You told me, Ana Silva: {WORDS} Is that so?")
        await goes_on(tx, "s1", said(ANA, WORDS), mirror)
        body = {"criteria": [{"id": "mirrors", "evidence": evidence}]}
        await evaluations.append(tx, "s1", rubric_hash="r", scenario_hash=HASH, body=body, at=at(9))
        await forget_person(tx, ANA, names=("Ana Silva",))
        log = await events.of_session(tx, "s1")
        [stored] = await evaluations.of_session(tx, "s1")
    assert isinstance(log[4], ev.TraineeSaid)
    assert log[4].text == "You told me, [removed]: [removed] Is that so?"
    found = [one["quote"] for one in stored.body["criteria"][0]["evidence"]]
    assert found == list(quotes.values())


async def test_a_session_of_the_person_alone_goes_whole(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", ANA)
        teacher = ev.Injected(at=at(1), seat="narrator", person=BEN, text="A nurse comes in.")
        await goes_on(tx, "s1", said(ANA, WORDS), teacher)
        done = await forget_person(tx, ANA)
        assert (done.deleted, done.cleaned) == (("s1",), ())
        with pytest.raises(NoSession):
            await sessions.get(tx, "s1")
        left = await dump(tx)
    assert WORDS not in left
    assert "s1" not in left


async def test_the_last_of_two_takes_the_session_along(database: Database) -> None:
    async with database.transaction() as tx:
        await shared(tx)
        assert (await forget_person(tx, ANA)).cleaned == ("s1",)
        assert (await forget_person(tx, BEN)).deleted == ("s1",)


async def test_an_instructor_leaves_the_sessions_of_others_standing(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", ANA)
        teacher = ev.Injected(at=at(1), seat="narrator", person=BEN, text="A nurse comes in.")
        await goes_on(tx, "s1", said(ANA, WORDS), teacher)
        done = await forget_person(tx, BEN)
        assert (done.deleted, done.cleaned) == ((), ("s1",))
        left = await dump(tx)
    assert "nurse" not in left
    assert BEN not in left
    assert WORDS in left


async def test_what_tools_were_given_from_the_persons_seat_goes_too(database: Database) -> None:
    tool = ev.ToolProposed(
        at=at(1), tool="book", args=(("who", "Maria"),), seat="trainee", summary="Book Maria?"
    )
    async with database.transaction() as tx:
        await begun(tx, "s1", ANA, BEN)
        await goes_on(tx, "s1", tool)
        await forget_person(tx, ANA)
        assert "Maria" not in await dump(tx)
        assert (await events.of_session(tx, "s1"))[-1] == ev.ToolProposed(
            at=at(1), tool="book", args=(("who", "[removed]"),), seat="trainee", summary="[removed]"
        )


async def test_forgetting_nobody_changes_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await shared(tx)
        before = await dump(tx)
        done = await forget_person(tx, "c3" * 16, names=("Carla",))
        assert (done.deleted, done.cleaned) == ((), ())
        assert await dump(tx) == before


async def test_deleting_a_session_takes_all_that_hangs_on_it(database: Database) -> None:
    async with database.transaction() as tx:
        await shared(tx, "s1")
        await shared(tx, "s2")
        await delete_session(tx, "s1")
        left = await dump(tx)
        assert '"s1"' not in left
        assert '"s2"' in left
        with pytest.raises(NoSession):
            await delete_session(tx, "s1")


async def test_merging_moves_everything(database: Database) -> None:
    async with database.transaction() as tx:
        await shared(tx)
        await begun(tx, "s2", ANA)
        await merge_person(tx, ANA, BEN)
        left = await dump(tx)
        assert ANA not in left
        assert {one.id for one in await sessions.of_person(tx, BEN)} == {"s1", "s2"}
        assert len(await sessions.participants(tx, "s1")) == 1
    assert WORDS in left
