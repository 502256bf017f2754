"""The terminal's own parts."""

import asyncio
import os
from io import StringIO
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from adapters.forms import ChoiceField, Field, NumberField, PersonField, TextField, TimeField
from adapters.port import (
    Answered,
    Choice,
    CommandSpec,
    Completing,
    Completions,
    File,
    Image,
    Message,
    MessagePosted,
    OptionSpec,
    Query,
    Speaker,
    ThreadState,
)
from adapters.terminal.adapter import TerminalAdapter
from adapters.terminal.limits import PERSON
from adapters.terminal.lines import Complete, PromptLines, StreamLines, completer
from adapters.terminal.parse import number, values
from tests.contract.clocks import QuickClock
from tests.contract.doors import Answers, Inbox

MARIA = Speaker("Maria")


async def no_completions(_line: str) -> tuple[tuple[str, str], ...]:
    return ()


def terminal(folder: Path, typed: str = "", **more: object) -> tuple[TerminalAdapter, StringIO]:
    screen = StringIO()
    adapter = TerminalAdapter(
        lines=StreamLines(StringIO(typed)),
        console=Console(file=screen, width=60, highlight=False),
        folder=folder,
        clock=QuickClock(),
        **more,
    )
    return adapter, screen


async def test_piped_lines_end_cleanly(tmp_path: Path) -> None:
    inbox = Inbox()
    adapter, _ = terminal(tmp_path, "Hello.\n\n!end\nBye without a break")
    async with adapter.running(inbox.accept, Answers()):
        await asyncio.wait_for(adapter.closed(), 10)
        assert adapter.health().code == "end_of_input"
        await adapter.post(adapter.main, Message(text="Still here."), key="k")
    assert inbox.texts == ["Hello.", "Bye without a break"]
    assert len(inbox.events) == 3


async def test_lines_go_turn_by_turn(tmp_path: Path) -> None:
    inbox = Inbox()
    answered: list[int] = []

    async def ready() -> None:
        answered.append(len(inbox.events))

    adapter, _ = terminal(tmp_path, "one\ntwo\n", ready=ready)
    async with adapter.running(inbox.accept, Answers()):
        await asyncio.wait_for(adapter.closed(), 10)
    assert answered == [0, 1, 2]


async def test_a_pipe_that_never_ends_does_not_keep_us(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream, os.fdopen(writing, "w"):
        source = StreamLines(stream)
        waiting = asyncio.create_task(source.next("", no_completions))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        os.write(writing, b"\n")  # lets the reading thread go before its stream is closed
        assert await source.next("", no_completions) == ""


async def test_two_runs_use_different_ids(tmp_path: Path) -> None:
    seen: set[str] = set()
    clock = QuickClock()
    for _ in range(2):
        inbox = Inbox()
        adapter = TerminalAdapter(
            lines=StreamLines(StringIO("one\n")),
            console=Console(file=StringIO()),
            folder=tmp_path,
            clock=clock,
        )
        async with adapter.running(inbox.accept, Answers()):
            await asyncio.wait_for(adapter.closed(), 10)
        seen |= {event.event_id for event in inbox.events}
        await clock.sleep(1)
    assert len(seen) == 2


async def test_a_picture_is_saved_and_its_place_shown(tmp_path: Path) -> None:
    adapter, screen = terminal(tmp_path)
    picture = File(name="../../x ray.png", media_type="image/png", content=b"\x89PNG")
    async with adapter.running(Inbox().accept, Answers()):
        message = Message(text="Look.", blocks=(Image(picture, "A chest"),))
        await adapter.post(adapter.main, message, key="k")
    [saved] = tmp_path.iterdir()  # noqa: ASYNC240 - a test has nothing else to do
    assert saved.read_bytes() == b"\x89PNG"
    assert str(saved) in screen.getvalue()


async def test_escape_characters_and_markup_are_only_text(tmp_path: Path) -> None:
    adapter, screen = terminal(tmp_path)
    async with adapter.running(Inbox().accept, Answers()):
        await adapter.post(adapter.main, Message(text="\x1b[2J[bold red]x[/] :smile:"), key="k")
        await adapter.open_thread(adapter.main, "[bold]t[/]\x1b[2J", key="t")
    assert "\x1b" not in screen.getvalue()
    assert "[2J[bold red]x[/] :smile:" in screen.getvalue()
    assert "[bold]t[/][2J" in screen.getvalue()


async def test_something_else_may_be_shown_while_a_draft_grows(tmp_path: Path) -> None:
    adapter, screen = terminal(tmp_path)
    async with (
        adapter.running(Inbox().accept, Answers()),
        adapter.draft(adapter.main, key="k", speaker=MARIA) as draft,
    ):
        await draft.show("One.")
        await adapter.post(adapter.main, Message(text="Aside."), key="k2")
        await draft.show("One. Two.")
        await draft.finish(Message(text="One. Two. Three.", speaker=MARIA))
    assert screen.getvalue() == ("Maria: One.\nDressrun: Aside.\nMaria (continued):  Two. Three.\n")


async def test_on_a_watched_screen_text_grows_by_lines(tmp_path: Path) -> None:
    # A prompt stands below it and would erase an unfinished line.
    screen = StringIO()
    adapter = TerminalAdapter(
        lines=StreamLines(StringIO()),
        console=Console(file=screen, width=60, force_terminal=True, color_system=None),
        folder=tmp_path,
        clock=QuickClock(),
    )
    async with (
        adapter.running(Inbox().accept, Answers()),
        adapter.draft(adapter.main, key="k", speaker=MARIA) as draft,
    ):
        await adapter.typing(adapter.main, MARIA)
        await draft.show("One.")
        await draft.show("One. Two.")
        await draft.finish(Message(text="One. Two. Three.", speaker=MARIA))
    assert screen.getvalue() == "Maria …\nMaria: One.\nTwo.\nThree.\n"


async def test_a_prompt_gives_lines_and_ends_with_control_d() -> None:
    with (
        create_pipe_input() as keys,
        create_app_session(input=keys, output=DummyOutput()),
    ):
        lines = PromptLines()
        keys.send_text("Hello.\r")
        assert await lines.next("> ", no_completions) == "Hello."
        keys.send_text("\x04")
        assert await lines.next("> ", no_completions) is None


async def test_a_prompt_completes_the_last_word() -> None:
    async def complete(line: str) -> tuple[tuple[str, str], ...]:
        return (("chest-pain", line),)

    document = Document("/sim start ch")
    offered = completer(complete).get_completions_async(document, CompleteEvent())
    [one] = [completion async for completion in offered]
    assert (one.text, one.start_position) == ("chest-pain", -2)
    assert one.display_meta_text == "/sim start ch"


async def test_command_names_and_fixed_values_are_completed(tmp_path: Path) -> None:
    class Kept(StreamLines):
        async def next(self, asking: str, complete: Complete) -> str | None:
            self.complete = complete
            return await super().next(asking, complete)

    fixed = OptionSpec(
        name="mode", description="How.", choices=(("exam", "Exam"), ("free", "Free"))
    )
    specs = (CommandSpec(name="start", summary="Start.", options=(fixed,)),)
    lines = Kept(StringIO())
    adapter = TerminalAdapter(
        lines=lines,
        console=Console(file=StringIO()),
        folder=tmp_path,
        clock=QuickClock(),
        specs=specs,
    )
    async with adapter.running(Inbox().accept, Answers()):
        await asyncio.wait_for(adapter.closed(), 10)
        assert await lines.complete("/sim s") == (("start", "Start."),)
        assert await lines.complete("!s") == (("start", "Start."),)
        assert await lines.complete("!start e") == (("exam", "Exam"),)
        assert await lines.complete("!start ") == fixed.choices
        assert await lines.complete("hello s") == ()
        assert await lines.complete("!unknown x") == ()


async def test_an_option_named_in_words_is_completed_with_its_name(tmp_path: Path) -> None:
    class Kept(StreamLines):
        async def next(self, asking: str, complete: Complete) -> str | None:
            self.complete = complete
            return await super().next(asking, complete)

    async def characters(query: Query) -> Answered:
        assert isinstance(query, Completing)
        found = (query.option, query.typed) == ("who", "co")
        return Completions((("colin", "Colin Marsh"),) if found else ())

    words = OptionSpec(name="text", description="Words.")
    who = OptionSpec(name="who", description="Who.", completes="characters", optional=True)
    lines = Kept(StringIO())
    adapter = TerminalAdapter(
        lines=lines,
        console=Console(file=StringIO()),
        folder=tmp_path,
        clock=QuickClock(),
        specs=(CommandSpec(name="inject", summary="Say.", options=(words, who)),),
    )
    async with adapter.running(Inbox().accept, characters):
        await asyncio.wait_for(adapter.closed(), 10)
        assert await lines.complete("/sim inject who:co") == (("who:colin", "Colin Marsh"),)
        assert await lines.complete("/sim inject Hi who=co") == (("who=colin", "Colin Marsh"),)
        assert await lines.complete("/sim inject Hi co") == (("colin", "Colin Marsh"),)


async def test_a_number_is_an_answer_once_something_else_was_said(tmp_path: Path) -> None:
    inbox = Inbox()
    go = asyncio.Event()
    adapter, _ = terminal(tmp_path, "2\n", ready=go.wait)
    async with adapter.running(inbox.accept, Answers()):
        choices = (Choice("a", "A"), Choice("b", "B"))
        await adapter.post(adapter.main, Message(text="Pick.", choices=choices), key="k1")
        await adapter.post(adapter.main, Message(text="How many pills?", speaker=MARIA), key="k2")
        go.set()
        [event] = await inbox.until(1)
    assert isinstance(event, MessagePosted)


async def test_typing_goes_back_when_a_thread_closes(tmp_path: Path) -> None:
    inbox = Inbox()
    go = asyncio.Event()
    adapter, screen = terminal(tmp_path, "one\n", ready=go.wait)
    async with adapter.running(inbox.accept, Answers()):
        thread = await adapter.open_thread(adapter.main, "Chest pain", key="t")
        await adapter.mark_thread(thread, state=ThreadState.CLOSED)
        go.set()
        [event] = await inbox.until(1)
    assert event.thread == adapter.main
    assert "Chest pain ───" in screen.getvalue()


async def test_typing_is_shown_only_to_somebody_who_watches(tmp_path: Path) -> None:
    adapter, screen = terminal(tmp_path)
    async with adapter.running(Inbox().accept, Answers()):
        await adapter.typing(adapter.main, MARIA)
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("field", "line", "expected"),
    [
        (TextField(name="f", label="F", longest=3), "abcd", None),
        (TextField(name="f", label="F"), "a\u200bb", ("ab",)),
        (NumberField(name="f", label="F", least=1, most=5), "6", None),
        (NumberField(name="f", label="F", whole=True), "1.5", None),
        (NumberField(name="f", label="F"), "123456.75", ("123456.75",)),
        (NumberField(name="f", label="F"), "nan", None),
        (NumberField(name="f", label="F"), "many", None),
        (TimeField(name="f", label="F"), "2026-03-02T10:00+01:00", ("2026-03-02T09:00:00+00:00",)),
        (TimeField(name="f", label="F"), "soon", None),
        (PersonField(name="f", label="F"), "@you", (PERSON,)),
        (PersonField(name="f", label="F"), "@somebody", None),
        (ChoiceField(name="f", label="F", options=(("a", "Ay"), ("b", "Bee"))), "2", ("b",)),
        (ChoiceField(name="f", label="F", options=(("a", "Ay"), ("b", "Bee"))), "bee", ("b",)),
        (ChoiceField(name="f", label="F", options=(("a", "Ay"),)), "2", None),
        (
            ChoiceField(name="f", label="F", options=(("a", "Ay"), ("b", "Bee")), many=True),
            "1, 2",
            ("a", "b"),
        ),
    ],
)
def test_answers_to_fields(field: Field, line: str, expected: tuple[object, ...] | None) -> None:
    assert values(field, line) == expected


def test_numbers() -> None:
    assert number(" 2 ", 2) == 2
    assert [number(line, 2) for line in ("3", "0", "-1", "two", "1.0", "²", "")] == [None] * 7
