"""Where lines come from: a prompt with completion, or piped input."""

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent, Completer
    from prompt_toolkit.document import Document

Complete = Callable[[str], Awaitable[tuple[tuple[str, str], ...]]]
"""What could end the line so far: (last word, label) pairs."""


class LineSource(Protocol):
    """Gives what the person types, line by line."""

    async def next(self, asking: str, complete: Complete) -> str | None:
        """The next line without its break, or None when there is no more. Safe to cancel."""
        ...


def own_lines() -> LineSource:
    """This process's input: with a prompt when a person sits there."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return PromptLines()
    return StreamLines(sys.stdin)


class StreamLines:
    """Lines of a file or pipe.

    A daemon thread reads ahead, since a blocked read can neither be awaited on every kind of file
    nor cancelled, and must not keep the process from ending.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._read: asyncio.Queue[str | None] | None = None

    async def next(self, asking: str, complete: Complete) -> str | None:
        """The next line; nothing is asked and nothing completed."""
        if self._read is None:
            self._read = asyncio.Queue()
            reader = (asyncio.get_running_loop(), self._read)
            threading.Thread(target=self._pump, args=reader, daemon=True).start()
        line = await self._read.get()
        if line is None:
            self._read.put_nowait(None)  # whoever asks again hears the same
        return line

    def _pump(self, loop: asyncio.AbstractEventLoop, read: asyncio.Queue[str | None]) -> None:
        try:
            for line in self._stream:
                loop.call_soon_threadsafe(read.put_nowait, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(read.put_nowait, None)
        except (RuntimeError, ValueError):
            return  # The loop or the stream was closed: nobody is listening any more.


class PromptLines:
    """A prompt with completion; what is printed meanwhile appears above it."""

    def __init__(self) -> None:
        from prompt_toolkit import PromptSession

        # History stays in memory: what people say is not left lying in a file.
        self._session: PromptSession[str] = PromptSession()

    async def next(self, asking: str, complete: Complete) -> str | None:
        """The next line; Ctrl-D or Ctrl-C ends the conversation."""
        from prompt_toolkit.patch_stdout import patch_stdout

        try:
            with patch_stdout(raw=True):
                return await self._session.prompt_async(asking, completer=completer(complete))
        except (EOFError, KeyboardInterrupt):
            return None


def completer(complete: Complete) -> "Completer":
    """`complete` as the prompt wants it."""
    from prompt_toolkit.completion import Completer, Completion

    class _Asked(Completer):
        def get_completions(self, document: "Document", event: "CompleteEvent") -> list[Completion]:
            return []

        async def get_completions_async(
            self, document: "Document", event: "CompleteEvent"
        ) -> AsyncGenerator[Completion]:
            line = document.text_before_cursor
            last = line.rsplit(" ", 1)[-1]
            for value, label in await complete(line):
                yield Completion(value, start_position=-len(last), display_meta=label)

    return _Asked()
