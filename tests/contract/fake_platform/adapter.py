"""The fake as a chat adapter."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from adapters.asking import ask
from adapters.clock import Clock
from adapters.errors import (
    AdapterError,
    DeliveryFailed,
    Gone,
    NotRunning,
    NotStored,
    PlatformDown,
    RateLimited,
    Refused,
    TooLarge,
    Unknown,
    Unreachable,
)
from adapters.pacing import paced_draft
from adapters.port import (
    ABSENT,
    Absent,
    Accept,
    AdapterHealth,
    Answer,
    Completions,
    Draft,
    Event,
    FieldErrors,
    FileRef,
    Form,
    GroupRef,
    Limits,
    Message,
    MessageRef,
    Platform,
    Profile,
    Shown,
    Speaker,
    ThreadRef,
    ThreadState,
    To,
    Unknowable,
    UserRef,
    Whisper,
)
from tests.contract.fake_platform import parse, render
from tests.contract.fake_platform.limits import FILE_HOSTS, LIMITS, PLATFORM
from tests.contract.fake_platform.server import ApiError, ConnectionLost, Payload, Server

Result = TypeVar("Result")


class FakeAdapter:
    """One app on the fake."""

    def __init__(self, server: Server, *, clock: Clock, answer_within: float) -> None:
        self._server = server
        self._clock = clock
        self._since = clock.now()
        self._answer_within = answer_within
        self._heard: datetime | None = None
        self._lanes: dict[str, asyncio.Lock] = {}
        self._doors: tuple[Accept, Answer] | None = None

    @property
    def platform(self) -> Platform:
        return PLATFORM

    @property
    def limits(self) -> Limits:
        return LIMITS

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        self._doors = (accept, answer)
        self._server.hook = self._heard_of
        try:
            yield
        finally:
            self._server.hook = None
            for lane in self._lanes.values():
                async with lane:
                    pass
            self._doors = None

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        thread, only_for = self._addressed(to)
        bodies = render.parts(message)
        standing = self._standing(thread, key) if len(bodies) > 1 else {}
        ids = [
            standing.get(at) or self._post(thread, body, f"{key}#{at}/{len(bodies)}", only_for)
            for at, body in enumerate(bodies)
        ]
        return _ref(thread, ids)

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        thread, _ = self._addressed(ref.thread)
        bodies = render.growing(message)
        old = [int(id_) for id_ in ref.id.split(",")]
        try:
            for id_, body in zip(old, bodies, strict=False):
                self._call(lambda id_=id_, body=body: self._server.edit(id_, body))
        except Gone:
            return _ref(thread, [self._post(thread, body, f"{ref.id}+", "") for body in bodies])
        more = [self._post(thread, body, f"{ref.id}+", "") for body in bodies[len(old) :]]
        for id_ in old[len(bodies) :]:
            self._call(lambda id_=id_: self._server.delete(id_))
        return _ref(thread, old[: len(bodies)] + more)

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        thread, _ = self._addressed(to)
        [body] = render.growing(Message(text="", speaker=speaker))
        ref = _ref(thread, [self._post(thread, body, f"{key}#0/1", "")])
        async with paced_draft(
            ref,
            self.edit,
            speaker=speaker,
            clock=self._clock,
            per_minute=LIMITS.edits_per_minute,
        ) as draft:
            yield draft

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        thread, _ = self._addressed(to)
        standing = self._standing(thread, key)
        found = self._call(lambda: self._server.history(parse.thread_name(thread)))
        sizes = {int(one.key.rpartition("/")[2]) for one in found if one.id in standing.values()}
        if not sizes or len(standing) < max(sizes):
            return ABSENT
        return _ref(thread, [standing[at] for at in sorted(standing)])

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        self._addressed(thread)

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        beside, _ = self._addressed(near)
        members = [user.id for user in private_to]
        name = parse.thread_name(beside)
        return parse.thread_ref(
            self._call(lambda: self._server.open_thread(name, title, key, members))
        )

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        self._addressed(thread)
        known = self._server.threads[parse.thread_name(thread)]
        known["title"] = known["title"] if title is None else title
        known["state"] = known["state"] if state is None else state

    async def open_dm(self, user: UserRef) -> ThreadRef:
        self._running()
        return parse.thread_ref(self._call(lambda: self._server.open_dm(user.id)))

    async def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        self._running()
        if urlsplit(file.locator).hostname not in FILE_HOSTS:
            raise Refused("foreign_host")
        left = LIMITS.upload_bytes
        try:
            async for piece in self._server.download(file.locator):
                left -= len(piece)
                if left < 0:
                    raise TooLarge(LIMITS.upload_bytes)
                yield piece
        except ApiError as error:
            raise _translated(error) from None

    async def profile(self, user: UserRef) -> Profile:
        self._running()
        known = self._call(lambda: self._server.person(user.id)) or {"name": user.id}
        groups = tuple(
            GroupRef(PLATFORM, user.workspace, name)
            for name, ids in self._server.groups.items()
            if user.id in ids
        )
        return Profile(name=known["name"], time_zone=known.get("time_zone"), groups=groups)

    async def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        self._running()
        if isinstance(of, GroupRef):
            ids = self._server.groups.get(of.id, [])
        else:
            ids = self._server.threads[parse.thread_name(of)]["members"]
        for id_ in ids:
            if id_ != "bot":
                yield parse.user_ref(id_)

    async def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        self._addressed(thread)
        for one in self._call(lambda: self._server.history(parse.thread_name(thread))):
            body = {"type": "message", "id": one.id, "thread": one.thread, "user": one.author}
            event = parse.event({**body, "text": one.body["text"], "bot": one.author == "bot"})
            if event is not None and event.order > since:
                yield event

    def link(self, ref: MessageRef) -> str:
        return f"https://fake.test/{parse.thread_name(ref.thread)}/{ref.id}"

    def health(self) -> AdapterHealth:
        state = "down" if self._doors is None or self._server.down else "up"
        return AdapterHealth(
            state=state,
            since=self._since,
            code="" if state == "up" else "not_connected",
            heard=self._heard,
        )

    # --- what comes in -------------------------------------------------------------------------

    async def _heard_of(self, body: Payload) -> Payload:
        if (answered := await self._answered(body)) is not None:
            return {"status": 200, **answered}
        event = parse.event(body)
        if event is None:
            return {"status": 200}
        accept, _ = self._running()
        async with self._lanes.setdefault(body["thread"], asyncio.Lock()):
            try:
                await accept(event)
            except NotStored:
                return {"status": 503}
        self._heard = self._clock.now()
        return {"status": 200}

    async def _answered(self, body: Payload) -> Payload | None:
        """What is answered inside the request; None for what is an event."""
        if body["type"] == "complete":
            completions = await self._ask(parse.completing(body), Completions)
            return {"items": completions.items[:25] if completions else ()}
        if body["type"] == "home_view":
            shown = await self._ask(parse.home_shown(body), Shown)
            return {"home": render.parts(shown.message) if shown else None}
        if body["type"] in ("command", "press") and body.get("form"):
            form = await self._ask(parse.form_wanted(body), Form)
            return {"form": form} if form else None
        if body["type"] == "form":
            errors = await self._ask(parse.form_checked(body), FieldErrors)
            return {"errors": dict(errors.errors)} if errors and errors.errors else None
        return None

    async def _ask(self, query: Any, expected: type[Any]) -> Any:
        _, answer = self._running()
        return await ask(answer, query, expected, within=self._answer_within)

    # --- what goes out -------------------------------------------------------------------------

    def _running(self) -> tuple[Accept, Answer]:
        if self._doors is None:
            raise NotRunning
        return self._doors

    def _addressed(self, to: To) -> tuple[ThreadRef, str]:
        self._running()
        thread, only_for = (to.thread, to.user.id) if isinstance(to, Whisper) else (to, "")
        if thread.platform != PLATFORM:
            raise Refused("foreign_ref")
        return thread, only_for

    def _standing(self, thread: ThreadRef, key: str) -> dict[int, int]:
        """Which parts of the message with this key stand: part number to message id."""
        found: dict[int, int] = {}
        for one in self._call(lambda: self._server.history(parse.thread_name(thread))):
            name, _, part = one.key.rpartition("#")
            if name == key:
                found[int(part.partition("/")[0])] = one.id
        return found

    def _post(self, thread: ThreadRef, body: Payload, key: str, only_for: str) -> int:
        name = parse.thread_name(thread)
        return self._call(lambda: self._server.post(name, body, key, only_for))

    def _call(self, call: Callable[[], Result]) -> Result:
        try:
            return call()
        except ApiError as error:
            raise _translated(error) from None
        except ConnectionLost as lost:
            raise (Unknown() if lost.sent else PlatformDown()) from None


def _translated(error: ApiError) -> AdapterError:
    match error.code:
        case "slow_down":
            return RateLimited(error.retry_after)
        case "user_blocked_bot" | "thread_not_found":
            return Unreachable(error.code)
        case "message_not_found" | "file_not_found":
            return Gone(error.code)
    return DeliveryFailed(error.code)


def _ref(thread: ThreadRef, ids: list[int]) -> MessageRef:
    return MessageRef(thread, ",".join(map(str, ids)))
