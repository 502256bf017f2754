"""What Slack sends, before Bolt answers it: stored first, then acknowledged.

What is not for us is acknowledged as well: Slack counts every other answer as a failure, and turns
delivery off for all workspaces when there are many.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.asking import ask
from adapters.clock import Clock
from adapters.errors import AdapterError, NotStored, PlatformDown
from adapters.port import (
    Accept,
    Answer,
    Answered,
    CommandCalled,
    CommandSpec,
    Completions,
    Event,
    FieldErrors,
    Form,
    HomeOpened,
    Query,
    ThreadRef,
    UserRef,
)
from adapters.slack import actions, parse, views
from adapters.slack.actions import Kept
from adapters.slack.lanes import Busy, Lanes
from adapters.slack.parse import Body, Ours
from adapters.slack.places import user_ref
from adapters.slack.pulse import Pulse

log = structlog.get_logger(__name__)

Next = Callable[[], Awaitable[BoltResponse | None]]
Expected = TypeVar("Expected", bound=Answered)

RATE_LIMITED: Final = "events_limited"
_JSON: Final[dict[str, str | Sequence[str]]] = {"content-type": ["application/json"]}
_HANDSHAKE: Final = ("url_verification",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The application."""

    accept: Accept
    answer: Answer
    within: float


class Outside(Protocol):
    """What the door needs of the rest of the adapter."""

    async def ours(self, body: Body) -> Ours | None:
        """Who we are where this comes from; None where that is none of ours.

        Raises:
            PlatformDown: it cannot be said now.
        """
        ...

    async def open_view(self, ours: Ours, trigger: str, view: dict[str, Any]) -> bool:
        """Open a form; False where that is too late or not allowed."""
        ...

    async def within_reach(self, thread: ThreadRef, user: UserRef) -> ThreadRef:
        """The thread, or the direct message with somebody where we can never be in its channel."""
        ...

    async def dm_of(self, user: UserRef) -> ThreadRef:
        """The direct message with somebody. Raises AdapterError."""
        ...

    async def removed(self, ours: Ours) -> None:
        """The app was taken out. Raises AdapterError."""
        ...

    async def show_home(self, user: UserRef) -> None:
        """Show the app's own page to somebody."""
        ...

    async def offer(self, ours: Ours, inner: Body) -> None:
        """Offer things to say, in a conversation that was just opened."""
        ...

    def heard_from(self, event: Event) -> None:
        """Somebody did something, which is about to be handed over."""
        ...

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer."""
        ...


class Inbound:
    """Bolt's middleware before all others but the check of the signature."""

    def __init__(
        self, outside: Outside, specs: tuple[CommandSpec, ...], clock: Clock, pulse: Pulse
    ) -> None:
        self._outside = outside
        self._specs = specs
        self._clock = clock
        self._pulse = pulse
        self._lanes = Lanes()
        self.busy = Busy()
        self.doors: Doors | None = None

    async def heard(self, request: AsyncBoltRequest, next_: Next) -> BoltResponse | None:
        """Answer one payload: 200 once it is stored, 503 when it is not."""
        body: Body = request.body
        if body.get("type") in _HANDSHAKE:
            return await next_()
        doors = self.doors
        if doors is None:
            return BoltResponse(status=503)
        with self.busy:
            try:
                ours = await self._outside.ours(body)
                if ours is None:
                    return _ok()
                self._pulse.heard()
                return await self._answered(body, ours, doors)
            except (NotStored, PlatformDown):
                return BoltResponse(status=503)
            except Exception as error:
                # Bolt answers 500 and, as it is told to, says nothing.
                log.error("not_heard", kind=type(error).__name__)  # noqa: TRY400
                raise

    async def _answered(self, body: Body, ours: Ours, doors: Doors) -> BoltResponse:
        match body.get("type") or ("command" if body.get("command") else ""):
            case "event_callback":
                await self._event(body, ours, doors)
            case "command":
                await self._command(body, ours, doors)
            case "block_actions":
                await self._press(body, ours, doors)
            case "message_action":
                call = actions.shortcut(body, ours, self._clock.now())
                if call is not None:
                    await self._called(body, call, ours, doors)
            case "view_submission":
                return await self._form(body, ours, doors)
            case "block_suggestion":
                return await self._completions(body, ours, doors)
        return _ok()

    # --- events --------------------------------------------------------------------------------

    async def _event(self, body: Body, ours: Ours, doors: Doors) -> None:
        inner: Body = body.get("event") or {}
        match inner.get("type"):
            case "app_uninstalled":
                await self._outside.removed(ours)
            case "tokens_revoked":
                if (inner.get("tokens") or {}).get("bot"):
                    await self._outside.removed(ours)
            case "app_rate_limited":
                self._pulse.passing(RATE_LIMITED)
            case "app_home_opened" if parse.is_messages_tab(inner):
                self._outside.beside(self._outside.offer(ours, inner))
            case _:
                event = parse.event(body, ours)
                await self._hand_over(event, doors)
                if isinstance(event, HomeOpened):
                    self._outside.beside(self._outside.show_home(event.user))

    async def _hand_over(self, event: Event | None, doors: Doors) -> None:
        """Return once the event is stored; those of one thread one after the other."""
        if event is None:
            return
        self._outside.heard_from(event)
        thread: ThreadRef | None = getattr(event, "thread", None)
        async with self._lanes.lane(thread.key if thread else event.user.id):
            await doors.accept(event)

    # --- commands and presses ------------------------------------------------------------------

    async def _command(self, body: Body, ours: Ours, doors: Doors) -> None:
        call = actions.called(body, ours, self._clock.now())
        call = replace(call, thread=await self._outside.within_reach(call.thread, call.user))
        await self._called(body, call, ours, doors)

    async def _called(self, body: Body, call: CommandCalled, ours: Ours, doors: Doors) -> None:
        """Ask for what a command needs, where that is not given; else hand it over."""
        trigger, kept = str(body.get("trigger_id") or ""), Kept(thread=call.thread, text=call.text)
        spec = next((one for one in self._specs if one.name == call.name), None)
        if spec is not None and spec.opens_form and not call.text:
            form = await _ask(doors, actions.wanted(call), Form)
            if form and await self._outside.open_view(ours, trigger, views.of_form(form, kept)):
                return
        elif whole := actions.completed(call, self._specs):
            view = views.of_command(whole, kept)
            if await self._outside.open_view(ours, trigger, view):
                return
        await self._hand_over(call, doors)

    async def _press(self, body: Body, ours: Ours, doors: Doors) -> None:
        dm: ThreadRef | None = None
        if actions.is_on_page(body):
            user = user_ref(ours.tenant, str(body["user"]["id"]))
            try:
                dm = await self._outside.dm_of(user)
            except PlatformDown:
                raise
            except AdapterError:
                return  # Nobody there to answer.
        press = actions.pressed(body, ours, self._clock.now(), dm)
        if press is None:
            return
        if actions.opens_form(body):
            form = await _ask(doors, actions.wanted_by(press), Form)
            trigger, kept = str(body.get("trigger_id") or ""), Kept(thread=press.thread)
            if form and await self._outside.open_view(ours, trigger, views.of_form(form, kept)):
                return
        await self._hand_over(press, doors)

    # --- forms ---------------------------------------------------------------------------------

    async def _form(self, body: Body, ours: Ours, doors: Doors) -> BoltResponse:
        checked = actions.form_checked(body, ours)
        if checked is not None:
            wrong = await _ask(doors, checked, FieldErrors)
            if wrong is not None and wrong.errors:
                told = views.complaints(wrong.errors, body["view"])
                return BoltResponse(status=200, body=told, headers=_JSON)
        await self._hand_over(actions.form_sent(body, ours, self._clock.now()), doors)
        return _ok()

    async def _completions(self, body: Body, ours: Ours, doors: Doors) -> BoltResponse:
        query = actions.completing(body, ours)
        found = await _ask(doors, query, Completions) if query is not None else None
        told = views.options(found.items if found is not None else ())
        return BoltResponse(status=200, body=told, headers=_JSON)


async def _ask(doors: Doors, query: Query, expected: type[Expected]) -> Expected | None:
    return await ask(doors.answer, query, expected, within=doors.within)


def _ok() -> BoltResponse:
    return BoltResponse(status=200, body="")
