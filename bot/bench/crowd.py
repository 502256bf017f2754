"""Many people, each in a session of their own with a thread that leads to it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.port import MessagePosted, ThreadRef
from bot import doors
from bot.bench.quiet import PLATFORM, WORKSPACE, thread, user
from bot.people import Identity, consent, person_of
from bot.wiring import App
from engine.casting import human_seats

SCENARIO: Final = "technical-support-training"
LINES: Final = (
    "Good morning, you are through to the desk.",
    "What can you see on the screen just now?",
    "Thank you, let me look at that.",
    "When did you last get in?",
    "Did anything change since then?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person in a thread that leads to a session."""

    number: int
    session_id: str
    thread: ThreadRef

    def says(self, nth: int, text: str = "") -> MessagePosted:
        """Their n-th message."""
        return MessagePosted(
            event_id=f"{self.number}.{nth}",
            order=f"{nth:09}",
            user=user(f"U{self.number}"),
            at=datetime.now(UTC),
            thread=self.thread,
            text=text or LINES[nth % len(LINES)],
        )


async def gathered(app: App, count: int, first: int = 0) -> list[Seat]:
    """So many people, each seated."""
    services = app.services
    scenario = services.catalog.get(SCENARIO)
    found = []
    for number in range(first, first + count):
        now, here = services.now(), thread(f"T{number}")
        async with services.database.transaction() as tx:
            who = Identity(platform=PLATFORM, workspace=WORKSPACE, user_id=f"U{number}")
            person = await person_of(tx, who, at=now)
            await consent(tx, person.id, at=now)
            started = await services.simulation.start(
                tx, scenario, people={"": person.id}, owner=WORKSPACE, platform=PLATFORM
            )
            seat = human_seats(scenario, started.state.mode)[0]
            await doors.open_(tx, here, started.session.id, seat, now)
        found.append(Seat(number=number, session_id=started.session.id, thread=here))
    return found
