"""What stands in a new workspace: channels, a greeting, and demo people where nobody logs in."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.local import render, store
from adapters.local.rows import Person
from adapters.port import Choice, Message

CHANNELS: Final = ("welcome", "clinical", "social-work", "interviews", "service", "phone")

DEMO: Final = (
    Person(id="trainee-1", name="Trainee One", role="trainee"),
    Person(id="trainee-2", name="Trainee Two", role="trainee"),
    Person(id="instructor-1", name="Instructor One", role="instructor"),
    Person(id="admin", name="Admin", role="admin"),
)
"""Nobody can log in as one of these: they exist only where no login is asked for."""

_WORDS: Final = (
    "Here you rehearse difficult conversations with simulated people. "
    "Look at the scenarios, press **Start** on one, and write in the thread that opens, "
    "as you would to a real person.\n\n"
    "- `/sim list` shows every scenario, `/sim help` all commands.\n"
    "- In a scenario's thread `!hint` gives a nudge and `!end` finishes with your score."
)

_SWITCH: Final = "\n- Switch between trainee, instructor and admin at the lower left."

GREETING: Final = Message(
    title="Welcome to Dressrun",
    text=_WORDS,
    choices=(
        Choice("list", "See the scenarios", style="primary"),
        Choice("help", "See all commands"),
    ),
    pinned=True,
)

_GREETED: Final = "seed:greeting"


async def sow(tx: AsyncSession, at: datetime, *, demo: bool) -> None:
    """Make what is not there yet."""
    await store.begin_counting(tx)
    for title in CHANNELS:
        if await store.place(tx, title) is None:
            await store.add_place(tx, key=title, kind="channel", title=title, at=at)
    if await store.keyed(tx, CHANNELS[0], _GREETED) is None:
        id_ = "welcome-greeting"
        words = _WORDS + _SWITCH if demo else _WORDS
        shown = render.rendered(replace(GREETING, text=words), id_)
        await store.add_message(
            tx,
            store.Draft(
                id=id_,
                place=CHANNELS[0],
                text=shown.text,
                body=shown.body,
                at=at,
                key=_GREETED,
                pinned=True,
            ),
        )
    for one in DEMO if demo else ():
        await store.add_person(tx, one, at)
