"""Carries effects out at once, through an adapter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from bot.views.scene import effects_of
from engine.turns import Outcome

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Direct:
    """Handles an adapter's events one after another and shows what comes of them."""

    services: Services
    router: Router
    adapter: ChatAdapter

    async def accept(self, event: Event) -> None:
        """Handle an event and show what comes of it."""
        try:
            await self.carry_out(event, await self.router.handle(event))
        except StoreAway as error:
            # It went away between two effects. What was stored stands; the person is told.
            sorry = Result((Whisper(message=error_message(error)),))
            await self.carry_out(event, sorry, suffix="away")

    async def ticked(self, outcome: Outcome) -> None:
        """Show what the clock brought, in every room of the session on this platform."""
        async with self.services.database.reading() as tx:
            rooms = await doors.of_session(tx, outcome.session.id, self.adapter.platform)
        shown = effects_of(outcome, self.services.picture)
        for room in rooms:
            try:
                await self._show_all(room, shown, f"{outcome.session.id}:{outcome.state.seq}")
            except AdapterError as error:
                # One room that cannot be reached does not keep the others waiting.
                log.warning("tick_not_shown", session_id=outcome.session.id, code=error.code)

    async def _show_all(self, room: ThreadRef, shown: Sequence[Effect], key: str) -> None:
        for number, effect in enumerate(shown):
            if isinstance(effect, Post):
                await self._post(room, effect, f"{key}#{number}")
            elif isinstance(effect, MarkThread):
                await self.adapter.mark_thread(room, title=effect.title, state=effect.state)

    async def carry_out(self, event: Event, result: Result, *, suffix: str = "") -> None:
        """Show a result's effects in order; a later one may go where an earlier one opened."""
        here = getattr(event, "thread", None)
        if here is None:
            return
        opened: ThreadRef = here
        for number, effect in enumerate(result.effects):
            key = f"{event.event_id}#{suffix}{number}"
            if isinstance(effect, OpenThread):
                opened = await self._open(event, here, effect, key)
            elif isinstance(effect, MarkThread):
                where = _place(effect.to, here, opened)
                await self.adapter.mark_thread(where, title=effect.title, state=effect.state)
            else:
                await self._show(event, here, opened, effect, key)

    async def _open(self, event: Event, near: ThreadRef, effect: OpenThread, key: str) -> ThreadRef:
        opened = await self.adapter.open_thread(near, effect.title, key=key)
        async with self.services.database.transaction() as tx:
            await doors.open_(tx, opened, effect.session_id, effect.seat, self.services.now())
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
