"""A chat platform in a file: it outlives whoever is killed, and delivers again what was not taken.

People there write by a script. What one of several processes is to hear, the file says as well.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from adapters.errors import NotStored
from adapters.port import (
    ABSENT,
    Absent,
    Accept,
    Answer,
    CommandCalled,
    Draft,
    Event,
    Message,
    MessageEdited,
    MessagePosted,
    MessageRef,
    Pressed,
    Speaker,
    ThreadRef,
    To,
    Unknowable,
    UserRef,
    Whisper,
)
from bot.bench.crowd import SCENARIO
from bot.bench.killing.records import CHANGES, COMMANDS, STARTS, Records, Room
from bot.bench.quiet import QuietAdapter, thread, user

LOOK_SECONDS: Final = 0.02


class FilePlatform(QuietAdapter):
    """The platform's file as a chat adapter. `worker` is which of several processes this is.

    Showing anything whose key ends with `deadly` ends it.
    """

    def __init__(self, records: Records, worker: int, deadly: str = "") -> None:
        super().__init__()
        self.records = records
        self._worker = worker
        self._deadly = deadly
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._accept: Accept | None = None

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        """Hand over what people write while the block runs."""
        self._accept = accept
        loop = asyncio.create_task(self._hand_over(accept))
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.wait([loop, *self._busy.values()])

    async def _hand_over(self, accept: Accept) -> None:
        while True:
            self.records.refresh()
            for room in self.records.rooms.values():
                self._look(room, accept)
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self, room: Room, accept: Accept) -> None:
        """Begin to hand over what a person writes now, if that is ours."""
        number = room.person
        if number not in self._busy and self._mine(number) and room.next():
            task = asyncio.create_task(self._hear(room, accept))
            self._busy[number] = task
            task.add_done_callback(partial(self._left, number))

    def _left(self, number: int, _task: asyncio.Task[None]) -> None:
        del self._busy[number]

    def _mine(self, number: int) -> bool:
        workers = self.records.workers
        return workers[number % len(workers)] == self._worker

    async def _hear(self, room: Room, accept: Accept) -> None:
        """Hand over what a person writes, one after another, until they wait."""
        while (said := room.next()) is not None:
            number, id_, text = said
            self.records.append("handed", person=room.person, id=id_)
            with suppress(NotStored):
                await accept(_event(room, number, id_, text))
                self.records.append("stored", person=room.person, id=id_)
                continue
            await asyncio.sleep(LOOK_SECONDS)

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Let it stand there, under a new id each time: twice is seen."""
        if self._deadly and key.endswith(self._deadly):
            os.kill(os.getpid(), signal.SIGKILL)
        where = to.thread if isinstance(to, Whisper) else to
        id_ = uuid4().hex
        self.records.append("post", id=id_, key=key, thread=where.key, text=message.text)
        return MessageRef(where, id_)

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        """A message that grows. Every second person who sees it begin writes on before it does."""
        async with super().draft(to, key=key, speaker=speaker) as draft:
            room = self.records.of_thread(to.key)
            if room is not None and room.person % 2 and self._accept is not None:
                self._look(room, self._accept)
                if room.person in self._busy:
                    await asyncio.wait([self._busy[room.person]])
            yield draft

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put another in its place."""
        self.records.append("edit", id=ref.id, text=message.text)
        return ref

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """What was posted with a key, by whichever process."""
        where = to.thread if isinstance(to, Whisper) else to
        self.records.refresh()
        for id_, one in self.records.shown.items():
            if one.key == key and one.thread == where.key:
                return MessageRef(where, id_)
        return ABSENT

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """A thread beside a person's channel; the same for the same key."""
        self.records.refresh()
        name = self.records.threads.get(key)
        if name is None:
            name = uuid4().hex
            person = int(near.key.removeprefix("C"))
            self.records.append("thread", key=key, person=person, name=name)
        return thread(name)


def _event(room: Room, number: int, id_: str, text: str) -> Event:
    at, who = datetime.now(UTC), user(f"U{room.person}")
    order = f"{number:09}"
    if id_.startswith(STARTS):
        here = thread(f"C{room.person}")
        choice = f"agree:{SCENARIO}"
        return Pressed(event_id=id_, order=order, user=who, at=at, thread=here, choice=choice)
    here = thread(room.thread)
    same: dict[str, Any] = {
        "event_id": id_,
        "order": order,
        "user": who,
        "at": at,
        "thread": here,
    }
    if text.startswith(COMMANDS):
        name, _, rest = text.removeprefix(COMMANDS).partition(" ")
        return CommandCalled(**same, name=name, text=rest)
    if text.startswith(CHANGES):
        changed = room.lines[number - 2][0]
        ref = MessageRef(here, changed)
        return MessageEdited(**same, ref=ref, text=text.removeprefix(CHANGES))
    return MessagePosted(**same, text=text, ref=MessageRef(here, id_))
