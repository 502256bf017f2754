"""What waits for an instructor, and what they decided: always with whose it is.

Names come as marked text, as `bot.scorecards.name_of` gives them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.port import Choice, Message, Quote
from adapters.text import literal
from bot.views.text import counted, when
from engine.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A session whose score waits to be released."""

    session_id: str
    title: str
    who: str
    at: datetime | None
    overall: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A dispute that waits for a decision. `who` disputed it, at `at`."""

    id: str
    session_id: str
    title: str
    label: str
    who: str
    at: datetime
    reason: str
    scored: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a dispute: whose, about which line of which scenario, and who decided."""

    title: str
    label: str
    who: str
    by: str
    changed: bool


def review(waiting: Sequence[Waiting], disputes: Sequence[Disputed], zone: str | None) -> Message:
    """What waits for an instructor: a line for the oldest of each, with buttons."""
    if not waiting and not disputes:
        return Message(text="Nothing waits for you: no score to release, no dispute to decide.")
    lines = [*_disputes(disputes, zone), *_waiting(waiting, zone)]
    choices: list[Choice] = []
    for number, one in enumerate(disputes, 1):
        choices.append(Choice(f"resolve:dispute={one.id}", f"Decide {number}", opens_form=True))
    for number, wait in enumerate(waiting, 1):
        choices.append(Choice(f"debrief:{wait.session_id}", f"Look at {number}"))
        choices.append(Choice(f"release:{wait.session_id}", f"Release {number}"))
    return Message(title="For you to look at", text="\n".join(lines), choices=tuple(choices))


def _disputes(disputes: Sequence[Disputed], zone: str | None) -> Iterator[str]:
    if disputes:
        yield f"**{counted(len(disputes), 'dispute')}**"
    for number, one in enumerate(disputes, 1):
        yield (
            f"{number}. {one.who}, {one.title}, {when(one.at, zone)}: "
            f"**{one.label}** ({one.scored}): “{literal(one.reason)}”"
        )


def _waiting(waiting: Sequence[Waiting], zone: str | None) -> Iterator[str]:
    if waiting:
        yield f"**{counted(len(waiting), 'score')} to release**"
    for number, one in enumerate(waiting, 1):
        overall = "not scored" if one.overall is None else f"{one.overall} of 100"
        ended = f", {when(one.at, zone)}" if one.at else ""
        yield f"{number}. {one.who}, {one.title}{ended}: {overall}"


def decided(made: Decision) -> Message:
    """To the instructor who decided."""
    what = "was changed" if made.changed else "stands"
    return Message(
        text=f"Decided: the score of **{made.label}** {what}, for {made.who} in "
        f"**{made.title}**. Whoever disputed it is told."
    )


def decided_before(made: Decision) -> Message:
    """To an instructor who comes second."""
    what = "changed the score" if made.changed else "let the score stand"
    return Message(
        text=f"{made.by} has decided on that already and {what} of **{made.label}**, "
        f"for {made.who} in **{made.title}**."
    )


def told(made: Decision, session_id: str, note: str) -> Message:
    """To whoever disputed a score: what came of it, and who decided."""
    what = "has changed the score" if made.changed else "has looked at it again; the score stands"
    return Message(
        text=f"You saw **{made.label}** in **{made.title}** differently. {made.by} {what}.",
        blocks=(Quote(text=note, who="Your instructor"),) if note else (),
        choices=(Choice(f"debrief:{session_id}", "See the debrief", style="primary"),),
    )


def released(scenario: Scenario, who: str, *, before: str = "") -> Message:
    """The trainee may see the score. `before`: who released it earlier, and when."""
    whose = f"{who}, **{scenario.title}**"
    if before:
        return Message(text=f"{whose}: the score was released before, by {before}.")
    return Message(text=f"Released: {whose}. Whoever played is told now.")


def score_is_there(title: str, session_id: str, by: str) -> Message:
    """To whoever played: an instructor released the score."""
    return Message(
        text=f"{by} has looked at **{title}**; your score is there.",
        choices=(Choice(f"debrief:{session_id}", "See how it went", style="primary"),),
    )
