"""A trainee's way through a simulation, on each kind of database."""

from sqlalchemy import func, select

from bot.store.database import Database, StoreAway
from bot.store.tables import PersonRow
from engine.events import TraineeSaid
from engine.store import events
from tests.integration.bot.stage import CHANNEL, Stage


async def log_of(stage: Stage, thread: str) -> list[object]:
    record = await stage.session_of(thread)
    async with stage.database.reading() as tx:
        return list(await events.of_session(tx, record.id))


async def said_in(stage: Stage, thread: str) -> list[str]:
    return [one.text for one in await log_of(stage, thread) if isinstance(one, TraineeSaid)]


async def people_in(database: Database) -> int:
    async with database.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(PersonRow)) or 0


async def test_from_the_list_to_the_score(everywhere: Stage) -> None:
    stage = everywhere
    listed = await stage.says("/sim list")
    assert "`chest-pain`: A weight on the chest (Clinical, intermediate, 20 minutes)" in listed
    assert "[1] Start [2] Details" in listed

    notice = await stage.presses("start:chest-pain", on_card=True)
    assert notice.startswith("(private) : Before you start")
    assert "/sim forget-me" in notice
    assert stage.threads() == []

    assert await stage.presses("agree:chest-pain") == ""
    [room] = stage.threads()
    assert stage.server.threads[room]["title"] == "A weight on the chest"
    opening = stage.seen(room)
    assert "You are the doctor on call" in opening
    assert "“red light” stops everything at once" in opening
    assert "[file: triage-note.txt]" in opening
    assert "Colin Marsh: Are you the doctor?" in opening
    assert opening.index("You are the doctor") < opening.index("Are you the doctor?")

    assert "alf one" in await stage.says("When did it start?", where=room)
    assert (await stage.says("!end", where=room)).startswith(": The simulation has ended")
    assert stage.server.threads[room]["state"] == "closed"
    rated = await stage.presses("debrief", where=room)
    assert rated.startswith("(private)")
    assert "of 100" not in rated
    [skip] = [one for one in stage.buttons(room) if one.endswith(":now")]
    card = await stage.presses(skip, where=room)
    assert card.startswith("(private) : How it went: A weight on the chest")
    assert "of 100" in card
    assert "> When did it start?" in card


async def test_the_notice_is_asked_once(everywhere: Stage) -> None:
    await everywhere.started("chest-pain")
    assert await everywhere.says("/sim start first-visit") == ""
    assert len(everywhere.threads()) == 2


async def test_starting_again_offers_to_go_on(everywhere: Stage) -> None:
    await everywhere.started()
    assert "[Continue] [End it]" in await everywhere.says("/sim start chest-pain")
    assert len(everywhere.threads()) == 1
    assert "· running" in await everywhere.says("/sim list")
    await everywhere.presses("continue:chest-pain")
    old, new = everywhere.threads()
    assert everywhere.seen(new).startswith(": You are back in **A weight on the chest**")
    assert "goes on in another thread" in await everywhere.says("Hello?", where=old)
    assert "Colin Marsh:" in await everywhere.says("When did it start?", where=new)


async def test_what_is_delivered_twice_is_answered_once(everywhere: Stage) -> None:
    room = await everywhere.started()
    once = await everywhere.says("When did it start?", where=room, times=3)
    assert once.count("Colin Marsh:") == 1
    assert await said_in(everywhere, room) == ["When did it start?"]
    ordered = await everywhere.says("!order ecg", where=room, times=2)
    assert ordered.count("hands you the tracing") == 1


async def test_a_command_delivered_twice_is_carried_out_once(everywhere: Stage) -> None:
    room = await everywhere.started()
    for line in ("!hint", "!next", "!pause", "!resume", "!stop"):
        before = len(await log_of(everywhere, room))
        once = await everywhere.says(line, where=room, times=2)
        assert once, line
        ids = [getattr(one, "event_id", None) for one in await log_of(everywhere, room)]
        assert len([one for one in ids[before:] if one is not None]) == 1, line
        assert "is paused" not in once
        assert "is stopped" not in once


async def test_being_forgotten_is_answered_though_the_log_is_in_use(stage: Stage) -> None:
    async def stuck() -> None:
        raise StoreAway("the log is in use")

    await stage.started()
    stage.database.settle = stuck  # type: ignore[method-assign]
    told = await stage.says("/sim forget-me yes")
    assert "Nothing can be stored" not in told
    assert told
    assert await people_in(stage.database) == 0


async def test_too_long_a_submission_is_told_in_words(stage: Stage) -> None:
    room = await stage.started()
    assert "6000 characters, and 5000 fit" in await stage.says("!submit " + "a" * 6000, where=room)


async def test_what_comes_at_once_is_answered_in_order(everywhere: Stage) -> None:
    room = await everywhere.started()
    for words in ("When did it start?", "Where is the pain?", "Do you smoke?"):
        await everywhere.says(words, where=room)
    assert await said_in(everywhere, room) == [
        "When did it start?",
        "Where is the pain?",
        "Do you smoke?",
    ]


async def test_whoever_has_no_seat_makes_no_turn_and_is_not_remembered(stage: Stage) -> None:
    room = await stage.started()
    before = await people_in(stage.database)
    answer = await stage.says("Let me try.", where=room, who="U2")
    assert answer == (
        "(private) : You have no seat in this simulation, so nobody in the scene hears you here. "
        "Start your own with `/sim list`."
    )
    assert "no seat" in await stage.says("!hint", where=room, who="U5")
    assert await said_in(stage, room) == []
    await stage.says("Only talking here.", who="U7")
    await stage.says("When did it start?", where=room, who="U8")
    assert await people_in(stage.database) == before


async def test_talk_in_a_channel_is_not_for_the_bot(stage: Stage) -> None:
    assert await stage.says("Good morning everybody") == ""
    assert "Commands" in await stage.says("Good morning", where="DU1")


async def test_an_aside_is_heard_by_nobody(stage: Stage) -> None:
    room = await stage.started()
    assert await stage.says("// is this going well?", where=room) == ""
    assert await said_in(stage, room) == []


async def test_too_long_and_empty_messages_are_not_taken(stage: Stage) -> None:
    room = await stage.started()
    long = await stage.says("a" * 6000, where=room)
    assert "6000 characters, and 5000 fit" in long
    assert "nothing to read" in await stage.says("\u200b \u2063", where=room)
    assert await said_in(stage, room) == []
    assert "Colin Marsh:" in await stage.says("a " * 2400, where=room)


async def test_a_pause_holds_words_back_and_says_so(stage: Stage) -> None:
    room = await stage.started()
    assert "The clock stands" in await stage.says("!pause", where=room)
    assert stage.server.threads[room]["state"] == "paused"
    refused = await stage.says("Hello?", where=room)
    assert refused.startswith("(private) : This simulation is paused, so nobody heard that.")
    assert "`/sim resume`" in await stage.says("!hint", where=room)
    assert await said_in(stage, room) == []
    assert "You are back in" in await stage.presses("resume", where=room)
    assert stage.server.threads[room]["state"] == "active"
    again = await stage.says("!resume", where=room)
    assert again.startswith("(private) : You are back in"), "nothing changed, so nobody is told"


async def test_after_the_end_the_way_on_is_named(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("!end", where=room)
    after = await stage.says("Hello?", where=room)
    assert "has ended" in after
    assert "[How did it go?]" in after
    for line in ("!end", "!hint", "!next", "!pause", "!order ecg", "!continue"):
        assert "has ended" in await stage.says(line, where=room)
    assert await said_in(stage, room) == []


async def test_the_stop_word_steps_out_with_care(stage: Stage) -> None:
    room = await stage.started("first-visit")
    await stage.says("Hello, I am from the council.", where=room)
    stopped = await stage.says("red light", where=room)
    assert "We have stepped out of the role-play" in stopped
    assert "116 123" in stopped
    assert "Ray Pollard:" not in stopped
    assert await said_in(stage, room) == ["Hello, I am from the council."]
    card = await stage.says("!show", where=room)
    assert "does not count against you" in card
    assert " of " not in card.replace("drawer full of letters", "")
    after = await stage.says("I am not sure I am all right.", where=room)
    assert "nobody in it hears this" in after
    assert "116 123" in after
    assert "You are back in" in await stage.presses("continue", where=room)


async def test_the_stop_word_counts_while_paused_too(stage: Stage) -> None:
    room = await stage.started("first-visit")
    await stage.says("!pause", where=room)
    assert "stepped out" in await stage.says("red light", where=room)
    assert (await stage.session_of(room)).status == "abandoned"


async def test_help_is_there_for_who_ends_and_then_writes(stage: Stage) -> None:
    room = await stage.started("first-visit")
    await stage.says("!end", where=room)
    assert "116 123" in await stage.says("red light", where=room)


async def test_stop_needs_no_reason(stage: Stage) -> None:
    room = await stage.started("first-visit")
    assert "need not give a reason" in await stage.says("!stop", where=room)
    assert "is stopped" in await stage.says("!stop", where=room)


async def test_somebody_shut_out_is_told_so(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("/sim role U1 observer", who="U9")
    async with stage.database.transaction() as tx:
        found = (await tx.scalars(select(PersonRow))).all()
        for one in found:
            one.active = False
    assert "switched off" in await stage.says("When did it start?", where=room)
    assert "switched off" in await stage.says("!hint", where=room)
    assert await said_in(stage, room) == []


async def test_the_agreement_can_be_asked_for_again_in_the_middle(stage: Stage) -> None:
    room = await stage.started()
    async with stage.database.transaction() as tx:
        for one in (await tx.scalars(select(PersonRow))).all():
            one.consent_version = 0
    assert "agree" in await stage.says("When did it start?", where=room)
    assert "agree" in await stage.says("!order ecg", where=room)
    await stage.says("/sim start chest-pain")
    assert "[Continue]" in await stage.presses("agree:chest-pain")
    assert "alf one" in await stage.says("When did it start?", where=room)
    assert CHANNEL not in stage.threads()
