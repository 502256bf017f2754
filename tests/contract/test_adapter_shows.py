"""What every chat adapter must do with what the application shows."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.errors import DeliveryFailed, PlatformDown, RateLimited, Unknown, Unreachable
from adapters.port import (
    ABSENT,
    UNKNOWABLE,
    Block,
    Card,
    Chart,
    Choice,
    Fields,
    File,
    GroupRef,
    Image,
    Message,
    MessagePosted,
    MessageRef,
    Quote,
    Speaker,
    Table,
    Text,
    ThreadState,
    Whisper,
)
from tests.contract.clocks import START
from tests.contract.doors import Answers, Inbox
from tests.contract.rigs import Rig, Seen

MARIA = Speaker("Maria Lopez", "https://example.org/maria.png")
PICTURE = File(name="scan.png", media_type="image/png", content=b"\x89PNG")
TABLE = Table(("Skill", "Points"), (("Listening", "7"), ("Structure", "12")), title="Scores")
BLOCKS: Sequence[tuple[Block, Sequence[str]]] = [
    (Text("A paragraph with **weight**."), ["A paragraph with"]),
    (Fields((("Level", "easy"), ("Minutes", "15"))), ["Level", "easy", "Minutes", "15"]),
    (TABLE, ["Scores", "Skill", "Points", "Listening", "7", "Structure", "12"]),
    (Image(PICTURE, "A chest X-ray, seen from the front", "X-ray"), ["A chest X-ray", "X-ray"]),
    (Chart("Progress", "bar", TABLE, unit="points"), ["Progress", "points", "Listening", "12"]),
    (
        Card("Chest pain", "A worried man.", (("Level", "easy"),), PICTURE),
        ["Chest pain", "A worried man.", "Level", "easy"],
    ),
    (Quote("It *hurts* here", "Ada"), ["It *hurts* here", "Ada"]),
]


def running(rig: Rig):
    return rig.adapter.running(Inbox().accept, Answers())


def words(seen: Sequence[Seen]) -> str:
    return "".join("\n".join(one.text for one in seen).split())


async def test_a_message_appears_in_its_thread_under_its_speaker(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Hello.", speaker=MARIA), key="k1")
        await rig.adapter.post(rig.thread, Message(text="Welcome."), key="k2")
    first, second = rig.seen()
    assert (first.text, first.speaker, first.thread) == ("Hello.", "Maria Lopez", rig.thread)
    assert (second.text, second.speaker, second.only_for) == ("Welcome.", "", None)
    assert ref.thread == rig.thread


@pytest.mark.parametrize(("block", "expected"), BLOCKS, ids=[one.kind for one, _ in BLOCKS])
async def test_every_block_is_shown(rig: Rig, block: Block, expected: Sequence[str]) -> None:
    async with running(rig):
        await rig.adapter.post(rig.thread, Message(text="Look:", blocks=(block,)), key="k")
    [seen] = rig.seen()
    assert seen.text.startswith("Look:")
    for words_ in expected:
        assert words_ in seen.text


async def test_more_than_fits_is_still_all_shown(rig: Rig) -> None:
    message = Message(
        text="All of it:",
        title="A lot",
        blocks=tuple(Text(f"block-{count}.") for count in range(9)),
        choices=tuple(Choice(f"c{count}", f"choice-{count}.") for count in range(7)),
        files=(PICTURE,),
    )
    async with running(rig):
        await rig.adapter.post(rig.thread, message, key="k")
    shown = words(rig.seen())
    assert "Alot" in shown
    assert "scan.png" in shown
    assert all(f"block-{count}." in shown for count in range(9))
    assert all(f"choice-{count}." in shown for count in range(7))


async def test_long_text_is_split_and_never_cut(rig: Rig) -> None:
    text = " ".join(f"word{count}, ünd \N{WOMAN}\u200d\N{MICROSCOPE}." for count in range(60))
    text *= max(1, 2 * rig.adapter.limits.text // len(text))
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text=text, speaker=MARIA), key="k")
        found = await rig.adapter.find_posted(rig.thread, key="k", since=START)
    assert words(rig.seen()) == "".join(text.split())
    assert {one.speaker for one in rig.seen()} == {"Maria Lopez"}
    assert found == ref


async def test_what_a_person_wrote_is_said_again_once_for_each_key(rig: Rig) -> None:
    inbox = Inbox()
    async with rig.adapter.running(inbox.accept, Answers()):
        await rig.person_writes("An hour ago.")
        [event] = await inbox.until(1)
        assert isinstance(event, MessagePosted)
        again = Message(text="An hour ago.", speaker=MARIA, instead_of=event.ref)
        ref = await rig.adapter.post(rig.thread, again, key="k")
        found = await rig.adapter.find_posted(rig.thread, key="k", since=START)
        elsewhere = MessageRef(rig.thread, "no-such-message")
        lost = replace(again, text="And then?", instead_of=elsewhere)
        await rig.adapter.post(rig.thread, lost, key="k2")
    assert found == ref
    shown = [(one.speaker, one.text) for one in rig.seen()]
    assert [text for who, text in shown if who == "Maria Lopez"] == ["An hour ago.", "And then?"]


async def test_nothing_but_mentions_pings(rig: Rig) -> None:
    nasty = "@everyone @here <!channel> <!here> <@U2> <@U1> all of you"
    message = Message(
        text=nasty,
        title=nasty,
        blocks=(
            Text(nasty),
            Fields(((nasty, nasty),)),
            Table((nasty,), ((nasty,),), title=nasty),
            Quote(nasty, nasty),
            Card(nasty, nasty, ((nasty, nasty),)),
        ),
        choices=(Choice("c", nasty),),
    )
    async with running(rig):
        await rig.adapter.post(rig.thread, message, key="k1")
        await rig.adapter.post(Whisper(rig.thread, rig.person), message, key="k2")
    assert len(rig.seen()) >= 2
    assert [one.pings for one in rig.seen() if one.pings] == []


@pytest.mark.needs("mentions")
async def test_mentions_ping_where_they_stand_or_first(rig: Rig) -> None:
    mentions = (rig.person, rig.other())
    text = f"Over to you, <@{rig.person.id}>."
    async with running(rig):
        await rig.adapter.post(rig.thread, Message(text=text, mentions=mentions), key="k")
    [seen] = rig.seen()
    assert seen.pings == {rig.person.id, rig.other().id}
    assert seen.text.index(rig.other().id) < seen.text.index("Over")


async def test_a_whisper_reaches_one_person(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(
            Whisper(rig.thread, rig.person), Message(text="Between us."), key="k"
        )
    seen = [*rig.seen(rig.thread), *(rig.seen(ref.thread) if ref.thread != rig.thread else ())]
    [whispered] = [one for one in seen if "Between us." in one.text]
    assert whispered.only_for == rig.person or ref.thread != rig.thread


async def test_a_direct_message_thread_stays_the_same(rig: Rig) -> None:
    async with running(rig):
        thread = await rig.adapter.open_dm(rig.person)
        assert await rig.adapter.open_dm(rig.person) == thread
        await rig.adapter.post(thread, Message(text="Your feedback."), key="k")
    assert thread != rig.thread
    assert [one.text for one in rig.seen(thread)] == ["Your feedback."]


async def test_an_unreachable_person_is_final(rig: Rig) -> None:
    rig.block(rig.other())
    async with running(rig):
        with pytest.raises(Unreachable) as caught:
            await rig.adapter.open_dm(rig.other())
    assert caught.value.retryable is False


async def test_what_was_posted_is_found_by_its_key(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
        since = START
        assert await rig.adapter.find_posted(rig.thread, key="k1", since=since) == ref
        assert await rig.adapter.find_posted(rig.thread, key="k2", since=since) in (
            ABSENT,
            UNKNOWABLE,
        )


@pytest.mark.needs("lost answers")
async def test_a_lost_answer_is_unknown_and_can_be_found(rig: Rig) -> None:
    async with running(rig):
        rig.lose_answer()
        with pytest.raises(Unknown):
            await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
        found = await rig.adapter.find_posted(rig.thread, key="k1", since=START)
    assert isinstance(found, MessageRef)
    assert [one.text for one in rig.seen()] == ["Hello."]


@pytest.mark.needs("lost answers")
async def test_a_long_message_broken_in_the_middle_is_completed(rig: Rig) -> None:
    text = " ".join(f"word{count}" for count in range(rig.adapter.limits.text // 3))
    async with running(rig):
        rig.lose_answer(after=2)
        with pytest.raises(Unknown):
            await rig.adapter.post(rig.thread, Message(text=text), key="k1")
        assert await rig.adapter.find_posted(rig.thread, key="k1", since=START) is ABSENT
        ref = await rig.adapter.post(rig.thread, Message(text=text), key="k1")
        assert await rig.adapter.find_posted(rig.thread, key="k1", since=START) == ref
    assert words(rig.seen()) == "".join(text.split())


@pytest.mark.needs("throttling")
async def test_a_rate_limit_says_how_long_to_wait(rig: Rig) -> None:
    async with running(rig):
        rig.throttle(seconds=7)
        with pytest.raises(RateLimited) as caught:
            await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
        assert caught.value.retry_after == 7
        assert rig.seen() == []
        rig.throttle(seconds=0)
        await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
    assert [one.text for one in rig.seen()] == ["Hello."]


@pytest.mark.needs("outages")
async def test_an_outage_shows_nothing_and_says_so(rig: Rig) -> None:
    async with running(rig):
        rig.go_down()
        with pytest.raises(PlatformDown):
            await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
        assert rig.adapter.health().state != "up"
        rig.go_down(down=False)
        await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
    assert [one.text for one in rig.seen()] == ["Hello."]


async def test_an_edit_puts_new_words_there(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Before."), key="k")
        again = await rig.adapter.edit(ref, Message(text="After."))
        assert await rig.adapter.edit(again, Message(text="After.")) == again
    shown = [one.text for one in rig.seen()]
    assert shown[-1] == "After."
    assert shown == ["After."] or "rewriting" in rig.lacks


@pytest.mark.needs("rewriting")
async def test_an_edit_may_grow_and_shrink_over_the_limit(rig: Rig) -> None:
    text = " ".join(f"word{count}" for count in range(rig.adapter.limits.text // 3))
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Short."), key="k")
        ref = await rig.adapter.edit(ref, Message(text=text))
        assert words(rig.seen()) == "".join(text.split())
        await rig.adapter.edit(ref, Message(text="Short."))
    assert [one.text for one in rig.seen()] == ["Short."]


@pytest.mark.needs("rewriting")
async def test_an_edit_of_what_is_gone_shows_it_anew(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Before."), key="k")
        rig.remove(ref)
        again = await rig.adapter.edit(ref, Message(text="After."))
    assert again != ref
    assert [one.text for one in rig.seen()] == ["After."]


async def test_a_draft_ends_as_its_whole_message(rig: Rig) -> None:
    text = ""
    async with running(rig), rig.adapter.draft(rig.thread, key="k", speaker=MARIA) as draft:
        for count in range(30):
            text += f"Sentence {count}. "
            await draft.show(text)
            await asyncio.sleep(0)
        final = Message(text=text + "End.", speaker=MARIA, choices=(Choice("c", "Next"),))
        ref = await draft.finish(final)
        assert await draft.finish(final) == ref
    [seen] = [one for one in rig.seen() if one.text.startswith("Sentence 0.")][-1:]
    assert "".join((text + "End.").split()) in words(rig.seen())
    assert seen.speaker == "Maria Lopez"
    assert words(rig.seen()).count("End.") == 1


async def test_the_last_words_of_a_draft_are_always_sent(rig: Rig) -> None:
    async with running(rig), rig.adapter.draft(rig.thread, key="k", speaker=MARIA) as draft:
        await draft.show("One.")
        await draft.show("One. Two.")
    assert words(rig.seen()).endswith("One.Two.")


async def test_what_nobody_may_show_any_more_is_not_shown(rig: Rig) -> None:
    async with running(rig), rig.adapter.draft(rig.thread, key="k", speaker=MARIA) as draft:
        await draft.show("One.", until=math.inf)
        await draft.show("One. Late.", until=time.monotonic())
    assert "Late." not in words(rig.seen())


async def _break_in_the_middle(rig: Rig) -> None:
    async with rig.adapter.draft(rig.thread, key="k", speaker=MARIA) as draft:
        await draft.show("One.")
        raise ZeroDivisionError


async def test_a_broken_draft_leaves_what_stands(rig: Rig) -> None:
    async with running(rig):
        with pytest.raises(ZeroDivisionError):
            await _break_in_the_middle(rig)
        found = await rig.adapter.find_posted(rig.thread, key="k", since=START)
        assert isinstance(found, MessageRef)
        await rig.adapter.edit(found, Message(text="All of it.", speaker=MARIA))
    assert rig.seen()[-1].text == "All of it."


async def test_threads_are_opened_once_for_a_key(rig: Rig) -> None:
    async with running(rig):
        thread = await rig.adapter.open_thread(rig.thread, "Chest pain", key="t1")
        again = await rig.adapter.open_thread(rig.thread, "Chest pain", key="t1")
        other = await rig.adapter.open_thread(rig.thread, "Other", key="t2")
        await rig.adapter.post(thread, Message(text="Inside."), key="k")
        await rig.adapter.mark_thread(thread, title="Chest pain: done", state=ThreadState.CLOSED)
    assert thread == again
    assert (thread != other) or not rig.adapter.limits.threads
    assert "Inside." in [one.text for one in rig.seen(thread)]


async def test_profiles_and_members(rig: Rig) -> None:
    async with running(rig):
        profile = await rig.adapter.profile(rig.person)
        members = [user async for user in rig.adapter.members(rig.thread)]
        stranger = await rig.adapter.profile(
            type(rig.person)(rig.person.platform, rig.person.workspace, "nobody-known")
        )
        nobody = GroupRef(rig.person.platform, rig.person.workspace, "no-such-group")
        assert [user async for user in rig.adapter.members(nobody)] == []
    assert profile.name
    assert rig.person in members
    assert stranger.name == "nobody-known"


async def test_typing_and_links_never_fail(rig: Rig) -> None:
    async with running(rig):
        await rig.adapter.typing(rig.thread, MARIA)
        ref = await rig.adapter.post(rig.thread, Message(text="Hello."), key="k")
        link = rig.adapter.link(ref)
    assert link == "" if "links" in rig.lacks else link.startswith("https://")


@pytest.mark.needs("restart lookup")
async def test_a_later_process_finds_what_an_earlier_one_posted(rig: Rig) -> None:
    async with running(rig):
        ref = await rig.adapter.post(rig.thread, Message(text="Hello."), key="k1")
    async with running(rig):
        since = START - timedelta(minutes=5)
        assert await rig.adapter.find_posted(rig.thread, key="k1", since=since) == ref


@pytest.mark.needs("outages")
async def test_a_refusal_does_not_quote_what_it_refused(rig: Rig) -> None:
    async with running(rig):
        rig.refuse()
        with pytest.raises(DeliveryFailed) as caught:
            await rig.adapter.post(rig.thread, Message(text="my own words"), key="k")
    assert str(caught.value) == "delivery failed: other"
    assert caught.value.__cause__ is None
