"""The score card: whole points out of each criterion's maximum, with what they rest on."""

from adapters.port import Choice, Message, Quote
from engine.assessment import Evaluation
from engine.scenario import Scenario


def not_yet(scenario: Scenario) -> Message:
    """Scores come at the end."""
    return Message(
        text=f"**{scenario.title}** is still running; scores come at the end. Finish with `!end`."
    )


def card(scenario: Scenario, evaluation: Evaluation) -> Message:
    """One line a criterion, the strongest quote, and what would have earned the rest."""
    rows = tuple((one.label, _points(one.points, one.max)) for one in evaluation.criteria)
    if evaluation.overall is None and not any(one.evidence for one in evaluation.criteria):
        return _unscored(scenario)
    if evaluation.overall is None:
        head = "This one is not scored."
    else:
        verdict = "passed" if evaluation.passed else "not passed yet"
        head = (
            f"**{evaluation.overall} of 100**, {verdict}. "
            f"This covers {round(evaluation.coverage * 100)} % of the criteria by weight."
        )
    advice = {one.id: one.advice for one in scenario.rubric.criteria if one.advice}
    missed = [
        f"- {one.label}: {advice[one.id]}"
        for one in evaluation.criteria
        if one.points is not None and one.points < one.max and one.id in advice
    ]
    lines = [f"- {label}: {points}" for label, points in rows]
    tips = ["", "**What would have earned more**", *missed[:3]] if missed else []
    quotes = tuple(
        Quote(text=one.evidence[0].quote, who=one.label)
        for one in evaluation.criteria
        if one.evidence
    )
    return Message(
        title=f"How it went: {scenario.title}",
        text="\n".join([head, "", *lines, *tips]),
        blocks=(*quotes[:3],),
        choices=(Choice(f"start:{scenario.id}", "Try again", style="primary"),),
    )


def _unscored(scenario: Scenario) -> Message:
    """After a stop above all: nobody is to read a list of what they did not do."""
    return Message(
        title=f"How it went: {scenario.title}",
        text="This one is not scored, and it does not count against you.",
        choices=(Choice(f"start:{scenario.id}", "Play again"),),
    )


def _points(points: float | None, maximum: float) -> str:
    return "not scored" if points is None else f"{points:g} of {maximum:g}"
