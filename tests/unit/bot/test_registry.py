"""Commands: declared once, read from typed lines, rendered as specs."""

import re
from typing import Any

import pytest

from bot.commands import REGISTRY
from bot.commands.registry import BadCommand, Option, Registry, UnknownCommand, typed_values
from bot.effects import Result
from bot.views.help import table

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
OPTION = re.compile(r"[a-z][a-z0-9_]*")


async def nothing(tx: Any, call: Any) -> Result:
    return Result()


async def takes_two(tx: Any, call: Any, first: str, second: str | None) -> Result:
    return Result()


async def takes_rest(tx: Any, call: Any, who: str, words: str | None) -> Result:
    return Result()


def made() -> Registry:
    registry = Registry()
    registry.command("two", "Two.", first=Option("One."), second=Option("More.", optional=True))(
        takes_two
    )
    registry.command("say", "Say.", who=Option("Who."), words=Option("What.", rest=True))(
        takes_rest
    )
    return registry


@pytest.mark.parametrize(
    "options",
    [
        {"first": Option("One.")},
        {"second": Option("Two."), "first": Option("One.")},
        {"first": Option("One."), "third": Option("Three.")},
        {},
    ],
    ids=["one lacks", "another order", "another name", "none"],
)
def test_options_and_parameters_must_agree(options: dict[str, Option]) -> None:
    with pytest.raises(TypeError, match="command two"):
        Registry().command("two", "Two.", **options)(takes_two)


def test_a_name_is_declared_once() -> None:
    registry = made()
    with pytest.raises(TypeError, match="command two"):
        registry.command("two", "Again.")(nothing)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("", {}),
        ("a", {"first": "a"}),
        ("a b", {"first": "a", "second": "b"}),
        ("second=b a", {"first": "a", "second": "b"}),
        ("SECOND=b first=a", {"first": "a", "second": "b"}),
        ('"a b" c', {"first": "a b", "second": "c"}),
        ("“a b” c", {"first": "a b", "second": "c"}),
        ('second="b c" a', {"first": "a", "second": "b c"}),
        ("don't won't", {"first": "don't", "second": "won't"}),
        ('5" pipe', {"first": '5"', "second": "pipe"}),
        (r"C:\temp x", {"first": r"C:\temp", "second": "x"}),
        ("#1 x", {"first": "#1", "second": "x"}),
        ("third=c", {"first": "third=c"}),
    ],
)
def test_a_typed_line_is_read(line: str, values: dict[str, str]) -> None:
    assert typed_values(made().commands["two"], line) == values


def test_what_is_left_goes_to_the_last_option() -> None:
    say = made().commands["say"]
    assert typed_values(say, "ann it's a long line, isn't it?") == {
        "who": "ann",
        "words": "it's a long line, isn't it?",
    }
    order = REGISTRY.commands["order"]
    assert typed_values(order, '  book nurse=ann note="a b"  ') == {
        "what": 'book nurse=ann note="a b"'
    }
    assert typed_values(order, "   ") == {}


@pytest.mark.parametrize(
    ("line", "who", "text"),
    [
        ("You look pale.", None, "You look pale."),
        ("who:colin You look pale.", "colin", "You look pale."),
        ("Who=colin You look pale.", "colin", "You look pale."),
        ("You look pale. who:colin", "colin", "You look pale."),
        ('"You look pale." colin', "colin", "You look pale."),
        ("“You look pale.” colin", "colin", "You look pale."),
        ('who:"Mrs Smith" Hello there.', "Mrs Smith", "Hello there."),
        ("who: is that?", None, "who: is that?"),
        ("Text:book is what it says.", None, "Text:book is what it says."),
        ('"Sit down" is what she says.', None, "Sit down is what she says."),
        ('5" is the size', None, '5" is the size'),
    ],
)
def test_options_beside_words_are_named_or_stand_after_quotes(
    line: str, who: str | None, text: str
) -> None:
    values = typed_values(REGISTRY.commands["inject"], line)
    assert (values.get("who"), values["text"], values.get("simulation")) == (who, text, None)


def test_an_example_tells_how_a_line_is_written() -> None:
    with pytest.raises(BadCommand) as caught:
        REGISTRY.bound("inject", "", {})
    example = caught.value.usage
    _, values = REGISTRY.bound("inject", example.removeprefix("/sim inject "), {})
    assert (values["who"], values["text"]) == ("NAME", "I feel dizzy.")


def test_too_much_and_too_little_show_how_it_is_written() -> None:
    registry = made()
    for line in ("", "a b c", "second=b"):
        with pytest.raises(BadCommand) as caught:
            registry.bound("two", line, {})
        assert caught.value.usage == "/sim two FIRST [SECOND]"


def test_a_native_call_is_bound_by_name() -> None:
    registry = made()
    _, values = registry.bound("two", "", {"first": "a"})
    assert values == {"first": "a", "second": None}
    with pytest.raises(BadCommand):
        registry.bound("two", "", {"first": "a", "third": "c"})
    with pytest.raises(BadCommand):
        registry.bound("two", "", {"second": "b"})


def test_an_unknown_command_names_those_that_look_like_it() -> None:
    with pytest.raises(UnknownCommand) as caught:
        REGISTRY.bound("stat", "", {})
    assert set(caught.value.nearest) == {"start", "stats", "status"}
    with pytest.raises(UnknownCommand) as caught:
        REGISTRY.bound("zzzzzz", "", {})
    assert caught.value.nearest == ()


@pytest.mark.parametrize("spec", REGISTRY.specs, ids=lambda spec: spec.name)
def test_every_command_can_be_rendered_anywhere(spec: Any) -> None:
    assert NAME.fullmatch(spec.name)
    assert len(spec.name) <= 32  # Discord
    assert 0 < len(spec.summary) <= 100
    assert spec.summary.endswith(".")
    needed = [option.optional for option in spec.options]
    assert needed == sorted(needed), "platforms want needed options first"
    for option in spec.options:
        assert OPTION.fullmatch(option.name)
        assert 0 < len(option.description) <= 100
        assert len(option.choices) <= 25


def test_the_command_table_has_every_command_once() -> None:
    lines = table(REGISTRY.specs).splitlines()
    assert len(lines) == len(REGISTRY.specs) + 2
    assert "/sim clock" not in "".join(lines)
    [role] = [line for line in lines if "/sim role " in line]
    assert role.endswith("| admin |")


def test_the_words_of_the_api_have_their_commands() -> None:
    wanted = {
        "start", "continue", "status", "order", "submit", "next", "hint", "pause", "resume",
        "end", "stop", "list", "history", "show", "export", "help", "settings", "role",
        "forget-me",
    }  # fmt: skip
    assert wanted <= set(REGISTRY.commands)
