"""Taking up one thing again: a turn, or what was hardest."""

from collections.abc import Iterator

from adapters.port import Message, Quote
from bot.views.feedback import label_of
from bot.views.session import phase_words
from bot.views.text import minutes
from engine.assessment import Evaluation
from engine.assessment.comparing import Change, Comparison
from engine.assessment.drills import ABOUT, phase_of
from engine.casting import ai_seats, speaker_name
from engine.scenario import Scenario
from engine.session import State


def branch_title(scenario: Scenario, turn: int) -> str:
    """What the thread of a branch is called."""
    return f"{scenario.title}, again from turn {turn}"


def drill_title(scenario: Scenario) -> str:
    """What the thread of a drill is called."""
    return f"Drill: {scenario.title}"


def setting(scenario: Scenario, mode: str, criterion: str) -> str:
    """The first words of a drill: where it takes somebody, and the one thing that counts now."""
    wanted = next((one for one in scenario.rubric.criteria if one.id == criterion), None)
    phase = phase_of(scenario, criterion)
    seats = ai_seats(scenario, mode) or tuple(scenario.cast)
    name = speaker_name(scenario, mode, seats[0])
    where = (
        f"You are with {name} again, at the beginning."
        if phase.id == scenario.phases[0].id
        else f"You have talked with {name} for a while and are at this now: {phase.title}."
    )
    what = (wanted.goal or wanted.label) if wanted else criterion
    return f"{where} Only one thing counts this time: {what}. You have the first word."


def rewound(scenario: Scenario, state: State, turn: int, own: str = "") -> Message:
    """Where somebody stands again, with what was said last and their `own` words of that turn."""
    last = state.last_of("character")
    said: tuple[Quote, ...] = ()
    if last is not None:
        who = speaker_name(scenario, state.mode, last.seat)
        said = (Quote(text=last.text, who=who),)
    if own:
        said = (*said, Quote(text=own, who="You, the first time"))
    begun = "Everything before it is as it was." if turn > 1 else "This is the beginning."
    return Message(
        title=branch_title(scenario, turn),
        text=f"You are back before your turn {turn}, {phase_words(scenario, state)}. {begun} "
        "Say it another way; at the end you see what that changed. The first try stays as it is.",
        blocks=said,
    )


def drilled(evaluation: Evaluation, criterion: str) -> Message:
    """What a drill is about."""
    return Message(
        title=f"A drill: {label_of(evaluation, criterion)}",
        text=f"A short session about one thing: **{label_of(evaluation, criterion)}**. "
        f"It takes about {minutes(ABOUT)}, and only that is scored.",
    )


def replayed(found: Comparison) -> Iterator[str]:
    """What a new try changed: the line it was for, then what else got better; never a loss.

    A replay ends early, so what came after the moment in the first try is not missed in it.
    """
    sought = next((one for one in found.changes if one.criterion == found.sought), None)
    if sought is not None:
        yield f"**The line you came for**, {sought.label}: {_now(sought)}."
    better = [one for one in found.changes if (one.change or 0) > 0 and one is not sought]
    if better:
        yield f"**What {'else ' if sought else ''}got better**"
        yield from (f"- {one.label}: {_now(one)}" for one in better)
    elif sought is None:
        yield "No line got better this time."
    yield "Only what got better counts here; the first try and its score stay as they are."


def _now(one: Change) -> str:
    if one.before is None or one.after is None:
        return "not scored this time"
    if one.after > one.before:
        return f"up from {one.before} to {one.after} of {one.max}"
    if one.after == one.before:
        return f"still {one.after} of {one.max}"
    return f"not better this time, and the {one.before} of {one.max} from before stay"
