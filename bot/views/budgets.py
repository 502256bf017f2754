"""What concerns money: that a budget is nearly or wholly spent, and figures of a workspace."""

from collections.abc import Sequence
from typing import Final

from adapters.port import Message
from adapters.text import literal
from bot.views.text import counted, format_cost, format_tokens, minutes
from engine.llm.breaker import Rest
from engine.llm.budget import STOP
from engine.store.figures import Figures
from engine.store.spending import Crossing

AT_ONCE_SECONDS: Final = 0.05
"""Faster than this nobody waits, and it would be written as 0.0."""

_WHAT = {
    "conversation": "A simulation",
    "person": "Somebody's simulations of today",
    "workspace": "Today's simulations of this workspace",
}


def crossing(one: Crossing, whose: str) -> Message:
    """A budget's warning, alert or end, for whoever looks after the workspace."""
    share = round(100 * one.micro_usd / one.limit) if one.limit else 100
    name = f" ({literal(whose)})" if whose else ""
    spent = (
        f"{_WHAT[one.scope]}{name} cost {format_cost(one.micro_usd)} by now, "
        f"{share} % of {format_cost(one.limit)}."
    )
    what_now = (
        "From here on the embedded persona answers, so nobody is left without a reply."
        if one.level == STOP
        else "Nothing is stopped yet; see the figures with `/sim stats`."
    )
    is_spent = one.level == STOP or one.micro_usd >= one.limit
    title = "A budget is spent" if is_spent else "A budget is nearly spent"
    return Message(title=title, text=f"{spent} {what_now}")


def stats(
    found: Figures, days: int, today: int, budget: int, resting: Sequence[Rest] = ()
) -> Message:
    """Seven figures of a workspace, today's spending, and which models rest just now."""
    each = format_cost(found.cost_each) if found.cost_each else ""
    rows = [
        ("Conversations", f"{found.conversations}, {found.completed} completed"),
        ("Messages", str(found.messages)),
        ("Tokens", format_tokens(found.tokens)),
        ("Cost", f"{format_cost(found.cost)}{_guessed(found)}" if found.cost else ""),
        ("Cost a conversation", each),
        ("Response time", _waits(found)),
        (
            "Duration",
            minutes(found.duration.total_seconds() / 60) if found.duration else "none yet",
        ),
        ("Today", f"{format_cost(today)} of {format_cost(budget)}"),
        ("Calls that failed", str(found.failed) if found.failed else ""),
    ]
    rows += [(f"`{one.model}`", _rests(one)) for one in resting]
    lines = [f"**{label}**: {value}" for label, value in rows if value]
    title = f"The last {counted(days, 'day')}"
    return Message(title=title, text="\n".join(lines))


def _guessed(found: Figures) -> str:
    return f", {counted(found.estimated, 'call')} by estimate" if found.estimated else ""


def _waits(found: Figures) -> str:
    if found.mean_ms is None or found.p95_ms is None:
        return "none yet"
    mean, p95 = found.mean_ms / 1000, found.p95_ms / 1000
    if p95 < AT_ONCE_SECONDS:
        return "at once"
    return f"{mean:.1f} s on average, 95 of 100 within {p95:.1f} s"


def _rests(one: Rest) -> str:
    if one.down:
        return f"is down ({one.reason}); run `dressrun doctor`"
    return f"rests after failures ({one.reason}); another model answers"
