"""Messages as they are sent, with their pictures and documents."""

import asyncio
from dataclasses import replace

from adapters.port import Message
from bot.effects import EditCard, Effect, MarkThread, OpenDM, OpenThread, Post, Whisper
from bot.exhibits.shown import file_of, with_pictures
from bot.services import Services


class NotDrawn(Exception):
    """Drawing took too long. Nothing was sent by that."""


async def drawn(effect: Effect, services: Services, seconds: float) -> Message | None:
    """The message of an effect; None where it has none.

    Raises:
        NotDrawn: it takes longer than `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _message(effect, services)
    except TimeoutError as error:
        raise NotDrawn from error


async def _message(effect: Effect, services: Services) -> Message | None:
    if isinstance(effect, OpenThread | MarkThread):
        return None
    message = effect.message
    if isinstance(effect, Post | Whisper | OpenDM) and effect.exhibit is not None:
        media = services.media(effect.scenario_id)
        message = await with_pictures(message, effect.exhibit, media)
    if isinstance(effect, Post | EditCard) and effect.documents:
        media = services.media(effect.scenario_id)
        files = [await file_of(media(name)) for name in effect.documents]
        message = replace(message, files=(*message.files, *files))
    return message
