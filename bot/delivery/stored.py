"""What comes in and effects as JSON, for rows of the inbox and the outbox."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Discriminator, TypeAdapter

from bot.effects import Effect
from bot.incoming import Incoming

_BYTES: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
_EFFECT: Final[TypeAdapter[Any]] = TypeAdapter(
    Annotated[Effect, Discriminator("kind")], config=_BYTES
)
_INCOMING: Final[TypeAdapter[Any]] = TypeAdapter(Incoming, config=_BYTES)


def dump_incoming(event: Incoming) -> str:
    """An event or errand as JSON, without its interaction."""
    return _INCOMING.dump_json(event, exclude={"interaction"}).decode()


def load_incoming(body: str) -> Incoming:
    """Undo `dump_incoming`.

    Raises:
        ValueError: this is no stored event. Its text does not quote the body.
    """
    event: Incoming = _loaded(_INCOMING, body, "event")
    return event


def dump_effect(effect: Effect) -> str:
    """An effect as JSON, files included."""
    return _EFFECT.dump_json(effect).decode()


def load_effect(body: str) -> Effect:
    """Undo `dump_effect`.

    Raises:
        ValueError: this is no stored effect. Its text does not quote the body.
    """
    effect: Effect = _loaded(_EFFECT, body, "effect")
    return effect


def _loaded(reader: TypeAdapter[Any], body: str, what: str) -> Any:
    try:
        return reader.validate_json(body)
    except ValueError as error:
        count = getattr(error, "error_count", lambda: 1)()
        raise ValueError(f"{count} problem(s) in a stored {what}") from None
