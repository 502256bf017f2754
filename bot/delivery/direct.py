"""Carries effects out at once, through an adapter.

What other processes write to a session of ours, such as the tick of `dressrun up`, is read from its
log and shown too.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog

from adapters.errors import AdapterError
from adapters.port import ChatAdapter, Event, InteractionRef, ThreadRef
from adapters.port import Whisper as WhisperTo
from bot import doors
from bot.effects import Effect, MarkThread, OpenThread, Post, Result, Where, Whisper
from bot.exhibits.shown import file_of, with_pictures
from bot.router import Router, error_message
from bot.services import Services
from bot.store.database import StoreAway
from bot.views import errors as error_views
from bot.views.scene import effects_of
from engine.errors import NoSession
from engine.store import events as event_rows
from engine.store import sessions
from engine.turns import Outcome

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Followed:
    """A session with rooms that were opened here.

    `seq`: the log is dealt with up to there; None: up to wherever it ends at the next look.
    `looked`: the last of what was shown because a look found it.
    """

    rooms: set[ThreadRef] = field(default_factory=set)
    seq: int | None = None
    looked: int = 0


@dataclass(frozen=True, slots=True)
class Direct:
    """Handles an adapter's events one after another and shows what comes of them."""

    services: Services
    router: Router
    adapter: ChatAdapter
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _followed: dict[str, _Followed] = field(default_factory=dict, init=False, repr=False)

    async def accept(self, event: Event) -> None:
        """Handle an event and show what comes of it, as far as the platform lets us."""
        async with self._turn:
            here = getattr(event, "thread", None)
            touched = [id_ for id_, one in self._followed.items() if here in one.rooms]
            for session_id in touched:
                await self._look_at(session_id)
                # What follows shows itself, and however it ends is not to be shown again.
                self._followed[session_id].seq = None
            await self._handled(event)
            for session_id in [id_ for id_, one in self._followed.items() if one.seq is None]:
                await self._look_at(session_id)

    async def _handled(self, event: Event) -> None:
        code = "not_shown"
        try:
            if await self.carry_out(event, await self.router.handle(event)):
                return
            sorry = error_views.error(code)
        except StoreAway as error:
            # It went away between two effects. What was stored stands; the person is told.
            code, sorry = error.code, error_message(error)
        await self.carry_out(event, Result((Whisper(message=sorry),)), suffix=code)

    async def ticked(self, outcome: Outcome) -> None:
        """Show what our own clock brought, in the session's rooms that were opened here."""
        async with self._turn:
            session_id, end = outcome.session.id, outcome.state.seq
            followed = self._followed.get(session_id)
            if followed is None or end <= followed.looked:
                return
            if followed.seq is None or end <= followed.seq:
                # A turn of ours went past it meanwhile.
                await self._show_news(outcome, followed)
            else:
                await self._look_at(session_id)

    async def look(self) -> None:
        """Show what is new in the logs of the sessions whose rooms were opened here."""
        for session_id in tuple(self._followed):
            async with self._turn:
                await self._look_at(session_id)

    async def _look_at(self, session_id: str) -> None:
        """Show what is new in a log, or go to its end. A store that is away waits for a look."""
        followed = self._followed[session_id]
        try:
            news = await self._news(session_id, followed.seq)
            if news is None:
                return
            if followed.seq is not None and news.events:
                await self._show_news(news, followed)
                followed.looked = news.state.seq
            followed.seq = news.state.seq
        except NoSession:
            del self._followed[session_id]
        except StoreAway as error:
            log.warning("look_skipped", session_id=session_id, code=error.code)

    async def _news(self, session_id: str, after: int | None) -> Outcome | None:
        """What a log holds after a place; None when that is nothing, which costs one small read."""
        simulation = self.services.simulation
        async with self.services.database.reading() as tx:
            if (await sessions.get(tx, session_id)).seq == after:
                return None
            record, scenario, state = await simulation.read(tx, session_id)
            events = [] if after is None else await event_rows.of_session(tx, session_id, after)
        return Outcome(session=record, scenario=scenario, events=tuple(events), state=state)

    async def _show_news(self, news: Outcome, followed: _Followed) -> None:
        session_id = news.session.id
        async with self.services.database.reading() as tx:
            rooms = await doors.of_session(tx, session_id, self.adapter.platform)
        shown = effects_of(news, self.services.picture)
        for room in rooms:
            if room not in followed.rooms:
                continue  # another process opened it, and shows it there
            try:
                await self._show_all(room, shown, f"{session_id}:{news.state.seq}")
            except AdapterError as error:
                # One room that cannot be reached does not keep the others waiting.
                log.warning("news_not_shown", session_id=session_id, code=error.code)

    async def _show_all(self, room: ThreadRef, shown: Sequence[Effect], key: str) -> None:
        for number, effect in enumerate(shown):
            if isinstance(effect, Post):
                await self._post(room, effect, f"{key}#{number}")
            elif isinstance(effect, MarkThread):
                await self.adapter.mark_thread(room, title=effect.title, state=effect.state)

    async def carry_out(self, event: Event, result: Result, *, suffix: str = "") -> bool:
        """Show a result's effects in order; a later one may go where an earlier one opened.

        What the platform will not show is passed over; whether all was shown.

        Raises:
            StoreAway: the door of an opened thread was not stored.
        """
        here = getattr(event, "thread", None)
        if here is None:
            return True
        opened: ThreadRef = here
        shown = True
        for number, effect in enumerate(result.effects):
            key = f"{event.event_id}#{suffix}{number}"
            try:
                if isinstance(effect, OpenThread):
                    opened = await self._open(event, here, effect, key)
                else:
                    await self._one(event, here, opened, effect, key)
            except AdapterError as error:
                log.warning("not_shown", effect=type(effect).__name__, code=error.code)
                shown = False
                if isinstance(effect, OpenThread):
                    return False  # What follows was meant for the thread that is not there.
        return shown

    async def _one(
        self,
        event: Event,
        here: ThreadRef,
        opened: ThreadRef,
        effect: MarkThread | Post | Whisper,
        key: str,
    ) -> None:
        if isinstance(effect, MarkThread):
            where = _place(effect.to, here, opened)
            await self.adapter.mark_thread(where, title=effect.title, state=effect.state)
        else:
            await self._show(event, here, opened, effect, key)

    async def _open(self, event: Event, near: ThreadRef, effect: OpenThread, key: str) -> ThreadRef:
        opened = await self.adapter.open_thread(near, effect.title, key=key)
        async with self.services.database.transaction() as tx:
            await doors.open_(tx, opened, effect.session_id, effect.seat, self.services.now())
        followed = self._followed.setdefault(effect.session_id, _Followed())
        followed.rooms.add(opened)
        followed.seq = None
        return opened

    async def _show(
        self, event: Event, here: ThreadRef, opened: ThreadRef, effect: Post | Whisper, key: str
    ) -> None:
        if isinstance(effect, Whisper):
            interaction: InteractionRef | None = getattr(event, "interaction", None)
            to = WhisperTo(here, event.user, interaction)
            await self.adapter.post(to, effect.message, key=key)
            return
        await self._post(_place(effect.to, here, opened), effect, key)

    async def _post(self, where: ThreadRef, effect: Post, key: str) -> None:
        message, media = effect.message, self.services.media(effect.scenario_id)
        if effect.exhibit is not None:
            message = await with_pictures(message, effect.exhibit, media)
        if effect.documents:
            files = [await file_of(media(name)) for name in effect.documents]
            message = replace(message, files=(*message.files, *files))
        await self.adapter.post(where, message, key=key)


def _place(where: Where, here: ThreadRef, opened: ThreadRef) -> ThreadRef:
    if isinstance(where, ThreadRef):
        return where
    return opened if where == "opened" else here
