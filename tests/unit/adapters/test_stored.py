"""Events and messages survive storing, and secrets do not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.port import (
    Block,
    Card,
    Chart,
    Choice,
    CommandCalled,
    Event,
    Fields,
    File,
    FileRef,
    FormSent,
    GroupRef,
    HomeOpened,
    Image,
    InteractionRef,
    Joined,
    Left,
    Message,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    MessageRef,
    Platform,
    Pressed,
    Quote,
    ReachableChanged,
    Speaker,
    Stopped,
    Table,
    Text,
    ThreadRef,
    UserRef,
    Whisper,
)
from adapters.stored import (
    dump_event,
    dump_message,
    dump_ref,
    dump_to,
    load_event,
    load_message,
    load_ref,
    load_to,
    thread_id,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THREAD = ThreadRef(Platform("x"), "w", "w:c/1")
USER = UserRef(Platform("x"), "w", "u")
REF = MessageRef(THREAD, "7")
ACCESS = InteractionRef(USER, "s3cret", NOW)
FILE_REF = FileRef(
    platform=Platform("x"),
    workspace="w",
    id="f",
    name="a.txt",
    media_type="text/plain",
    size=None,
    locator="l",
)
BASE = {"event_id": "e", "order": "1", "user": USER, "at": NOW}
IN_THREAD = {**BASE, "thread": THREAD}
FILE = File(name="a.png", media_type="image/png", content=bytes(range(256)))
TABLE = Table(("a", "b"), (("1", "2"),))
EVENTS: list[Event] = [
    MessagePosted(**IN_THREAD, text="hi", files=(FILE_REF,), maybe_cut=True, ref=REF),
    MessageEdited(**IN_THREAD, text="hi", ref=REF),
    MessageDeleted(**IN_THREAD, ref=REF),
    CommandCalled(**IN_THREAD, name="start", options=(("a", "b"),), interaction=ACCESS),
    Pressed(**IN_THREAD, choice="c", ref=REF, interaction=ACCESS),
    FormSent(
        **IN_THREAD,
        form="f",
        values=(("t", "2026-03-02T09:00:00+00:00"), ("n", "3"), ("p", USER), ("f", FILE_REF)),
        interaction=ACCESS,
    ),
    Stopped(**IN_THREAD),
    HomeOpened(**BASE),
    Joined(**IN_THREAD),
    Left(**IN_THREAD),
    ReachableChanged(**BASE, reachable=False),
]
BLOCKS: tuple[Block, ...] = (
    Text("a"),
    Fields((("a", "b"),)),
    TABLE,
    Image(FILE, "alt"),
    Chart("t", "pie", TABLE, picture=FILE),
    Card("c", choices=(Choice("a", "b", link=THREAD), Choice("a", "b", link="https://x"))),
    Quote("q", link=REF),
)


@pytest.mark.parametrize("event", EVENTS, ids=[event.kind for event in EVENTS])
def test_events_come_back_as_they_were_without_their_interaction(event: Event) -> None:
    body = dump_event(event)
    assert "s3cret" not in body
    has_access = isinstance(event, CommandCalled | Pressed | FormSent)
    assert load_event(body) == (replace(event, interaction=None) if has_access else event)


def test_every_event_is_tried() -> None:
    assert {type(event) for event in EVENTS} == set(Event.__args__)
    assert {type(block) for block in BLOCKS} == set(Block.__args__)


def test_messages_come_back_as_they_were() -> None:
    message = Message(
        text="hi",
        title="t",
        blocks=BLOCKS,
        choices=(Choice("a", "b", link=REF, style="danger"),),
        files=(FILE,),
        speaker=Speaker("M", "https://x/m.png"),
        mentions=(GroupRef(Platform("x"), "w", "u"), USER),
        pinned=True,
    )
    assert load_message(dump_message(message)) == message


def test_places_come_back_without_their_interaction() -> None:
    assert load_to(dump_to(THREAD)) == THREAD
    assert load_to(dump_to(Whisper(THREAD, USER, ACCESS))) == Whisper(THREAD, USER)
    assert load_ref(dump_ref(REF)) == REF


def test_a_token_is_never_printed() -> None:
    assert "s3cret" not in repr(Pressed(**IN_THREAD, choice="c", interaction=ACCESS))


@pytest.mark.parametrize("body", ['{"kind": "my words"}', "my words", '"my words"', "null"])
def test_a_broken_body_is_an_error_that_quotes_nothing(body: str) -> None:
    for load in (load_event, load_message, load_to, load_ref):
        with pytest.raises(ValueError, match="stored") as caught:
            load(body)
        assert "my words" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_threads_have_one_string_each() -> None:
    platform = Platform("x")
    threads = [
        ThreadRef(platform, "a/b", "c"),
        ThreadRef(platform, "a", "b/c"),
        ThreadRef(platform, "a%2Fb", "c"),
    ]
    assert len({thread_id(thread) for thread in threads}) == 3
