"""Forms, menus, the app's own page, and what is refused at the door."""

import logging
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.port import (
    CommandCalled,
    CommandSpec,
    OptionSpec,
)
from adapters.slack.adapter import SlackAdapter
from adapters.slack.installs import OneInstall
from adapters.slack.routes import EVENTS, routes_of
from bot.store.database import Database
from tests.contract.doors import Answers, Inbox
from tests.integration.slack.stage import (
    ADA,
    CHANNEL,
    SCENARIO,
    Slow,
    Stage,
    adapter_of,
    sender,
    staged,
    team,
    world_of,
)
from tests.slack import FakeSlack
from tests.slack.checks import texts, visible
from tests.slack.hands import SECRET, Hands
from tests.slack.world import Message


async def test_a_command_without_its_options_asks_for_them_and_completes_them(
    stage: Stage,
) -> None:
    await stage.hands.command(stage.team, CHANNEL, ADA, "start")
    [view] = stage.slack.world.views
    hands = stage.hands
    assert SCENARIO in await hands.types(stage.team, ADA, view, "scenario", "tech")
    assert await hands.types(stage.team, ADA, view, "mode", "", scenario=SCENARIO) != []
    assert (await hands.fills(stage.team, ADA, view, {"scenario": SCENARIO})).ok
    place = stage.slack.world.channels[stage.team.id, CHANNEL]
    [notice] = await stage.slack.until(lambda: list(place.messages.values()))
    assert notice.only_for == ADA


async def test_where_no_form_can_be_opened_the_command_is_called_as_it_is(stage: Stage) -> None:
    answer = await stage.hands.command(stage.team, CHANNEL, ADA, "start", trigger="expired")
    assert answer.ok
    place = stage.slack.world.channels[stage.team.id, CHANNEL]
    [told] = await stage.slack.until(lambda: list(place.messages.values()))
    assert "/sim start" in visible(told.text, told.blocks)


async def test_in_a_thread_commands_come_from_menus_mentions_and_marks(
    stage: Stage,
) -> None:
    root = await stage.starts()
    place = stage.slack.world.channels[stage.team.id, CHANNEL]

    def whispers() -> list[str]:
        return [visible(one.text, one.blocks) for one in place.messages.values() if one.only_for]

    async def told(count: int) -> None:
        await stage.slack.until(lambda: len(whispers()) >= count)

    known = len(whispers())
    await stage.hands.shortcut(stage.team, CHANNEL, ADA, root, "sim_status")
    await told(known + 1)
    await stage.writes(f"<@{stage.team.bot_user}> status", root)
    await told(known + 2)
    await stage.writes("!status", root)
    await told(known + 3)
    assert len(set(whispers()[known:])) <= 3
    assert await stage.heard(root) == []
    assert stage.slack.world.pins  # the task and how to go on stay in sight


async def test_slacks_own_stop_rests_the_session(stage: Stage) -> None:
    root = await stage.starts()
    stopped = {
        "type": "agent_session_stopped",
        "channel": CHANNEL,
        "thread_ts": root,
        "user": ADA,
        "streaming_message_ts": [],
        "event_ts": stage.slack.world.stamp(),
    }
    await stage.hands.deliver(stage.hands.event(stage.team, stopped))
    await stage.slack.until(
        lambda: [one for one in stage.slack.world.statuses if one.get("status") == "suspended"]
    )


async def test_the_apps_own_page_shows_what_is_open(stage: Stage) -> None:
    root = await stage.starts()
    opened = {
        "type": "app_home_opened",
        "user": ADA,
        "channel": "D1",
        "tab": "home",
        "event_ts": stage.slack.world.stamp(),
    }
    await stage.hands.deliver(stage.hands.event(stage.team, opened))
    await stage.slack.until(lambda: ADA in stage.slack.world.homes)
    shown = " ".join(texts(stage.slack.world.homes[ADA]["blocks"]))
    assert "Continue" in shown
    button = next(
        each
        for block in stage.slack.world.homes[ADA]["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
        if each["text"]["text"] == "Continue"
    )
    assert root.replace(".", "") in button["url"]


async def test_a_press_on_the_page_is_answered_directly(stage: Stage) -> None:
    pressed = {
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V1"},
        "actions": [
            {
                "type": "button",
                "action_id": "press:0",
                "value": "list",
                "action_ts": stage.slack.world.stamp(),
            }
        ],
        "view": {"id": "V1", "type": "home"},
    }
    assert (await stage.hands.interacts(stage.team, ADA, pressed)).ok
    place = await stage.slack.until(
        lambda: stage.slack.world.channels.get((stage.team.id, f"D{ADA}"))
    )
    await stage.slack.until(lambda: list(place.messages))


async def test_opening_the_conversation_offers_things_to_say(stage: Stage) -> None:
    opened = {
        "type": "app_home_opened",
        "user": ADA,
        "channel": "D1",
        "tab": "messages",
        "event_ts": stage.slack.world.stamp(),
    }
    await stage.hands.deliver(stage.hands.event(stage.team, opened))
    await stage.slack.until(lambda: stage.slack.world.prompts)
    [asked] = stage.slack.world.prompts
    assert 0 < len(asked["prompts"]) <= 4
    assert all(one["message"].startswith("!") for one in asked["prompts"])


async def test_only_what_slack_signed_is_heard(stage: Stage) -> None:
    inner = stage.slack.world.write(stage.team, CHANNEL, ADA, "!help")
    body = stage.hands.event(stage.team, inner)
    stage.hands.secret = "wrong"  # noqa: S105
    assert not (await stage.hands.once(body)).ok
    stage.hands.secret = SECRET
    assert (await stage.hands.once(body)).ok


@pytest.mark.parametrize("spent", [False, True], ids=["in its place", "below it"])
async def test_a_notice_that_was_agreed_to_has_no_button_any_more(
    stage: Stage, spent: bool
) -> None:
    stage.slack.faults.spent = spent  # Slack takes no further answer to that press
    await stage.starts()
    place = stage.slack.world.channels[stage.team.id, CHANNEL]

    def thanks() -> list[Message]:
        return [
            one
            for one in place.messages.values()
            if one.only_for and "You have agreed" in visible(one.text, one.blocks)
        ]

    [told] = await stage.slack.until(thanks)
    notice = next(one for one in place.messages.values() if one.only_for)
    assert (told is notice) is not spent
    assert not any(block["type"] == "actions" for block in told.blocks)


async def test_slacks_handshake_is_answered(stage: Stage) -> None:
    body = {"type": "url_verification", "challenge": "c-1", "token": "t"}
    answer = await stage.hands.once(body)
    assert (answer.ok, answer.body) == (True, {"challenge": "c-1"})


async def test_without_a_signing_secret_nothing_is_heard_over_http() -> None:
    slack = FakeSlack(world_of(team()))
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock())
        adapter.setup = replace(adapter.setup, signing_secret="")
        web = Starlette(routes=routes_of(adapter))
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:
            assert (await client.post(EVENTS, content=b"{}")).status_code == 404
            assert (await client.get("/slack/install")).status_code == 404


async def test_no_secret_and_no_word_is_logged(
    sqlite: Database,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    async with staged(sqlite, tmp_path) as stage:
        root = await stage.starts()
        await stage.writes("my knee hurts since Tuesday", root)
        await stage.said(root, 3)
        stage.slack.faults.refusing = True
        await stage.writes("and my elbow", root)
        await stage.slack.until(
            lambda: [one for one in stage.slack.log if one.outcome.startswith("invalid_text")]
        )
    printed = caplog.text + capsys.readouterr().out
    for secret in ("xoxb-T1", SECRET, "knee", "elbow", "/response/", "trigger-"):
        assert secret not in printed


BOOK = CommandSpec(
    name="book",
    summary="Book something.",
    options=(
        OptionSpec(name="who", description="Who?", kind="person"),
        OptionSpec(name="when", description="When?", kind="time"),
        OptionSpec(name="sure", description="Sure?", kind="yes_no"),
        OptionSpec(name="how_many", description="How many?", kind="number"),
        OptionSpec(name="what", description="What?", choices=(("a", "A"), ("b", "B"))),
        OptionSpec(name="proof", description="Proof?", kind="file", optional=True),
    ),
)


async def test_every_kind_of_field_comes_back_as_what_it_is() -> None:
    slack, inbox, one = FakeSlack(world_of(team())), Inbox(), team()
    file = {"id": "F1", "name": "a.txt", "mimetype": "text/plain", "size": 3}
    filled = {"who": "U2", "sure": "yes", "how_many": "3", "what": "b"}
    async with slack.running():
        setup = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock()).setup
        adapter = SlackAdapter(
            setup, installs=OneInstall("xoxb-T1"), specs=(BOOK,), clock=SystemClock()
        )
        hands = Hands(slack, sender(adapter))
        async with adapter.running(inbox.accept, Answers()):
            await hands.command(one, CHANNEL, ADA, "book")
            values = {**filled, "when": 1_767_225_600, "proof": [file]}
            await hands.fills(one, ADA, slack.world.views[-1], values)
    [event] = inbox.events
    assert isinstance(event, CommandCalled)
    assert dict(event.options) == {**filled, "when": "2026-01-01T00:00:00+00:00"}
    [proof] = event.files
    assert (proof.name, proof.size) == ("a.txt", 3)


async def test_where_we_cannot_be_a_command_goes_on_directly(stage: Stage, model: Slow) -> None:
    world = stage.slack.world
    world.add_channel(stage.team, "C9", ADA, bot=False).private = True
    await stage.hands.command(stage.team, "C9", ADA, f"start {SCENARIO}")
    place = await stage.slack.until(lambda: world.channels.get((stage.team.id, f"D{ADA}")))
    [notice] = await stage.slack.until(lambda: list(place.messages.values()))
    await stage.hands.presses(stage.team, f"D{ADA}", ADA, notice.ts, f"agree:{SCENARIO}")
    await stage.slack.until(lambda: len(place.messages) >= 4)
    assert not world.channels[stage.team.id, "C9"].messages


async def test_the_task_has_buttons_for_what_one_can_do(stage: Stage) -> None:
    root = await stage.starts()
    task = stage.standing(root)[0]
    await stage.hands.presses(stage.team, CHANNEL, ADA, task.ts, "pause")
    await stage.slack.until(
        lambda: [one for one in stage.slack.world.statuses if one.get("status") == "suspended"]
    )


async def test_the_apps_own_page_shows_scores_and_what_to_practise_next(
    stage: Stage, model: Slow
) -> None:
    model.go_on.set()
    root = await stage.starts()
    await stage.writes("Hello, how can I help?", root)
    await stage.said(root, 3)
    await stage.writes("!end", root)
    await stage.said(root, 4)
    await stage.writes("!debrief", root)
    place = stage.slack.world.channels[stage.team.id, CHANNEL]

    def skips() -> list[tuple[str, str]]:
        return [
            (one.ts, each["value"])
            for one in place.messages.values()
            for block in one.blocks
            if block["type"] == "actions"
            for each in block["elements"]
            if each["value"].endswith(":now")
        ]

    [(stamp, skip)] = await stage.slack.until(skips)
    await stage.hands.presses(stage.team, CHANNEL, ADA, stamp, skip)
    await stage.slack.until(lambda: list(place.messages)[-1] > stamp)
    opened = {"type": "app_home_opened", "user": ADA, "channel": "D1", "tab": "home"}
    opened["event_ts"] = stage.slack.world.stamp()
    await stage.hands.deliver(stage.hands.event(stage.team, opened))
    home = await stage.slack.until(lambda: stage.slack.world.homes.get(ADA))
    shown = " ".join(texts(home["blocks"]))
    assert "of 100" in shown or "not scored" in shown
    assert "Practise it" in shown
