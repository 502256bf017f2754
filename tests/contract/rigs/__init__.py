"""A rig is a real adapter over a stand-in for its platform, and hands to move the people there.

Each module here has the name of a kit and a `RIG`: a class made with a folder of its own. What a
platform cannot do at all is named in `lacks`; everything else is tested.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from adapters.kit import PlatformKit
from adapters.port import (
    ChatAdapter,
    CommandSpec,
    FileRef,
    MessageRef,
    OptionSpec,
    ThreadRef,
    UserRef,
)

Lack = Literal[
    "acknowledgement",  # nothing makes the platform deliver again: `missed` must find the event
    "links",
    "lost answers",
    "mentions",
    "other people",
    "outages",
    "redelivery",
    "restart lookup",  # what an earlier process posted cannot be found
    "rewriting",  # what was shown cannot be changed
    "second thoughts",  # people cannot edit or delete what they wrote
    "throttling",
]

SPECS = (
    CommandSpec(
        name="start",
        summary="Start a simulation.",
        options=(OptionSpec(name="scenario", description="Which one.", completes="scenarios"),),
    ),
    CommandSpec(name="assign", summary="Assign a simulation.", opens_form=True),
    CommandSpec(name="hint", summary="Ask for a hint."),
    CommandSpec(
        name="upload",
        summary="Hand over a recording.",
        options=(OptionSpec(name="file", description="The recording.", kind="file"),),
    ),
)
"""The commands every rig declares."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One message as people see it."""

    text: str
    thread: ThreadRef
    speaker: str = ""
    only_for: UserRef | None = None
    pings: frozenset[str] = frozenset()
    choices: tuple[str, ...] = ()


class Rig(ABC):
    """What the contract needs from a platform."""

    kit: ClassVar[PlatformKit]
    lacks: ClassVar[frozenset[Lack]] = frozenset()
    adapter: ChatAdapter
    thread: ThreadRef
    person: UserRef

    @abstractmethod
    def __init__(self, folder: Path) -> None: ...

    @abstractmethod
    async def person_writes(self, text: str, *, deliveries: int = 1) -> None:
        """The person writes in the thread; the platform delivers it that many times."""

    @abstractmethod
    async def bot_writes(self, text: str) -> None:
        """Our own words come back to us, if the platform does that."""

    @abstractmethod
    async def person_presses(self, ref: MessageRef, number: int, choice: str) -> None:
        """The person presses the choice, which is the `number`-th of the message."""

    @abstractmethod
    async def person_completes(self, command: str, option: str, typed: str) -> Sequence[str]:
        """What is offered while the person types an option."""

    @abstractmethod
    async def person_fills(self, command: str, *tries: Mapping[str, str]) -> Sequence[str]:
        """The person calls a command that opens a form, and fills it; what it complained about.

        Each further try corrects the fields it names.
        """

    @abstractmethod
    def seen(self, thread: ThreadRef | None = None) -> Sequence[Seen]:
        """What stands in the thread (the rig's own if none is named), oldest first."""

    @abstractmethod
    async def person_sends_file(self, content: bytes, *, padded_to: int = 0) -> None:
        """The person hands over a file, in an event with `files`; padded with zeros to a size."""

    @abstractmethod
    def foreign_file(self) -> FileRef:
        """A file at a place that must not be asked."""

    async def open(self) -> None:  # noqa: B027 - most open nothing
        """Begin whatever stands in for the platform."""

    async def close(self) -> None:  # noqa: B027 - most open nothing
        """Let go of what the rig opened."""

    def asked_places(self) -> Sequence[str]:
        """The addresses from which anything was fetched."""
        return ()

    async def person_edits_last(self, text: str) -> None:
        """The person changes what they wrote last."""
        raise NotImplementedError

    async def person_deletes_last(self) -> None:
        """The person takes back what they wrote last."""
        raise NotImplementedError

    def throttle(self, seconds: float) -> None:
        """From now on the platform refuses for that long; 0 ends it."""
        raise NotImplementedError

    def lose_answer(self, after: int = 1) -> None:
        """The answer to the next sending (or the `after`-th) is lost, though it was done."""
        raise NotImplementedError

    def go_down(self, *, down: bool = True) -> None:
        """The platform cannot be reached at all."""
        raise NotImplementedError

    def refuse(self) -> None:
        """From now on the platform refuses every message, quoting it in its error."""
        raise NotImplementedError

    def block(self, user: UserRef) -> None:
        """The person wants no direct messages."""
        raise NotImplementedError

    def remove(self, ref: MessageRef) -> None:
        """Somebody deletes our message."""
        raise NotImplementedError

    def other(self) -> UserRef:
        """Somebody else in the workspace."""
        raise NotImplementedError

    def edits_made(self) -> int:
        """How many edits the platform has counted."""
        raise NotImplementedError


def found() -> dict[str, type[Rig]]:
    """Every rig, by the name of its platform."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}").RIG
        for module in pkgutil.iter_modules(__path__)
    }
