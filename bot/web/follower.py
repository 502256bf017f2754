"""A cursor over a session's log: reads what is new, each event once and in order."""

from collections.abc import Sequence
from typing import Self

from bot.services import Services
from bot.web.scene import Place
from engine import events as ev
from engine.scenario import Scenario
from engine.session import State, evolve, fold
from engine.store import events as event_rows
from engine.store.sessions import SessionRecord


class Follower:
    """Where one reader stands in a session.

    `state` is the fold of all up to where it stands, `latest` of all that it ever saw.
    """

    def __init__(self, services: Services, record: SessionRecord, scenario: Scenario) -> None:
        """Stand before the first event."""
        self._services = services
        self._event_ids: dict[int, str] = {}
        self.place = Place(record=record, scenario=scenario, event_ids=self._event_ids)
        self.state = self.latest = State()

    @classmethod
    async def at_end(cls, services: Services, session_id: str) -> Self:
        """One that has read all there is.

        Raises:
            NoSession: there is no such session.
            StoreAway: the database failed.
        """
        async with services.database.reading() as tx:
            record, scenario, _ = await services.simulation.read(tx, session_id)
        follower = cls(services, record, scenario)
        await follower.news()
        return follower

    @property
    def position(self) -> int:
        """The seq up to which everything was read."""
        return self.state.seq

    async def rewind(self, after: int) -> None:
        """Stand behind the event at seq `after`, or at the end where the log is shorter.

        Raises:
            StoreAway: it stands where it stood.
        """
        async with self._services.database.reading() as tx:
            log = await event_rows.of_session(tx, self.place.record.id)
        self._remember(log, 0)
        self.state = fold(self.place.scenario, log[:after])
        self.latest = fold(self.place.scenario, log[after:], self.state)

    async def news(self) -> list[tuple[ev.Event, State]]:
        """Everything after the position, each event with the state after it; moves on.

        Raises:
            StoreAway: it stands where it stood.
        """
        async with self._services.database.reading() as tx:
            log = await event_rows.of_session(tx, self.place.record.id, self.position)
        self._remember(log, self.position)
        found = []
        state = self.state
        for event in log:
            state = evolve(self.place.scenario, state, event)
            found.append((event, state))
        self.state = self.latest = state
        return found

    def _remember(self, log: Sequence[ev.Event], after: int) -> None:
        for seq, event in enumerate(log, after + 1):
            event_id = getattr(event, "event_id", None)
            if isinstance(event, ev.TraineeSaid) and event_id is not None:
                self._event_ids[seq] = event_id
