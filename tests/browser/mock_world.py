"""What the mock server holds: places, messages, and who follows. In memory, one process."""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from starlette.websockets import WebSocket

Body = dict[str, Any]


class World:
    def __init__(self, people: Mapping[str, Body], commands: list[Body]) -> None:
        self.people = people
        self.commands = commands
        self.places: dict[str, Body] = {}
        self.messages: dict[str, Body] = {}
        self.log: list[tuple[int, Body]] = []
        self.read: dict[tuple[str, str], int] = {}
        self.uploads: dict[str, Body] = {}
        self.contents: dict[str, tuple[str, bytes]] = {}
        self.stopped: set[str] = set()
        self.away = False
        self.refusing = False
        self._seq = 0
        self._ids = count(1)
        self._events: set[str] = set()
        self._followers: dict[WebSocket, tuple[str, asyncio.Queue[Body]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- reading ---

    def start(self, person: str) -> Body:
        people = list(self.people.values())
        places = [self._for(one, person) for one in self.places.values() if sees(one, person)]
        return {
            "me": self.people[person],
            "people": people,
            "identities": people,
            "places": places,
            "commands": self.commands,
            "limits": {"text": 4000, "upload_bytes": 5_000_000},
            "seq": self._seq,
            "bot": "dressrun",
            "csrf": None,
        }

    def page(self, place: str, person: str, before: int | None, limit: int) -> Body:
        found = [m for m in self._readable(person) if m["place"] == place]
        found = [m for m in found if before is None or m["seq"] < before]
        return {"messages": found[-limit:], "more": len(found) > limit}

    def search(self, q: str, person: str) -> list[Body]:
        found = [m for m in self._readable(person) if q.lower() in m["text"].lower()]
        return found[::-1]

    def _readable(self, person: str) -> list[Body]:
        mine = (m for m in self.messages.values() if m["only_for"] in (None, person))
        return sorted(mine, key=lambda m: m["seq"])

    def _for(self, place: Body, person: str) -> Body:
        read = self.read.get((person, place["key"]), 0)
        unread = [
            m
            for m in self._readable(person)
            if m["place"] == place["key"] and m["seq"] > read and m["speaker"]["person"] != person
        ]
        return {**place, "unread": len(unread)}

    # --- writing ---

    def place(self, key: str, kind: str, title: str, **more: Any) -> Body:
        now = datetime.now(UTC).isoformat()
        base = {"parent": None, "state": "active", "members": list(self.people), "last": 0}
        made = {"key": key, "kind": kind, "title": title, **base, "started": now, **more}
        self.places[key] = made
        self._changed(made)
        return made

    def state(self, key: str, state: str) -> None:
        self.places[key]["state"] = state
        self._changed(self.places[key])

    def direct(self, one: str, other: str) -> Body:
        key = "dm:" + "+".join(sorted((one, other)))
        if key not in self.places:
            self.place(key, "dm", "", members=[one, other])
        return self._for(self.places[key], one)

    def say(self, place: str, person: str, text: str, **more: Any) -> Body:
        self._events.add(more.get("event_id", ""))
        name = self.people[person]["name"]
        who = {"name": name, "picture": None, "role": "person", "person": person}
        return self.post(place, text, speaker=who, **more)

    def heard(self, event_id: str) -> bool:
        return event_id in self._events

    def post(self, place: str, text: str, *, minutes_ago: float = 0, **more: Any) -> Body:
        self._seq += 1
        bot = {"name": "", "picture": None, "role": "bot", "person": None}
        message = {
            "id": f"m{next(self._ids)}",
            "seq": self._seq,
            "changed": self._seq,
            "place": place,
            "at": (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat(),
            "speaker": bot,
            "title": "",
            "text": text,
            "blocks": [],
            "choices": [],
            "files": [],
            "only_for": None,
            "pinned": False,
            "edited": False,
            "deleted": False,
            "draft": False,
            "event_id": None,
            **more,
        }
        self.messages[message["id"]] = message
        self.places[place]["last"] = self._seq
        self._tell_seq({"type": "message", "seq": self._seq, "message": dict(message)})
        return message

    def change(self, message: str, **changes: Any) -> None:
        self._seq += 1
        self.messages[message].update(changes, changed=self._seq)
        body = dict(self.messages[message])
        self._tell_seq({"type": "message", "seq": self._seq, "message": body})

    def keep(self, name: str, media_type: str, content: bytes) -> Body:
        id_ = f"u{next(self._ids)}"
        url = f"/local/files/{id_}/{name}"
        thumb = url if media_type.startswith("image/") else None
        kept = {"id": id_, "url": url, "name": name, "media_type": media_type}
        self.uploads[id_] = {**kept, "size": len(content), "thumb": thumb}
        self.contents[id_] = (media_type, content)
        return self.uploads[id_]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- telling ---

    def tell(self, frame: Body) -> None:
        for _person, queue in self._followers.values():
            queue.put_nowait(frame)

    def _changed(self, place: Body) -> None:
        self._seq += 1
        shown = {**place, "unread": None}
        self._tell_seq({"type": "place", "seq": self._seq, "place": shown})

    def _tell_seq(self, frame: Body) -> None:
        self.log.append((frame["seq"], frame))
        for person, queue in self._followers.values():
            if self._may(frame, person):
                queue.put_nowait(frame)

    def _may(self, frame: Body, person: str) -> bool:
        message = frame.get("message")
        place = frame.get("place") or self.places[message["place"]]
        return sees(place, person) and (not message or message["only_for"] in (None, person))

    def follow(self, socket: WebSocket, person: str, after: int) -> "asyncio.Queue[Body]":
        queue: asyncio.Queue[Body] = asyncio.Queue()
        queue.put_nowait({"type": "hello", "seq": after})
        for seq, frame in self.log:
            if seq > after and self._may(frame, person):
                queue.put_nowait(frame)
        self._followers[socket] = (person, queue)
        return queue

    def leave(self, socket: WebSocket) -> None:
        self._followers.pop(socket, None)

    async def drop(self, code: int = 1001) -> None:
        for socket in list(self._followers):
            self.leave(socket)
            await socket.close(code)


def sees(place: Body, person: str) -> bool:
    return place["kind"] == "channel" or person in place["members"]
