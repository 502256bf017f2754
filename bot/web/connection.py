"""One client of a session: what it sends, and what it is shown."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final
from uuid import uuid4

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from adapters.commands import Typed, root, typed
from adapters.port import MessagePosted
from bot import people
from bot.access import require
from bot.commands import REGISTRY
from bot.delivery import outbox
from bot.delivery.accepting import Client
from bot.delivery.inbox import key_of
from bot.delivery.placing import DEAD
from bot.dialogue import is_aside
from bot.effects import Whisper
from bot.people import NoPerson, Person
from bot.platforms import Visitor
from bot.scorecards import mark_seen, require_released
from bot.store.database import StoreAway
from bot.things import session_thing
from bot.views import score as score_views
from bot.web import callers, commands, scene
from bot.web.answers import answer_frames, error_frame, kept_frame, private_frame
from bot.web.follower import Follower
from bot.web.frames import Frame, Metadata, Received, parsed
from bot.web.kept import Kept
from bot.web.problems import EXPECTED
from bot.web.sessions import evaluation_view, notice
from bot.web.shapes import CommandCall
from bot.web.words import ASIDE, AlreadyAnswered, BadFrame, TooMany
from bot.wiring import App
from engine.casting import opening_of
from engine.director import phase_named
from engine.errors import EmptyMessage, MessageTooLong
from engine.events import Ended
from engine.store import Transaction, sessions
from engine.words import clean

log = structlog.get_logger(__name__)

MOST_UNSENT: Final = 256
"""Frames that wait for a slow client. Its cursor stands still meanwhile; nobody else waits."""
_ROOM_FOR_GROWTH: Final = 32
MOST_WAITING: Final = 50
"""Messages of one client that wait for their answer."""
POLL_SECONDS: Final = 5
"""So often the log is looked at without news: another process may have written to it."""


class Connection:
    """A client and its cursor."""

    def __init__(
        self,
        app: App,
        kept: Kept,
        socket: WebSocket,
        follower: Follower,
        who: Visitor | None = None,
    ) -> None:
        self._app = app
        self._who = who
        self._kept = kept
        self._services = app.services
        self._socket = socket
        self._follower = follower
        self._id = follower.place.record.id
        self._unsent: asyncio.Queue[Frame] = asyncio.Queue(MOST_UNSENT)
        self._begun = asyncio.Event()
        self._cursor = asyncio.Lock()
        self._reader: str | None = None
        self._grown: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    async def run(self) -> None:
        """Serve the client until it goes away."""
        try:
            with self._services.hub.watching(self._id, self.grown):
                await self._served()
        except* WebSocketDisconnect:
            pass

    async def _served(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send())
            group.create_task(self._follow())
            await self._receive()

    async def _send(self) -> None:
        while True:
            frame = await self._unsent.get()
            await self._socket.send_text(frame.encoded())

    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            await self._heard(message.get("text"))

    async def _heard(self, text: str | None) -> None:
        try:
            if text is None:
                raise BadFrame
            received = parsed(text)
        except EXPECTED as error:
            await self._unsent.put(error_frame(error))
            return
        try:
            await self._do(received)
        except EXPECTED as error:
            await self._unsent.put(error_frame(error, received.metadata.event_id))

    async def _do(self, received: Received) -> None:
        if received.type == "session_start":
            await self._start(received.metadata)
            return
        self._begun.set()
        content, given = received.content, received.metadata
        if received.type == "command":
            self._command(content, given)
            return
        line = typed(content)
        if line is not None and (line.word in REGISTRY.commands or not line.word):
            self._command(content, given.model_copy(update={"name": "", "text": ""}))
        elif is_aside(content):
            await self._unsent.put(private_frame(ASIDE, given.event_id))
        else:
            await self._said(content, given)

    # What the session tells

    async def _follow(self) -> None:
        await self._begun.wait()
        with self._services.hub.listening(self._id) as news:
            while True:
                news.clear()
                try:
                    await self._catch_up()
                except StoreAway as error:
                    log.warning("log_unread", code=error.code)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await news.wait()

    async def _catch_up(self) -> None:
        async with self._cursor:
            place = self._follower.place
            heard: list[str] = []
            for event, state in await self._follower.news():
                for frame in scene.frames_of(place, state, event, self._reader):
                    await self._unsent.put(frame)
                heard.append(getattr(event, "event_id", None) or "")
                if isinstance(event, Ended) and event.status == "completed":
                    await self._score()
            await self._read_kept()  # what was kept beside what was heard came with it
            for event_id in heard:
                self._waiting.pop(event_id, None)

    async def _read_kept(self) -> None:
        """Show what was kept for us to read: refusals, and words beside the scene."""
        if not self._waiting:
            return
        async with self._services.database.reading() as tx:
            found = await outbox.kept_for(tx, self._waiting.values())
        sent = {key: event_id for event_id, key in self._waiting.items()}
        for key, code, effect in found:
            event_id = sent.get(key.removesuffix(DEAD))
            if event_id is not None and isinstance(effect, Whisper):
                self._waiting.pop(event_id, None)
                await self._unsent.put(kept_frame(effect.message, code, event_id))

    async def _score(self) -> None:
        try:
            async with self._services.database.transaction() as tx:
                if not await callers.may_see_score(tx, self._services, self._id, self._who):
                    return  # they only watch
                await require_released(tx, self._services, self._id)
                person = await self._player(tx)
                if person:
                    await mark_seen(tx, self._id, person, self._services.now())
                version, found = await self._services.assessment.evaluate(tx, self._id, person)
        except EXPECTED as error:
            await self._unsent.put(error_frame(error))
            return
        shown = score_views.card(self._follower.place.scenario, found)
        view = evaluation_view(self._id, version, found)
        await self._unsent.put(
            Frame(
                type="score",
                content=commands.text_of(shown),
                timestamp=self._services.now(),
                metadata=view.model_dump(mode="json"),
            )
        )

    async def _player(self, tx: Transaction) -> str:
        """Who of those that played sees the score here; "" where nobody, or it cannot be told."""
        played = {one.person for one in await sessions.participants(tx, self._id)}
        if self._who is not None:
            reader = await callers.logged_in(tx, self._who)
            return reader.id if reader.id in played else ""
        if self._reader in played:
            return self._reader or ""
        return played.pop() if len(played) == 1 else ""

    # What the client sends

    async def _start(self, given: Metadata) -> None:
        async with self._cursor:
            if given.after is not None:
                await self._follower.rewind(given.after)
            self._reader = await self._reader_of(given.user_id)
            await self._unsent.put(await self._opening())
        self._begun.set()
        self._services.hub.changed(self._id)

    async def _reader_of(self, user_id: str | None) -> str | None:
        """The person who reads here: the one named, else the only human."""
        humans = {one for seat in self._follower.latest.people.values() for one in seat}
        if user_id is not None:
            async with self._services.database.reading() as tx:
                return await callers.named(tx, user_id, self._who)
        return humans.pop() if len(humans) == 1 else None

    async def _opening(self) -> Frame:
        state, scenario = self._follower.latest, self._follower.place.scenario
        now = self._services.now()
        return Frame(
            type="session_start",
            content=opening_of(scenario, state.mode).text,
            timestamp=now,
            session_id=self._id,
            metadata={
                "scenario_id": scenario.id,
                "title": scenario.title,
                "mode": state.mode,
                "status": state.status,
                "phase": state.phase,
                "phase_title": phase_named(scenario, state.phase).title,
                "turns": state.turns,
                "minutes": round(state.minutes(now), 2),
                "seq": state.seq,
                "notice": await self._notice(),
            },
        )

    async def _notice(self) -> str | None:
        """What the reader has not agreed to yet."""
        if self._reader is None:
            return None
        place = self._follower.place
        with suppress(NoPerson):
            async with self._services.database.reading() as tx:
                person = await people.get(tx, self._reader, place.record.owner)
            if not person.consented:
                return notice(self._app, place.scenario)
        return None

    async def _said(self, content: str, given: Metadata) -> None:
        text = clean(content)
        limit = self._follower.place.scenario.limits.message_chars
        if not text:
            raise EmptyMessage("empty message")
        if len(text) > limit:
            raise MessageTooLong(len(text), limit)
        person = await self._writer(given.user_id)
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany
        event_id = given.event_id or uuid4().hex
        event = MessagePosted(
            event_id=event_id,
            order="",
            user=callers.user(given.user_id or person.id),
            at=self._services.now(),
            thread=callers.thread(self._id),
            text=content,
            addressed=True,
        )
        client = Client(session_id=self._id, person=person.id, agrees=not person.consented)
        self._waiting[event_id] = key_of(event, self._id)
        stored = await self._stored(client, event)
        if not stored and await self._repeated(event_id):
            return
        if self._follower.latest.status == "in_progress":
            await self._unsent.put(Frame(type="typing", metadata={"event_id": event_id}))

    async def _stored(self, client: Client, event: MessagePosted) -> bool:
        try:
            return await self._app.delivery.accept_from(client, event)
        except EXPECTED:
            self._waiting.pop(event.event_id, None)
            raise

    async def _repeated(self, event_id: str) -> bool:
        """Show the stored reply again, unless it, or the cursor, is still on its way there."""
        stored = await self._app.dialogue.answered(self._id, event_id)
        if stored is None:
            await self._read_kept()
            return event_id not in self._waiting
        self._waiting.pop(event_id, None)
        if stored.reply is None:
            self._offer(error_frame(AlreadyAnswered(), event_id))
        elif stored.reply.seq <= self._follower.position:
            self._offer(scene.said(self._follower.place, self._follower.latest, stored.reply))
        else:
            self._services.hub.changed(self._id)
        return True

    async def _writer(self, user_id: str | None) -> Person:
        """The person who writes, who may do so before they have agreed: writing does."""
        record, state = self._follower.place.record, self._follower.latest
        async with self._services.database.reading() as tx:
            person = await callers.actor(tx, record, state, user_id, self._who)
        require(replace(person, consented=True), "play", session_thing(record, state))
        if self._reader is None:
            self._reader = person.id
        return person

    def _command(self, content: str, given: Metadata) -> None:
        line = Typed(given.name, content) if given.name else typed(content) or root(content)
        try:
            call = CommandCall(
                name=line.word or "help",
                text=given.text or line.rest,
                options=given.options,
                event_id=given.event_id,
                user_id=given.user_id,
            )
        except ValidationError:
            raise BadFrame from None
        # Commands do not wait for each other here: a stop must pass a hint that waits.
        self._kept.keep(self._run(call))

    async def _run(self, call: CommandCall) -> None:
        try:
            ran = await commands.run(self._app, self._id, call, self._who)
        except EXPECTED as error:
            self._offer(error_frame(error, call.event_id))
            return
        for frame in answer_frames(ran.result, call):
            self._offer(frame)

    def grown(self, event_id: str, text: str) -> None:
        """Show how the reply to a message of ours grows, where the client keeps up."""
        if event_id not in self._waiting:
            return
        before = self._grown.get(event_id, "")
        if self._unsent.qsize() > _ROOM_FOR_GROWTH or text == before:
            return
        goes_on = text.startswith(before)
        self._grown = {event_id: text}
        self._offer(
            Frame(
                type="assistant_delta",
                content=text[len(before) :] if goes_on else text,
                metadata={"event_id": event_id, "replaces": not goes_on},
            )
        )

    def _offer(self, frame: Frame) -> None:
        # A client that is so far behind has to come back and read on from where it was.
        with suppress(asyncio.QueueFull):
            self._unsent.put_nowait(frame)
