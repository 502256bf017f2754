"""Our messages as Slack's: pure functions. Text is split and never cut.

A message becomes one part or several, each one message in Slack. Pictures and files are uploaded
first; until then `upload:N` stands where their id or address comes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, assert_never

from adapters import plain
from adapters.markup import unmarked
from adapters.messages import (
    Block,
    Card,
    Chart,
    Fields,
    File,
    Image,
    Message,
    Quote,
    Speaker,
    Table,
    Text,
)
from adapters.refs import MessageRef
from adapters.slack import charts
from adapters.slack.buttons import rows
from adapters.slack.limits import (
    ALT,
    BLOCKS,
    CHARTS,
    FALLBACK,
    HEADER,
    MESSAGE,
    SMALL,
    TABLES,
    TEXT,
)
from adapters.slack.richtext import (
    block,
    group,
    link,
    person,
    quote,
    rich,
    section,
    verbatim,
    words,
)
from adapters.text import harmless, literal, split

Json = dict[str, Any]
Link = Callable[[MessageRef], str]

UPLOAD: Final = "upload:"
DRAWN: Final = ("image/png", "image/jpeg", "image/gif")
"""Pictures that a block can hold; others are files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a workspace lets us do.

    `names`: characters may have their own. `files`: we may upload. `charts` and `tables`: Slack
    draws them itself.
    """

    names: bool = True
    files: bool = True
    charts: bool = True
    tables: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message in Slack. `text` is its fallback, escaped; `files` are uploaded before it."""

    text: str
    blocks: tuple[Json, ...]
    speaker: Speaker
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One block. `alone`: the next one begins another part."""

    body: Json
    words: str = ""
    file: File | None = None
    alone: bool = False


@dataclass(slots=True)
class _Packed:
    """A part that is being filled. `apart`: Slack shows no uploads under a name of one's own."""

    apart: bool
    pieces: list[_Piece] = field(default_factory=list)

    def takes(self, piece: _Piece) -> bool:
        """Whether one more still fits."""
        if not self.pieces:
            return True
        if self.pieces[-1].alone or len(self.pieces) >= BLOCKS:
            return False
        kinds = [one.body["type"] for one in (*self.pieces, piece)]
        if kinds.count("table") > TABLES or kinds.count("data_visualization") > CHARTS:
            return False
        if self.apart and (piece.file is None) != (self.pieces[-1].file is None):
            return False
        return sum(_size(one.body) for one in self.pieces) + _size(piece.body) <= MESSAGE


def parts(message: Message, look: Look, to: Link) -> list[Part]:
    """The messages that show it, first to last."""
    apart = message.speaker.name != ""
    packed = [_Packed(apart)]
    for piece in _pieces(message, look, to):
        if not packed[-1].takes(piece):
            packed.append(_Packed(apart))
        packed[-1].pieces.append(piece)
    return [_part(one, message, look) for one in packed]


def fallback(text: str) -> str:
    """Words for a notification: escaped, so that Slack reads no markup in them."""
    return escaped(harmless(text))[:FALLBACK] or " "


def escaped(text: str) -> str:
    """Text for where Slack would read its own marks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def picture_of(speaker: Speaker) -> str | None:
    """The address of a speaker's picture, where Slack can reach it."""
    address = speaker.picture
    return address if address and address.startswith("https://") else None


def smaller(part: Part) -> list[Part]:
    """A part that Slack found too long, as several; only itself where it cannot be cut.

    Always cut in the same places, so that a later try knows which ones stand.
    """
    groups: list[list[Json]] = [[]]
    for one in part.blocks:
        if groups[-1] and sum(map(_size, groups[-1])) + _size(one) > SMALL:
            groups.append([])
        groups[-1].append(one)
    if len(groups) == 1 and len(part.blocks) > 1:
        middle = len(part.blocks) // 2
        groups = [list(part.blocks[:middle]), list(part.blocks[middle:])]
    return [replace(part, blocks=tuple(one)) for one in groups]


def without_names(part: Part) -> Part:
    """The part with the speaker's name in it, where none may stand above it."""
    name = section([words(f"{harmless(part.speaker.name)}:", "bold")])
    return replace(
        part,
        text=fallback(f"{part.speaker.name}: ") + part.text,
        blocks=(block(name), *part.blocks),
        speaker=Speaker(""),
    )


def with_uploads(body: Any, ids: list[str], links: list[str]) -> Any:
    """Blocks with the ids and addresses of what was uploaded, in the order of `Part.files`."""
    if isinstance(body, dict):
        return {
            key: ids[int(value.removeprefix(UPLOAD))]
            if key == "id" and isinstance(value, str) and value.startswith(UPLOAD)
            else links[int(value.removeprefix(UPLOAD))]
            if key == "url" and isinstance(value, str) and value.startswith(UPLOAD)
            else with_uploads(value, ids, links)
            for key, value in body.items()
        }
    if isinstance(body, list | tuple):
        return [with_uploads(one, ids, links) for one in body]
    return body


# --- packing ------------------------------------------------------------------------------------


def _part(packed: _Packed, message: Message, look: Look) -> Part:
    files: list[File] = []
    blocks: list[Json] = []
    for piece in packed.pieces:
        number = str(len(files))
        if piece.file is not None:
            files.append(piece.file)
        blocks.append(with_uploads(piece.body, [UPLOAD + number], [UPLOAD + number]))
    shown = "\n".join(one.words for one in packed.pieces if one.words) or message.text
    part = Part(
        text=fallback(shown), blocks=tuple(blocks), speaker=message.speaker, files=tuple(files)
    )
    return without_names(part) if part.speaker.name and (files or not look.names) else part


def _size(body: Any) -> int:
    """How many characters Slack counts."""
    if isinstance(body, dict):
        return sum(
            len(value) if isinstance(value, str) and key in ("text", "alt_text") else _size(value)
            for key, value in body.items()
        )
    if isinstance(body, list | tuple):
        return sum(_size(one) for one in body)
    return 0


def _pieces(message: Message, look: Look, to: Link) -> Iterator[_Piece]:
    if message.title:
        yield _Piece(body=_header(message.title), words=message.title)
    yield from _said(message)
    for one in message.blocks:
        yield from _block(one, look, to)
    yield from (_file(one, look) for one in message.files)
    yield from (_Piece(body=row) for row in rows(message.choices, to))


def _said(message: Message) -> Iterator[_Piece]:
    """The text, with the mentions before it that do not stand in it."""
    before = tuple(
        person(one.id) if one.kind == "user" else group(one.id)
        for one in message.mentions
        if one.kind == "group" or f"<@{one.id}>" not in message.text
    )
    ids = [one.id for one in message.mentions if one.kind == "user"]
    first = tuple(one for mention in before for one in (mention, words(" ")))
    chunks = [one for one in split(message.text, TEXT) if one.strip()]
    if not chunks and first:
        yield _Piece(body=block(section(list(first))))
    for number, chunk in enumerate(chunks):
        yield _Piece(
            body=rich(chunk, ids, first if number == 0 else ()),
            words=unmarked(chunk),
            alone=number < len(chunks) - 1,
        )


def _texts(text: str) -> Iterator[_Piece]:
    for chunk in split(text, TEXT):
        if chunk.strip():
            yield _Piece(body=rich(chunk), words=unmarked(chunk))


def _header(title: str) -> Json:
    shown = harmless(title)
    if len(shown) <= HEADER:
        return {"type": "header", "text": {"type": "plain_text", "text": shown}}
    return block(section([words(shown, "bold")]))


# --- blocks -------------------------------------------------------------------------------------


def _block(one: Block, look: Look, to: Link) -> Iterator[_Piece]:
    match one:
        case Text():
            yield from _texts(one.text)
        case Fields():
            yield _fields(one.items)
        case Table():
            yield from _table(one, look)
        case Image():
            yield from _image(one, look)
        case Chart():
            yield from _chart(one, look)
        case Card():
            yield from _card(one, look, to)
        case Quote():
            yield _quote(one, to)
        case _:
            assert_never(one)


def _fields(items: tuple[tuple[str, str], ...]) -> _Piece:
    elements: list[Json] = []
    for label, value in items:
        elements += [words("\n")] if elements else []
        elements += [words(f"{harmless(label)}: ", "bold")]
        elements += [words(harmless(value))] if value else []
    told = "\n".join(f"{label}: {value}" for label, value in items)
    return _Piece(body=block(section(elements or [words(" ")])), words=told)


def _table(shown: Table, look: Look) -> Iterator[_Piece]:
    if shown.title:
        yield _Piece(body=block(section([words(harmless(shown.title), "bold")])))
    drawn = charts.table(shown) if look.tables else None
    told = plain.table(shown)
    if drawn is not None:
        yield _Piece(body=drawn, words=told)
        return
    bare = plain.table(replace(shown, title=""))
    for chunk in split(bare, TEXT):
        yield _Piece(body=verbatim(harmless(chunk)), words=chunk)


def _image(one: Image, look: Look) -> Iterator[_Piece]:
    if not look.files:
        yield from _texts(literal(plain.block(one)))
        return
    if one.file.media_type not in DRAWN:
        yield from _texts(literal(plain.block(one)))
        yield _file(one.file, look)
        return
    body: Json = {
        "type": "image",
        "slack_file": {"id": UPLOAD + "0"},
        "alt_text": harmless(one.alt)[:ALT],
    }
    if one.title:
        body["title"] = {"type": "plain_text", "text": harmless(one.title)[:ALT]}
    yield _Piece(body=body, words=plain.block(one), file=one.file)


def _chart(one: Chart, look: Look) -> Iterator[_Piece]:
    drawn = charts.chart(one) if look.charts else None
    if drawn is not None:
        yield _Piece(body=drawn)
    elif one.picture is not None and look.files:
        title = plain.chart_title(one)
        yield from _image(Image(one.picture, one.alt or title, title), look)
    titled = replace(one.table, title=plain.chart_title(one))
    yield from _table(titled, look)


def _card(card: Card, look: Look, to: Link) -> Iterator[_Piece]:
    yield _Piece(
        body=block(section([words(harmless(card.title) or " ", "bold")])), words=card.title
    )
    if card.text:
        yield from _texts(card.text)
    if card.fields:
        yield _fields(card.fields)
    if card.picture is not None and look.files and card.picture.media_type in DRAWN:
        yield from _image(Image(card.picture, card.title), look)
    yield from (_Piece(body=row) for row in rows(card.choices, to))


def _quote(shown: Quote, to: Link) -> _Piece:
    who = [words(f"\n{harmless(shown.who)}", "italic")] if shown.who else []
    where = to(shown.link) if shown.link else ""
    source = [words("\n"), link(where, where)] if where else []
    body = block(quote([words(harmless(shown.text) or " ")]))
    if who or source:
        body["elements"].append(section([*who, *source]))
    return _Piece(body=body, words=plain.block(shown, to))


def _file(file: File, look: Look) -> _Piece:
    name = harmless(file.name)
    if not look.files:
        return _Piece(body=block(section([words(f"[{name}]")])), words=file.name)
    return _Piece(body=block(section([link(UPLOAD + "0", name)])), words=file.name, file=file)
