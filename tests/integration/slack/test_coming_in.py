"""What Slack delivers twice, late, in pairs, or to somebody else."""

import asyncio
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.integration.bot.stage import Stoppable
from tests.integration.slack.stage import ADA, BEN, CHANNEL, Slow, Stage, staged, team
from tests.slack.world import Message


async def test_one_event_delivered_four_times_is_one_turn(stage: Stage, model: Slow) -> None:
    model.go_on.set()
    root = await stage.starts()
    before = len(stage.standing(root))
    inner = stage.slack.world.write(stage.team, CHANNEL, ADA, "What happened?", root)
    body = stage.hands.event(stage.team, inner)
    answers = await asyncio.gather(*(stage.hands.once(body, retry) for retry in (0, 1, 0, 2)))
    assert [one.ok for one in answers] == [True] * 4
    await stage.writes("And then?", root)
    await stage.said(root, before + 2)
    assert await stage.heard(root) == ["What happened?", "And then?"]
    assert len(stage.standing(root)) == before + 2
    assert model.asked == 2


async def test_an_event_that_only_comes_as_a_retry_is_taken(stage: Stage, model: Slow) -> None:
    model.go_on.set()
    root = await stage.starts()
    inner = stage.slack.world.write(stage.team, CHANNEL, ADA, "Is somebody there?", root)
    assert (await stage.hands.once(stage.hands.event(stage.team, inner), retry=1)).ok
    await stage.said(root, 3)
    assert await stage.heard(root) == ["Is somebody there?"]


@pytest.mark.parametrize("order", ["message first", "mention first", "at once"])
async def test_a_mention_that_comes_as_two_events_is_one_turn(
    stage: Stage, model: Slow, order: str
) -> None:
    model.go_on.set()
    root = await stage.starts()
    words = f"<@{stage.team.bot_user}> what is it about?"
    message = stage.slack.world.write(stage.team, CHANNEL, ADA, words, root)
    mention = {**message, "type": "app_mention"}
    mention.pop("channel_type")
    pair = [stage.hands.event(stage.team, one) for one in (message, mention)]
    if order == "at once":
        await asyncio.gather(*map(stage.hands.once, pair))
    else:
        for body in pair if order == "message first" else pair[::-1]:
            await stage.hands.once(body)
    await stage.writes("Go on.", root)
    await stage.said(root, 4)
    assert await stage.heard(root) == ["what is it about?", "Go on."]
    assert model.asked == 2


async def test_a_burst_keeps_its_order_and_one_turn_at_a_time(stage: Stage, model: Slow) -> None:
    root = await stage.starts()
    await stage.writes("line 0", root)
    await model.until_asked(1)
    inner = [
        stage.slack.world.write(stage.team, CHANNEL, ADA, f"line {number}", root)
        for number in range(1, 8)
    ]
    bodies = [stage.hands.event(stage.team, one) for one in inner]
    # Slack's order is that of the messages, whatever order they arrive in.
    answers = await asyncio.gather(*map(stage.hands.once, reversed(bodies)))
    assert all(one.ok for one in answers)
    model.go_on.set()
    await stage.said(root, 4)
    assert await stage.heard(root) == [f"line {number}" for number in range(8)]
    assert model.most_at_once == 1


async def test_what_comes_while_a_turn_runs_is_answered_together_by_the_next(
    stage: Stage, model: Slow
) -> None:
    root = await stage.starts()
    await stage.writes("Hello.", root)
    await model.until_asked(1)
    for text in ("Are you cold?", "Do you live alone?", "Since when?"):
        await stage.writes(text, root)
    model.go_on.set()
    await stage.said(root, 4)
    assert await stage.heard(root) == [
        "Hello.", "Are you cold?", "Do you live alone?", "Since when?",
    ]  # fmt: skip
    assert [len(one.answers) for one in await stage.replies(root)] == [1, 3]
    told = repr(model.prompts[-1])
    assert all(text in told for text in ("Are you cold?", "Do you live alone?", "Since when?"))


async def test_every_acknowledgement_is_quick_while_fifty_turns_wait(
    stage: Stage, model: Slow
) -> None:
    place = stage.slack.world.channels[stage.team.id, CHANNEL]
    roots: list[tuple[str, str]] = []
    for number in range(50):
        said = Message(stage.slack.world.stamp(), CHANNEL, stage.team.bot_user, "Root")
        place.messages[said.ts] = said
        roots.append((f"W{number}", said.ts))
        await stage.sits(*roots[-1])
    loop, took = asyncio.get_running_loop(), []
    for user, root in roots:
        began = loop.time()
        await stage.writes("How are you?", root, user)
        took.append(loop.time() - began)
    await model.until_asked(2)
    assert max(took) < 1.0
    model.go_on.set()
    assert await stage.said(roots[0][1], 1)


@pytest.mark.parametrize("who", ["an unknown team", "an unknown event", "no event at all"])
async def test_what_is_not_for_us_is_acknowledged(stage: Stage, who: str) -> None:
    stranger = team("T9")
    said = {"type": "message", "channel": "C9", "user": ADA, "text": "Hi", "ts": "1.000001"}
    bodies = {
        "an unknown team": stage.hands.event(stranger, said),
        "an unknown event": stage.hands.event(stage.team, {"type": "moon_landed"}),
        "no event at all": {"type": "event_callback", "team_id": stage.team.id},
    }
    assert (await stage.hands.once(bodies[who])).ok
    assert (await stage.hands.interacts(stranger, ADA, {"type": "block_actions"})).ok


async def test_what_is_not_stored_is_delivered_again(
    sqlite: Database, tmp_path: Path, model: Slow
) -> None:
    model.go_on.set()
    database = Stoppable(sqlite.url.render_as_string(hide_password=False))
    async with staged(database, tmp_path, model=model) as stage:
        root = await stage.starts()
        inner = stage.slack.world.write(stage.team, CHANNEL, ADA, "Anybody?", root)
        body = stage.hands.event(stage.team, inner)
        database.left = 0
        assert not (await stage.hands.once(body)).ok
        database.left = None
        assert (await stage.hands.once(body, retry=1)).ok
        await stage.said(root, 3)
        assert await stage.heard(root) == ["Anybody?"]
    await database.close()


@pytest.mark.parametrize(
    "where", ["at the top of a DM", "in a thread of a DM", "a broadcast reply"]
)
async def test_an_answer_comes_in_the_right_thread(stage: Stage, model: Slow, where: str) -> None:
    model.go_on.set()
    world = stage.slack.world
    world.add_channel(stage.team, "D1", ADA)
    if where == "a broadcast reply":
        root = await stage.starts()
        inner = world.write(stage.team, CHANNEL, ADA, "Hello?", root)
        inner |= {"subtype": "thread_broadcast", "root": {"ts": root}}
        await stage.hands.deliver(stage.hands.event(stage.team, inner))
        assert len(await stage.said(root, 3)) == 3
        return
    first = await stage.hands.writes(stage.team, "D1", ADA, "Hi there")
    thread = first["ts"]
    if where == "in a thread of a DM":
        await stage.slack.until(lambda: len(stage.standing(thread, channel="D1")) == 1)
        await stage.hands.writes(stage.team, "D1", ADA, "Hi again", thread)
    wanted = 2 if where == "in a thread of a DM" else 1
    found = await stage.slack.until(
        lambda: (
            len(stage.standing(thread, channel="D1")) >= wanted
            and stage.standing(thread, channel="D1")
        )
    )
    assert isinstance(found, list)
    assert {one.thread_ts for one in found} == {thread}


async def test_people_talking_elsewhere_are_not_listened_to(stage: Stage) -> None:
    place = stage.slack.world.channels[stage.team.id, CHANNEL]
    theirs = stage.slack.world.write(stage.team, CHANNEL, BEN, "Lunch?")
    await stage.hands.deliver(stage.hands.event(stage.team, theirs))
    await stage.writes("Yes!", theirs["ts"])
    assert stage.adapter.health().heard is not None
    assert [one.text for one in place.messages.values()] == ["Lunch?", "Yes!"]
