"""One call of a model, as the ledger keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

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
CallStatus = Literal["posted", "failed", "superseded"]
"""Calls are entered once they are over: answered, failed, or answered for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model. Money is integer micro-USD; `raw` may hold words, so show it to nobody.

    `response_id` is the provider's own id of the answer, None while there is none; `request_id` is
    what its support asks for. `reason` is why there is no answer that counts, else "".
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


def superseded(call: Call) -> Call:
    """A call whose answer is not shown; a failed one stays failed."""
    return replace(call, status="superseded") if call.status == "posted" else call
