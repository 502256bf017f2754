"""A session's state in words: status, recap, endings, history."""

from collections.abc import Sequence
from datetime import datetime

from adapters.port import Choice, Fields, Message, Table
from bot.views.text import counted, format_cost, format_tokens, joined, minutes
from engine.casting import mode_of, speaker_name
from engine.director import phase_named
from engine.scenario import Scenario
from engine.session import State
from engine.store.ledger import Totals
from engine.store.sessions import SessionRecord

STATUS_WORDS = {
    "not_started": "not started",
    "in_progress": "running",
    "paused": "paused",
    "completed": "completed",
    "abandoned": "stopped",
}


def status(
    scenario: Scenario, state: State, totals: Totals, now: datetime, *, with_cost: bool
) -> Message:
    """Where the session stands: phase, time, turns, what was shown and is on its way."""
    on_the_way = [one.title for one in scenario.exhibits if one.id in state.scheduled]
    shown = [one.title for one in scenario.exhibits if one.id in state.released]
    done = [one.label for one in scenario.actions if one.id in state.actions]
    rows = [
        ("Scenario", scenario.title),
        ("Status", STATUS_WORDS[state.status]),
        ("Mode", mode_of(scenario, state.mode).label),
        ("Phase", phase_words(scenario, state)),
        ("Time", f"{minutes(state.minutes(now))} of about {scenario.minutes}"),
        ("Turns", str(state.turns)),
        ("Shown", joined(shown)),
        ("On its way", joined(on_the_way)),
        ("Done", joined(done)),
        ("Hints", str(state.hints) if state.hints else ""),
    ]
    if with_cost:
        rows.append(("Tokens", format_tokens(totals.tokens_in + totals.tokens_out)))
        rows.append(("Cost", format_cost(totals.cost_micro_usd)))
    shown_rows = tuple((label, value) for label, value in rows if value)
    text = "\n".join(f"**{label}**: {value}" for label, value in shown_rows)
    return Message(title="Status", text=text, blocks=())


def phase_words(scenario: Scenario, state: State) -> str:
    """The phase's title and its place: `History (1 of 3)`."""
    ids = [phase.id for phase in scenario.phases]
    if state.phase not in ids:
        return ""
    title = phase_named(scenario, state.phase).title
    return f"{title} ({ids.index(state.phase) + 1} of {len(ids)})"


def recap(scenario: Scenario, state: State, now: datetime) -> Message:
    """One line to come back with."""
    last = state.last_of("character")
    who = speaker_name(scenario, state.mode, last.seat) if last else ""
    heard = f" Last, {who} said: “{_short(last.text)}”" if last else ""
    return Message(
        text=f"You are back in **{scenario.title}**, {phase_words(scenario, state)}, "
        f"{minutes(state.minutes(now))} in.{heard} Just write to go on."
    )


def _short(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rsplit(' ', 1)[0]}…"


def paused() -> Message:
    """The clock stands."""
    return Message(
        text="Paused. The clock stands; go on with `!resume` whenever you like.",
        choices=(Choice("resume", "Resume", style="primary"),),
    )


def continue_here(scenario: Scenario) -> Message:
    """The person has this one running already."""
    return Message(
        text=f"You have **{scenario.title}** running. Go on with it, or end it first.",
        choices=(
            Choice(f"continue:{scenario.id}", "Continue", style="primary"),
            Choice("end", "End it"),
        ),
    )


def ended(scenario: Scenario, state: State) -> Message:
    """The session is over: what was played, and what to do next."""
    if state.ended_because == "idle":
        return Message(
            text=f"**{scenario.title}** was stopped because nothing was written for a while. "
            "Nothing is lost: `/sim continue` takes it up again.",
            choices=(Choice("continue", "Continue", style="primary"),),
        )
    if state.ended_because in {"stop word", "distress"}:
        return Message(text="The role-play has stopped, and it is not scored.")
    took = minutes(state.minutes(state.ended_at)) if state.ended_at else ""
    return Message(
        title="The simulation has ended",
        text=f"**{scenario.title}** is complete: {counted(state.turns, 'turn')} in {took}. "
        "See how it went with `!show`, read it again with `!export`.",
        choices=(
            Choice("show", "How did it go?", style="primary"),
            Choice("export", "Transcript"),
            Choice(f"start:{scenario.id}", "Play again"),
        ),
    )


def history(sessions: Sequence[tuple[SessionRecord, str]]) -> Message:
    """A person's sessions, newest first, as (record, title)."""
    if not sessions:
        return Message(text="You have played nothing yet. See what there is with `/sim list`.")
    rows = tuple(
        (
            f"{record.created_at:%Y-%m-%d %H:%M}",
            title,
            STATUS_WORDS[record.status],
            record.id[:8],
        )
        for record, title in sessions
    )
    lines = [f"- {when} · {title} · {state} · `{id_}`" for when, title, state, id_ in rows]
    return Message(
        title="Your simulations",
        text="\n".join([*lines, "", "See one with `/sim show ID`."]),
        blocks=(Table(columns=("When", "Scenario", "Status", "ID"), rows=rows),),
    )


def hint(text: str) -> Message:
    """A nudge."""
    return Message(text=f"A thought: {text}")


def offered(kind: str, labels: Sequence[str]) -> Message:
    """What can be ordered or submitted here."""
    if not labels:
        return Message(text=f"There is nothing to {kind} in this scenario. Just write to go on.")
    lines = "\n".join(f"- {label}" for label in labels)
    return Message(text=f"You can {kind}:\n{lines}\nWrite `!{kind}` and what you want.")


def summary_fields(scenario: Scenario, state: State, now: datetime) -> Fields:
    """The head of a transcript."""
    return Fields(
        (
            ("Scenario", scenario.title),
            ("Mode", mode_of(scenario, state.mode).label),
            ("Status", STATUS_WORDS[state.status]),
            ("Time", minutes(state.minutes(now))),
        )
    )
