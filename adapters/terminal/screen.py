"""What is on the screen: printing, and text that grows on it."""

import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from adapters.port import Message, MessageRef, Speaker, ThreadRef
from adapters.terminal import render

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Screen:
    """One console, on which at most one line is still growing."""

    def __init__(self, console: "Console", first: ThreadRef) -> None:
        self._console = console
        self._titles: dict[ThreadRef, str] = {}
        self._thread = first
        self._growing: Growing | None = None

    @property
    def is_live(self) -> bool:
        """Whether a person watches, so that passing states are worth a line."""
        return self._console.is_terminal

    def print(self, shown: "RenderableType") -> None:
        """Print on lines of its own."""
        self.let_go()
        # Piped output is for programs and files: breaking its lines would change it.
        self._console.print(shown, soft_wrap=not self.is_live)

    def enter(self, thread: ThreadRef, title: str | None = None) -> None:
        """Draw a rule when the thread on the screen changes, or its title does."""
        known = self._titles.get(thread, "")
        if title is not None:
            self._titles[thread] = title
        if thread != self._thread or (title is not None and title != known):
            self._thread = thread
            self.let_go()
            self._console.rule(render.heading(self._titles.get(thread, "")), align="left")

    def grow(self, growing: "Growing", text: str) -> None:
        """Put `text` at the end of what grows.

        Where somebody watches, each piece is a line: the prompt below would erase an open one.
        """
        shown = render.marked(text.strip(" ") if self.is_live else text)
        if self._growing is not growing:
            self.enter(growing.ref.thread)
            self.let_go()
            self._growing = growing
            note = render.CONTINUED if growing.text else ""
            shown = render.name(growing.speaker, note).append_text(shown)
        self._console.print(shown, end=self._end, soft_wrap=not self.is_live)

    def let_go(self, of: "Growing | None" = None) -> None:
        """End the growing line, so that something else can be printed."""
        if self._growing is not None and of in (None, self._growing):
            self._growing = None
            if not self._end:
                self._console.print()

    @property
    def _end(self) -> str:
        return "\n" if self.is_live else ""


class Growing:
    """A `Draft` that prints what is new."""

    def __init__(self, screen: Screen, ref: MessageRef, speaker: Speaker) -> None:
        self._screen = screen
        self._ref = ref
        self.speaker = speaker
        self.text = ""
        self.message: Message | None = None

    @property
    def ref(self) -> MessageRef:
        """The message that grows."""
        return self._ref

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Print what came to the text; all of it again when it became another text."""
        if time.monotonic() >= until:
            return
        if not text.startswith(self.text):
            self._screen.let_go(self)
            self.text = ""
        if new := text.removeprefix(self.text):
            self._screen.grow(self, new)
            self.text = text

    async def finish(self, message: Message) -> MessageRef:
        """Print the rest of the text. The adapter prints what stands below it."""
        if message != self.message:
            await self.show(message.text)
            self._screen.let_go(self)
            self.message = message
        return self._ref


@asynccontextmanager
async def growing(screen: Screen, ref: MessageRef, speaker: Speaker) -> AsyncGenerator[Growing]:
    """A draft on the screen; what was shown stays when the block ends early."""
    draft = Growing(screen, ref, speaker)
    try:
        yield draft
    finally:
        screen.let_go(draft)
