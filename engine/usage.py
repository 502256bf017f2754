"""What calls of a model took, and why some gave no answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Failure = Literal[
    "connect",
    "no_time",
    "first_token",
    "idle",
    "deadline",
    "cut",
    "overloaded",
    "rate_limited",
    "server",
    "auth",
    "misconfigured",
    "overflow",
    "refusal",
    "empty",
    "bad_answer",
    "cannot",
    "resting",
    "spent",
]
"""Why a model gave no answer. Closed: logs, metrics and the ledger hold these words.

`connect` nothing reached the provider · `no_time` the deadline was over before anything was sent ·
`first_token` no first piece in time · `idle` the stream stood still · `deadline` it passed on the
way · `cut` the stream ended in the middle · `overloaded` 503, 529 or the same inside a stream ·
`rate_limited` 429 · `server` any other 5xx, or an answer that is no protocol · `auth` 401, 402, 403
· `misconfigured` any other 4xx · `overflow` the prompt is too long, shortened as well · `refusal`
the model or its vendor's filter declined · `empty` nothing was said, asked again with more room as
well · `bad_answer` a structured answer in no valid shape, mended once as well · `cannot` the model
does not do such things · `resting` a breaker is open · `spent` a budget is used up.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call.

    `input` includes what was read from or written to a cache, `output` includes `reasoning`, for
    every provider alike. `cache_write_long` is the part of `cache_write` that is kept for an hour
    or longer, which costs more. `estimated` where the provider gave no figures.
    """

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_long: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A call that was made and paid, and gave no answer that could be used.

    `reason` is why: it was empty, too long, or in no valid shape.
    """

    reason: Failure
    usage: Usage
    response_id: str = ""
    request_id: str = ""
    model: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
