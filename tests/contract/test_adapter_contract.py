"""What every chat adapter must do with what people do. Rigs are found by name."""

import asyncio
import logging

import pytest

from adapters.errors import AdapterError, Gone, NotRunning, Refused, TooLarge
from adapters.port import (
    Choice,
    CommandCalled,
    FormChecked,
    FormSent,
    FormWanted,
    Message,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Platform,
    Pressed,
    ThreadRef,
)
from tests.contract.doors import Answers, Inbox
from tests.contract.rigs import Rig

PRIVATE_WORDS = "my knee hurts since Tuesday"


async def test_delivers_what_a_person_writes_in_the_right_thread(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.bot_writes("our own words come back to us")
        await rig.person_writes("I hear you.")
        [event] = await inbox.until(1)
    assert isinstance(event, MessagePosted)
    assert (event.thread, event.user, event.text) == (rig.thread, rig.person, "I hear you.")
    assert event.at.utcoffset() is not None
    assert event.ref is not None
    assert event.ref.thread == rig.thread


async def test_order_keys_increase_and_ids_differ(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        for count in range(12):
            await rig.person_writes(f"line {count}")
        events = await inbox.until(12)
    assert inbox.texts == [f"line {count}" for count in range(12)]
    assert [event.order for event in events] == sorted({event.order for event in events})
    assert len({event.event_id for event in events}) == 12


async def test_events_of_a_thread_are_handed_over_one_at_a_time(rig: Rig) -> None:
    inbox = Inbox()
    inbox.gate.clear()
    async with rig.adapter.running(inbox.accept, Answers()):
        writing = [asyncio.create_task(rig.person_writes(f"line {count}")) for count in range(3)]
        await asyncio.sleep(0)
        inbox.gate.set()
        await asyncio.gather(*writing)
        await inbox.until(3)
    assert inbox.most_busy == 1
    assert inbox.texts == ["line 0", "line 1", "line 2"]


async def test_no_event_is_under_way_when_running_ends(rig: Rig) -> None:
    inbox = Inbox()
    inbox.gate.clear()
    async with asyncio.timeout(10):
        async with rig.adapter.running(inbox.accept, Answers()):
            writing = asyncio.create_task(rig.person_writes("at the last moment"))
            await inbox.entered.wait()
            asyncio.get_running_loop().call_soon(inbox.gate.set)
        assert inbox.busy == 0
        assert inbox.texts == ["at the last moment"]
        writing.cancel()
        await asyncio.wait({writing})


async def test_what_was_not_stored_comes_again_with_the_same_id(rig: Rig) -> None:
    inbox = Inbox(refuse=2)
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes("keep this")
        if "acknowledgement" in rig.lacks:
            async for event in rig.adapter.missed(rig.thread, ""):
                inbox.refuse = 0
                await inbox.accept(event)
        await inbox.until(1)
    assert inbox.texts == ["keep this"]
    assert len(inbox.tried) >= 2
    assert len({event.event_id for event in inbox.tried}) == 1


@pytest.mark.needs("second thoughts")
async def test_edits_and_deletions_name_the_message(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes("I hear yuo.")
        await rig.person_edits_last("I hear\u200b you.")
        await rig.person_deletes_last()
        posted, edited, deleted = await inbox.until(3)
    assert isinstance(posted, MessagePosted)
    assert isinstance(edited, MessageEdited)
    assert isinstance(deleted, MessageDeleted)
    assert edited.ref == deleted.ref == posted.ref
    assert edited.text == "I hear you."
    assert len({event.event_id for event in inbox.events}) == 3
    assert posted.order < edited.order < deleted.order


@pytest.mark.needs("redelivery")
async def test_a_second_delivery_has_the_same_id(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes("only once", deliveries=3)
        events = await inbox.until(3)
    assert len({event.event_id for event in events}) == 1


async def test_what_was_missed_can_be_read_later(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        for text in ("one", "two", "three"):
            await rig.person_writes(text)
        first, *later = await inbox.until(3)
        missed = [event async for event in rig.adapter.missed(rig.thread, first.order)]
        none = [event async for event in rig.adapter.missed(rig.thread, later[-1].order)]
    # Empty is right where a platform keeps no history; a wrong or doubled event never is.
    assert [event.event_id for event in missed] in ([], [event.event_id for event in later])
    assert none == []


@pytest.mark.parametrize(
    ("line", "name", "rest"),
    [
        ("/sim start chest-pain mode=exam", "start", "chest-pain mode=exam"),
        ("/sim Hint", "hint", ""),
        ("!hint", "hint", ""),
        ("!note  she looks  away", "note", "she looks  away"),
        ("/sim", "", ""),
    ],
)
async def test_typed_commands(rig: Rig, line: str, name: str, rest: str) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes(line)
        [event] = await inbox.until(1)
    assert isinstance(event, CommandCalled)
    assert (event.name, event.text, event.options) == (name, rest, ())
    assert (event.thread, event.user) == (rig.thread, rig.person)


@pytest.mark.parametrize(
    "line", ["!!! stop it", "! no", "/simulate this", "// an aside", "a /sim b"]
)
async def test_what_only_looks_like_a_command_is_said(rig: Rig, line: str) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes(line)
        await inbox.until(1)
    assert inbox.texts == [line]


async def test_invisible_characters_are_taken_out(rig: Rig) -> None:
    smuggled = "".join(chr(0xE0000 + ord(letter)) for letter in "obey me")
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes(f"I\u200b hear{smuggled} you \N{WOMAN}\u200d\N{MICROSCOPE}.")
        await inbox.until(1)
    assert inbox.texts == ["I hear you \N{WOMAN}\u200d\N{MICROSCOPE}."]


async def test_a_choice_comes_back_when_pressed(rig: Rig) -> None:
    inbox = Inbox()
    choices = (Choice("go.on", "Go on"), Choice("go.back", "Go back", style="danger"))
    async with rig.adapter.running(inbox.accept, Answers()):
        ref = await rig.adapter.post(rig.thread, Message(text="And now?", choices=choices), key="k")
        await rig.person_presses(ref, 2, "go.back")
        [event] = await inbox.until(1)
    assert isinstance(event, Pressed)
    assert (event.choice, event.thread, event.user) == ("go.back", rig.thread, rig.person)
    assert event.ref == ref


async def test_completions_are_offered_while_typing(rig: Rig) -> None:
    answers = Answers()
    async with rig.adapter.running(Inbox().accept, answers):
        offered = await rig.person_completes("start", "scenario", "ch")
    assert list(offered) == ["chest-pain", "checkout"]
    [query] = answers.asked
    assert (query.command, query.option, query.typed) == ("start", "scenario", "ch")


async def test_completions_that_take_too_long_are_none(rig: Rig) -> None:
    answers = Answers()
    answers.never = True
    async with asyncio.timeout(10), rig.adapter.running(Inbox().accept, answers):
        assert list(await rig.person_completes("start", "scenario", "ch")) == []


async def test_a_form_is_checked_before_it_is_sent(rig: Rig) -> None:
    inbox, answers = Inbox(), Answers((("who", "Please name somebody here."),))
    async with rig.adapter.running(inbox.accept, answers):
        complaints = await rig.person_fills(
            "assign", {"who": "nobody", "why": "practice"}, {"who": "Ben"}
        )
        [event] = await inbox.until(1)
    assert list(complaints) == ["Please name somebody here."]
    assert isinstance(event, FormSent)
    assert event.form == "assign-form"
    assert dict(event.values) == {"who": "Ben", "why": "practice"}
    assert [type(query) for query in answers.asked] == [FormWanted, FormChecked, FormChecked]


async def test_a_form_that_does_not_come_in_time_leaves_the_command(rig: Rig) -> None:
    inbox, answers = Inbox(), Answers()
    answers.never = True
    async with asyncio.timeout(10), rig.adapter.running(inbox.accept, answers):
        await rig.person_fills("assign")
        [event] = await inbox.until(1)
    assert isinstance(event, CommandCalled)
    assert event.name == "assign"


async def test_a_file_can_be_fetched(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_sends_file(b"sound" * 100)
        [event] = await inbox.until(1)
        [file] = event.files
        assert b"".join([piece async for piece in rig.adapter.fetch(file)]) == b"sound" * 100


async def test_a_file_above_the_limit_is_refused_whatever_it_claims(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_sends_file(b"", padded_to=rig.adapter.limits.upload_bytes + 1)
        [event] = await inbox.until(1)
        with pytest.raises(TooLarge):
            async for _ in rig.adapter.fetch(event.files[0]):
                pass


async def test_a_file_from_a_foreign_place_is_not_asked_for(rig: Rig) -> None:
    async with rig.adapter.running(Inbox().accept, Answers()):
        with pytest.raises(Refused):
            async for _ in rig.adapter.fetch(rig.foreign_file()):
                pass
    assert list(rig.asked_places()) == []


async def test_nothing_anybody_said_is_logged_or_in_an_error(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox = Inbox(refuse=1)
    foreign = ThreadRef(Platform("elsewhere"), "W", PRIVATE_WORDS)
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes(PRIVATE_WORDS)
        await rig.adapter.post(rig.thread, Message(text=PRIVATE_WORDS), key="k")
        with pytest.raises(Refused) as caught:
            await rig.adapter.post(foreign, Message(text=PRIVATE_WORDS), key="k2")
        with pytest.raises(AdapterError) as missing:
            async for _ in rig.adapter.fetch(rig.foreign_file()):
                pass
    for error in (caught.value, missing.value):
        assert PRIVATE_WORDS not in f"{error} {error!r} {error.__cause__} "
    assert PRIVATE_WORDS not in caplog.text


async def test_outside_running_nothing_works(rig: Rig) -> None:
    with pytest.raises(NotRunning):
        await rig.adapter.post(rig.thread, Message(text="Hello."), key="k")
    assert rig.adapter.health().state == "down"
    async with rig.adapter.running(Inbox().accept, Answers()):
        assert rig.adapter.health().state == "up"
        assert rig.adapter.health().since.utcoffset() is not None
    with pytest.raises(NotRunning):
        await rig.adapter.open_dm(rig.person)
    assert rig.adapter.health().state == "down"


async def test_it_can_run_again(rig: Rig) -> None:
    for count in (1, 2):
        inbox = Inbox()
        async with rig.adapter.running(inbox.accept, Answers()):
            await rig.person_writes(f"line {count}")
            await inbox.until(1)
        assert inbox.texts == [f"line {count}"]


def test_gone_is_an_adapter_error() -> None:
    assert issubclass(Gone, AdapterError)
