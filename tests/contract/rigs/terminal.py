"""The terminal's rig: a queue of lines in, a recorded console out."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console

from adapters.port import FileRef, MessageRef, ThreadRef, UserRef
from adapters.terminal import KIT
from adapters.terminal.adapter import TerminalAdapter
from adapters.terminal.limits import PERSON
from adapters.terminal.lines import Complete
from adapters.terminal.parse import file_ref
from adapters.terminal.render import CHANGED, CONTINUED, PRIVATE
from tests.contract.clocks import QuickClock, settle
from tests.contract.rigs import SPECS, Rig, Seen

_HEAD = re.compile(
    rf"^(?P<who>[^:\n(]+?)(?: \((?P<note>{PRIVATE}|{CHANGED}|{CONTINUED})\))?: ", re.M
)


class TypedLines:
    """Lines as a test types them."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.complete: Complete | None = None
        self.waiting = asyncio.Event()

    async def next(self, asking: str, complete: Complete) -> str | None:
        self.complete = complete
        if self.queue.empty():
            self.waiting.set()
        return await self.queue.get()


class Screenful(StringIO):
    """Keeps what was printed apart by lines that were begun anew."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces[-1] += text
        elif text:
            self.pieces.append(text)
        return super().write(text)


class TerminalRig(Rig):
    kit = KIT
    lacks = frozenset(
        {
            "links",
            "lost answers",
            "mentions",
            "other people",
            "outages",
            "redelivery",
            "restart lookup",
            "rewriting",
            "second thoughts",
            "throttling",
        }
    )

    def __init__(self, folder: Path) -> None:
        self.lines = TypedLines()
        self.screen = Screenful()
        self.folder = folder
        self.adapter: TerminalAdapter = TerminalAdapter(
            lines=self.lines,
            console=Console(file=self.screen, width=100, highlight=False, markup=False),
            folder=folder,
            clock=QuickClock(),
            specs=SPECS,
            answer_within=0.01,
        )
        self.thread = self.adapter.main
        self.person = PERSON

    async def person_writes(self, text: str, *, deliveries: int = 1) -> None:
        assert deliveries == 1
        await self._types(text)

    async def bot_writes(self, text: str) -> None:
        return  # A screen does not talk back.

    async def _types(self, *lines: str) -> None:
        """Type the lines, and wait until the terminal waits for more."""
        self.lines.waiting.clear()
        for line in lines:
            self.lines.queue.put_nowait(line)
        await asyncio.wait_for(self.lines.waiting.wait(), timeout=10)

    async def person_presses(self, ref: MessageRef, number: int, choice: str) -> None:
        await self.person_writes(str(number))

    async def person_completes(self, command: str, option: str, typed: str) -> Sequence[str]:
        await settle()
        assert self.lines.complete is not None
        offered = await self.lines.complete(f"/sim {command} {typed}")
        return [value for value, _label in offered]

    async def person_fills(self, command: str, *tries: Mapping[str, str]) -> Sequence[str]:
        await self._types(f"!{command}", *(answer for one in tries for answer in one.values()))
        before = "".join(self.screen.pieces).split("\n")
        return [line for line in before if line.startswith("Please")]

    def seen(self, thread: ThreadRef | None = None) -> Sequence[Seen]:
        shown = [piece for piece in self.screen.pieces if piece.strip()]
        found: list[Seen] = []
        for piece in shown:
            if (head := _HEAD.search(piece)) is None:
                continue
            private = head["note"] == PRIVATE
            found.append(
                Seen(
                    text=piece[: head.start()] + piece[head.end() :].removesuffix("\n"),
                    thread=thread or self.thread,
                    speaker="" if head["who"] == "Dressrun" else head["who"],
                    only_for=PERSON if private else None,
                    choices=tuple(re.findall(r"^\[(\d+)\]", piece, re.M)),
                )
            )
        return found

    async def person_sends_file(self, content: bytes, *, padded_to: int = 0) -> None:
        path = self.folder / "recording.bin"
        path.write_bytes(content)
        os.truncate(path, max(padded_to, len(content)))
        await self.person_writes(f"/sim upload {path}")

    def foreign_file(self) -> FileRef:
        path = self.folder / "not-offered.bin"
        path.write_bytes(b"secret")
        return file_ref(str(path), 6)

    def block(self, user: UserRef) -> None:
        return

    def other(self) -> UserRef:
        return UserRef(PERSON.platform, PERSON.workspace, "somebody")


RIG = TerminalRig
