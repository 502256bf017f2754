"""The application's side of the port, as a test needs it."""

import asyncio

from adapters.errors import NotStored
from adapters.port import (
    NOTHING,
    Answered,
    Completions,
    Event,
    FieldErrors,
    Form,
    MessagePosted,
    Query,
    TextField,
)

FORM = Form(
    id="assign-form",
    title="Assign",
    fields=(TextField(name="who", label="Who?"), TextField(name="why", label="Why?")),
)


class Inbox:
    """Stores what comes, and refuses the first `refuse` times."""

    def __init__(self, *, refuse: int = 0) -> None:
        self.events: list[Event] = []
        self.tried: list[Event] = []
        self.refuse = refuse
        self.busy = 0
        self.most_busy = 0
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._more = asyncio.Condition()

    async def accept(self, event: Event) -> None:
        self.tried.append(event)
        self.busy += 1
        self.entered.set()
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await self.gate.wait()
            if self.refuse:
                self.refuse -= 1
                raise NotStored(event.event_id)
            async with self._more:
                self.events.append(event)
                self._more.notify_all()
        finally:
            self.busy -= 1

    async def until(self, count: int) -> list[Event]:
        """Wait until that many are stored."""
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: len(self.events) >= count)
        return self.events

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, MessagePosted)]


class Answers:
    """Answers queries from a list of complaints and a few fixed values."""

    def __init__(self, *complaints: tuple[tuple[str, str], ...], form: Form | None = FORM) -> None:
        self.asked: list[Query] = []
        self.never = False
        self._form = form
        self._complaints = list(complaints)

    async def __call__(self, query: Query) -> Answered:
        self.asked.append(query)
        if self.never:
            await asyncio.Event().wait()
        match type(query).__name__:
            case "Completing":
                return Completions((("chest-pain", "Chest pain"), ("checkout", "At the checkout")))
            case "FormWanted":
                return self._form or NOTHING
            case "FormChecked":
                return FieldErrors(self._complaints.pop(0) if self._complaints else ())
        return NOTHING
