"""Carries effects out at once, through an adapter."""

from dataclasses import dataclass, replace

from adapters.port import ChatAdapter, Event, InteractionRef, ThreadRef
from adapters.port import Whisper as WhisperTo
from bot import doors
from bot.effects import MarkThread, OpenThread, Post, Result, Whisper
from bot.exhibits.shown import file_of, with_pictures
from bot.router import Router
from bot.services import Services
from bot.views.scene import effects_of
from engine.turns import Outcome


@dataclass(frozen=True, slots=True)
class Direct:
    """Handles an adapter's events one after another and shows what comes of them."""

    services: Services
    router: Router
    adapter: ChatAdapter

    async def accept(self, event: Event) -> None:
        """Handle an event and show what comes of it."""
        await self.carry_out(event, await self.router.handle(event))

    async def ticked(self, outcome: Outcome) -> None:
        """Show what the clock brought, in every room of the session on this platform."""
        async with self.services.database.reading() as tx:
            rooms = await doors.of_session(tx, outcome.session.id, self.adapter.platform)
        shown = effects_of(outcome, self.services.picture)
        for room in rooms:
            for number, effect in enumerate(shown):
                key = f"{outcome.session.id}:{outcome.state.seq}#{number}"
                if isinstance(effect, Post):
                    await self._post(room, effect, key)
                elif isinstance(effect, MarkThread):
                    await self.adapter.mark_thread(room, title=effect.title, state=effect.state)

    async def carry_out(self, event: Event, result: Result) -> None:
        """Show a result's effects in order; a later one may go where an earlier one opened."""
        here = getattr(event, "thread", None)
        if here is None:
            return
        opened: ThreadRef = here
        for number, effect in enumerate(result.effects):
            key = f"{event.event_id}#{number}"
            if isinstance(effect, OpenThread):
                opened = await self._open(event, here, effect, key)
            elif isinstance(effect, MarkThread):
                where = opened if effect.to == "opened" else here
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
        await self._post(opened if effect.to == "opened" else here, effect, key)

    async def _post(self, where: ThreadRef, effect: Post, key: str) -> None:
        message, media = effect.message, self.services.media(effect.scenario_id)
        if effect.exhibit is not None:
            message = await with_pictures(message, effect.exhibit, media)
        if effect.documents:
            files = [await file_of(media(name)) for name in effect.documents]
            message = replace(message, files=(*message.files, *files))
        await self.adapter.post(where, message, key=key)
