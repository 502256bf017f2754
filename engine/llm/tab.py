"""On whose account models are asked, and what that came to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from engine.calls import Announce, Call, CallKind, superseded
from engine.errors import ModelUnavailable
from engine.llm.port import Decided, Done
from engine.llm.prices import cost_of, is_priced
from engine.usage import Failure, Spent, Usage

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = timedelta(minutes=15)
"""After so long no call is under way any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call that was made: of which model, at which moment of the clock, for how long.

    `entry` is its number in the ledger where it was announced.
    """

    provider: str
    model: str
    at: datetime
    latency_ms: int
    entry: int | None = None


@dataclass(slots=True, kw_only=True)
class Tab:
    """One turn's account, or one judgement's. It fills with every call made, the failed ones too.

    `at` is the moment that its calls are kept under; left out where nobody keeps them.
    `pinned` is the name of the model that answered in this session last, "" at its beginning.
    `left` is micro-USD that may still be spent, None for no limit. `answered` is the name of the
    model that answered last, and whose words go on after a tool; `degraded` says that this is not
    the one that should. `announce` keeps what is paid before it is asked.
    """

    kind: CallKind = "reply"
    at: datetime = LONG_AGO
    pinned: str = ""
    left: int | None = None
    calls: list[Call] = field(default_factory=list)
    answered: str = ""
    degraded: bool = False
    announce: Announce | None = field(default=None, repr=False)

    @property
    def is_spent(self) -> bool:
        """Whether nothing that is paid may be asked any more."""
        return self.left is not None and self.left <= 0

    async def begin(self, provider: str, model: str, usage: Usage, seconds: float) -> int | None:
        """Announce a call that may take so long; its number in the ledger, if it has one."""
        if self.announce is None:
            return None
        call = Call(
            kind=self.kind,
            provider=provider,
            model=model,
            status="started",
            at=self.at,
            usage=usage,
            cost_micro_usd=cost_of(provider, model, usage, self.at),
        )
        within = LATEST if math.isinf(seconds) else min(timedelta(seconds=seconds), LATEST)
        return await self.announce(call, within)

    def answer(self, asked: Asked, done: Done | Decided[Any]) -> None:
        """Enter a call that brought an answer, and those before it that the answer took."""
        self._enter_spent(asked, done.earlier)
        self._enter(
            asked,
            Spent(
                reason="bad_answer",
                usage=done.usage,
                response_id=done.response_id,
                request_id=done.request_id,
                model=done.model,
                raw=done.raw,
            ),
            reason=None,
        )

    def failure(self, asked: Asked, error: ModelUnavailable) -> None:
        """Enter a call that brought none, with what it may have cost.

        One that was never made is not entered, unless it was announced.
        """
        self._enter_spent(asked, error.earlier)
        never = error.reason in ("resting", "no_time", "spent", "cannot")
        if never and asked.entry is None:
            return
        spent = Spent(
            reason=error.reason,
            usage=error.billed or Usage(),
            response_id=error.response_id,
            request_id=error.request_id,
            raw=error.raw,
        )
        self._enter(asked, spent, reason=error.reason)

    def supersede(self) -> None:
        """What was answered will not be shown: something better is asked for."""
        self.calls[:] = [superseded(call) for call in self.calls]

    def _enter_spent(self, asked: Asked, earlier: Sequence[Spent]) -> None:
        for one in earlier:
            self._enter(replace(asked, latency_ms=0, entry=None), one, reason=one.reason)

    def _enter(self, asked: Asked, spent: Spent, reason: Failure | None) -> None:
        named = spent.model if is_priced(asked.provider, spent.model) else asked.model
        cost = cost_of(asked.provider, named or asked.model, spent.usage, asked.at)
        if self.left is not None:
            self.left -= cost
        self.calls.append(
            Call(
                kind=self.kind,
                provider=asked.provider,
                model=spent.model or asked.model,
                status="posted" if reason is None else "failed",
                at=asked.at,
                response_id=spent.response_id or None,
                usage=spent.usage,
                cost_micro_usd=cost,
                latency_ms=asked.latency_ms,
                request_id=spent.request_id,
                reason=reason or "",
                raw=_kept(spent.raw),
                entry=asked.entry,
            )
        )


def _kept(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return dict(raw) or None
