"""Whoever stores an event while a process begins or stops: its lane is left to somebody."""

from datetime import datetime

from bot.delivery.accepting import Acceptance, Interactions
from bot.delivery.bell import Bell
from bot.delivery.leases import Lease
from bot.hub import Hub
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import Line


class Taking:
    """Takes whatever it is given."""

    free = "me"

    def __init__(self) -> None:
        self.begun: list[Lease] = []
        self.left: list[Lease] = []

    def begin(self, lease: Lease) -> None:
        self.begun.append(lease)

    def leave(self, lease: Lease) -> None:
        self.left.append(lease)


async def _no(*_: object) -> bool:
    return False


class Door:
    """A door in whose process begins, or stops, just while an event is stored."""

    def __init__(self, line: Line, before: Taking | None, after: Taking | None) -> None:
        self.bell = Bell(line.database, Hub())
        self.bell.taker = before
        self._after = after
        self._line = line
        self.acceptance = Acceptance(
            database=line.database,
            bell=self.bell,
            now=self._now,
            interactions=Interactions(),
            wants_out=_no,
            may_cut=_no,
        )

    def _now(self) -> datetime:
        self.bell.taker = self._after
        return self._line.clock.now()


async def test_a_process_that_begins_meanwhile_works_on_what_was_taken_for_it(line: Line) -> None:
    taking = Taking()
    door = Door(line, None, taking)
    await door.acceptance.accept(line.event(CHANNEL, "Hello?"))
    [row] = await line.leases()
    assert [one.owner for one in taking.begun] == [row.owner]
    assert not taking.left


async def test_a_process_that_stops_meanwhile_takes_nothing(line: Line) -> None:
    taking = Taking()
    door = Door(line, taking, None)
    await door.acceptance.accept(line.event(CHANNEL, "Hello?"))
    [row] = await line.leases()
    assert row.owner is None
    assert not taking.begun
