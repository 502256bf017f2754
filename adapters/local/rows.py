"""What stands in the workspace's tables, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

Body = dict[str, Any]
"""JSON, on its way to or from a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account here."""

    id: str
    name: str
    role: str
    active: bool = True

    @property
    def shown(self) -> Body:
        """As browsers see it."""
        return {"id": self.id, "name": self.name, "role": self.role, "picture": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel, a direct message or a thread. `private`: only its members see it."""

    key: str
    kind: str
    title: str
    parent: str | None
    state: str
    private: bool
    born: int
    seq: int
    created_at: datetime
    members: frozenset[str] = frozenset()

    def seen_by(self, person: str) -> bool:
        """Whether a person may see it."""
        return not self.private or person in self.members

    def shown(self, last: int, unread: int | None) -> Body:
        """As browsers see it; `unread` None where they count on by themselves."""
        return {
            "key": self.key,
            "kind": self.kind,
            "title": self.title,
            "parent": self.parent,
            "state": self.state,
            "private": self.private,
            "unread": unread,
            "members": sorted(self.members),
            "last": last,
            "started": self.created_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One message. `born` is its place in the order, `seq` the number of its last change."""

    id: str
    place: str
    born: int
    seq: int
    author: str | None
    only_for: str | None
    text: str
    body: Mapping[str, Any] = field(repr=False)
    pinned: bool
    edited: bool
    deleted: bool
    draft: bool
    event_id: str | None
    at: datetime

    def seen_by(self, person: str) -> bool:
        """Whether it is for a person who sees its place."""
        return self.only_for is None or self.only_for == person

    @property
    def shown(self) -> Body:
        """As browsers see it; nothing is left of what was deleted."""
        text = "" if self.deleted else self.text
        body = self.body if not self.deleted else {"speaker": self.body["speaker"]}
        return {
            "id": self.id,
            "seq": self.born,
            "changed": self.seq,
            "place": self.place,
            "at": self.at.isoformat(),
            "text": text,
            "title": "",
            "blocks": [],
            "choices": [],
            "files": [],
            "mentions": [],
            **body,
            "only_for": self.only_for,
            "pinned": self.pinned,
            "edited": self.edited,
            "deleted": self.deleted,
            "draft": self.draft,
            "event_id": self.event_id,
        }

    def choice(self, id_: str) -> Body | None:
        """The choice with this id, on the message itself or on one of its cards."""
        cards = (one for one in self.body.get("blocks", ()) if one["kind"] == "card")
        offered = [
            *self.body.get("choices", ()),
            *(one for card in cards for one in card["choices"]),
        ]
        return next((one for one in offered if one["id"] == id_), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file, from a person or from the bot."""

    id: str
    owner: str | None
    message: str | None
    name: str
    media_type: str
    size: int
    has_thumb: bool = False

    @property
    def shown(self) -> Body:
        """As browsers see it."""
        url = address(self.id, self.name)
        return {
            "id": self.id,
            "url": url,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "thumb": f"{url}?small=1" if self.has_thumb else None,
        }


def address(upload: str, name: str) -> str:
    """Where a file is read. Without a name that could mean something in an address."""
    safe = "".join(
        one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name
    )
    return f"/local/files/{upload}/{safe[-80:] or 'file'}"


def aware(moment: datetime) -> datetime:
    """A stored moment in UTC; SQLite keeps it without saying so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def posted_of(row: Row[Any]) -> Posted:
    """A row of messages."""
    return Posted(
        id=row.id,
        place=row.place,
        born=row.born,
        seq=row.seq,
        author=row.author,
        only_for=row.only_for,
        text=row.text,
        body=json.loads(row.body),
        pinned=row.pinned,
        edited=row.edited,
        deleted=row.deleted,
        draft=row.draft,
        event_id=row.event_id,
        at=aware(row.at),
    )
