"""The words for failures: each has some, and one thing to do next."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import bot
import engine
from adapters.errors import AdapterError
from bot.access import NotAllowed
from bot.commands.registry import BadCommand, UnknownCommand
from bot.failures import Expected, code_of, details_of, error_message, is_retryable
from bot.preferences import BadPreference
from bot.views.errors import WORDS, words_for
from bot.web.words import WORDS as WEB_WORDS
from engine.errors import (
    MessageTooLong,
    NoSession,
    NotAllowedNow,
    SequenceTaken,
    UnknownAction,
    UnknownMode,
    UnknownScenario,
)

COMMAND = re.compile(r"`[^`]+`")
REQUEST = re.compile(r"[Pp]lease |You can choose|There is no such mode")


def modules() -> Iterator[str]:
    for package in (bot, engine):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"__main__|migrations|\.bench", found.name):
                yield found.name


def exceptions() -> list[type[Exception]]:
    """Every exception class of ours that has a code."""
    for name in modules():
        importlib.import_module(name)
    found: set[type[Exception]] = set()
    waiting = [Exception]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.add(one)
                waiting.append(one)
    ours = [
        one
        for one in found
        if one.__module__.startswith(("bot.", "engine."))
        and isinstance(getattr(one, "code", None), str)
        and not issubclass(one, AdapterError)
    ]
    return sorted(ours, key=lambda one: one.__qualname__)


def test_every_failure_of_ours_has_words() -> None:
    classes = exceptions()
    assert len(classes) > 25
    silent = [one.__qualname__ for one in classes if one.code not in {*WORDS, *WEB_WORDS}]
    assert silent == []


def test_every_failure_of_a_command_is_expected() -> None:
    """What is only raised before anything runs, or by the web, has its own place."""
    elsewhere = ("bot.web", "bot.store.migrate", "engine.packs")
    missing = [
        one.__qualname__
        for one in exceptions()
        if not issubclass(one, Expected) and not one.__module__.startswith(elsewhere)
    ]
    assert missing == []


@pytest.mark.parametrize("code", WORDS)
def test_every_sentence_has_one_next_step(code: str) -> None:
    words = WORDS[code]
    commands = [one for one in COMMAND.findall(words) if "{" not in one]
    requests = REQUEST.findall(words)
    wanted = 0 if "{usage}" in words else 1
    assert len(commands) <= 1
    assert bool(commands) + bool(requests) >= wanted
    assert words.endswith(".")
    assert not re.search(r"\b(error|invalid|illegal|failed|fault|must|wrong(?!ly| on))\b", words)


@pytest.mark.parametrize(
    ("error", "held"),
    [
        (MessageTooLong(6000, 5000), "6000 characters, and 5000 fit"),
        (UnknownAction(("ECG", "Film")), "You can choose: ECG, Film."),
        (UnknownAction(()), "You can choose: nothing at this point."),
        (UnknownMode(("exam", "standard")), "exam, standard"),
        (UnknownScenario(("chest-pain", "first-visit")), "mean chest-pain or first-visit?"),
        (UnknownScenario(), "with that name. See all with `/sim list`."),
        (UnknownCommand(("start", "status")), "`/sim start` or `/sim status`"),
        (BadCommand("too much", "/sim role PERSON ROLE"), "`/sim role PERSON ROLE`"),
        (BadPreference("a language is written as en"), "a language is written as en."),
        (NotAllowed("not_seated"), "You have no seat"),
        (NotAllowed("deactivated"), "switched off"),
        (NotAllowed("needs_consent"), "agree"),
        (NotAllowed("needs_role"), "not open to you"),
        (NotAllowedNow("session is paused"), "`/sim resume`"),
        (NotAllowedNow("session is abandoned"), "`/sim continue`"),
        (NotAllowedNow("exhibit cxr is not here yet"), "not here yet"),
        (NotAllowedNow("anything else"), "not possible at this point"),
        (NoSession(), "No simulation is running here"),
        (NoSession("0123abcd"), "with that ID"),
        (RuntimeError("secret words"), "Something went wrong on our side"),
    ],
)
def test_the_details_are_filled_in(error: Exception, held: str) -> None:
    words = error_message(error).text
    assert held in words
    assert "{" not in words
    assert "cxr" not in words
    assert "secret" not in words
    assert "0123abcd" not in words


def test_every_step_that_is_refused_has_words_of_its_own() -> None:
    for status in ("paused", "completed", "abandoned", "over"):
        words = words_for("not_allowed_now", {"why": f"session is {status}"})
        assert words != WORDS["not_allowed_now"]


def test_some_failures_can_be_answered_with_a_press() -> None:
    paused = error_message(NotAllowedNow("session is paused"))
    assert paused.choices == ()
    assert [one.id for one in error_message(_named("session_paused")).choices] == ["resume"]
    assert [one.id for one in error_message(_named("session_ended")).choices] == ["show"]


def _named(code: str) -> Exception:
    return type("Named", (Exception,), {"code": code})()


def test_a_failure_tells_whether_to_send_it_again() -> None:
    assert is_retryable(SequenceTaken("s", 1))
    assert not is_retryable(NotAllowed("needs_role"))
    assert code_of(ValueError()) == "failed"
    assert details_of(ValueError("words of somebody")) == {}
