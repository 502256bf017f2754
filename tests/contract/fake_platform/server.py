"""A small chat service in memory, with the bad habits of real ones.

It throttles, loses answers after doing the work, goes down, forgets messages and delivers twice.
It decides by itself whom a text pings, from the raw text, as real ones do.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]
Hook = Callable[[Payload], Awaitable[Payload]]

_PING = re.compile(r"<@(?P<id>\w+)>|@(?P<all>everyone|here)\b|<!(?P<old>channel|here)>")


class ApiError(Exception):
    """What the API answers instead of a result."""

    def __init__(self, code: str, retry_after: float = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class ConnectionLost(Exception):
    """The connection broke; `sent` says whether the request was written before that."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("connection lost")
        self.sent = sent


@dataclass
class Posted:
    """One message as the service holds it."""

    id: int
    thread: str
    author: str
    body: Payload
    key: str = ""
    only_for: str = ""
    deleted: bool = False

    @property
    def pings(self) -> frozenset[str]:
        text = "".join(str(self.body.get(part, "")) for part in ("text", "blocks", "buttons"))
        return frozenset(
            found["id"] or found["all"] or found["old"] for found in _PING.finditer(text)
        )


@dataclass
class Server:
    """The service of one workspace."""

    people: dict[str, Payload] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    threads: dict[str, Payload] = field(default_factory=dict)
    posted: dict[int, Posted] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    requested: list[str] = field(default_factory=list)
    edits: int = 0
    down: bool = False
    refusing: bool = False
    throttled: float = 0
    answers_to_lose: list[int] = field(default_factory=list)
    hook: Hook | None = None
    _count: int = 0

    # --- what the bot calls --------------------------------------------------------------------

    def post(self, thread: str, body: Payload, key: str, only_for: str = "") -> int:
        self._admit()
        self._check(thread, body)
        posted = Posted(self._next(), thread, "bot", body, key, only_for)
        self.posted[posted.id] = posted
        self._lose()
        return posted.id

    def edit(self, id_: int, body: Payload) -> None:
        self._admit()
        posted = self.posted.get(id_)
        if posted is None or posted.deleted:
            raise ApiError("message_not_found")
        self._check(posted.thread, body)
        posted.body = body
        self.edits += 1
        self._lose()

    def delete(self, id_: int) -> None:
        self._admit()
        if id_ in self.posted:
            self.posted[id_].deleted = True

    def history(self, thread: str) -> list[Posted]:
        self._admit()
        return [one for one in self.posted.values() if one.thread == thread and not one.deleted]

    def open_thread(self, near: str, title: str, key: str, members: list[str]) -> str:
        self._admit()
        for name, thread in self.threads.items():
            if thread["key"] == key:
                return name
        name = f"T{len(self.threads) + 1}"
        everybody = self.threads[near]["members"]
        self.threads[name] = {
            "key": key,
            "title": title,
            "state": "",
            "members": members or list(everybody),
        }
        return name

    def open_dm(self, user: str) -> str:
        self._admit()
        if user in self.blocked:
            raise ApiError("user_blocked_bot")
        self.threads.setdefault(
            f"D{user}", {"key": "", "title": "", "state": "", "members": [user]}
        )
        return f"D{user}"

    def person(self, user: str) -> Payload | None:
        self._admit()
        return self.people.get(user)

    async def download(self, url: str) -> AsyncIterator[bytes]:
        self._admit()
        self.requested.append(url)
        if url not in self.files:
            raise ApiError("file_not_found")
        content = self.files[url]
        for at in range(0, len(content), 100):
            yield content[at : at + 100]

    # --- what people do ------------------------------------------------------------------------

    def write(self, thread: str, author: str, text: str) -> Payload:
        """Somebody's message, as the payload that is delivered for it."""
        posted = Posted(self._next(), thread, author, {"text": text})
        self.posted[posted.id] = posted
        return {
            "type": "message",
            "id": posted.id,
            "thread": thread,
            "user": author,
            "text": text,
            "bot": author == "bot",
        }

    def happening(self, type_: str, user: str, thread: str = "", **more: Any) -> Payload:
        return {"type": type_, "id": self._next(), "user": user, "thread": thread, **more}

    async def deliver(self, payload: Payload, *, tries: int = 5) -> Payload:
        """Deliver until the bot says it has it, as a platform with acknowledgements does."""
        assert self.hook is not None, "nobody is listening"
        answer: Payload = {"status": 503}
        while tries and answer["status"] != 200:
            tries -= 1
            answer = await self.hook(dict(payload, delivery=tries))
        return answer

    # --- habits --------------------------------------------------------------------------------

    def _admit(self) -> None:
        if self.down:
            raise ConnectionLost(sent=False)
        if self.throttled:
            raise ApiError("slow_down", self.throttled)

    def _lose(self) -> None:
        if self.answers_to_lose:
            self.answers_to_lose = [left - 1 for left in self.answers_to_lose]
            if 0 in self.answers_to_lose:
                self.answers_to_lose.remove(0)
                raise ConnectionLost(sent=True)

    def _check(self, thread: str, body: Payload) -> None:
        if thread not in self.threads:
            raise ApiError("thread_not_found")
        too_much = len(body["text"]) > 200 or len(body["blocks"]) > 3 or len(body["buttons"]) > 2
        if self.refusing or too_much or not body["text"].strip():
            # As real ones do, it quotes what it refuses.
            raise ApiError(f"invalid_body {body['text']}")

    def _next(self) -> int:
        self._count += 1
        return self._count
