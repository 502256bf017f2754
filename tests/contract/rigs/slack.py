"""Slack's rig: the real library over the fake, its events signed and posted to our route."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from adapters.kit import KitContext
from adapters.port import FileRef, MessageRef, ThreadRef, UserRef
from adapters.slack import KIT, SlackSettings
from adapters.slack.adapter import SlackAdapter
from adapters.slack.places import spot, thread_ref, user_ref
from adapters.slack.routes import EVENTS, routes_of
from tests.contract.clocks import START, QuickClock
from tests.contract.rigs import SPECS, Rig, Seen
from tests.slack import FakeSlack, Team, World
from tests.slack.checks import pings, visible
from tests.slack.hands import SECRET, Hands
from tests.slack.world import Message

TEAM = Team(id="T1", token="xoxb-1", bot_user="UBOT", bot_id="BBOT")
CHANNEL, ME, OTHER = "C1", "U1", "U2"


class SlackRig(Rig):
    kit = KIT

    def __init__(self, folder: Path) -> None:
        team = self.team = Team(
            id=TEAM.id, token=TEAM.token, bot_user=TEAM.bot_user, bot_id=TEAM.bot_id
        )
        world = World(team, begins=START.timestamp())
        world.people = {
            ME: {"real_name": "Ada", "tz": "Europe/Vienna", "profile": {"display_name": "Ada"}},
            OTHER: {"real_name": "Ben", "profile": {}},
            TEAM.bot_user: {"is_bot": True},
        }
        world.add_channel(team, CHANNEL, ME, OTHER)
        self.root = Message(world.stamp(), CHANNEL, TEAM.bot_user, "Root", bot_id=TEAM.bot_id)
        self.root.metadata = {"event_type": "dressrun_post", "event_payload": {"key": "root"}}
        world.channels[team.id, CHANNEL].messages[self.root.ts] = self.root
        self.slack = FakeSlack(world)
        self.clock = QuickClock()
        self.thread = thread_ref(team.id, CHANNEL, self.root.ts)
        self.person = user_ref(team.id, ME)
        self.folder = folder
        self.adapter: SlackAdapter = self._built("http://127.0.0.1:9/api/")
        self.hands = Hands(self.slack, self._send)
        self.last = ""
        self.typing = asyncio.Lock()

    def _built(self, api_url: str) -> SlackAdapter:
        settings = SlackSettings(bot_token="xoxb-1", signing_secret=SECRET, api_url=api_url)  # type: ignore[arg-type]
        context = KitContext(
            settings=settings,
            specs=SPECS,
            data_dir=self.folder,
            clock=self.clock,
            answer_within=0.02,
        )
        return KIT.build(context)  # type: ignore[return-value]

    async def open(self) -> None:
        await self.slack.start()
        self.adapter = self._built(self.slack.api_url)
        self.web = Starlette(routes=routes_of(self.adapter))

    async def close(self) -> None:
        await self.slack.stop()

    async def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        transport = httpx.ASGITransport(self.web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:
            answer = await client.post(EVENTS, content=body, headers=headers)
        return answer.status_code, answer.text

    async def person_writes(self, text: str, *, deliveries: int = 1) -> None:
        async with self.typing:
            inner = await self.hands.writes(
                self.team, CHANNEL, ME, _typed(text), self.root.ts, deliveries=deliveries
            )
        self.last = inner["ts"]

    async def bot_writes(self, text: str) -> None:
        said = Message(
            self.slack.world.stamp(), CHANNEL, TEAM.bot_user, text, self.root.ts, TEAM.bot_id
        )
        await self.hands.deliver(
            self.hands.event(self.team, self.slack.world.event_of(self.team, said))
        )

    async def person_presses(self, ref: MessageRef, number: int, choice: str) -> None:
        stamp = ref.id.split(",")[-1]
        await self.hands.presses(self.team, CHANNEL, ME, stamp, choice)

    async def person_completes(self, command: str, option: str, typed: str) -> Sequence[str]:
        await self.hands.command(self.team, CHANNEL, ME, command)
        return await self.hands.types(self.team, ME, self.slack.world.views[-1], option, typed)

    async def person_fills(self, command: str, *tries: Mapping[str, str]) -> Sequence[str]:
        before = len(self.slack.world.views)
        await self.hands.command(self.team, CHANNEL, ME, command)
        if len(self.slack.world.views) == before:
            return ()
        complaints: list[str] = []
        values: dict[str, str] = {}
        for answers in tries:
            values |= answers
            sent = await self.hands.fills(self.team, ME, self.slack.world.views[-1], values)
            complaints += sent.body.get("errors", {}).values()
        return complaints

    def seen(self, thread: ThreadRef | None = None) -> Sequence[Seen]:
        here = spot(thread or self.thread)
        place = self.slack.world.channels[here.tenant, here.channel]
        return [
            self._seen(one, thread or self.thread)
            for one in place.thread(here.root)
            if one.bot_id == TEAM.bot_id and one is not self.root and one.ts != here.root
        ]

    def _seen(self, said: Message, thread: ThreadRef) -> Seen:
        return Seen(
            text=visible(said.text, said.blocks),
            thread=thread,
            speaker=said.username,
            only_for=user_ref(self.team.id, said.only_for) if said.only_for else None,
            pings=pings(said.text, said.blocks),
            choices=tuple(
                each["value"]
                for block in said.blocks
                if block["type"] == "actions"
                for each in block["elements"]
            ),
        )

    async def person_sends_file(self, content: bytes, *, padded_to: int = 0) -> None:
        id_ = f"F{self.slack.world.number()}"
        self.slack.world.contents[id_] = content.ljust(padded_to, b"\0")
        file: dict[str, Any] = {
            "id": id_,
            "name": "a.txt",
            "mimetype": "text/plain",
            "size": 3,  # A lie: what arrives is what counts.
            "url_private_download": f"{self.slack.root}/download/{id_}",
        }
        self.slack.world.files[id_] = file
        await self.hands.writes(self.team, CHANNEL, ME, "Here.", self.root.ts, files=[file])

    def foreign_file(self) -> FileRef:
        return FileRef(
            platform=KIT.name,
            workspace="T1",
            id="F0",
            name="a.txt",
            media_type="text/plain",
            size=1,
            locator="https://elsewhere.example/steal",
        )

    def asked_places(self) -> Sequence[str]:
        return self.slack.fetched

    async def person_edits_last(self, text: str) -> None:
        place = self.slack.world.channels[self.team.id, CHANNEL]
        said = place.messages[self.last]
        before = self.slack.world.event_of(self.team, said)
        said.text = text
        stamp = self.slack.world.stamp()
        after = {
            **self.slack.world.event_of(self.team, said),
            "edited": {"user": ME, "ts": stamp},
        }
        await self._changed("message_changed", stamp, message=after, previous_message=before)

    async def person_deletes_last(self) -> None:
        said = self.slack.world.channels[self.team.id, CHANNEL].messages[self.last]
        before = self.slack.world.event_of(self.team, said)
        said.deleted = True
        stamp = self.slack.world.stamp()
        await self._changed("message_deleted", stamp, previous_message=before, deleted_ts=self.last)

    async def _changed(self, subtype: str, stamp: str, **more: Any) -> None:
        inner = {
            "type": "message",
            "subtype": subtype,
            "channel": CHANNEL,
            "ts": stamp,
            "event_ts": stamp,
            **more,
        }
        await self.hands.deliver(self.hands.event(self.team, inner))

    def throttle(self, seconds: float) -> None:
        self.slack.faults.throttled = seconds

    def lose_answer(self, after: int = 1) -> None:
        self.slack.faults.answers_to_lose.append(after)

    def go_down(self, *, down: bool = True) -> None:
        self.slack.faults.down = down

    def refuse(self) -> None:
        self.slack.faults.refusing = True

    def block(self, user: UserRef) -> None:
        self.slack.world.blocked.add(user.id)

    def remove(self, ref: MessageRef) -> None:
        for stamp in ref.id.split(","):
            self.slack.world.channels[self.team.id, CHANNEL].messages[stamp].deleted = True

    def other(self) -> UserRef:
        return user_ref(self.team.id, OTHER)

    def edits_made(self) -> int:
        return len(self.slack.calls("chat.update"))


def _typed(text: str) -> str:
    """What somebody types, as Slack hands it on."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


RIG = SlackRig
