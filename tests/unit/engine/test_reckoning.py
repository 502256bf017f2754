"""Formulas over exhibits, and numbers as people say them."""

import pytest

from engine.reckoning import BadFormula, comes_to, mentions, value_of
from tests.unit.engine.assessment_scene import Json, rule, scenario_of, scene

TABLE: Json = {
    "id": "pnl",
    "kind": "chart",
    "chart": "table",
    "title": "Profit and loss",
    "release": "on_ask",
    "alt": "A table.",
    "columns": ["Line", "2024", "2025"],
    "rows": [["Sales, all", 44.0, 50.0], ["Profit", 6.4, 3.0], ["Note", "n/a", 1]],
}
BARS: Json = {
    "id": "bars",
    "kind": "chart",
    "chart": "bar",
    "title": "Bars",
    "release": "on_ask",
    "alt": "Bars.",
    "labels": ["Shops", "Online"],
    "values": [5.6, 0.9],
}
MADE = scenario_of(rule(phrase=["x"]), exhibits=[TABLE, BARS])


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("pnl[Profit, 2024] - pnl[Profit, 2025]", 3.4),
        ("100 * (1 - pnl[Profit,2025] / pnl[Profit,2024])", 53.125),
        ('bars[Online] * 2 / -pnl["Sales, all", 2025]', -0.036),
        ("2.9", 2.9),
    ],
)
def test_a_formula_is_worked_out_from_the_exhibits(formula: str, value: float) -> None:
    assert value_of(formula, MADE) == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("other[Profit, 2024]", "no exhibit `other`"),
        ("pnl[Loss, 2024]", "no figure"),
        ("pnl[Profit]", "no figure"),
        ("pnl[Profit, Line]", "no figure"),
        ("pnl[Note, 2024]", "no figure"),
        ("bars[Shops, 2024]", "no figure"),
        ("1 / (bars[Shops] - 5.6)", "ZeroDivisionError"),
        ("1 +", "SyntaxError"),
        ("__import__('os')", "only numbers"),
        ("2 ** 9", "only numbers"),
        ("True", "only numbers"),
    ],
)
def test_anything_else_is_refused(formula: str, says: str) -> None:
    with pytest.raises(BadFormula, match=says):
        value_of(formula, MADE)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("It fell by 3.4 million.", "million"),
        ("That is $3.4m less", "million"),
        ("3,400,000 dollars", "million"),
        ("$3.4, I think", "million"),
        ("three point four million", "million"),
        ("a drop of 3,400 thousand", "million"),
    ],
)
def test_numbers_are_heard_in_many_forms(text: str, unit: str) -> None:
    assert any(comes_to(one, 3.4, unit=unit, within=0.01) for one in mentions(text))


@pytest.mark.parametrize("text", ["53%", "53 percent", "fifty-three per cent", "53.1 points"])
def test_percentages_are_percentages(text: str) -> None:
    assert any(comes_to(one, 53.125, unit="percent", within=0.01) for one in mentions(text))
    assert not any(comes_to(one, 53.125, unit="million", within=0.01) for one in mentions(text))


@pytest.mark.parametrize(
    "text",
    [
        "13.4 million",
        "3.45 million",
        "3.4%",
        "3.4 thousand",
        "in v3.4",
        "1,3.4",
        "53",
        "3.4 from online",
        "",
    ],
)
def test_other_numbers_are_other_numbers(text: str) -> None:
    assert not any(comes_to(one, 3.4, unit="million", within=0.005) for one in mentions(text))


def test_a_number_counts_when_the_trainee_works_it_out_first() -> None:
    number = rule(number=[{"is": ["pnl[Profit, 2024] - pnl[Profit, 2025]"], "unit": "million"}])
    play = scene(number, exhibits=[TABLE, BARS])
    play.say("Profit fell a lot.")
    assert (play.score().points, play.score().reason) == (0, "The number was not said.")
    play.say("So we lost. It fell by 3.4 million dollars!")
    assert play.score().points == 1
    assert [one.quote for one in play.score().evidence] == ["It fell by 3.4 million dollars!"]

    told = scene(number, exhibits=[TABLE, BARS])
    told.reply("By the way, it fell by 3.4 million.", to=told.say("How much did it fall?"))
    told.say("So it fell by 3.4 million.")
    assert (told.score().points, "was told before" in told.score().reason) == (0, True)
