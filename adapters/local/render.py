"""Messages and forms as browsers get them: pure functions."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never
from urllib.parse import quote, urlsplit

from adapters.forms import ChoiceField, Field, FileField, Form, NumberField, TextField, TimeField
from adapters.local.limits import PLATFORM
from adapters.local.rows import Body, Person, Upload
from adapters.messages import (
    Block,
    Card,
    Chart,
    Choice,
    Fields,
    File,
    Image,
    Message,
    Quote,
    Speaker,
    Table,
    Text,
)
from adapters.plain import is_number
from adapters.refs import MessageRef, ThreadRef
from adapters.specs import CommandSpec
from adapters.text import cleaned, harmless, mentioned

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's words, all else of it, and the files that it refers to by their ids."""

    text: str
    body: Body
    files: tuple[tuple[Upload, File], ...]


def rendered(shown: Message, id_: str) -> Rendered:
    """A message of the bot's, under the id that it has here."""
    files: dict[str, tuple[Upload, File]] = {}

    def kept(file: File) -> Body:
        upload = _upload(file, id_)
        files[upload.id] = (upload, file)
        return upload.shown

    blocks = [_block(one, at, id_, kept) for at, one in enumerate(shown.blocks)]
    body = {
        "speaker": speaker(shown.speaker),
        "title": harmless(cleaned(shown.title)),
        "blocks": blocks,
        "choices": _choices(shown.choices),
        "files": [kept(file) for file in shown.files],
    }
    return Rendered(_text(shown), body, tuple(files.values()))


def written(person: Person, files: Sequence[Upload]) -> Body:
    """All but the words of what a person wrote."""
    who = {"name": person.name, "picture": None, "role": "person", "person": person.id}
    return {"speaker": who, "files": [one.shown for one in files]}


def speaker(who: Speaker) -> Body:
    """Who seems to speak."""
    return {
        "name": cleaned(who.name),
        "picture": _picture(who.picture),
        "role": "character" if who.name else "bot",
        "person": None,
    }


def link(place: str, message: str = "") -> str:
    """Where a place or message is on the page."""
    parts = [place, message] if message else [place]
    return "#/" + "/".join(quote(part, safe="") for part in parts)


def _text(shown: Message) -> str:
    """The words; nothing in them pings but the mentions, which come first where they lack."""
    ids = [one.id for one in shown.mentions]
    pieces = mentioned(cleaned(shown.text), ids)
    placed = {piece for piece, pings in pieces if pings}
    lead = "".join(f"<@{one}> " for one in ids if one not in placed)
    return lead + "".join(f"<@{piece}>" if pings else piece for piece, pings in pieces)


def _safe(text: str) -> str:
    return harmless(cleaned(text))


def _block(one: Block, at: int, id_: str, kept: Any) -> Body:
    match one:
        case Text():
            return {"kind": "text", "text": _safe(one.text)}
        case Fields():
            return {"kind": "fields", "items": _pairs(one.items)}
        case Table():
            return {"kind": "table", "title": _safe(one.title), **_table(one, at, id_)}
        case Image():
            picture = kept(one.file)
            named = {"url": picture["url"], "name": picture["name"]}
            return {"kind": "image", **named, "alt": _safe(one.alt), "title": _safe(one.title)}
        case Chart():
            return _chart(one, at, id_, kept)
        case Card():
            return {
                "kind": "card",
                "title": _safe(one.title),
                "text": _safe(one.text),
                "fields": _pairs(one.fields),
                "picture": kept(one.picture)["url"] if one.picture else None,
                "choices": _choices(one.choices),
            }
        case Quote():
            where = _link(one.link) if one.link else None
            return {"kind": "quote", "text": _safe(one.text), "who": _safe(one.who), "link": where}
        case _:
            assert_never(one)


def _chart(one: Chart, at: int, id_: str, kept: Any) -> Body:
    drawn = _table(one.table, at, id_)
    return {
        "kind": "chart",
        "shape": one.shape,
        "unit": _safe(one.unit),
        "url": kept(one.picture)["url"] if one.picture else None,
        "alt": _safe(one.alt or one.title),
        "title": _safe(one.title),
        "table": {"columns": drawn["columns"], "rows": drawn["rows"]},
        "csv": drawn["csv"],
    }


def _table(one: Table, at: int, id_: str) -> Body:
    return {
        "columns": [_safe(cell) for cell in one.columns],
        "rows": [[_safe(cell) for cell in row] for row in one.rows],
        "csv": f"/local/tables/{id_}/{at}.csv",
    }


def _pairs(items: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[_safe(label), _safe(value)] for label, value in items]


def _choices(offered: Sequence[Choice]) -> list[Body]:
    return [
        {
            "id": one.id,
            "label": _safe(one.label),
            "style": "" if one.style == "plain" else one.style,
            "link": _link(one.link) if one.link else None,
            "opens_form": one.opens_form,
            "confirm": _safe(one.confirm),
        }
        for one in offered
    ]


def _link(to: str | ThreadRef | MessageRef) -> str | None:
    if isinstance(to, str):
        return to if urlsplit(to).scheme in {"http", "https"} else None
    thread, message = (to.thread, to.id) if isinstance(to, MessageRef) else (to, "")
    return link(thread.key, message) if thread.platform == PLATFORM else None


def _picture(url: str | None) -> str | None:
    """Where a speaker's picture is; one of this machine's own as a path, for any name of it."""
    parts = urlsplit(url or "")
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return parts.path
    return url if parts.scheme == "https" else None


def _upload(file: File, message: str) -> Upload:
    # The message's id is nothing that anybody can guess, so neither is this.
    seen = hashlib.sha256(b"\0".join((message.encode(), file.name.encode(), file.content)))
    return Upload(
        id=seen.hexdigest()[:32],
        owner=None,
        message=message,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
    )


def csv_of(block: Mapping[str, Any]) -> str:
    """A table as a spreadsheet reads it; no cell begins a formula."""
    table = block.get("table") or block
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (table["columns"], *table["rows"]):
        writer.writerow([_cell(cell) for cell in row])
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_RISKY) and not is_number(text) else text


# --- commands and forms -------------------------------------------------------------------------


def command(spec: CommandSpec) -> Body:
    """A command, for the palette."""
    return {
        "name": spec.name,
        "summary": spec.summary,
        "roles": list(spec.roles),
        "opens_form": spec.opens_form,
        "options": [
            {
                "name": one.name,
                "description": one.description,
                "kind": one.kind,
                "optional": one.optional,
                "choices": [list(pair) for pair in one.choices],
                "completes": bool(one.completes),
            }
            for one in spec.options
        ],
    }


def form(shown: Form) -> Body:
    """A form to fill in."""
    return {
        "id": shown.id,
        "title": cleaned(shown.title),
        "text": _safe(shown.text),
        "submit": cleaned(shown.send),
        "fields": [_field(one) for one in shown.fields],
    }


def _field(one: Field) -> Body:
    base: Body = {
        "kind": one.kind,
        "name": one.name,
        "label": cleaned(one.label),
        "help": cleaned(one.hint),
        "required": not one.optional,
    }
    match one:
        case TextField():
            more = {"value": one.value, "multiline": one.lines, "longest": one.longest}
            return {**base, **more}
        case ChoiceField():
            choices = [list(pair) for pair in one.options]
            return {**base, "value": one.value, "choices": choices, "many": one.many}
        case NumberField():
            limits = {"min": one.least, "max": one.most, "whole": one.whole}
            return {**base, "value": one.value, **limits}
        case TimeField():
            return {**base, "value": one.value.isoformat() if one.value else None}
        case FileField():
            return {**base, "accept": list(one.media_types)}
        case _:
            return {**base, "many": one.many}
