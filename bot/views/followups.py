"""What reaches people after a session, in words: always with a way to stop it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.port import Choice, Form, Message, TextField
from bot.store.following import Following, FollowUp
from bot.store.followups import Kind
from bot.views.text import counted, joined, when
from engine.assessment.debrief import Debrief
from engine.scenario import Scenario

KINDS: Final[Mapping[Kind, str]] = {
    "feedback": "how it went",
    "reflection": "a question to think about",
    "drill": "a short drill",
    "unfinished": "a reminder of an unfinished simulation",
    "digest": "the weekly digest",
}

EXAMPLE: Final = "tomorrow 3pm"


def _ways_out(id_: int) -> tuple[Choice, ...]:
    return (
        Choice(f"later:which=f{id_}", "Later", opens_form=True),
        Choice("followups:stop", "Stop these messages"),
    )


def with_ways_out(message: Message, id_: int) -> Message:
    """A message as it is, and how to put it off or stop all of these."""
    return replace(message, choices=(*message.choices, *_ways_out(id_)))


def reflection(id_: int, scenario: Scenario, session_id: str, debrief: Debrief) -> Message:
    """A question for the day after; nobody waits for an answer."""
    if debrief.delta:
        question = (
            f"Think of **{debrief.delta[0].label}**: what would you say or do first, if you met "
            "this person again today?"
        )
    elif debrief.plus:
        question = f"**{debrief.plus[0].label}** went well: what exactly did you do to get there?"
    else:
        question = "What one sentence of yours would you keep, and which one would you change?"
    return Message(
        title=f"A question about {scenario.title}",
        text=f"{question}\nNobody waits for an answer; a minute of thought is enough.",
        choices=(Choice(f"debrief:{session_id}", "See the debrief"), *_ways_out(id_)),
    )


def drill(id_: int, scenario: Scenario, session_id: str, label: str, n: int) -> Message:
    """An offer to practise what was hardest once more."""
    since = "some days ago" if n == 1 else "a while ago"
    return Message(
        title=f"A short drill: {label}",
        text=f"You played **{scenario.title}** {since}. Most was left to gain with **{label}**. "
        "A drill takes about 10 minutes, and coming back to it now is what makes it stay.",
        choices=(
            Choice(f"drill:simulation={session_id}", "Start the drill", style="primary"),
            *_ways_out(id_),
        ),
    )


def unfinished(id_: int, scenario: Scenario) -> Message:
    """Something was begun and lies still."""
    return Message(
        text=f"**{scenario.title}** waits where you left it. Nothing is lost.",
        choices=(
            Choice(f"continue:{scenario.id}", "Go on with it", style="primary"),
            Choice(f"end:{scenario.id}", "End it"),
            *_ways_out(id_),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week of a workspace in figures. `hardest` are labels, the most often missed first."""

    sessions: int
    people: int
    scenarios: Sequence[tuple[str, int, int | None]]
    hardest: Sequence[str]
    disputes: int
    waiting: int
    useful: float | None = None
    opinions: int = 0


def digest(id_: int, week: Week) -> Message:
    """A week for whoever teaches: figures, nobody's name."""
    lines = [
        f"{counted(week.people, 'person', 'people')} finished "
        f"{counted(week.sessions, 'simulation')} in the last seven days."
    ]
    for title, count, overall in week.scenarios:
        average = "" if overall is None else f", {overall} of 100 on average"
        lines.append(f"- {title}: {counted(count, 'time')}{average}")
    if week.hardest:
        lines.append(f"Hardest: {joined(list(week.hardest))}.")
    if week.useful is not None:
        said = counted(week.opinions, "answer")
        lines.append(f"Useful, they say: {week.useful:.1f} of 5 ({said}).")
    waits = [
        counted(week.disputes, "dispute to decide", "disputes to decide") if week.disputes else "",
        counted(week.waiting, "score to release", "scores to release") if week.waiting else "",
    ]
    waits = [one for one in waits if one]
    lines.append(f"For you: {joined(waits)}." if waits else "Nothing waits for you.")
    look = (Choice("review", "Look at it", style="primary"),) if waits else ()
    stop = Choice("followups:stop", "Stop these messages")
    return Message(title="Your week", text="\n".join(lines), choices=(*look, stop))


def listing(
    planned: Sequence[tuple[FollowUp, str]], chosen: Following, zone: str | None
) -> Message:
    """What somebody is to get, as (follow-up, title), and how to change that."""
    if chosen.stopped:
        return Message(
            title="Follow-ups",
            text="You get none of these messages. Your debriefs are always at `/sim debrief`.",
            choices=(Choice("followups:start", "Start them again", style="primary"),),
        )
    lines = [
        f"- {when(one.due, zone)}: {KINDS[one.kind]}{f', {title}' if title else ''}"
        for one, title in planned
    ] or ["Nothing is planned just now."]
    if chosen.unreachable:
        lines.append("The last direct message did not reach you. Are direct messages open?")
    lines.append(
        "They keep to your time zone and quiet hours; change those with `/sim settings`. "
        f"Put the last one off with `/sim later {EXAMPLE}`."
    )
    return Message(
        title="Follow-ups",
        text="\n".join(lines),
        choices=(Choice("followups:stop", "Stop these messages"),),
    )


def stopped() -> Message:
    """No more of these."""
    return Message(
        text="Stopped: you get none of these messages any more. Your debriefs are always at "
        "`/sim debrief`.",
        choices=(Choice("followups:start", "Start them again"),),
    )


def started() -> Message:
    """They come again."""
    return Message(text="You get follow-ups again, after your next simulation.")


def put_off(at: datetime, zone: str | None) -> Message:
    """It comes again later."""
    return Message(text=f"All right: {when(at, zone)} you get it again.")


def nothing_to_put_off() -> Message:
    """There is no such message."""
    return Message(text="There is no message to put off. See what comes with `/sim followups`.")


def bad_time(why: str) -> Message:
    """A time that cannot be used, with one that can."""
    return Message(text=f"I cannot use that: {why}. Write it like `/sim later {EXAMPLE}`.")


def later_form(which: str) -> Form:
    """When it should come again."""
    return Form(
        id=f"later:which={which}" if which else "later",
        title="Later",
        fields=(
            TextField(
                name="when",
                label="When should it come again?",
                hint=f"For example: {EXAMPLE}, in two hours, monday 9:30",
                value="tomorrow 9am",
                longest=80,
            ),
        ),
        send="Put it off",
    )


def time_error(why: str) -> str:
    """What is wrong with a time in a form."""
    return f"{why[:1].upper()}{why[1:]}. Write it like: {EXAMPLE}"


def clock(now: datetime) -> Message:
    """The demo clock was put forward."""
    return Message(text=f"The clock now says {now:%A %Y-%m-%d %H:%M} UTC. What is due comes soon.")


def bad_step(why: str) -> Message:
    """A span that the demo clock does not take."""
    return Message(text=f"I cannot use that: {why}.")
