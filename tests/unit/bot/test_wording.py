"""Somebody is taken out of what waits to be shown, and all else of it stays."""

import pytest

from adapters.port import (
    Card,
    Choice,
    Fields,
    File,
    Image,
    Message,
    MessageRef,
    Platform,
    Quote,
    Speaker,
    Table,
    Text,
    ThreadRef,
    ThreadState,
)
from bot.delivery.stored import dump_effect, load_effect
from bot.effects import EditCard, MarkThread, Post, Whisper
from bot.store.wording import without
from engine.store.removal import Removal, Trace

PICTURE = File(name="Ana.png", media_type="image/png", content=b"Ana")
REF = MessageRef(ThreadRef(Platform("fake"), "Ana", "Ana"), "Ana")
TRACE = Trace(
    removal=Removal(person="p1", stand_in="gone-1", names=frozenset({"Ana", "A_B"})),
    phrases=frozenset({"Nobody [at all] knows", "short"}),
)


def test_everything_that_people_read_is_without_them() -> None:
    effect = Post(
        message=Message(
            text="Ana, A\\_B: nobody; Nobody \\[at all\\] knows, short",
            title="Ana here",
            blocks=(
                Text("_Ana_ and **Ana**, but x\\_Ana\\_"),
                Quote("Nobody [at all] knows", who="Ana", link=REF),
                Fields((("Ana", "1"), ("p1", "2"))),
                Table(("Ana",), (("Ana",),), title="Of Ana"),
                Card("Ana", choices=(Choice("join:Ana", "With Ana", link=REF),)),
                Image(PICTURE, alt="Ana"),
            ),
            choices=(Choice("say:Ana", "Say Ana", confirm="Ana?"),),
            files=(PICTURE,),
            speaker=Speaker("Ana"),
            instead_of=REF,
        ),
        card=True,
    )
    gone = r"\[removed\]"
    assert load_effect(without(dump_effect(effect), TRACE)) == Post(
        message=Message(
            text=f"{gone}, {gone}: nobody; {gone}, short",
            title="[removed] here",
            blocks=(
                Text(rf"_{gone}_ and **{gone}**, but x\_Ana\_"),
                Quote("[removed]", who="[removed]", link=REF),
                Fields((("[removed]", "1"), ("gone-1", "2"))),
                Table(("[removed]",), (("[removed]",),), title="Of [removed]"),
                Card("[removed]", choices=(Choice("join:Ana", "With [removed]", link=REF),)),
                Image(PICTURE, alt="[removed]"),
            ),
            choices=(Choice("say:Ana", "Say [removed]", confirm="[removed]?"),),
            files=(PICTURE,),
            speaker=Speaker("Ana"),
            instead_of=REF,
        ),
        card=True,
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{Ana",
        '"Ana"',
        '{"message": "Ana"}',
        dump_effect(MarkThread(state=ThreadState.CLOSED, title="Ana")),
        dump_effect(Whisper(message=Message(text="Anna, p10 and n\0ul 日本"))),
        dump_effect(EditCard(message=Message(text="text"), card="Ana")),
    ],
)
def test_what_does_not_tell_of_them_stays_as_it_was(body: str) -> None:
    assert without(body, TRACE) == body
