"""One call of a model, as the ledger keeps it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from engine.usage import Failure, Usage

CallKind = Literal[
    "initial",
    "reply",
    "feedback",
    "media",
    "patient_results",
    "hint",
    "judge",
    "coach",
    "generate",
    "classify",
]
CallStatus = Literal["started", "posted", "failed", "superseded", "lost"]
"""What became of a call: answered, failed, or answered for nothing.

One that is paid is entered as `started` before it is made. Where its process dies it is `lost`
later: what it took is then an estimate.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model. Money is integer micro-USD; `raw` is the answer without its words.

    `response_id` is the provider's own id of the answer, None while there is none; `request_id` is
    what its support asks for. `reason` is why there is no answer that counts, else "". `entry` is
    its number in the ledger where it was announced there.
    """

    kind: CallKind
    provider: str
    model: str
    status: CallStatus
    at: datetime
    response_id: str | None = None
    usage: Usage = field(default_factory=Usage)
    cost_micro_usd: int = 0
    latency_ms: int = 0
    request_id: str = ""
    reason: Failure | Literal[""] = ""
    raw: Mapping[str, Any] | None = field(default=None, repr=False)
    entry: int | None = None


class Journal(Protocol):
    """Keeps calls before they are made, so that what they cost outlives the process."""

    async def begin(self, session_id: str, call: Call, within: timedelta) -> int | None:
        """Enter a call, with an estimate of what it takes, that is over after `within`.

        Its number in the ledger; None where it cannot be kept, and is made all the same.
        """
        ...


Announce = Callable[[Call, timedelta], Awaitable[int | None]]
"""A journal's `begin` for one session."""


def superseded(call: Call) -> Call:
    """A call whose answer is not shown; a failed one stays failed."""
    return replace(call, status="superseded") if call.status == "posted" else call
