"""What a stand-in answers, before it takes a vendor's form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Shape = Literal[
    "status",
    "silent",
    "stall",
    "cut",
    "cut_after_end",
    "no_end",
    "overload",
    "empty",
    "refusal",
    "window_full",
    "garbage",
    "page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """An answer. `tool` is called after the text. `thought` comes first and is nobody's business.

    `limit`: the answer is cut by its limit of tokens. `pause` is in seconds, before each piece.
    """

    text: str = "I see."
    tool: str = ""
    args: Mapping[str, object] | None = None
    thought: str = ""
    limit: bool = False
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A failure.

    `status` an HTTP error (with `status`, `kind`, `said` and `retry_after`) · `silent` nothing at
    all comes · `stall` nothing more comes after the first piece · `cut` the connection breaks
    there · `cut_after_end` it breaks after the last event · `no_end` the stream ends in order, and
    without saying so · `overload` an error event inside a stream with status 200 · `empty` nothing
    is said · `refusal` the model declines · `window_full` the context window ends the answer ·
    `garbage` what comes is no event of the protocol · `page` a web page with status 200.
    """

    shape: Shape
    status: int = 500
    kind: str = ""
    said: str = ""
    retry_after: str = ""
    text: str = "It began on Monday. It hurts when"


Answer = Say | Trouble
