"""Which orders words name, and which of them are to be done at once."""

import pytest

from engine.actions import orders_for_now
from tests.unit.engine.rules_scene import scenario

GIVE, FILM = "give_pain_relief", "order_film"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Please give her the injection.", (GIVE,)),
        ("Get a film and give the injection.", (FILM, GIVE)),
        ("Could you give the injection when you have a moment?", (GIVE,)),
        ("If you can, give the injection.", (GIVE,)),
        ("If that is okay, order a film.", (FILM,)),
        ("Give the injection at once.", (GIVE,)),
        ("Don't forget to give the injection.", (GIVE,)),
        ("After that, get a film.", (FILM,)),
        ("Give the morphine, at two milligrams.", (GIVE,)),
        ("Get a film, not an injection.", (FILM,)),
        ("Please give her the injection only after nine.", ()),
        ("Give the injection if the pain comes back.", ()),
        ("Give the injection once she is awake.", ()),
        ("Give the injection when she asks for it.", ()),
        ("Please do not give the injection.", ()),
        ("I will not order a film.", ()),
        ("Order the film tomorrow.", ()),
        ("Give the injection in ten minutes.", ()),
        ("Give her the injection at nine, please.", ()),
        ("Get the film later.", ()),
        ("Give the injection unless she sleeps.", ()),
        ("Please hold the injection.", ()),
    ],
)
def test_only_what_is_meant_for_now_is_ordered(text: str, found: tuple[str, ...]) -> None:
    assert orders_for_now(scenario(), text) == found
