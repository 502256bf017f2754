"""The frames of the WebSocket: JSON text of `{type, content, metadata}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.web.shapes import EventId, UserId, Word
from bot.web.words import BadFrame, FrameTooLarge, UnknownFrame

MAX_FRAME: Final = 64 * 1024
"""Characters of a frame: ten times the longest message, escapes included."""

ClientType = Literal["session_start", "user_message", "command"]
ServerType = Literal[
    "session_start",
    "typing",
    "assistant_delta",
    "assistant_message",
    "exhibit",
    "phase",
    "score",
    "error",
]


class Metadata(BaseModel):
    """What a client's frame says besides its content; all of it may be left out."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True
    )

    after: Annotated[int, Field(ge=0, le=2**31)] | None = None
    event_id: EventId | None = None
    user_id: UserId | None = None
    name: Word = ""
    text: str = ""
    options: dict[str, str] = Field(default_factory=dict)


class Received(BaseModel):
    """A client's frame."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: ClientType
    content: str = ""
    metadata: Metadata = Metadata()


def parsed(text: str) -> Received:
    """A client's frame.

    Raises:
        FrameTooLarge: no message is that long.
        BadFrame: it is not JSON of our shape.
        UnknownFrame: clients send no such type.
    """
    if len(text) > MAX_FRAME:
        raise FrameTooLarge
    try:
        body = orjson.loads(text)
    except ValueError:
        raise BadFrame from None
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise BadFrame
    given = {name: value for name, value in body.items() if value is not None}
    try:
        return Received.model_validate(given)
    except ValidationError as error:
        if any(one["loc"] == ("type",) for one in error.errors(include_input=False)):
            raise UnknownFrame from None
        raise BadFrame from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame to a client. `message_id` is the seq of what it tells, for frames that have one."""

    type: ServerType
    content: str = field(default="", repr=False)
    metadata: Mapping[str, object] = field(default_factory=dict, repr=False)
    message_id: int | None = None
    timestamp: datetime | None = None
    session_id: str | None = None

    def encoded(self) -> str:
        """The frame as JSON text."""
        body: dict[str, object] = {
            "type": self.type,
            "content": self.content,
            "metadata": self.metadata,
        }
        if self.message_id is not None:
            body["message_id"] = self.message_id
        if self.timestamp is not None:
            body["timestamp"] = self.timestamp
        if self.session_id is not None:
            body["session_id"] = self.session_id
        return orjson.dumps(body).decode()
