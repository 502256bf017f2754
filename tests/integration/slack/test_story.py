"""A whole simulation in Slack, as processes that are killed on the way.

What stands in the fake at the end is what people saw: each message once, in order, in its thread.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.integration.slack.stage import ADA, CHANNEL, until_tomorrow_at
from tests.integration.slack.story import Story, told, values
from tests.slack.world import Message

TURNS = (
    "Hello, I am the doctor. What brings you in today?",
    "Where exactly does it hurt?",
    "When did it start?",
    "What were you doing when it started?",
    "Does it go anywhere else?",
    "How bad is it out of ten?",
    "Have you felt sick?",
    "Do you smoke?",
    "Is there any heart trouble in your family?",
    "Are you allergic to anything?",
)


async def test_a_simulation_from_start_to_the_days_after_with_four_deaths(tmp_path: Path) -> None:
    async with told(tmp_path, moves=True) as story:
        story.bot.put_forward(until_tomorrow_at(10))
        await _played(story)
        await _looked_at(story)
        await _days_later(story)
    _read(story)


async def _played(story: Story) -> None:
    await story.starts()
    for text in TURNS[:4]:
        await story.says(text)
    before = len(story.by_bot())
    await story.delivers(TURNS[4])  # acknowledged, so it is kept
    await story.dies()
    await story.slack.until(lambda: len(story.by_bot()) > before, 60)
    await story.says("!order ECG")
    await story.slack.until(lambda: any("12-lead ECG" in one for one in story.standing()), 60)
    known = len(story.whispers())
    await story.delivers("!hint")
    await story.slack.until(lambda: len(story.whispers()) > known, 60)
    for text in TURNS[5:7]:
        await story.says(text)
    before = len(story.by_bot())
    delivering = asyncio.create_task(story.delivers(TURNS[7]))
    await story.bot.kill()  # somewhere between the event and its answer
    await story.bot.start()
    await delivering
    await story.slack.until(lambda: len(story.by_bot()) > before, 60)
    for text in TURNS[8:]:
        await story.says(text)
    await story.says("!end")
    await story.slack.until(lambda: any("has ended" in one for one in story.standing()), 60)


async def _looked_at(story: Story) -> None:
    """The score, after rating oneself, and another opinion on a line of it."""
    known = len(story.whispers())
    await story.delivers("!debrief")
    await story.slack.until(lambda: len(story.whispers()) > known, 60)
    ask = story.whispers()[-1]
    await story.presses(ask, next(one for one in values(ask) if one.startswith("debrief:")))
    card = await story.slack.until(lambda: _card(story), 60)
    await story.presses(card, next(one for one in values(card) if one.startswith("dispute")))
    form = (await story.slack.until(lambda: story.slack.world.views[1:], 60))[0]
    filled = {
        one["block_id"]: _answer(one["element"]) for one in form["blocks"] if "element" in one
    }
    before = _everything(story)
    assert (await story.hands.fills(story.team, ADA, form, filled)).body == {}
    await story.slack.until(lambda: _everything(story) > before, 60)


async def _days_later(story: Story) -> None:
    """A question the next day and a drill days later: each once, though the bot dies meanwhile."""
    known = story.directly()
    story.bot.put_forward(timedelta(days=1, minutes=5))
    await story.dies()
    [question] = await story.slack.until(lambda: story.directly()[len(known) :], 60)
    assert "?" in question
    await story.dies()
    story.bot.put_forward(timedelta(days=2))
    await story.slack.until(lambda: len(story.directly()) > len(known) + 1, 60)
    [again, drill] = story.directly()[len(known) :]
    assert again == question
    assert "A short drill" in drill


def _card(story: Story) -> Message | None:
    """The score card, wherever it is shown to her: with a picture it comes directly."""
    channels = story.slack.world.channels
    shown = [one for place in channels.values() for one in place.messages.values() if one.bot_id]
    return next((one for one in shown if any(v.startswith("dispute") for v in values(one))), None)


def _answer(element: dict[str, Any]) -> str:
    options = element.get("options")
    return str(options[0]["value"]) if options else "I asked that in so many words, and he told me."


def _everything(story: Story) -> int:
    return sum(len(place.messages) for place in story.slack.world.channels.values())


def _read(story: Story) -> None:
    """Each message once, in order, in the right thread."""
    standing = story.standing()
    people = [one.removeprefix(f"{ADA}: ") for one in standing if one.startswith(f"{ADA}: ")]
    said = [one for one in people if not one.startswith("!")]
    assert said == list(TURNS)
    answers = [one for one in standing if one.startswith("Colin Marsh: ")]
    assert len(answers) >= len(TURNS)
    for text in TURNS:
        at = standing.index(f"{ADA}: {text}")
        assert any(one.startswith("Colin Marsh: ") for one in standing[at + 1 : at + 4]), text
    keys = Counter(
        str((one.metadata or {}).get("event_payload"))
        for place in story.slack.world.channels.values()
        for one in place.messages.values()
        if one.bot_id and one.metadata and not one.deleted
    )
    assert max(keys.values()) == 1
    posted = [one for one in story.slack.calls("chat.postMessage") if one["channel"] == CHANNEL]
    threads = {one.get("thread_ts") for one in posted}
    assert threads == {None, story.root}
    printed = "\n".join(story.bot.printed)
    assert all(text not in printed for text in TURNS)
    assert "xoxb-1" not in printed
