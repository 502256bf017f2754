"""What in plain talk is an order and what is only talk about one."""

from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.ordering import spoken_orders
from tests.unit.engine.rules_scene import scenario

SHIPPED = {one.id: one for one in Catalog(Path(__file__).parents[3] / "scenarios").published()}
PAIN = SHIPPED["chest-pain"]
ECG, TROPONIN, ASPIRIN = "order_ecg", "order_trop", "order_aspirin"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Teresa, 12-lead ECG please.", (ECG,)),
        ("Teresa, 12-lead ECG please, right now.", (ECG,)),
        ("An ECG please, Teresa.", (ECG,)),
        ("ECG now!", (ECG,)),
        ("Right now, ECG please", (ECG,)),
        ("First, an ECG please.", (ECG,)),
        ("Get an ECG immediately.", (ECG,)),
        ("Please do an ECG asap", (ECG,)),
        ("As soon as you can, take an ECG please.", (ECG,)),
        ("OK Teresa, please take an ECG straight away.", (ECG,)),
        ("Would you mind taking an ECG?", (ECG,)),
        ("Can I have a 12-lead ECG please?", (ECG,)),
        ("Teresa, could you get me an ECG right now?", (ECG,)),
        ("Take an ECG before the morphine.", (ECG,)),
        ("ECG, troponin and aspirin please", (ECG, TROPONIN, ASPIRIN)),
        ("Teresa, please take blood for troponin", (TROPONIN,)),
        ("Please take bloods for troponin", (TROPONIN,)),
        ("Could you draw blood for a troponin?", (TROPONIN,)),
        ("Please check his troponin.", (TROPONIN,)),
        ("I'd like to order a troponin", (TROPONIN,)),
        ("We need troponin, stat.", (TROPONIN,)),
        ("Teresa, aspirin 300 mg now.", (ASPIRIN,)),
        ("Put Mr Marsh on the cardiac monitor, please.", ("order_monitor",)),
        ("Take his blood pressure in both arms.", ("order_both_arms",)),
        ("Please draw up some morphine.", ("order_morphine",)),
    ],
)
def test_an_order_is_known_by_how_it_begins_and_by_its_own_words(
    text: str, found: tuple[str, ...]
) -> None:
    assert spoken_orders(PAIN, text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Have you taken blood before?",
        "Have you ever had an ECG?",
        "Did they take an ECG?",
        "Did anyone take blood for troponin?",
        "I will take your blood pressure in a minute, is that ok?",
        "We will take blood for troponin later.",
        "Can you take aspirin?",
        "Could you take an aspirin at home?",
        "You take aspirin every day.",
        "I take aspirin myself.",
        "I'd like to check whether you take aspirin.",
        "Please check his morphine dose.",
        "They take an ECG every year.",
        "Should we take an ECG?",
        "Shall we check the troponin first?",
        "Why take an ECG now?",
        "ECG now?",
        "Don't take blood for troponin now.",
        "The ECG looks normal now.",
        "ECG looks fine right now.",
        "Oxygen is what he needs right now.",
        "Can I have a look at the ECG please?",
        "You doing ok with the oxygen?",
        "Please take a deep breath now.",
    ],
)
def test_talk_about_an_order_is_none(text: str) -> None:
    assert spoken_orders(PAIN, text) == ()


def test_what_may_be_is_asked_and_not_ordered() -> None:
    family = SHIPPED["discharge-family-meeting"]
    assert spoken_orders(family, "Joanna, can we put a bed downstairs?") == ()
    assert spoken_orders(family, "Please put a bed downstairs.") == ("ground_floor",)
    assert spoken_orders(family, "Could you get a bed downstairs, please?") == ("ground_floor",)


def test_only_what_the_scenario_names_is_ordered() -> None:
    assert spoken_orders(scenario(), "ECG please, right now.") == ()
    assert spoken_orders(scenario(), "Take a film please, right now.") == ("order_film",)
