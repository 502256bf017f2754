"""What reaches people after a session: once, at their hours, until they stop it."""

import json

from adapters.port import ReachableChanged
from bot import people
from bot.store import following, personal
from engine.store import sessions
from engine.store.tables import ParticipantRow
from tests.contract.fake_platform import parse
from tests.integration.bot.following import DM, fills, opens, passes, played, states
from tests.integration.bot.stage import CHANNEL, Stage


async def test_each_comes_at_its_time_and_once(everywhere: Stage) -> None:
    stage = everywhere
    await played(stage)
    shown = await passes(stage, seconds=2)
    assert "Before the score: A weight on the chest" in shown
    assert "[Rate myself] [Skip this]" in shown
    assert await passes(stage, seconds=60) == ""
    assert await passes(stage, days=0.9) == ""
    question = await passes(stage, days=0.1)
    assert "A question about A weight on the chest" in question
    assert "[Stop these messages]" in question
    assert await passes(stage, days=1.8) == ""
    assert "A short drill:" in await passes(stage, days=0.2)
    assert "A short drill:" in await passes(stage, days=7)
    assert await passes(stage, days=30) == ""
    assert set((await states(stage)).values()) == {"sent"}


async def test_after_a_long_stop_nothing_comes_in_a_pile(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    shown = await passes(stage, days=5)
    assert shown.count("[Stop these messages]") == 1
    assert "A short drill:" in shown
    assert (await states(stage))["reflection 1"] == "skipped too_late"


async def test_a_session_that_ended_long_ago_brings_nothing(stage: Stage) -> None:
    await played(stage)
    assert await passes(stage, days=3) == ""
    assert await states(stage) == {}


async def test_one_press_stops_all_of_them(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    await passes(stage, days=1)
    assert "Stopped: you get none" in await stage.presses("followups:stop", where=DM)
    assert await passes(stage, days=3) == ""
    assert "You get none of these messages" in await stage.says("/sim followups")
    assert "You get none of these messages" in await stage.says("/sim later tomorrow 3pm")
    await played(stage, "first-visit")
    assert await passes(stage, seconds=2) == ""
    assert "You get follow-ups again" in await stage.says("/sim followups start")
    await played(stage)
    assert "Before the score" in await passes(stage, seconds=2)


async def test_what_is_planned_can_be_seen(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    await stage.says("/sim settings time_zone=Europe/Berlin")
    listed = await stage.says("/sim followups")
    assert "Tue 3 March, 10:0" in listed
    assert "a question to think about, A weight on the chest" in listed
    assert "Thu 12 March" in listed


async def test_it_can_be_put_off_in_words(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    await passes(stage, days=1)
    form = await opens(stage, "later:which=f2")
    assert form["form"].title == "Later"
    wrong = await fills(stage, "later:which=f2", {"when": "banana"})
    assert "That is no time. Write it like: tomorrow 3pm" in wrong
    put_off = await fills(stage, "later:which=f2", {"when": "tomorrow 3pm"})
    assert "Wed 4 March, 15:00 UTC you get it again" in put_off
    assert await passes(stage, days=1) == ""
    assert "A question about" in await passes(stage, days=0.3)
    assert "Write it like `/sim later tomorrow 3pm`" in await stage.says("/sim later yesterday")


async def test_nobody_can_put_off_what_is_another_persons(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    refused = await stage.calls("later", who="U2", when="tomorrow 3pm", which="f1")
    assert "There is no message to put off" in refused


async def test_quiet_hours_hold(stage: Stage) -> None:
    await stage.says("/sim settings quiet=08:00-12:00")  # it is nine
    await played(stage)
    assert await passes(stage, seconds=2) == ""
    assert "Before the score" in await passes(stage, days=0.125)


async def test_who_cannot_be_reached_is_not_tried_for_ever(stage: Stage) -> None:
    stage.server.blocked.add("U1")
    await played(stage)
    assert await passes(stage, seconds=2) == ""
    assert set((await states(stage)).values()) == {"undelivered unreachable"}
    stage.server.blocked.clear()
    assert await passes(stage, days=3) == ""
    assert "did not reach you" in await stage.says("/sim followups")
    await played(stage)
    assert "Before the score" in await passes(stage, seconds=2)
    assert "did not reach you" not in await stage.says("/sim followups")


async def test_the_platform_may_say_who_can_be_reached(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    await stage.app.delivery.accept(_reachable(stage, "gone", reachable=False))
    await stage.idle()
    assert await passes(stage, days=1) == ""
    assert "did not reach you" in await stage.says("/sim followups")
    await stage.app.delivery.accept(_reachable(stage, "back", reachable=True))
    await stage.idle()
    assert "did not reach you" not in await stage.says("/sim followups")


def _reachable(stage: Stage, id_: str, *, reachable: bool) -> ReachableChanged:
    now = stage.clock.now()
    user = parse.user_ref("U1")
    return ReachableChanged(event_id=id_, order=id_, user=user, at=now, reachable=reachable)


async def test_everything_about_somebody_can_be_had_as_a_file(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    assert "[file: my-data.json]" in await stage.says("/sim my-data")
    assert "[file: my-data.json]" not in stage.shown(CHANNEL, "U2")
    record = await stage.session_of(stage.threads()[0])
    async with stage.database.reading() as tx:
        [seat] = await sessions.participants(tx, record.id)
        kept = await personal.about(tx, seat.person)
    assert sorted(one["kind"] for one in kept["followups"]) == [
        "drill", "drill", "feedback", "reflection",
    ]  # fmt: skip
    assert [one["scenario_id"] for one in kept["simulations"]] == ["chest-pain"]
    assert [one["user_id"] for one in kept["accounts"]] == ["U1"]
    json.dumps(kept)


async def test_two_accounts_of_one_person_share_what_is_planned(stage: Stage) -> None:
    await played(stage)
    await played(stage, who="U2")
    await passes(stage, seconds=2)
    async with stage.database.transaction() as tx:
        first = await people.known(tx, people.account_of(parse.user_ref("U1")))
        assert first is not None
        await people.link(tx, first, people.account_of(parse.user_ref("U2")), at=stage.clock.now())
        rows = await following.of_person(tx, first)
    assert len(rows) == 8


async def test_a_newer_try_takes_the_place_of_an_older_one(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    await played(stage)
    await passes(stage, seconds=2)
    question = await passes(stage, days=1)
    assert question.count("A question about") == 1


async def test_an_unfinished_session_is_recalled_twice(stage: Stage) -> None:
    room = await stage.started("chest-pain")
    await stage.says("Hello", where=room)
    await stage.says("!pause", where=room)
    assert await passes(stage, days=0.9) == ""
    first = await passes(stage, days=0.2)
    assert "A weight on the chest** waits where you left it" in first
    assert "[Go on with it] [End it]" in first
    assert "waits where you left it" in await passes(stage, days=3)
    assert await passes(stage, days=10) == ""


async def test_nobody_is_called_back_to_what_they_stepped_out_of(stage: Stage) -> None:
    room = await stage.started("chest-pain")
    await stage.says("red light", where=room)
    assert await passes(stage, seconds=2) == ""
    assert await passes(stage, days=1.1) == ""
    assert await passes(stage, days=4) == ""


async def test_whoever_goes_on_is_not_reminded(stage: Stage) -> None:
    room = await stage.started("chest-pain")
    await stage.says("!pause", where=room)
    assert await passes(stage, days=0.9) == ""
    await stage.says("!resume", where=room)
    await stage.says("Hello again", where=room)
    await stage.says("!end", where=room)
    shown = await passes(stage, days=0.2)
    assert "Before the score" in shown
    assert "waits where you left it" not in shown


async def test_whoever_teaches_gets_the_week_in_figures(stage: Stage) -> None:
    await stage.says("/sim role U2 instructor", who="U9")
    await played(stage)
    await passes(stage, seconds=2)
    assert await passes(stage, days=6.8, who="U2") == ""
    digest = await passes(stage, days=0.3, who="U2")
    assert "1 person finished 1 simulation in the last seven days" in digest
    assert "A weight on the chest: 1 time" in digest
    assert "Ada" not in digest


async def test_being_forgotten_takes_them_along(everywhere: Stage) -> None:
    stage = everywhere
    await played(stage)
    await passes(stage, seconds=2)
    assert len(await states(stage)) == 4
    await stage.says("/sim forget-me yes")
    assert await states(stage) == {}
    assert await passes(stage, days=1) == ""


async def test_the_demo_clock_is_not_there_by_itself(stage: Stage) -> None:
    assert "There is no such command" in await stage.says("/sim clock +1d", where=CHANNEL)


async def test_whoever_looked_already_is_not_told_again(stage: Stage) -> None:
    room = await played(stage)
    assert "of 100" in await stage.says("!debrief how=now", where=room)
    assert await passes(stage, seconds=2) == ""
    assert (await states(stage))["feedback 1"] == "skipped seen"


async def test_somebody_forgotten_does_not_keep_the_others_from_theirs(stage: Stage) -> None:
    room = await played(stage)
    record = await stage.session_of(room)
    async with stage.database.transaction() as tx:
        gone = {"session_id": record.id, "seat": "trainee", "person_id": "nobody"}
        now = stage.clock.now()
        tx.add(ParticipantRow(**gone, joined_at=now, left_at=None))
    assert "Before the score" in await passes(stage, seconds=2)
    assert len(await states(stage)) == 4


async def test_a_debrief_that_was_put_off_comes_again(stage: Stage) -> None:
    await played(stage)
    await passes(stage, seconds=2)
    assert "[Later] [Stop these messages]" in stage.shown(DM)
    assert "of 100" in await stage.says("/sim debrief how=now")
    assert "you get it again" in await fills(stage, "later:which=f1", {"when": "in two hours"})
    assert "How it went" in await passes(stage, days=0.1)


async def test_the_week_is_only_for_who_still_teaches(stage: Stage) -> None:
    await stage.says("/sim role U2 instructor", who="U9")
    await played(stage)
    await passes(stage, seconds=2, who="U2")
    async with stage.database.transaction() as tx:
        them = await people.known(tx, people.account_of(parse.user_ref("U2")))
        assert them is not None
        record = await sessions.get(tx, (await stage.session_of(stage.threads()[0])).id)
        await people.set_role(tx, them, record.owner, "instructor", held=False)
    assert await passes(stage, days=7.1, who="U2") == ""
    digests = {name: state for name, state in (await states(stage)).items() if "digest" in name}
    assert set(digests.values()) == {"skipped no_instructor"}
