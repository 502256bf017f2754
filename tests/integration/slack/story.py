"""Ada in Slack with a bot that is a process of its own, and can be killed at any instant."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.slack.stage import ADA, CHANNEL, team, world_of
from tests.slack import FakeSlack
from tests.slack.checks import visible
from tests.slack.hands import Hands
from tests.slack.process import Bot
from tests.slack.world import Message, Team


class Story:
    """Ada, in one channel, with a bot that dies and comes back."""

    def __init__(self, slack: FakeSlack, one: Team, bot: Bot) -> None:
        self.slack = slack
        self.team = one
        self.bot = bot
        self.hands = Hands(slack, bot.send)
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

    def directly(self) -> list[str]:
        """What the bot wrote to her alone."""
        place = self.slack.world.channels.get((self.team.id, f"D{ADA}"))
        found = place.messages.values() if place else ()
        return [visible(one.text, one.blocks) for one in found if one.bot_id]

    async def presses(self, said: Message, value: str) -> None:
        """Press a button."""
        await self.hands.presses(self.team, said.channel, ADA, said.ts, value)

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


def values(said: Message) -> list[str]:
    """What the buttons of a message stand for."""
    return [
        each["value"]
        for block in said.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    ]


@asynccontextmanager
async def told(folder: Path, *, moves: bool = False) -> AsyncGenerator[Story]:
    """A bot's process over a fake Slack; it ends well."""
    one = team(token="xoxb-1")  # the one of `Bot`
    slack = FakeSlack(world_of(one))
    async with slack.running():
        story = Story(slack, one, Bot(slack, folder, moves=moves))
        await story.bot.start()
        try:
            yield story
        finally:
            code = await story.bot.stop()
        assert code == 0
