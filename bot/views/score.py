"""The score card in words and as a picture: whole points, with what they rest on."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.port import Chart, Choice, Message, MessageRef, Quote, Table
from adapters.text import literal
from bot.exhibits.scores import ScoreBar, ScorePicture
from bot.views.text import counted, joined
from engine.assessment import Evaluation, Score
from engine.scenario import Scenario

_MOST_QUOTES = 6


def not_yet(scenario: Scenario) -> Message:
    """Scores come at the end."""
    return Message(
        text=f"**{scenario.title}** is still running; scores come at the end. Finish with `!end`."
    )


def card(scenario: Scenario, evaluation: Evaluation) -> Message:
    """The whole in one message, for whoever shows no debrief: points, quotes, what lacked."""
    if is_empty(evaluation):
        return unscored(scenario)
    advice = {one.id: one.advice for one in scenario.rubric.criteria if one.advice}
    missed = [
        f"- {one.label}: {advice[one.id]}"
        for one in evaluation.criteria
        if one.points is not None and one.points < one.max and one.id in advice
    ]
    tips = ["", "**What would have earned more**", *missed[:3]] if missed else []
    return Message(
        title=f"How it went: {scenario.title}",
        text="\n".join([headline(evaluation), "", *lines(evaluation), *tips]),
        blocks=quotes(evaluation.criteria, {}),
        choices=(Choice(f"start:{scenario.id}", "Try again", style="primary"),),
    )


def is_empty(evaluation: Evaluation) -> bool:
    """Whether there is nothing to show: no score, and nothing that one could rest on."""
    return evaluation.overall is None and not any(one.evidence for one in evaluation.criteria)


def unscored(scenario: Scenario) -> Message:
    """After a stop above all: nobody is to read a list of what they did not do."""
    return Message(
        title=f"How it went: {scenario.title}",
        text="This one is not scored, and it does not count against you.",
        choices=(Choice(f"start:{scenario.id}", "Play again"),),
    )


def headline(evaluation: Evaluation) -> str:
    """The overall score, how much of the rubric it covers, and what it leaves out."""
    if evaluation.overall is None:
        return "This one is not scored: it has no overall score."
    verdict = "passed" if evaluation.passed else "not passed yet"
    lines = [
        f"**{evaluation.overall} of 100**, {verdict}. "
        f"This covers {round(evaluation.coverage * 100)} % of the criteria by weight."
    ]
    if evaluation.hint_cost:
        hints = counted(evaluation.hints, "hint")
        lines.append(f"{hints} took off {counted(evaluation.hint_cost, 'point')}.")
    return " ".join(lines)


def lines(evaluation: Evaluation) -> Iterator[str]:
    """One line a criterion; what was not scored is said so, with why."""
    for one in evaluation.criteria:
        if one.points is None:
            why = one.reason or "an instructor is to look at it."
            yield f"- **{one.label}**: not scored. {why}"
        else:
            why = literal(one.reason) if one.by == "judge" else one.reason
            got = f"{points(one.points, one.max)}{' for the team' if one.shared else ''}"
            yield f"- **{one.label}**: {got}. {why}".rstrip()


def points(given: int, most: int) -> str:
    """Whole points out of the most there are."""
    return f"{given} of {most}"


def picture(evaluation: Evaluation) -> ScorePicture | None:
    """The scores as bars, to be drawn on the way out; None where nothing was scored."""
    if all(one.points is None for one in evaluation.criteria):
        return None
    overall = "" if evaluation.overall is None else f": {evaluation.overall} of 100"
    return ScorePicture(
        title=f"Scores{overall}",
        under=f"{round(evaluation.coverage * 100)} % of the criteria by weight were scored",
        bars=tuple(
            ScoreBar(label=one.label, points=one.points, most=one.max)
            for one in evaluation.criteria
        ),
    )


def chart(drawn: ScorePicture) -> Chart:
    """The picture's block, with its figures as a table and in words."""
    scored = [one for one in drawn.bars if one.points is not None]
    rows = tuple(
        (one.label, str(round(100 * (one.points or 0) / one.most)) if one.most else "0")
        for one in scored
    )
    table = Table(columns=("Criterion", "% of the points"), rows=rows)
    said = joined([f"{one.label}, {points(one.points or 0, one.most)}" for one in scored])
    alt = f"{drawn.title}. A bar for each criterion: {said}."
    return Chart(title=drawn.title, shape="bar", table=table, alt=alt)


def quotes(
    criteria: Sequence[Score], links: Mapping[int, MessageRef], *, each: int = 1
) -> tuple[Quote, ...]:
    """What points rest on, word for word, each with the way to where it was said."""
    found = [
        Quote(text=one.quote, who=score.label, link=links.get(one.seq))
        for score in criteria
        for one in score.evidence[:each]
    ]
    return tuple(found if each > 1 else found[:_MOST_QUOTES])
