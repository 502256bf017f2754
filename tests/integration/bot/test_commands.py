"""The commands, one after another, as somebody types or presses them."""

import json

import pytest
from sqlalchemy import inspect, select, table, text

from adapters.port import (
    CommandCalled,
    Completing,
    Completions,
    File,
    FormSent,
    HomeOpened,
    Stopped,
)
from bot.answers import Answers
from bot.effects import Result, Whisper
from bot.router import Arrival
from engine.store import Transaction
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL, Stage


async def handled(stage: Stage, room: str, name: str, text: str = "") -> Result:
    """What a command of U1 leads to, before it is shown."""
    called = CommandCalled(
        event_id=f"own:{name}:{text}",
        order="1",
        user=parse.user_ref("U1"),
        at=stage.clock.now(),
        thread=parse.thread_ref(room),
        name=name,
        text=text,
    )

    async def nowhere(_tx: Transaction, _result: Result) -> None:
        """Show nothing of it."""

    record = await stage.session_of(room)
    arrival = Arrival(event=called, commit=nowhere, session_id=record.id)
    return await stage.app.router.handle(arrival)


async def exported(stage: Stage, room: str, format_: str) -> File:
    result = await handled(stage, room, "export", format_)
    [effect] = result.effects
    assert isinstance(effect, Whisper)
    [file] = effect.message.files
    return file


async def test_orders_are_listed_recognised_and_acknowledged(stage: Stage) -> None:
    room = await stage.started()
    listed = await stage.says("!order", where=room)
    assert listed.startswith("(private)")
    assert "- 12-lead ECG" in listed
    assert "- Chest X-ray" in listed
    unknown = await stage.says("!order unicorn", where=room)
    assert "You can choose: 12-lead ECG, Troponin" in unknown
    assert "hands you the tracing" in await stage.says("!order an ECG please", where=room)
    assert "Done" in await stage.says("!status", where=room)


async def test_a_reading_is_only_taken_of_what_is_there(stage: Stage) -> None:
    room = await stage.started()
    early = await stage.says("!submit x-ray reading clear", where=room)
    assert "What you are reading is not here yet" in early
    assert "cxr" not in early


async def test_a_hint_is_for_the_caller_alone(stage: Stage) -> None:
    room = await stage.started()
    hint = await stage.says("!hint", where=room)
    assert hint.startswith("(private) : A thought: ")
    assert stage.shown(room, "U2").find("A thought") == -1
    assert "**Hints**: 1" in await stage.says("!status", where=room)


async def test_status_shows_where_you_are_and_cost_to_staff_alone(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("When did it start?", where=room)
    await stage.says("!order chest x-ray", where=room)
    status = await stage.says("!status", where=room)
    assert "**Phase**: History (1 of 3)" in status
    assert "**Turns**: 1" in status
    assert "**On its way**: Chest X-ray" in status
    assert "Cost" not in status
    await stage.says("/sim role U2 instructor", who="U9")
    told = await stage.says("!status", where=room, who="U2")
    assert "Phase" in told
    assert "Cost" not in told, "nothing was spent"


async def test_next_goes_to_the_next_phase_and_at_last_to_the_end(stage: Stage) -> None:
    room = await stage.started()
    assert "**Work-up and treatment**" in await stage.says("!next", where=room)
    assert "**Handover**" in await stage.says("!next", where=room)
    assert "The simulation has ended" in await stage.says("!next", where=room)


async def test_the_transcript_comes_as_a_file_of_each_kind(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("When did it start?", where=room)
    markdown = await exported(stage, room, "")
    assert markdown.name.startswith("chest-pain-")
    assert markdown.name.endswith(".md")
    assert "When did it start?" in markdown.content.decode()
    body = json.loads((await exported(stage, room, "json")).content)
    assert [one["text"] for one in body["turns"] if one["role"] == "trainee"] == [
        "When did it start?"
    ]
    rows = (await exported(stage, room, "CSV")).content.decode()
    assert rows.startswith("seq,at,role,speaker,text,in_reply_to")
    assert "[file: chest-pain-" in await stage.says("!export md", where=room)
    assert "`/sim export md|json|csv`" in await stage.says("!export pdf", where=room)


async def test_a_transcript_names_no_facts(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("When did it start?", where=room)
    scenario = stage.app.services.catalog.get("chest-pain")
    for format_ in ("md", "json", "csv"):
        words = (await exported(stage, room, format_)).content.decode()
        ids = {fact.id for fact in scenario.facts} - {"character"}  # a role has that name, too
        assert [one for one in ids if f'"{one}"' in words] == []
        assert "[[" not in words


async def test_history_and_going_on_with_what_was_left(stage: Stage) -> None:
    room = await stage.started("first-visit")
    await stage.tick(31 * 60)
    record = await stage.session_of(room)
    assert record.status == "abandoned"
    history = await stage.says("/sim history")
    assert f"First visit: the drawer full of letters · stopped · `{record.id[:8]}`" in history
    assert "was stopped, so nobody heard that" in await stage.says("Hello?", where=room)
    assert "You are back in" in await stage.presses("continue", where=room)
    assert "Ray Pollard:" in await stage.says("Good morning.", where=room)
    assert "scores come at the end" in await stage.says(f"/sim show {record.id[:8]}")


async def test_names_that_are_nearly_right(stage: Stage) -> None:
    assert "Did you mean chest-pain?" in await stage.says("/sim start chestpain")
    assert "Did you mean first-visit?" in await stage.says("/sim show firstvisit")
    assert "Did you mean `/sim stats`, `/sim start` or `/sim status`?" in await stage.says(
        "/sim stat"
    )
    assert "no simulation of yours with that ID" in await stage.says("/sim show 0123abcd")
    await stage.started()
    assert "standard, exam" in await stage.says("/sim start first-visit fast")


async def test_nothing_runs_here(stage: Stage) -> None:
    for line in ("status", "hint", "end", "order ecg", "continue", "pause", "stop", "export"):
        assert "No simulation is running here" in await stage.says(f"/sim {line}")
    assert "You have played nothing yet" in await stage.says("/sim history")


async def test_a_command_outside_shows_in_the_thread_of_the_simulation(stage: Stage) -> None:
    room = await stage.started()
    answer = await stage.says("/sim order ecg")
    assert answer.startswith("(private) : Done. You can see it in the thread")
    assert "tracing" not in stage.shown(CHANNEL)
    assert "hands you the tracing" in stage.seen(room)
    await stage.says("/sim pause")
    assert stage.server.threads[room]["state"] == "paused"
    assert stage.server.threads[CHANNEL]["state"] == ""


async def test_with_several_running_the_thread_decides(stage: Stage) -> None:
    first = await stage.started("chest-pain")
    second = await stage.started("first-visit")
    assert "several simulations running" in await stage.says("/sim end")
    await stage.says("/sim start first-visit")
    await stage.presses("end:first-visit")
    assert (await stage.session_of(second)).status == "completed"
    assert (await stage.session_of(first)).status == "in_progress"
    assert "The simulation has ended" in stage.shown(second)
    assert "[Go there]" in await stage.says("/sim end chest-pain")
    assert (await stage.session_of(first)).status == "completed"
    assert "No simulation is running" in await stage.says("/sim end chest-pain")


async def test_going_on_with_another_one_from_inside_a_thread(stage: Stage) -> None:
    first = await stage.started("chest-pain")
    await stage.started("first-visit")
    await stage.says("/sim continue first-visit", where=first)
    assert "You are back in **First visit" in stage.seen(stage.threads()[-1])
    here = await stage.says("/sim continue chest-pain", where=first)
    assert here.startswith(": You are back in **A weight on the chest**")


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ("", "**Time zone**: UTC"),
        ("Europe/Vienna", "**Time zone**: Europe/Vienna"),
        ("quiet=22:00-07:00", "**Quiet hours**: 22:00-07:00"),
        ("language=pt_br", "**Language**: pt-BR"),
        ("time_zone=Mars/Base", "a time zone is written as Europe/Berlin"),
        ("quiet=22", "quiet hours are written as 22:00-07:00"),
        ("quiet=25:00-26:00", "quiet hours are written as 22:00-07:00"),
        ("language=klingon!", "a language is written as en or pt-BR"),
        ("a b c d", "`/sim settings [TIME_ZONE] [QUIET] [LANGUAGE]`"),
    ],
)
async def test_settings(stage: Stage, line: str, held: str) -> None:
    assert held in await stage.says(f"/sim settings {line}")


async def test_settings_are_kept_and_mistakes_change_nothing(stage: Stage) -> None:
    await stage.says("/sim settings Europe/Vienna")
    await stage.says("/sim settings language=xx-nonsense-tag")
    kept = await stage.says("/sim settings")
    assert "Europe/Vienna" in kept
    assert "**Language**: en" in kept


async def test_roles_are_for_admins_to_give(stage: Stage) -> None:
    assert "not open to you" in await stage.says("/sim role U2 admin")
    assert "U2 is now an instructor here" in await stage.says("/sim role U2 instructor", who="U9")
    assert "instructor" in await stage.says("/sim settings", who="U2")
    assert "<@U1>" not in await stage.calls("role", who="U9", person="U1", role="observer")
    assert "trainee|observer" in await stage.says("/sim role U2 king", who="U9")


async def test_help_names_what_the_caller_may_do(stage: Stage) -> None:
    plain = await stage.says("/sim")
    assert "`/sim start SCENARIO [MODE] [HOLD]`" in plain
    assert "/sim role" not in plain
    assert "/sim role" in await stage.says("/sim help", who="U9")
    assert "A mode" not in plain
    topic = await stage.says("/sim help !start")
    assert "/sim start" in topic
    assert "- mode (may be left out): How it is played." in topic
    assert "Commands" in await stage.says("/sim help nonsense")


async def test_the_brief_comes_before_the_start(stage: Stage) -> None:
    await stage.says("/sim list")
    brief = await stage.presses("brief:chest-pain", on_card=True)
    assert "**Your goals**" in brief
    assert "`exam` (Exam)" in brief
    assert "[Start]" in brief
    assert "instructor" not in brief.lower()


async def test_a_mode_can_be_chosen(stage: Stage) -> None:
    room = await stage.started(mode="exam")
    assert "**Mode**: Exam" in stage.seen(room)
    assert (await stage.session_of(room)).mode == "exam"
    assert "This mode gives no hints." in await stage.says("!hint", where=room)


async def test_being_forgotten_is_asked_and_leaves_nothing(everywhere: Stage) -> None:
    stage = everywhere
    room = await stage.started("chest-pain")
    await stage.says("My name is Zebedee and I like aubergines.", where=room)
    await stage.says("/sim settings Europe/Vienna")
    await stage.says("/sim start first-visit", where="DU1")
    asked = await stage.says("/sim forget-me")
    assert "cannot be undone" in asked
    assert "aubergines" in await dumped(stage)
    assert "has been deleted" in await stage.presses("forget-me:yes")
    left = await dumped(stage)
    for word in ("Zebedee", "aubergines", "Vienna", "U1", "first-visit:"):
        assert word not in left
    assert "Before you start" in await stage.says("/sim start chest-pain")
    assert "played nothing yet" in await stage.says("/sim history")


async def dumped(stage: Stage) -> str:
    """Every row of every table of people and sessions."""
    async with stage.database.reading() as tx:
        connection = await tx.connection()
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert len(names) > 10
        rows = [
            row
            for name in names
            for row in await tx.execute(select(text("*")).select_from(table(name)))
        ]
    return "\n".join(str(tuple(row)) for row in rows)


async def test_what_is_typed_is_completed(stage: Stage) -> None:
    room = await stage.started()
    answers = Answers(stage.app.services)

    async def completed(command: str, option: str, typed: str = "", where: str = room) -> list[str]:
        query = Completing(
            user=parse.user_ref("U1"),
            thread=parse.thread_ref(where),
            command=command,
            option=option,
            typed=typed,
            given=(("scenario", "chest-pain"),) if option == "mode" else (),
        )
        answer = await answers.answer(query)
        return [value for value, _ in answer.items] if isinstance(answer, Completions) else ["-"]

    for typed in ("chest", "TRAINING", ""):
        assert await completed("start", "scenario", typed) == [
            one.id
            for one in stage.app.services.catalog.published()
            if typed.lower() in f"{one.id} {one.title}".lower()
        ]
    assert await completed("start", "mode") == ["standard", "exam"]
    assert await completed("continue", "scenario") == ["chest-pain"]
    assert "12-lead ECG" in await completed("order", "what", "12")
    assert await completed("order", "what", where=CHANNEL) == []
    assert (await completed("help", "topic", "pau"))[0] == "pause"
    assert await completed("export", "format", "c") == ["csv"]
    assert await completed("nonsense", "what") == []


async def test_other_things_that_happen(stage: Stage) -> None:
    room = await stage.started()
    base = {"order": "1", "user": parse.user_ref("U1"), "at": stage.clock.now()}
    thread = parse.thread_ref(room)
    await stage.accept(HomeOpened(event_id="h", **base))
    await stage.accept(Stopped(event_id="s", thread=thread, **base))
    assert (await stage.session_of(room)).status == "paused"
    form = FormSent(
        event_id="f", thread=thread, form="settings", values=(("language", "de"),), **base
    )
    await stage.accept(form)
    assert "**Language**: de" in stage.seen(room)
