"""What a client is told alone: failures, what was kept for it, and what its commands answer."""

from adapters.port import Message
from bot.arrival import UNHEARD
from bot.effects import OpenThread, Post, Result, Whisper
from bot.observability import METRICS
from bot.web import commands
from bot.web.frames import Frame
from bot.web.shapes import CommandCall
from bot.web.words import told


def error_frame(error: Exception, event_id: str | None = None) -> Frame:
    """A failure as a frame: words, code, and whether to send the same again."""
    what = told(error)
    METRICS.errors.labels(what.code).inc()
    return Frame(
        type="error",
        content=what.words,
        metadata={"code": what.code, "retryable": what.retryable, "event_id": event_id},
    )


def kept_frame(message: Message, code: str, event_id: str) -> Frame:
    """What was kept for a client: why its message was not taken, or words beside the scene."""
    if code in ("", UNHEARD):
        return _message(message, event_id)
    METRICS.errors.labels(code).inc()
    return Frame(
        type="error",
        content=commands.text_of(message),
        metadata={"code": code, "retryable": code == "failed", "event_id": event_id},
    )


def answer_frames(result: Result, call: CommandCall) -> list[Frame]:
    """What a command shows its caller alone. What is for the rooms comes from the log."""
    found = []
    opened = None
    for effect in result.effects:
        if isinstance(effect, OpenThread):
            opened = effect
        elif isinstance(effect, Whisper) or (isinstance(effect, Post) and effect.to == "here"):
            found.append(_message(effect.message, call.event_id, command=call.name))
    if opened is not None:
        more = {"command": call.name, "opened": opened.session_id}
        found.append(private_frame(opened.title, call.event_id, **more))
    return found


def _message(message: Message, event_id: str | None, **more: object) -> Frame:
    return private_frame(
        commands.text_of(message),
        event_id,
        title=message.title,
        choices=[one.model_dump() for one in commands.choices_of(message)],
        files=[commands.file_of(one).model_dump() for one in message.files],
        **more,
    )


def private_frame(content: str, event_id: str | None, **more: object) -> Frame:
    """Words of ours that only this client reads."""
    return Frame(
        type="assistant_message",
        content=content,
        metadata={
            "speaker": "",
            "role": "system",
            "private": True,
            "event_id": event_id,
            "tokens": 0,
            "in_reply_to": None,
            "answers": (),
            **more,
        },
    )
