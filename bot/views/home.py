"""The app's own page: what somebody has open, how it went lately, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.port import Card, Choice, Message, Text, ThreadRef
from bot.views.session import STATUS_WORDS
from engine.store.sessions import SessionRecord

MOST_OPEN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A session that can go on. `room` is its thread on the platform of the page."""

    record: SessionRecord
    title: str
    room: ThreadRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A session that its player has seen the score of. `drill` is what they may practise next."""

    record: SessionRecord
    title: str
    overall: int | None
    passed: bool
    weakest: str = ""
    drill: str = ""


def home(open_ones: Sequence[Open], scored: Sequence[Scored]) -> Message:
    """The page."""
    blocks: list[Text | Card] = []
    if open_ones:
        blocks.append(Text("**Going on**"))
        blocks += [_open(one) for one in open_ones[:MOST_OPEN]]
    if scored:
        blocks.append(Text("\n".join(["**Your last scores**", *map(_score, scored)])))
    if drill := next((one for one in scored if one.drill), None):
        blocks.append(_next(drill))
    if open_ones or scored:
        text = "Everything of yours, with the newest first."
    else:
        text = "You have not played yet. Pick a scenario; the first one takes ten minutes."
    return Message(
        title="Your practice",
        text=text,
        blocks=tuple(blocks),
        choices=(
            Choice("list", "See all scenarios", style="plain" if open_ones else "primary"),
            Choice("history", "All you played"),
            Choice("help", "Help"),
        ),
    )


def _open(one: Open) -> Card:
    choice = (
        Choice("room", "Continue", style="primary", link=one.room)
        if one.room is not None and one.record.status == "in_progress"
        else Choice(f"continue:{one.record.scenario_id}", "Continue", style="primary")
    )
    since = f"{STATUS_WORDS[one.record.status]}, begun {one.record.created_at:%Y-%m-%d %H:%M} UTC"
    return Card(title=one.title, text=since, choices=(choice,))


def _score(one: Scored) -> str:
    if one.overall is None:
        return f"- {one.title}: not scored"
    verdict = "passed" if one.passed else "not passed yet"
    return f"- {one.title}: {one.overall} of 100, {verdict}"


def _next(one: Scored) -> Card:
    return Card(
        title="Next: a short drill",
        text=f"In {one.title} there was most to gain at “{one.weakest}”.",
        choices=(Choice(one.drill, "Practise it", style="primary"),),
    )
