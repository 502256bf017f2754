"""Lets the bot say under another name what a person wrote, in the place where it stands."""

from typing import TYPE_CHECKING

from adapters.local import parse, render, store
from adapters.local.rows import Place

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from adapters.port import Message


async def said(tx: "AsyncSession", place: Place, message: "Message", key: str) -> str | None:
    """Put a message in the place of the person's own that it says again; the id of that.

    None, and nothing happened: it says nothing again, or that is gone, elsewhere, or came with
    files, which would be gone with it.
    """
    ref = message.instead_of
    if ref is None or ref.thread != parse.thread_ref(place.key):
        return None
    known = await store.message(tx, ref.id)
    if known is None or known.place != place.key or known.author is None or known.deleted:
        return None
    if known.body.get("files") or message.files:
        return None
    shown = render.rendered(message, known.id)
    body = {**shown.body, "speaker": {**shown.body["speaker"], "played": True}}
    changed = {"author": None, "key": key, "edited": False}
    await store.change_message(tx, known.id, text=shown.text, body=body, **changed)
    return known.id
