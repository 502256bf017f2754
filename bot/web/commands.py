"""Slash commands over the API: the same registry as everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from fastapi import APIRouter

from adapters.plain import plain
from adapters.port import File, Message
from bot.commands import REGISTRY
from bot.commands.registry import Call
from bot.effects import OpenThread, Post, Result, Whisper
from bot.leaving import AT_ONCE, allowed
from bot.observability import correlated
from bot.platforms import Visitor
from bot.retrying import again
from bot.settling import settle
from bot.web import callers
from bot.web.context import PROBLEMS, Running, SessionId, Who
from bot.web.shapes import ChoiceLine, CommandCall, CommandDone, FileLine, ShownMessage
from bot.wiring import App
from engine.errors import NoSession
from engine.session import Status
from engine.store import Transaction, sessions
from engine.store.events import AlreadyStored

router = APIRouter(prefix="/api/sessions", tags=["sessions"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that ran; what the log holds of it is seen there.

    `status` and `seq` are the session's in which it was called, None when that is gone.
    """

    result: Result
    status: Status | None
    seq: int | None


@router.post("/{session_id}/commands", summary="Run a slash command in a session")
async def command(app: Running, who: Who, session_id: SessionId, call: CommandCall) -> CommandDone:
    """As typed in a session's thread: hint, order, submit, next, pause, resume, end, stop."""
    ran = await run(app, session_id, call, who)
    opened = [one.session_id for one in ran.result.effects if isinstance(one, OpenThread)]
    return CommandDone(
        messages=tuple(_messages(ran.result)),
        opened=opened[0] if opened else None,
        status=ran.status,
        seq=ran.seq,
    )


async def run(app: App, session_id: str, given: CommandCall, who: Visitor | None = None) -> Ran:
    """Run a command as whoever acts in the session.

    One that the log knows by its event id does nothing again.
    """
    with correlated(session_id=session_id):
        if given.name in AT_ONCE:
            await _cut(app, session_id, given, who)
            ran = await _tried(app, session_id, given, who)
        else:
            async with app.dialogue.lane(session_id):
                ran = await _tried(app, session_id, given, who)
    if ran.result.forgot:
        await settle(app.services.database)
    app.delivery.bell.ring(ran.result.session_id or session_id)
    return ran


async def _cut(app: App, session_id: str, given: CommandCall, who: Visitor | None) -> None:
    """End the turn under way, where whoever calls the command may do that."""
    services = app.services
    async with services.database.transaction() as tx:
        record, _, state = await services.simulation.read(tx, session_id)
        person = await callers.actor(tx, record, state, given.user_id, who)
        entitled = await allowed(tx, services, session_id, person, given.name)
    if not entitled:
        return
    if given.name == "end":
        await app.delivery.ending.what_was_said(session_id)
    else:
        await app.delivery.ending.turn(session_id)


async def _tried(app: App, session_id: str, given: CommandCall, who: Visitor | None) -> Ran:
    try:
        return await again(lambda: _once(app, session_id, given, who))
    except AlreadyStored:
        async with app.services.database.reading() as tx:
            return await _ran(tx, session_id, Result())


async def _once(app: App, session_id: str, given: CommandCall, who: Visitor | None) -> Ran:
    services = app.services
    async with services.database.transaction() as tx:
        record, _, state = await services.simulation.read(tx, session_id)
        call = Call(
            person=await callers.actor(tx, record, state, given.user_id, who),
            thread=callers.thread(session_id),
            # Apart from messages, whose ids the same client may count up on its own.
            event_id=f"command:{given.event_id or uuid4().hex}",
            at=services.now(),
            services=services,
            session_id=session_id,
        )
        result = await REGISTRY.run(tx, call, given.name, given.text, given.options)
        await app.delivery.show_in_rooms(
            tx, result, result.session_id or session_id, f"api/{session_id}:{call.event_id}"
        )
        return await _ran(tx, session_id, result)


async def _ran(tx: Transaction, session_id: str, result: Result) -> Ran:
    try:
        after = await sessions.get(tx, session_id)
    except NoSession:  # it was the command to forget
        return Ran(result=result, status=None, seq=None)
    return Ran(result=result, status=after.status, seq=after.seq)


def _messages(result: Result) -> Iterator[ShownMessage]:
    for effect in result.effects:
        if isinstance(effect, Whisper):
            yield _shown("caller", effect.message)
        elif isinstance(effect, Post) and effect.to in ("here", "rooms"):
            yield _shown("everybody", effect.message)


def _shown(to: str, message: Message) -> ShownMessage:
    return ShownMessage.model_validate(
        {
            "to": to,
            "title": message.title,
            "text": text_of(message),
            "choices": choices_of(message),
            "files": [file_of(one) for one in message.files],
        }
    )


def text_of(message: Message) -> str:
    """A message's words with its blocks; title, buttons and files come beside them."""
    bare = Message(text=message.text, blocks=message.blocks)
    return plain(bare)


def choices_of(message: Message) -> tuple[ChoiceLine, ...]:
    """A message's buttons; what one does can be typed as a command as well."""
    return tuple(ChoiceLine(id=one.id, label=one.label) for one in message.choices)


def file_of(file: File) -> FileLine:
    """A text file; what commands hand out is never anything else."""
    text = file.content.decode("utf-8-sig", errors="replace")
    return FileLine(name=file.name, media_type=file.media_type, content=text)
