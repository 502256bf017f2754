"""Messages as the fake's bodies: pure functions."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, assert_never

from adapters.messages import (
    Block,
    Card,
    Chart,
    Choice,
    Fields,
    Image,
    Message,
    Quote,
    Table,
    Text,
)
from adapters.plain import plain
from adapters.text import harmless, mentioned, split
from tests.contract.fake_platform.limits import LIMITS

Body = dict[str, Any]
Item = TypeVar("Item")


def parts(message: Message) -> list[Body]:
    """The message in as many bodies as its length needs; the last ones carry blocks and choices."""
    texts = [part for part in split(_text(message), LIMITS.text) if part.strip()]
    bodies = [_body(text, message) for text in texts or ["…"]]
    _attach(bodies, message, "blocks", [_block(one) for one in message.blocks], LIMITS.blocks)
    buttons = [_button(choice) for choice in message.choices]
    _attach(bodies, message, "buttons", buttons, LIMITS.choices)
    bodies[-1]["files"] = [file.name for file in message.files]
    return bodies


def growing(message: Message) -> list[Body]:
    """Only the text, for a draft that may be empty yet."""
    return parts(message if message.text.strip() else Message(text="…", speaker=message.speaker))


def _text(message: Message) -> str:
    title = f"{harmless(message.title)}\n" if message.title else ""
    ids = [one.id for one in message.mentions]
    pieces = mentioned(message.text, ids)
    placed = {piece for piece, is_ping in pieces if is_ping}
    lead = "".join(f"<@{one}> " for one in ids if one not in placed)
    text = "".join(f"<@{piece}>" if is_ping else piece for piece, is_ping in pieces)
    return lead + title + text


def _body(text: str, message: Message) -> Body:
    return {"text": text, "as": message.speaker.name, "blocks": [], "buttons": [], "files": []}


def _attach(
    bodies: list[Body], message: Message, name: str, items: Sequence[Item], limit: int
) -> None:
    for at, batch in enumerate(_batched(items, limit)):
        if at:
            bodies.append(_body("…", message))
        bodies[-1][name] = batch


def _batched(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    for at in range(0, len(items), size):
        yield list(items[at : at + size])


def _block(one: Block) -> Body:
    match one:
        case Text() | Fields() | Table() | Quote() | Card() | Image():
            shown = plain(Message(text="", blocks=(one,)))
        case Chart():
            shown = plain(Message(text="", blocks=(one,)))
        case _:
            assert_never(one)
    return {"kind": one.kind, "shown": shown}


def _button(choice: Choice) -> Body:
    return {"id": choice.id, "label": harmless(choice.label), "form": choice.opens_form}
