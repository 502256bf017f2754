"""A session's state in words: status, recap, endings, history."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.port import Choice, Message, ThreadRef
from adapters.text import literal
from bot.views.text import counted, format_cost, format_tokens, joined, minutes
from engine.casting import human_seats, mode_of, speaker_name
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


NOBODY: Mapping[str, str] = {}

TEAM = 2
"""From so many seats on a status says who plays."""

CARE = frozenset({"stop word", "distress"})
"""Why a session ended out of care, as `State.ended_because` has it."""


def status(
    scenario: Scenario,
    state: State,
    totals: Totals,
    now: datetime,
    *,
    with_cost: bool,
    names: Mapping[str, str] = NOBODY,
) -> Message:
    """Where the session stands: phase, time, turns, who plays, what was shown and is on its way.

    `names` are people's, by person; whoever has none there is called somebody. Tokens and money
    are told `with_cost` alone, and only where there were any.
    """
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
        ("Played by", _players(scenario, state, names)),
        ("Shown", joined(shown)),
        ("On its way", joined(on_the_way)),
        ("Done", joined(done)),
        ("Hints", str(state.hints) if state.hints else ""),
    ]
    tokens = totals.tokens_in + totals.tokens_out
    if with_cost and tokens:
        rows.append(("Tokens", format_tokens(tokens)))
    if with_cost and totals.cost_micro_usd:
        rows.append(("Cost", format_cost(totals.cost_micro_usd)))
    shown_rows = tuple((label, value) for label, value in rows if value)
    text = "\n".join(f"**{label}**: {value}" for label, value in shown_rows)
    return Message(title="Status", text=text, blocks=())


def _players(scenario: Scenario, state: State, names: Mapping[str, str]) -> str:
    """The seats that people play, those of characters they took over too; or could take."""
    seats = {seat: state.people.get(seat, ()) for seat in human_seats(scenario, state.mode)}
    seats |= {seat: (person,) for seat, person in state.taken_over.items()}
    if len(seats) < TEAM:
        return ""
    return "; ".join(
        f"{speaker_name(scenario, state.mode, seat)}: "
        + (", ".join(literal(names.get(one) or "somebody") for one in people) or "free")
        for seat, people in seats.items()
    )


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
    heard = f" Last, {who} said: “{literal(_short(last.text))}”" if last else ""
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


def moved(thread: ThreadRef) -> Message:
    """The session that was in this thread goes on in another one."""
    return Message(
        text="This simulation goes on in another thread, so nobody heard that here.",
        choices=(Choice("there", "Go there", style="primary", link=thread),),
    )


def elsewhere(scenario: Scenario, thread: ThreadRef) -> Message:
    """What a command did can be seen in the session's own thread."""
    return Message(
        text=f"Done. You can see it in the thread of **{scenario.title}**.",
        choices=(Choice("there", "Go there", link=thread),),
    )


def unchanged(scenario: Scenario, state: State, now: datetime) -> Message:
    """A step that changed nothing: how it stands instead."""
    if state.status == "in_progress":
        return recap(scenario, state, now)
    if state.status == "abandoned":
        return Message(
            text=f"**{scenario.title}** is stopped. Take it up again with `/sim continue`.",
            choices=(Choice("continue", "Continue", style="primary"),),
        )
    return Message(text=f"**{scenario.title}** is {STATUS_WORDS[state.status]}.")


def stepped_out(scenario: Scenario) -> Message:
    """To somebody who goes on writing after the role-play was left: where there is help."""
    help_ = scenario.safety.help or ("Please talk to someone you trust.",)
    words = "The role-play is over, and nobody in it hears this. You matter more than it does."
    return Message(text="\n".join((words, *help_)))


def stopped() -> Message:
    """The session was stopped before its end, and can be taken up again."""
    return Message(
        text="This simulation was stopped, so nobody heard that. Nothing you did is lost: "
        "`/sim continue` takes it up again whenever you like.",
        choices=(Choice("continue", "Continue", style="primary"),),
    )


def continue_here(scenario: Scenario) -> Message:
    """The person has this one running already."""
    return Message(
        text=f"You have **{scenario.title}** running. Go on with it, or end it first.",
        choices=(
            Choice(f"continue:{scenario.id}", "Continue", style="primary"),
            Choice(f"end:{scenario.id}", "End it", confirm="Finish this simulation now?"),
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
    if state.ended_because in CARE:
        # The exit text stands above it, and has said the rest.
        return Message(
            text="The role-play is over; nobody in it will answer now.",
            choices=(Choice("continue", "Come back to it"),),
        )
    took = minutes(state.minutes(state.ended_at)) if state.ended_at else ""
    return Message(
        title="The simulation has ended",
        text=f"**{scenario.title}** is complete: {counted(state.turns, 'turn')} in {took}. "
        "See how it went with `!debrief`, read it again with `!export`.",
        choices=(
            Choice("debrief", "How did it go?", style="primary"),
            Choice("export", "Transcript"),
            Choice(f"start:{scenario.id}", "Play again"),
        ),
    )


def cut_off() -> Message:
    """To whoever wrote what the turn that was cut had not begun to answer."""
    return Message(text="This was stopped before anybody could answer. Your words are kept.")


def hold_first(running: Scenario, wanted: Scenario, mode: str) -> Message:
    """Asks whether to hold the one that runs in this direct message for another."""
    return Message(
        text=f"You are in the middle of **{running.title}**. Start **{wanted.title}** and hold "
        "the first? Its clock stands meanwhile, and you can come back to it.",
        choices=(
            Choice(f"start:{wanted.id}:{mode}:yes", "Start it and hold the first"),
            Choice(f"continue:{running.id}", "Keep going", style="primary"),
        ),
    )


def held(scenario: Scenario) -> Message:
    """One is on hold for another."""
    return Message(text=f"**{scenario.title}** is on hold; its clock stands.")


def bring_back(scenario: Scenario) -> Message:
    """Offers to go on with the one that was held."""
    return Message(
        text=f"**{scenario.title}** is still on hold. Go on with it?",
        choices=(Choice(f"continue:{scenario.id}", "Go on with it", style="primary"),),
    )


def history(sessions: Sequence[tuple[SessionRecord, str]]) -> Message:
    """A person's sessions, newest first, as (record, title)."""
    if not sessions:
        return Message(text="You have played nothing yet. See what there is with `/sim list`.")
    lines = [
        f"- {record.created_at:%Y-%m-%d %H:%M} · {title} · {STATUS_WORDS[record.status]} · "
        f"`{record.id[:8]}`"
        for record, title in sessions
    ]
    return Message(
        title="Your simulations",
        text="\n".join([*lines, "", f"See one with `/sim show {sessions[0][0].id[:8]}`."]),
    )


def hint(text: str, cost: int = 0) -> Message:
    """A nudge, and what it takes off the score where it does."""
    price = f"\n_This hint takes {counted(cost, 'point')} off the score._" if cost else ""
    return Message(text=f"A thought: {text}{price}")


def offered(kind: str, labels: Sequence[str]) -> Message:
    """What can be ordered or submitted here."""
    if not labels:
        return Message(text=f"There is nothing to {kind} in this scenario. Just write to go on.")
    lines = "\n".join(f"- {label}" for label in labels)
    return Message(text=f"You can {kind}:\n{lines}\nWrite `!{kind}` and what you want.")
