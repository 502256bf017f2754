"""Lanes taken from the database by a loop in this process: no other server is needed.

Woken at once by what happens in this process (and, on PostgreSQL, in others), and looking by itself
every second for what nobody said.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog

from bot.delivery import claiming, leases, workers
from bot.delivery.bell import Bell
from bot.delivery.isolation import Isolation, is_suspect
from bot.delivery.lanes import NOW
from bot.delivery.leases import HOLD_SECONDS, Lease
from bot.delivery.sharing import present
from bot.delivery.workers import Worker
from bot.grace import LATE, WORK, Grace
from bot.observability import report
from bot.store.database import Database, StoreAway
from bot.store.locking import rank

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
BREATH_SECONDS: Final = 0.001
LONG_BREATH_SECONDS: Final = 0.02
"""While there is more to do than fits, several lanes are taken at a time."""
SLOTS: Final = 60
"""Lanes worked on at once; more would keep other processes from their share."""

Working = Coroutine[Any, Any, bool]
Work = Callable[[Lease], Working]
"""Does what is due on a lane; whether it gave the lane back."""


@dataclass(slots=True, kw_only=True)
class LocalCarrier:
    """Takes lanes and works on them. One a process.

    `needs`: the platforms that run here; "" for what needs none. `within`: the beginning of the
    keys of those threads that only this process can show something in, where that is so. `grace`
    limits how long work under way may take at the end; what is then left, others take up.
    """

    database: Database
    bell: Bell
    worker: Worker
    needs: frozenset[str]
    work: Work
    now: Callable[[], datetime]
    within: str = ""
    slots: int = SLOTS
    grace: Grace = field(default_factory=Grace)
    _tasks: dict[asyncio.Task[bool], Lease] = field(default_factory=dict, init=False)
    _held: list[Lease] = field(default_factory=list, init=False)
    _left: list[Lease] = field(default_factory=list, init=False)
    _isolation: Isolation = field(default_factory=Isolation, init=False)
    _word: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _behind: bool = field(default=True, init=False)
    """Whether more may be due than there was room for when it was last looked."""

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs. At its end work under way is finished, or left to others.

        Where it does not let go even when it is cut short, its lanes run out: it may still show
        something in them.
        """
        self.grace.renew()
        async with present(self.database) as here:
            await self._enrol(alone=here.alone)
            await here.let_others()
            async with self._taking():
                yield
        with suppress(StoreAway, TimeoutError):  # Then the lanes run out.
            async with asyncio.timeout(self.grace.at_least()), self.database.transaction() as tx:
                await workers.leave(tx, self.worker, {lease.lane for lease in self._in_use})

    @asynccontextmanager
    async def _taking(self) -> AsyncGenerator[None]:
        async with self.bell.listening():
            if "" in self.needs:
                self.bell.taker = self
            loops = [asyncio.create_task(one()) for one in (self._take, self._live)]
            try:
                yield
            finally:
                self.bell.taker = None
                loops[0].cancel()
                await asyncio.wait(loops[:1], timeout=self.grace.left(WORK))
                await self.finish()
                loops[1].cancel()
                await asyncio.wait(loops, timeout=self.grace.at_least(LATE))

    def begin(self, lease: Lease, work: Working | None = None) -> asyncio.Task[bool]:
        """Work on a lane that was taken elsewhere; it is held and finished as all others are."""
        task = asyncio.create_task(self._worked(lease, work or self.work(lease)))
        self._tasks[task] = lease
        task.add_done_callback(self._done)
        return task

    async def _worked(self, lease: Lease, work: Working) -> bool:
        try:
            async with self._apart(lease):
                return await work
        finally:
            work.close()

    def _apart(self, lease: Lease) -> AbstractAsyncContextManager[None]:
        # Something ended its process again and again: what it was is told by having it alone.
        if is_suspect(lease):
            return self._isolation.alone()
        # A stop waits for nobody: what it ends may be what is alone.
        return self._isolation.beside(waits=not lease.lane.startswith(NOW))

    def takes(self, lane: str) -> str | None:
        """See `Taker`. A stop waits for nobody; all else comes after what waits longer."""
        waits = self._behind or self.working >= self.slots or self.grace.has_begun
        return None if waits and not lane.startswith(NOW) else self.worker.id

    @contextmanager
    def holding(self, lease: Lease) -> Generator[None]:
        """Hold a lane on which work is about to begin; if the block fails, it is given back."""
        self._held.append(lease)
        try:
            yield
        except BaseException:
            self.leave(lease)
            raise
        finally:
            self._held.remove(lease)

    @property
    def _in_use(self) -> list[Lease]:
        return [*self._tasks.values(), *self._held]

    @property
    def working(self) -> int:
        """How many lanes are worked on."""
        return len(self._tasks)

    def leave(self, lease: Lease) -> None:
        """See `Taker`."""
        self._left.append(lease)
        self._word.set()

    async def idle(self) -> None:
        """Work until nothing is due; for whoever does not let the loop run."""
        while await self._claimed() or self._tasks:
            await asyncio.gather(*self._tasks)

    async def _enrol(self, *, alone: bool) -> None:
        async with self.database.transaction() as tx:
            now = self.now()
            dead = workers.gone(await workers.all_(tx), now, alone=alone)
            await workers.clear(tx, dead, alone=alone)
            await workers.enrol(tx, self.worker, now)

    async def _take(self) -> None:
        with self.bell.carrying(lambda _lane: self._word.set()):
            while True:
                # Under load many words are one look.
                await asyncio.sleep(LONG_BREATH_SECONDS if self._behind else BREATH_SECONDS)
                self._word.clear()
                try:
                    found = await self._claimed()
                except StoreAway as error:
                    log.warning("store_away", code=error.code)
                    found = 0
                except Exception as error:  # noqa: BLE001 - a loop that ended would take no more
                    report(error)
                    found = 0
                if not found:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_SECONDS):
                            await self._word.wait()

    async def _claimed(self) -> int:
        """Take what is due, as far as there are slots; how many lanes."""
        free = self.slots - self.working
        if free <= 0:
            self._behind = True
            return 0
        now, needs = self.now(), self._needs()
        if not self._left and not await self._any_due(now, needs):
            self._behind = False
            return 0
        async with self.database.transaction() as tx:
            left = sorted(self._left, key=lambda lease: rank(lease.lane))
            for lease in left:
                await leases.drop(tx, lease)
            taken = await claiming.claim(tx, self.worker.id, now, needs, free, within=self.within)
        self._left = [lease for lease in self._left if lease not in left]
        for lease in taken:
            self.begin(lease)
        self._behind = len(taken) >= free
        return len(taken)

    def _needs(self) -> frozenset[str]:
        # When a stop was asked for no turn begins, and what those under way led to is shown.
        return self.needs - {""} if self.grace.has_begun else self.needs

    async def _any_due(self, now: datetime, needs: frozenset[str]) -> bool:
        if not needs:
            return False
        async with self.database.reading() as tx:
            return await claiming.any_due(tx, now, needs, self.within)

    def _done(self, task: asyncio.Task[bool]) -> None:
        was_full = len(self._tasks) >= self.slots
        lease = self._tasks.pop(task)
        if task.cancelled() or task.exception() or not task.result():
            self._left.append(lease)
        if not task.cancelled() and (error := task.exception()):
            report(error)
        if was_full or self._left:
            self._word.set()

    async def _live(self) -> None:
        """Hold our lanes, and free those of processes that died."""
        beats = 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            beats += 1
            try:
                await self._beat(holds=beats % int(HOLD_SECONDS / LOOK_SECONDS) == 0)
            except StoreAway as error:
                log.warning("no_heartbeat", code=error.code)
            except Exception as error:  # noqa: BLE001 - without it we would lose our lanes
                report(error)

    async def _beat(self, *, holds: bool) -> None:
        now = self.now()
        async with self.database.reading() as tx:
            dead = workers.gone(await workers.all_(tx), now)
        if not dead and not holds:
            return
        at = time.monotonic()
        async with self.database.transaction() as tx:
            await workers.clear(tx, dead)
            await workers.seen(tx, self.worker, now)
            held = await leases.extend(tx, self._in_use)
        for lease in held:
            lease.known.at = at
        if dead:
            log.warning("workers_gone", count=len(dead))
            self.bell.ring()

    async def finish(self) -> None:
        """Let work under way, and what it hands on, come to its end; cut short what is late."""
        while self._tasks and (seconds := self.grace.left(WORK)):
            await asyncio.wait(tuple(self._tasks), timeout=seconds)
        late = [task for task in self._tasks if not task.cancelling()]
        for task in late:
            task.cancel()
        if late:
            log.warning("work_left", count=len(late))
            await asyncio.wait(late, timeout=self.grace.at_least(LATE))


def needs_of(platforms: Iterable[str], *, turns: bool) -> frozenset[str]:
    """What a process can do: show things on its platforms, and take turns."""
    return frozenset({*platforms, *([""] if turns else [])})
