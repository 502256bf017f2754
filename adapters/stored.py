"""Events and messages as JSON, for rows that outlive a process.

Interactions are left out: their tokens are secrets and soon worthless.
"""

from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter

from adapters.events import Event
from adapters.messages import Message
from adapters.refs import MessageRef, Platform, ThreadRef, To

# A union takes the config that a dataclass must not be given; `bytes` in it follow.
_BYTES: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
_EVENT: Final[TypeAdapter[Any]] = TypeAdapter(Event, config=_BYTES)
_MESSAGE: Final[TypeAdapter[Any]] = TypeAdapter(Message | None, config=_BYTES)
_TO: Final[TypeAdapter[Any]] = TypeAdapter(To, config=_BYTES)
_REF: Final[TypeAdapter[Any]] = TypeAdapter(MessageRef)


def dump_event(event: Event) -> str:
    """An event as JSON, without its interaction."""
    return _EVENT.dump_json(event, exclude={"interaction"}).decode()


def load_event(body: str | bytes) -> Event:
    """Undo `dump_event`.

    Raises:
        ValueError: this is no stored event. Its text does not quote the body.
    """
    event: Event = _loaded(_EVENT, body)
    return event


def dump_message(message: Message) -> str:
    """A message as JSON, files included."""
    return _MESSAGE.dump_json(message).decode()


def load_message(body: str | bytes) -> Message:
    """Undo `dump_message`.

    Raises:
        ValueError: this is no stored message.
    """
    message = _loaded(_MESSAGE, body)
    if not isinstance(message, Message):
        raise ValueError("no stored message")  # noqa: TRY004 - the body is wrong, not the caller
    return message


def dump_to(to: To) -> str:
    """A destination as JSON, without its interaction."""
    return _TO.dump_json(to, exclude={"interaction"}).decode()


def load_to(body: str | bytes) -> To:
    """Undo `dump_to`.

    Raises:
        ValueError: this is no stored destination.
    """
    to: To = _loaded(_TO, body)
    return to


def dump_ref(ref: MessageRef) -> str:
    """The ref of a shown message as JSON."""
    return _REF.dump_json(ref).decode()


def load_ref(body: str | bytes) -> MessageRef:
    """Undo `dump_ref`.

    Raises:
        ValueError: this is no stored ref.
    """
    ref: MessageRef = _loaded(_REF, body)
    return ref


def thread_id(thread: ThreadRef) -> str:
    """A thread as one string, for keys and lanes: equal exactly when the threads are."""
    return "/".join(
        part.replace("%", "%25").replace("/", "%2F")
        for part in (thread.platform, thread.workspace, thread.key)
    )


def thread_of(id_: str) -> ThreadRef:
    """Undo `thread_id`.

    Raises:
        ValueError: this is no such string.
    """
    parts = [part.replace("%2F", "/").replace("%25", "%") for part in id_.split("/")]
    if len(parts) != 3:
        raise ValueError("no stored thread")
    return ThreadRef(Platform(parts[0]), parts[1], parts[2])


def _loaded(adapter: TypeAdapter[Any], body: str | bytes) -> Any:
    try:
        return adapter.validate_json(body)
    except ValueError as error:
        # Pydantic's text quotes its input, which holds what people said.
        count = getattr(error, "error_count", lambda: 1)()
        raise ValueError(f"{count} problem(s) in a stored body") from None
