"""Effects as JSON, for outbox rows."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Discriminator, TypeAdapter

from bot.effects import Effect

_BYTES: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
_EFFECT: Final[TypeAdapter[Any]] = TypeAdapter(
    Annotated[Effect, Discriminator("kind")], config=_BYTES
)


def dump_effect(effect: Effect) -> str:
    """An effect as JSON, files included."""
    return _EFFECT.dump_json(effect).decode()


def load_effect(body: str) -> Effect:
    """Undo `dump_effect`.

    Raises:
        ValueError: this is no stored effect. Its text does not quote the body.
    """
    try:
        effect: Effect = _EFFECT.validate_json(body)
    except ValueError as error:
        count = getattr(error, "error_count", lambda: 1)()
        raise ValueError(f"{count} problem(s) in a stored effect") from None
    return effect
