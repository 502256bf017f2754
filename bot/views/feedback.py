"""Forms about scores: rating, disputing, deciding, and whether this was useful."""

from collections.abc import Mapping
from typing import Final

from adapters.port import Choice, ChoiceField, FieldErrors, Form, Message, TextField
from bot.scorecards import ScoreCard
from engine.assessment import Evaluation, Score
from engine.assessment.scoring import highest, lowest_anchor
from engine.scenario.rubric import Criterion

_LONGEST = 1000
STANDS: Final = "stands"

USEFUL: Final[Mapping[str, str]] = {
    "1": "1, not at all",
    "2": "2, a little",
    "3": "3, somewhat",
    "4": "4, a lot",
    "5": "5, very much",
}


def rating(card: ScoreCard) -> Form:
    """A field for each criterion, in the order of the score, so that all can be compared."""
    fields = tuple(
        ChoiceField(name=f"points.{one.id}", label=one.label, options=_levels(one), optional=True)
        for one in card.scenario.rubric.criteria
    )
    note = TextField(
        name="note", label="Anything to add?", optional=True, lines=True, longest=_LONGEST
    )
    text = (
        "How did you do? These are all the lines of the score. Rate what you remember and leave "
        "out the rest. It changes no score."
        if card.mine
        else "Your rating stands beside the score; where only people can rate, it is the score."
    )
    return Form(
        id=f"rate:simulation={card.record.id}",
        title="Rate yourself" if card.mine else "Rate this simulation",
        text=text,
        fields=(*fields, note),
    )


def _levels(criterion: Criterion) -> tuple[tuple[str, str], ...]:
    """Every number of points that a criterion gives, in words where there are any."""
    most = highest(criterion)
    if most == 1:
        return (("0", "Not this time"), ("1", "Yes"))
    least = lowest_anchor(criterion)
    return tuple(
        (str(given), _level(criterion.anchors.get(given + least, ""), given, most))
        for given in range(most + 1)
    )


def _level(anchor: str, given: int, most: int) -> str:
    words = f": {anchor}" if anchor else ""
    return f"{given} of {most}{words}"[:75]


def rating_errors(given: Mapping[str, str]) -> FieldErrors:
    """A rating rates something."""
    if any(name.startswith("points.") for name in given):
        return FieldErrors()
    return FieldErrors((("note", "Rate at least one line above, or close this and skip it."),))


def dispute(card: ScoreCard) -> Form:
    """Which criterion, and why."""
    return Form(
        id=f"dispute:simulation={card.record.id}",
        title="I see it differently",
        text="Your reason is kept with the score, and an instructor decides.",
        fields=(
            ChoiceField(
                name="criterion",
                label="Which criterion?",
                options=tuple((one.id, _scored(one)[:75]) for one in card.evaluation.criteria),
            ),
            TextField(
                name="reason",
                label="Why should it be another score?",
                hint="Best with your own words from the conversation.",
                lines=True,
                longest=_LONGEST,
            ),
        ),
    )


def reason_errors(given: Mapping[str, str]) -> FieldErrors:
    """A dispute says why, in a few words at least."""
    if len(given.get("reason", "").split()) >= 3:
        return FieldErrors()
    return FieldErrors((("reason", "Say in a few words what the score does not see."),))


def resolve(dispute_id: str, label: str, most: int, reason: str) -> Form:
    """Another score, or the same, and a word to the trainee."""
    return Form(
        id=f"resolve:dispute={dispute_id}",
        title="Decide on a dispute",
        text=f"{label}: “{reason}”",
        fields=(
            ChoiceField(
                name="points",
                label="The score",
                options=(
                    (STANDS, "Stands as it is"),
                    *((str(given), f"Change to {given} of {most}") for given in range(most + 1)),
                ),
            ),
            TextField(
                name="note",
                label="What do you tell the trainee?",
                optional=True,
                lines=True,
                longest=_LONGEST,
            ),
        ),
    )


def useful(session_id: str) -> Form:
    """Whether practising here helped."""
    return Form(
        id=f"useful:simulation={session_id}",
        title="Was this useful?",
        text="This is about Dressrun, not about you.",
        fields=(
            ChoiceField(
                name="rating", label="Did practising here help you?", options=tuple(USEFUL.items())
            ),
            TextField(
                name="words",
                label="What would make it better?",
                optional=True,
                lines=True,
                longest=_LONGEST,
            ),
        ),
    )


def label_of(evaluation: Evaluation, criterion: str) -> str:
    """What a criterion is called."""
    found = evaluation.score_of(criterion)
    return found.label if found else criterion


def points_of(evaluation: Evaluation, criterion: str) -> str:
    """What a criterion got, in words."""
    found = evaluation.score_of(criterion)
    return (
        "not scored" if found is None or found.points is None else f"{found.points} of {found.max}"
    )


def _scored(one: Score) -> str:
    got = "not scored" if one.points is None else f"{one.points} of {one.max}"
    return f"{one.label} ({got})"


def seen_already(session_id: str) -> Message:
    """To somebody who would rate themselves once the score was there."""
    return Message(
        text="You have seen the score already; rating yourself comes before that.",
        choices=(Choice(f"debrief:simulation={session_id}", "How did it go?"),),
    )
