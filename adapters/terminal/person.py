"""What the person at the terminal does: lines in, events out."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from adapters.asking import ask
from adapters.clock import Clock
from adapters.commands import Typed, typed
from adapters.errors import NotRunning, NotStored
from adapters.port import (
    Accept,
    Answer,
    Card,
    Choice,
    CommandSpec,
    Completing,
    Completions,
    Event,
    FieldErrors,
    FileRef,
    Form,
    FormChecked,
    FormValues,
    FormWanted,
    Message,
    MessageRef,
    ThreadRef,
)
from adapters.terminal import parse
from adapters.terminal.limits import PERSON
from adapters.terminal.lines import LineSource
from adapters.terminal.questions import Questions
from adapters.terminal.screen import Screen
from adapters.text import cleaned

_PROMPT = "> "


class Person:
    """Reads lines and hands them over as events, one at a time.

    `thread` is where what is typed next goes. `heard` is all that was handed over.
    """

    def __init__(
        self,
        *,
        lines: LineSource,
        screen: Screen,
        clock: Clock,
        specs: tuple[CommandSpec, ...],
        thread: ThreadRef,
        run: str,
        answer_within: float,
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self.thread = thread
        self.heard: list[Event] = []
        self.offered: dict[str, FileRef] = {}
        self.closed = asyncio.Event()
        self._lines = lines
        self._screen = screen
        self._clock = clock
        self._specs = specs
        self._run = run
        self._answer_within = answer_within
        self._ready = ready
        self._choices: dict[ThreadRef, tuple[MessageRef, tuple[Choice, ...]]] = {}
        self._count = 0
        self._handing = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._doors: tuple[Accept, Answer] | None = None

    @property
    def is_here(self) -> bool:
        """Whether lines are being read, or were until they ended."""
        return self._doors is not None

    def start(self, accept: Accept, answer: Answer) -> None:
        """Begin to read; `stop` ends it."""
        self._doors = (accept, answer)
        self.closed.clear()
        self._reader = asyncio.create_task(self._read())

    async def stop(self) -> BaseException | None:
        """Stop reading, after the event under way. Returns what broke, if anything did."""
        reader, self._reader = self._reader, None
        if reader is None:
            return None
        async with self._handing:
            reader.cancel()
        await asyncio.wait({reader})
        self._doors = None
        return None if reader.cancelled() else reader.exception()

    def offer(self, ref: MessageRef, message: Message) -> None:
        """From now on numbers typed in this thread press these choices, or none."""
        on_cards = tuple(
            choice for one in message.blocks if isinstance(one, Card) for choice in one.choices
        )
        self._choices[ref.thread] = (ref, on_cards + message.choices)

    async def _read(self) -> None:
        try:
            while True:
                await self._ready()
                line = await self._lines.next(_PROMPT, self._complete)
                if line is None:
                    return
                if cleaned(line).strip():
                    await self._do(line)
        finally:
            self.closed.set()

    async def _do(self, line: str) -> None:
        if (command := typed(line)) is not None:
            await self._command(command)
        elif (picked := self._picked(line)) is not None:
            await self._press(*picked)
        else:
            await self._hand(parse.said(line, self._stamp()))

    async def _command(self, command: Typed) -> None:
        spec = next((spec for spec in self._specs if spec.name == command.word), None)
        if spec and spec.opens_form and not command.rest:
            wanted = FormWanted(
                user=PERSON, thread=self.thread, source="command", by=spec.name, text=command.rest
            )
            if await self._form(wanted):
                return
        files: tuple[FileRef, ...] = ()
        if spec and any(option.kind == "file" for option in spec.options):
            file = await self._offer(command.rest)
            files = (file,) if file else ()
        await self._hand(parse.called(command, self._stamp(), files))

    async def _press(self, ref: MessageRef, choice: Choice) -> None:
        if choice.opens_form:
            wanted = FormWanted(
                user=PERSON, thread=ref.thread, source="choice", by=choice.id, ref=ref
            )
            if await self._form(wanted):
                return
        await self._hand(parse.pressed(choice, ref, self._stamp()))

    async def _form(self, wanted: FormWanted) -> bool:
        """Whether there was a form; if so, it was asked and sent, or left."""
        form = await ask(self._open()[1], wanted, Form, within=self._answer_within)
        if form is None:
            return False

        async def check(values: FormValues) -> FieldErrors | None:
            query = FormChecked(user=PERSON, thread=self.thread, form=form.id, values=values)
            return await ask(self._open()[1], query, FieldErrors, within=self._answer_within)

        questions = Questions(self._screen, ask=self._next, offer=self._offer, check=check)
        values = await questions.fill(form)
        if values is not None:
            await self._hand(parse.form_sent(form.id, values, self._stamp()))
        return True

    async def _hand(self, event: Event) -> None:
        self.heard.append(event)
        wait = 1.0
        while True:
            try:
                async with self._handing:
                    await self._open()[0](event)
            except NotStored:
                await self._clock.sleep(wait)
                wait = min(wait * 2, 30)
            else:
                return

    async def _next(self) -> str | None:
        return await self._lines.next(_PROMPT, self._complete)

    async def _offer(self, path: str) -> FileRef | None:
        try:
            full, size = await asyncio.to_thread(_found, path)
        except (OSError, ValueError, RuntimeError):
            return None
        file = self.offered[full] = parse.file_ref(full, size)
        return file

    async def _complete(self, line: str) -> tuple[tuple[str, str], ...]:
        if (begun := parse.word_begun(line)) is not None:
            names = ((spec.name, spec.summary) for spec in self._specs)
            return tuple(pair for pair in names if pair[0].startswith(begun))
        if (typing := parse.completing(line, self._specs)) is None:
            return ()
        spec, at, word = typing
        option = spec.options[at]
        if not option.completes:
            return tuple(pair for pair in option.choices if pair[0].startswith(word))
        query = Completing(
            user=PERSON, thread=self.thread, command=spec.name, option=option.name, typed=word
        )
        found = await ask(self._open()[1], query, Completions, within=self._answer_within)
        named = line.split()[-1].removesuffix(word) if word or not line.endswith(" ") else ""
        return tuple((f"{named}{value}", label) for value, label in found.items) if found else ()

    def _picked(self, line: str) -> tuple[MessageRef, Choice] | None:
        # Only the latest message's choices count: a figure said to a later question is an answer.
        if self.thread not in self._choices:
            return None
        ref, offered = self._choices[self.thread]
        at = parse.number(line, len(offered))
        if at is None or offered[at - 1].link is not None:
            return None
        return ref, offered[at - 1]

    def _stamp(self) -> parse.Stamp:
        self._count += 1
        return parse.stamp(self._run, self._count, self._clock.now(), self.thread)

    def _open(self) -> tuple[Accept, Answer]:
        if self._doors is None:
            raise NotRunning
        return self._doors


def _found(path: str) -> tuple[str, int]:
    full = Path(path.strip()).expanduser().resolve(strict=True)
    if not full.is_file():
        raise FileNotFoundError
    return str(full), full.stat().st_size
