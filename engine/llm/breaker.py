"""The breaker: a model that fails is left alone for a while, then tried by one call at a time.

Each process counts its own calls; that a model rests, until when, and who tries it next stands on
a shelf that all processes share.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from engine.errors import ModelUnavailable

WINDOW: Final = timedelta(seconds=30)
FEWEST: Final = 10
SHARE: Final = 0.5
"""It opens at this share of failures among at least so many calls of the window …"""
IN_A_ROW: Final = 5
"""… or at so many failures in a row."""
FIRST_REST: Final = timedelta(seconds=15)
LONGEST_REST: Final = timedelta(minutes=5)
LONGEST_ASKED: Final = timedelta(hours=1)
"""A provider that asks for a longer pause than this is tried again all the same."""
JITTER: Final = 0.2
TO_CLOSE: Final = 2
"""So many good probes, one after another, close it."""
PROBE: Final = timedelta(minutes=10)
"""A probe whose call may take as long as it likes is lost after so long: its process died …"""
SPARE: Final = timedelta(seconds=5)
"""… and any other so long after its call's own end."""
REFUSED: Final = 3
"""So many requests in a row that are refused as wrong: so are all the others."""
LOOK: Final = timedelta(minutes=1)
"""So often a process looks whether another one revived what is down."""
NOT_THERE: Final = 404
_ANSWERED: Final = frozenset({"refusal", "empty", "bad_answer", "overflow"})
"""It works; it is this request that it has no answer to."""
_UNTOLD: Final = frozenset({"no_time", "cannot", "resting", "spent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A model that rests. `strikes` counts how often in a row; `down`: until settings change."""

    model: str
    reason: str
    open_until: datetime
    strikes: int = 1
    successes: int = 0
    down: bool = False
    probe: str | None = None
    probe_until: datetime | None = None

    def may_probe(self, now: datetime) -> bool:
        """Whether the next call may try it: it rested for long enough, and nobody else tries."""
        free = self.probe is None or self.probe_until is None or self.probe_until <= now
        return not self.down and self.open_until <= now and free

    def after_success(self) -> "Rest | None":
        """After a good probe; None once it works again."""
        if self.successes + 1 >= TO_CLOSE:
            return None
        return replace(self, successes=self.successes + 1, probe=None, probe_until=None)


class Shelf(Protocol):
    """What all processes know of models that rest. Every method is one atomic step."""

    async def look(self, key: str) -> Rest | None:
        """How a model rests; None: it works."""
        ...

    async def take_probe(self, key: str, token: str, now: datetime, until: datetime) -> bool:
        """Let the holder of `token` try it until then, if `Rest.may_probe`; of many one gets it."""
        ...

    async def put(self, key: str, rest: Rest, *, probe: str | None, now: datetime) -> None:
        """Let it rest. Left as it is where `probe` is given and somebody else has the probe now."""
        ...

    async def succeed(self, key: str, probe: str, now: datetime) -> None:
        """A probe went well, see `Rest.after_success`; a lost probe changes nothing."""
        ...

    async def release(self, key: str, probe: str, now: datetime) -> None:
        """A probe told nothing; the next call may be one."""
        ...


@dataclass(slots=True)
class Window:
    """The calls of the last seconds, as this process saw them."""

    _calls: deque[tuple[datetime, bool]] = field(default_factory=deque)
    _in_a_row: int = 0

    def succeeded(self, now: datetime) -> None:
        """A call went well."""
        self._in_a_row = 0
        self._keep(now, failed=False)

    def failed(self, now: datetime) -> bool:
        """A call failed; whether that was one too many."""
        self._in_a_row += 1
        self._keep(now, failed=True)
        failures = sum(failed for _, failed in self._calls)
        many = len(self._calls) >= FEWEST and failures >= SHARE * len(self._calls)
        return many or self._in_a_row >= IN_A_ROW

    def clear(self) -> None:
        """Begin anew."""
        self._calls.clear()
        self._in_a_row = 0

    def _keep(self, now: datetime, *, failed: bool) -> None:
        self._calls.append((now, failed))
        while self._calls and self._calls[0][0] <= now - WINDOW:
            self._calls.popleft()


@dataclass(frozen=True, slots=True)
class Pass:
    """One call's leave to go. `probe` is its token if it tries a model that rests."""

    probe: str | None = None


class Breaker:
    """Guards one model under one key. One a process."""

    def __init__(
        self,
        key: str,
        model: str,
        shelf: Shelf,
        *,
        now: Callable[[], datetime],
        random: Callable[[], float],
        token_of: Callable[[], str],
    ) -> None:
        """Take what it guards, the shared shelf, a clock, random numbers 0 to 1, new tokens."""
        self.key = key
        self.model = model
        self._shelf = shelf
        self._now = now
        self._random = random
        self._token_of = token_of
        self._window = Window()
        self._known: Rest | None = None
        self._looked = now()
        self._refused = 0
        self._worked = False

    async def enter(self, seconds: float = math.inf) -> Pass:
        """Leave for one call, which ends within so many seconds.

        Tell what became of it with `report`, or with `leave` if nothing did.

        Raises:
            ModelUnavailable: it rests (`resting`).
        """
        now = self._now()
        known = self._known
        if known is not None and now < (self._looked + LOOK if known.down else known.open_until):
            raise self._resting(known, now)  # nobody has to look for that
        found, self._looked = await self._shelf.look(self.key), now
        if known is not None and found is None:
            self._begin_anew()  # another process saw it work
        self._known = found
        if found is None:
            return Pass()
        if found.may_probe(now):
            token, lease = self._token_of(), _lease(seconds)
            try:
                if await self._shelf.take_probe(self.key, token, now, now + lease):
                    return Pass(token)
            except asyncio.CancelledError:
                await self._shelf.release(self.key, token, now)
                raise
        raise self._resting(found, now)

    async def report(self, leave: Pass, error: ModelUnavailable | None) -> None:
        """Count what became of a call."""
        now = self._now()
        if error is None or error.reason in _ANSWERED:
            self._refused, self._worked = 0, True
            if error is None:
                self._window.succeeded(now)
            if leave.probe is not None:
                await self._shelf.succeed(self.key, leave.probe, now)
            return
        if error.hurried or error.reason in _UNTOLD:
            await self.leave(leave)
            return
        refused = self._is_refused(error)
        down = error.reason == "auth" or error.status == NOT_THERE or (refused and not self._worked)
        sick = error.counts_against_breaker and self._window.failed(now)
        if sick or down or refused or leave.probe is not None:
            await self._open(leave, error, now, down=down)

    async def leave(self, leave: Pass) -> None:
        """Nothing can be told from this call: it was cancelled, or had too little time."""
        if leave.probe is not None:
            await self._shelf.release(self.key, leave.probe, self._now())

    def _is_refused(self, error: ModelUnavailable) -> bool:
        """Whether this was one request too many that was refused as wrong."""
        if error.reason == "misconfigured":
            self._refused += 1
        return error.reason == "misconfigured" and self._refused >= REFUSED

    def _begin_anew(self) -> None:
        self._window.clear()
        self._refused = 0

    async def _open(
        self, leave: Pass, error: ModelUnavailable, now: datetime, *, down: bool
    ) -> None:
        before = await self._shelf.look(self.key)
        others = before is not None and leave.probe is None and before.open_until > now
        if before is not None and others and not down:
            # Others of this moment failed as well, and one has opened it.
            rest = before
        else:
            rest = self._rest_after(before, leave, error, now, down=down)
            await self._shelf.put(self.key, rest, probe=leave.probe, now=now)
        self._begin_anew()
        self._known, self._looked = rest, now

    def _rest_after(
        self,
        before: Rest | None,
        leave: Pass,
        error: ModelUnavailable,
        now: datetime,
        *,
        down: bool,
    ) -> Rest:
        """A longer rest than before; as long again where a probe was only asked to wait."""
        strikes = before.strikes if before is not None else 0
        if before is None or leave.probe is None or error.counts_against_breaker:
            strikes += 1
        return Rest(
            model=self.model,
            reason=error.reason,
            open_until=now + rest_for(strikes, error.retry_after, self._random()),
            strikes=strikes,
            down=down,
        )

    def _resting(self, rest: Rest, now: datetime) -> ModelUnavailable:
        wait = max(0.0, (rest.open_until - now).total_seconds())
        return ModelUnavailable(self.model, "resting", retry_after=None if rest.down else wait)


def rest_for(strikes: int, asked: float | None, chance: float) -> timedelta:
    """How long a model rests that failed so often in a row; `asked` is its own Retry-After.

    `chance`, 0 to 1, moves it by a fifth either way, so that processes do not come back as one.
    """
    usual = min(FIRST_REST * float(2 ** min(strikes - 1, 10)), LONGEST_REST)
    usual *= 1 + JITTER * (2 * chance - 1)
    if asked is None or math.isnan(asked):
        return usual
    return max(usual, timedelta(seconds=min(asked, LONGEST_ASKED.total_seconds())))


def _lease(seconds: float) -> timedelta:
    """How long a probe is somebody's: as long as its call may take, and a little more."""
    return PROBE if math.isinf(seconds) else min(timedelta(seconds=seconds) + SPARE, PROBE)


@dataclass(slots=True)
class OwnShelf:
    """A shelf for one process alone, in memory."""

    rests: dict[str, Rest] = field(default_factory=dict)

    async def look(self, key: str) -> Rest | None:
        """How a model rests."""
        return self.rests.get(key)

    async def take_probe(self, key: str, token: str, now: datetime, until: datetime) -> bool:
        """Let one try it."""
        rest = self.rests.get(key)
        if rest is None or not rest.may_probe(now):
            return False
        self.rests[key] = replace(rest, probe=token, probe_until=until)
        return True

    async def put(self, key: str, rest: Rest, *, probe: str | None, now: datetime) -> None:
        """Let it rest."""
        if probe is None or self._has(key, probe):
            self.rests[key] = rest

    async def succeed(self, key: str, probe: str, now: datetime) -> None:
        """A probe went well."""
        if self._has(key, probe):
            after = self.rests.pop(key).after_success()
            if after is not None:
                self.rests[key] = after

    async def release(self, key: str, probe: str, now: datetime) -> None:
        """A probe told nothing."""
        if self._has(key, probe):
            self.rests[key] = replace(self.rests[key], probe=None, probe_until=None)

    def _has(self, key: str, probe: str) -> bool:
        return key in self.rests and self.rests[key].probe == probe
