"""The library: what can be played, and the brief of one scenario."""

from collections.abc import Collection, Mapping, Sequence

from adapters.port import Card, Choice, Message, Text
from bot.views.text import minutes
from engine.casting import human_seats, mode_names, mode_of
from engine.scenario import Scenario

DOMAINS = {
    "clinical": "Clinical",
    "social_work": "Social work",
    "interview": "Case interview",
    "service": "Service and support",
    "telephony": "Phone",
}


LEVELS = ("novice", "intermediate", "advanced")


def listing(scenarios: Sequence[Scenario], open_ones: Collection[str]) -> Message:
    """All scenarios as short cards: what runs comes first, then each domain from the easiest on.

    A card says who one meets; what there is to do stands in the brief behind "Details".
    """
    if not scenarios:
        return Message(text="There is no published scenario yet.")
    groups = _grouped(scenarios, open_ones)
    lines = [
        f"- `{one.id}`: {one.title} ({DOMAINS[one.domain]}, {one.level}, {minutes(one.minutes)})"
        + (" · running" if one.id in open_ones else "")
        for group in groups.values()
        for one in group
    ]
    blocks: list[Text | Card] = []
    for title, group in groups.items():
        blocks.append(Text(f"**{title}**"))
        blocks += [_card(one, running=one.id in open_ones) for one in group]
    first = next(iter(groups.values()))[0].id
    return Message(
        title="Scenarios",
        text="\n".join([*lines, "", f"Start one with `/sim start {first}`."]),
        blocks=tuple(blocks),
    )


def _grouped(
    scenarios: Sequence[Scenario], open_ones: Collection[str]
) -> Mapping[str, Sequence[Scenario]]:
    """The scenarios under their headings; no heading is without any."""
    easiest_first = sorted(scenarios, key=lambda one: LEVELS.index(one.level))
    groups = {"Running": [one for one in scenarios if one.id in open_ones]}
    for domain, title in DOMAINS.items():
        groups[title] = [
            one for one in easiest_first if one.domain == domain and one.id not in open_ones
        ]
    return {title: group for title, group in groups.items() if group}


def _card(scenario: Scenario, *, running: bool) -> Card:
    choice = (
        Choice(f"continue:{scenario.id}", "Continue", style="primary")
        if running
        else Choice(f"start:{scenario.id}", "Start", style="primary")
    )
    # Few lines each: a platform takes only so many in a message.
    who = scenario.brief.context.client or scenario.brief.task
    return Card(
        title=scenario.title,
        text=f"{who}\n_{scenario.level.capitalize()}, {minutes(scenario.minutes)}_",
        choices=(choice, Choice(f"brief:{scenario.id}", "Details")),
    )


def brief(scenario: Scenario, mode: str, *, running: bool = False) -> Message:
    """The only text a trainee sees before the start."""
    verb, label = ("continue", "Continue") if running else ("start", "Start")
    usual = mode == mode_names(scenario)[0]
    start = f"{verb}:{scenario.id}" if usual or running else f"{verb}:{scenario.id}:{mode}"
    return Message(
        title=scenario.title,
        text=_told(scenario, ("Modes", ", ".join(_mode_words(scenario)))),
        choices=(Choice(start, label, style="primary"),),
    )


def _told(scenario: Scenario, modes: tuple[str, str]) -> str:
    context = scenario.brief.context
    fields = [
        ("Client", context.client),
        ("Situation", context.situation),
        ("Objective", context.objective),
        ("Your goals", _listed(goals(scenario))),
        ("Time", minutes(scenario.minutes)),
        modes,
        ("Documents", ", ".join(document.title for document in scenario.brief.documents)),
        ("Please note", scenario.brief.content_warning),
    ]
    shown = tuple((label, value) for label, value in fields if value)
    listed = "\n".join(
        f"**{label}**: {value}" if "\n" not in value else f"**{label}**\n{value}"
        for label, value in shown
    )
    return f"{scenario.brief.task}\n\n{listed}"


def _listed(labels: Sequence[str]) -> str:
    """One as it is, several as a list."""
    return labels[0] if len(labels) == 1 else "\n".join(f"- {label}" for label in labels)


def goals(scenario: Scenario) -> tuple[str, ...]:
    """The brief's goals in its order, in their words for trainees where an author gave any."""
    labels = {one.id: one.goal or one.label for one in scenario.rubric.criteria}
    return tuple(labels[goal] for goal in scenario.brief.goals if goal in labels)


def _mode_words(scenario: Scenario) -> list[str]:
    if not scenario.modes:
        return []
    return [f"`{name}` ({mode_of(scenario, name).label})" for name in mode_names(scenario)]


def opening(scenario: Scenario, mode: str, seat: str, *, over: bool = False) -> Message:
    """The first message in a session's thread: the task, and how to go on unless it is over.

    Everybody reads it, so in a team nobody's own part stands in it.
    """
    label = mode_of(scenario, mode).label if scenario.modes else ""
    hint = "`!hint` gives a nudge, " if mode_of(scenario, mode).hints else ""
    part = "" if is_team(scenario, mode) else scenario.cast[seat].brief
    how = (
        f"Just write to talk. {hint}`!pause` rests, `!end` finishes, "
        f"and “{scenario.safety.stop_word}” stops everything at once."
    )
    if scenario.actions or scenario.tools:
        how = f"{how} `!order` and `!submit` are for everything you do besides talking."
    return Message(
        title=scenario.title,
        text=_told(scenario, ("Mode", label)),
        blocks=(
            *((Text(f"**Your part**: {part}"),) if part else ()),
            *(() if over else (Text(how),)),
        ),
        choices=() if over else _card_choices(hints=mode_of(scenario, mode).hints),
        pinned=True,
    )


def is_team(scenario: Scenario, mode: str) -> bool:
    """Whether a mode has seats for several people."""
    seats = human_seats(scenario, mode)
    return len(seats) > 1 or any(scenario.cast[one].max > 1 for one in seats)


def _card_choices(*, hints: bool) -> tuple[Choice, ...]:
    """What can be done at any time, within reach while the message is kept in sight."""
    return (
        *((Choice("hint", "Hint"),) if hints else ()),
        Choice("status", "Where am I?"),
        Choice("pause", "Pause"),
        Choice("end", "End", confirm="Finish this simulation now?"),
    )
