"""A whole simulation in Slack, as processes that are killed on the way.

What stands in the fake at the end is what people saw: each message once, in order, in its thread.
"""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from tests.integration.slack.stage import ADA, CHANNEL, team, world_of
from tests.slack import FakeSlack
from tests.slack.checks import visible
from tests.slack.hands import Hands
from tests.slack.process import Bot
from tests.slack.world import Message, Team

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


class Story:
    """Ada, in one channel, with a bot that dies and comes back."""

    def __init__(self, slack: FakeSlack, one: Team, folder: Path) -> None:
        self.slack = slack
        self.team = one
        self.bot = Bot(slack, folder)
        self.hands = Hands(slack, self.bot.send)
        self.place = slack.world.channels[one.id, CHANNEL]
        self.root = ""

    def by_bot(self) -> list[Message]:
        """What the bot says to everybody in the thread."""
        found = self.place.messages.values()
        return [
            one for one in found if one.bot_id and one.thread_ts == self.root and not one.only_for
        ]

    def whispers(self) -> list[Message]:
        return [one for one in self.place.messages.values() if one.only_for == ADA]

    async def starts(self) -> None:
        """By the form of `/sim start`, after agreeing to the notice."""
        await self.hands.command(self.team, CHANNEL, ADA, "start")
        [view] = self.slack.world.views
        await self.hands.fills(self.team, ADA, view, {"scenario": "chest-pain"})
        [notice] = await self.slack.until(self.whispers, 60)
        await self.hands.presses(self.team, CHANNEL, ADA, notice.ts, "agree:chest-pain")
        tops = await self.slack.until(
            lambda: [one for one in self.place.messages.values() if not one.only_for], 60
        )
        self.root = tops[0].ts
        await self.slack.until(lambda: len(self.by_bot()) == 2, 60)  # the task, and his first words

    async def says(self, text: str) -> None:
        """Say something, and wait until it was answered."""
        before = len(self.by_bot())
        await self.delivers(text)
        await self.slack.until(lambda: len(self.by_bot()) > before, 60)

    async def delivers(self, text: str) -> None:
        await self.hands.writes(self.team, CHANNEL, ADA, text, self.root)

    async def dies(self) -> None:
        """As in a power cut; then it is started again."""
        await self.bot.kill()
        await self.bot.start()

    def standing(self) -> list[str]:
        """The thread, as it can be read: who, and what."""
        found = [one for one in self.place.thread(self.root) if not one.only_for]
        return [f"{one.username or one.user}: {visible(one.text, one.blocks)}" for one in found]


async def test_a_simulation_from_start_to_feedback_with_two_deaths(tmp_path: Path) -> None:
    one = team(token="xoxb-1")
    slack = FakeSlack(world_of(one))
    async with slack.running():
        story = Story(slack, one, tmp_path)
        await story.bot.start()
        try:
            await _played(story)
            await _looked_at(story)
        finally:
            code = await story.bot.stop()
        assert code == 0
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
    skip = next(one for one in _values(ask) if one.startswith("debrief:"))
    await story.hands.presses(story.team, CHANNEL, ADA, ask.ts, skip)
    card = await story.slack.until(lambda: _card(story), 60)
    dispute = next(one for one in _values(card) if one.startswith("dispute"))
    await story.hands.presses(story.team, card.channel, ADA, card.ts, dispute)
    form = (await story.slack.until(lambda: story.slack.world.views[1:], 60))[0]
    filled = {
        one["block_id"]: _answer(one["element"]) for one in form["blocks"] if "element" in one
    }
    before = _everything(story)
    assert (await story.hands.fills(story.team, ADA, form, filled)).body == {}
    await story.slack.until(lambda: _everything(story) > before, 60)


def _card(story: Story) -> Message | None:
    """The score card, wherever it is shown to her: with a picture it comes directly."""
    channels = story.slack.world.channels
    shown = [one for place in channels.values() for one in place.messages.values() if one.bot_id]
    return next((one for one in shown if any(v.startswith("dispute") for v in _values(one))), None)


def _answer(element: dict[str, Any]) -> str:
    options = element.get("options")
    return str(options[0]["value"]) if options else "I asked that in so many words, and he told me."


def _everything(story: Story) -> int:
    return sum(len(place.messages) for place in story.slack.world.channels.values())


def _values(said: Message) -> list[str]:
    return [
        each["value"]
        for block in said.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    ]


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
