"""Several people in one simulation, those who only stand beside it, and an instructor's hand."""

from typing import Any

from adapters.port import Completing, Completions
from bot.answers import Answers
from engine import events as ev
from engine.store import events
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL, Stage

FAMILY = "discharge-family-meeting"


async def log_of(stage: Stage, room: str) -> list[Any]:
    record = await stage.session_of(room)
    async with stage.database.reading() as tx:
        return list(await events.of_session(tx, record.id))


async def agrees(stage: Stage, who: str) -> None:
    """Have somebody known here who agreed to the notice."""
    await stage.started("first-visit", who=who)


async def test_whoever_has_no_seat_is_told_once(everywhere: Stage) -> None:
    room = await everywhere.started()
    first = await everywhere.says("Let me try.", where=room, who="U2")
    assert first.startswith("(private) : You have no seat in this simulation")
    assert await everywhere.says("And now?", where=room, who="U2") == ""
    assert "no seat" in await everywhere.says("Me too.", where=room, who="U5")
    assert await everywhere.says("// just talking", where=room, who="U7") == ""
    log = await log_of(everywhere, room)
    assert not [one for one in log if isinstance(one, ev.TraineeSaid | ev.Aside)]


async def test_asides_of_those_who_agreed_are_kept_and_heard_by_nobody(everywhere: Stage) -> None:
    await agrees(everywhere, "U2")
    room = await everywhere.started()
    await everywhere.says("// how am I doing?", where=room)
    await everywhere.says("Ask about his father.", where=room, who="U2")
    asides = [one for one in await log_of(everywhere, room) if isinstance(one, ev.Aside)]
    assert [(one.text, one.seat) for one in asides] == [
        ("// how am I doing?", "trainee"),
        ("Ask about his father.", ""),
    ]
    record = await everywhere.session_of(room)
    async with everywhere.database.reading() as tx:
        exported = await everywhere.app.services.archive.export(tx, record.id, "md")
    assert "how am I doing" not in exported


async def test_two_people_play_one_simulation(everywhere: Stage) -> None:
    room = await everywhere.started(FAMILY)
    told = await everywhere.says("Hello, may I?", where=room, who="U2")
    assert "There is room" in told
    await everywhere.says("!join", where=room, who="U2")
    everywhere.seen(room, "U2")
    asked = await everywhere.presses("agree-join", where=room, who="U2")
    assert "You are in, as" in asked or "Which part" in asked
    if "Which part" in asked:
        seat = asked.split("`!join ")[1].split("`")[0]
        asked = await everywhere.presses(f"join:{seat}", where=room, who="U2")
    assert "You are in, as" in asked
    assert "Ben" in asked or "Somebody joins" in asked
    await everywhere.says("Good morning, everybody.", where=room)
    await everywhere.says("Good morning, how are you today?", where=room, who="U2")
    said = [one for one in await log_of(everywhere, room) if isinstance(one, ev.TraineeSaid)]
    assert len({one.seat for one in said}) == 2
    assert len({one.person for one in said}) == 2
    assert "in already" in await everywhere.says("!join", where=room, who="U2")
    assert "is free again" in await everywhere.says("!leave", where=room, who="U2")
    assert "the only one" in await everywhere.says("!leave", where=room)
    refused = await everywhere.says("Still here.", where=room, who="U2")
    assert "Still here." not in [
        one.text for one in await log_of(everywhere, room) if isinstance(one, ev.TraineeSaid)
    ]
    assert "no seat" not in refused, "told once"


async def test_in_a_team_each_part_is_told_to_whoever_plays_it_alone(everywhere: Stage) -> None:
    await agrees(everywhere, "U2")
    room = await everywhere.started(FAMILY)
    part = "so you halved one tablet on Friday"
    assert part in everywhere.seen(room, "U1")
    opening = everywhere.seen(room, "U2")
    assert part not in opening
    assert "Free parts: ward nurse, social worker" in opening
    assert "join:nurse" in everywhere.buttons(room)
    joined = await everywhere.presses("join:nurse", where=room, who="U2")
    assert "she walks ten metres" in joined
    assert "she walks ten metres" not in everywhere.seen(room, "U1")
    assert "Free parts: social worker." in everywhere.shown(room, "U1"), "the card was changed"


async def test_nobody_joins_where_every_seat_is_taken(stage: Stage) -> None:
    await agrees(stage, "U2")
    room = await stage.started()
    assert "Every seat" in await stage.says("!join", where=room, who="U2")
    assert "could not" not in await stage.says("/sim join", who="U2")


async def test_an_instructor_gives_a_cue_and_trainees_do_not(stage: Stage) -> None:
    room = await stage.started()
    assert "not open to you" in await stage.says("!cue", where=room)
    listed = await stage.says("!cue", where=room, who="U9")
    name = listed.split("- `")[1].split("`")[0]
    before = len([one for one in await log_of(stage, room) if isinstance(one, ev.CueFired)])
    await stage.says(f"!cue {name}", where=room, who="U9")
    fired = [one for one in await log_of(stage, room) if isinstance(one, ev.CueFired)]
    assert len(fired) == before + 1
    assert "not possible" in await stage.says(f"!cue {name}", where=room, who="U9")
    unknown = await stage.says("!cue nonsense", where=room, who="U9")
    assert "There is no cue like that" in unknown
    assert "registrar_waits" in unknown


async def test_an_instructor_speaks_in_the_scene(stage: Stage) -> None:
    room = await stage.started()
    told = await stage.says("!inject The monitor begins to beep.", where=room, who="U9")
    assert "_The monitor begins to beep._" in told
    said = await stage.says("!inject who=patient I feel dizzy.", where=room, who="U9")
    assert "Colin Marsh: I feel dizzy." in said
    record = await stage.session_of(room)
    far = await stage.says(f"/sim inject simulation={record.id} The door opens.", who="U9")
    assert "Everybody in the simulation can see it" in far
    assert "_The door opens._" in stage.shown(room)
    assert "not open to you" in await stage.says("!inject Boo.", where=room)
    for line in ("who:colin It hurts.", '"It hurts." colin', "It hurts. who:Colin"):
        assert "Colin Marsh: It hurts." in await stage.says(f"!inject {line}", where=room, who="U9")
    assert "who:NAME I feel" in await stage.says("/sim inject", where=room, who="U9")
    unknown = await stage.says("/sim inject who:nobody Boo.", where=room, who="U9")
    assert "/sim inject who:patient" in unknown


async def test_an_instructor_plays_a_character_and_gives_it_back(stage: Stage) -> None:
    room = await stage.started()
    assert "You play Colin Marsh now" in await stage.says(
        "!take-over patient", where=room, who="U9"
    )
    waits = await stage.says("When did it start?", where=room)
    assert "A person plays Colin Marsh just now" in waits
    assert "Colin Marsh:" not in waits
    assert await stage.says("And what did it feel like?", where=room) == ""
    said = await stage.says("About an hour ago, I think.", where=room, who="U9")
    assert said == "Colin Marsh: About an hour ago, I think."
    injected = [one for one in await log_of(stage, room) if isinstance(one, ev.Injected)]
    assert [one.text for one in injected] == ["About an hour ago, I think."]
    assert "a seat" not in stage.shown(room)
    assert "Say your last" not in await stage.says("!hand-back", where=room, who="U9")
    assert "Colin Marsh:" in await stage.says("Where is the pain?", where=room)


async def test_whoever_waits_at_a_hand_back_hears_to_say_it_again(everywhere: Stage) -> None:
    stage = everywhere
    room = await stage.started()
    again = "Colin Marsh is played by Dressrun again. Say your last message once more"
    await stage.says("When did it start?", where=room)
    await stage.says("!take-over patient", where=room, who="U9")
    assert again not in await stage.says("!hand-back", where=room, who="U9")
    await stage.says("!take-over patient", where=room, who="U9")
    await stage.says("Where is the pain?", where=room)
    assert again in await stage.says("!hand-back", where=room, who="U9")
    await stage.says("!hand-back patient", where=room, who="U9")
    assert stage.shown(room).count(again) == 1
    assert "Colin Marsh:" in await stage.says("Where is the pain?", where=room)


async def test_a_character_played_by_a_person_is_named_as_people_do_and_answers_itself(
    stage: Stage,
) -> None:
    room = await stage.started(FAMILY)
    for name in ("Joanna", "Joanna Reyes", "daughter"):
        told = await stage.says(f"/sim take-over {name}", where=room, who="U9")
        assert "You play Joanna Reyes now" in told
        status = await stage.says("/sim status", where=room, who="U9")
        assert "Joanna Reyes: Root" in status or "Joanna Reyes: somebody" in status
        waits = await stage.says("Joanna, how are you sleeping?", where=room)
        assert waits == "" or "A person plays Joanna Reyes just now" in waits
        assert "Agnes" in await stage.says("Agnes, how are you?", where=room)
        await stage.says(f"/sim hand-back {name}", where=room, who="U9")
    assert "Joanna Reyes:" in await stage.says("Joanna, how are you sleeping?", where=room)


async def test_an_instructor_shows_an_exhibit(stage: Stage) -> None:
    room = await stage.started()
    assert "ECG" in await stage.says("!reveal ecg", where=room, who="U9")
    assert "could not read" in await stage.says("!reveal nothing", where=room, who="U9")


async def test_words_changed_after_the_answer_are_noted(everywhere: Stage) -> None:
    room = await everywhere.started()
    written = everywhere.server.write(room, "U1", "When did it start?")
    await everywhere.server.deliver(written)
    await changed(everywhere, "edited", room, written["id"], text="Where does it hurt?")
    await changed(everywhere, "edited", room, written["id"], who="U2", text="Not mine.")
    await changed(everywhere, "deleted", room, written["id"])
    log = await log_of(everywhere, room)
    [seq] = [at for at, one in enumerate(log, 1) if isinstance(one, ev.TraineeSaid)]
    assert log[seq - 1].text == "When did it start?"
    [edited] = [one for one in log if isinstance(one, ev.Edited)]
    assert (edited.target, edited.text) == (seq, "Where does it hurt?")
    [deleted] = [one for one in log if isinstance(one, ev.Deleted)]
    assert deleted.target == seq


async def test_words_changed_before_they_are_heard_are_heard_so(everywhere: Stage) -> None:
    room = await everywhere.started()
    everywhere.works = False
    first = everywhere.server.write(room, "U1", "When did it strat?")
    second = everywhere.server.write(room, "U1", "And this is a mistake.")
    for one in (first, second):
        await everywhere.server.deliver(one)
    await changed(everywhere, "edited", room, first["id"], text="When did it start?")
    await changed(everywhere, "deleted", room, second["id"])
    everywhere.works = True
    await everywhere.idle()
    log = await log_of(everywhere, room)
    said = [one.text for one in log if isinstance(one, ev.TraineeSaid)]
    assert said == ["When did it start?"]
    assert not [one for one in log if isinstance(one, ev.Edited | ev.Deleted)]


async def changed(
    stage: Stage, what: str, room: str, message: int, *, who: str = "U1", **more: str
) -> None:
    happened = stage.server.happening(what, who, room, message=message, **more)
    answer = await stage.server.deliver(happened)
    assert answer["status"] == 200


async def test_a_command_about_seats_needs_a_thread(stage: Stage) -> None:
    await agrees(stage, "U2")
    for line in ("/sim join", "/sim leave"):
        assert await stage.says(line, where=CHANNEL, who="U2") != ""


async def test_cues_and_exhibits_are_completed_for_those_who_steer(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("/sim list", who="U9")
    for command, option, some in (
        ("cue", "cue", ""),
        ("reveal", "exhibit", "ecg"),
        ("take-over", "who", "patient"),
    ):
        assert await completed(stage, room, "U1", command, option) == []
        assert await completed(stage, room, "U7", command, option) == []
        found = await completed(stage, room, "U9", command, option)
        assert found
        assert not some or some in found
    assert await completed(stage, CHANNEL, "U9", "cue", "cue") == []


async def test_free_seats_are_completed_for_everybody(stage: Stage) -> None:
    room = await stage.started(FAMILY)
    assert await completed(stage, room, "U7", "join", "seat") != []
    alone = await stage.started("chest-pain")
    assert await completed(stage, alone, "U7", "join", "seat") == []


async def completed(stage: Stage, room: str, who: str, command: str, option: str) -> list[str]:
    query = Completing(
        user=parse.user_ref(who),
        thread=parse.thread_ref(room),
        command=command,
        option=option,
        typed="",
    )
    answer = await Answers(stage.app.services).answer(query)
    return [value for value, _ in answer.items] if isinstance(answer, Completions) else []
