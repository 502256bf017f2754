"""Seats in words: who may come in, who came and went, who plays a character."""

from collections.abc import Sequence

from adapters.port import Choice, Message, Text
from adapters.text import literal
from engine.casting import human_seats, speaker_name
from engine.scenario import Scenario


def joining(scenario: Scenario, mode: str, free: Sequence[str]) -> tuple[Choice, ...]:
    """A choice for each part that is free."""
    if len(free) == 1:
        return (Choice("join", "Join", style="primary"),)
    return tuple(Choice(f"join:{one}", f"Join as {_part(scenario, mode, one)}") for one in free)


def _part(scenario: Scenario, mode: str, seat: str) -> str:
    return speaker_name(scenario, mode, seat)


def beside(scenario: Scenario, mode: str, free: Sequence[str]) -> Message:
    """To somebody without a seat who wrote in a simulation's thread, once."""
    words = "You have no seat in this simulation, so nobody in the scene hears you here."
    if not free:
        return Message(text=f"{words} Start your own with `/sim list`.")
    return Message(
        text=f"{words} There is room: join with `!join`, or start your own with `/sim list`.",
        choices=joining(scenario, mode, free),
    )


def which(scenario: Scenario, mode: str, free: Sequence[str]) -> Message:
    """Asks which of several seats somebody wants."""
    lines = [f"- `!join {one}`: {_part(scenario, mode, one)}" for one in free]
    return Message(
        text="\n".join(["Which part do you want to take?", *lines]),
        choices=joining(scenario, mode, free),
    )


def full(scenario: Scenario) -> Message:
    """Nobody else can come in."""
    return Message(
        text=f"Every seat of **{scenario.title}** is taken. Start your own with `/sim list`."
    )


def seated_already(scenario: Scenario, mode: str, seat: str) -> Message:
    """They take part already."""
    part = _part(scenario, mode, seat)
    return Message(text=f"You are in already, as {part}. Just write to go on.")


def came(scenario: Scenario, mode: str, seat: str, name: str) -> Message:
    """To everybody: somebody took a seat."""
    who = literal(name) if name else "Somebody"
    return Message(text=f"_{who} joins, as {_part(scenario, mode, seat)}._")


def went(scenario: Scenario, mode: str, seat: str, name: str) -> Message:
    """To everybody: somebody left."""
    who = literal(name) if name else "Somebody"
    return Message(text=f"_{who} leaves; {_part(scenario, mode, seat)} is free again._")


def welcome(scenario: Scenario, mode: str, seat: str) -> Message:
    """To somebody who took a seat: what it is about, and their part, which nobody else reads."""
    part = scenario.cast[seat].brief
    return Message(
        title=scenario.title,
        text=f"You are in, as {_part(scenario, mode, seat)}. {scenario.brief.task}\n"
        "Just write to talk; `!leave` gives the seat back.",
        blocks=(Text(f"**Your part**: {part}"),) if part else (),
    )


def your_part(scenario: Scenario, mode: str, seat: str) -> Message:
    """To whoever began: their part, which nobody else reads."""
    part = scenario.cast[seat].brief
    text = f"**Your part**, {_part(scenario, mode, seat)}, which nobody else reads here"
    return Message(text=f"{text}: {part}" if part else f"{text}: the brief is all there is to it.")


def free_seats_line(scenario: Scenario, mode: str, free: Sequence[str]) -> str:
    """For everybody: the parts that nobody plays yet."""
    parts = ", ".join(_part(scenario, mode, one) for one in free)
    return f"**Free parts**: {parts}. Whoever reads this can join."


def alone(scenario: Scenario) -> Message:
    """The last one does not leave; they rest or finish."""
    return Message(
        text=f"You are the only one in **{scenario.title}**. Rest with `!pause`, "
        "or finish with `!end`.",
        choices=(Choice("pause", "Pause"), Choice("end", "End it")),
    )


def no_seat(scenario: Scenario) -> Message:
    """They were not in it."""
    return Message(text=f"You have no seat in **{scenario.title}**, so there is none to leave.")


def needs_others(scenario: Scenario, mode: str) -> Message:
    """A team was to begin where nobody can join."""
    seats = ", ".join(_part(scenario, mode, one) for one in human_seats(scenario, mode))
    return Message(
        text=f"**{scenario.title}** is for several people ({seats}), and here nobody can join you. "
        f"Write `/sim start {scenario.id}` in a channel that the others read too: there one press "
        "lets them in. Or start here, and their parts stay empty.",
        choices=(
            Choice(f"start:{scenario.id}:{mode}:yes", "Start here alone"),
            Choice("list", "See all scenarios"),
        ),
    )


def played(name: str) -> Message:
    """To whoever waits for a character that a person plays."""
    return Message(
        text=f"A person plays {literal(name)} just now. "
        "The answer comes here as soon as they have written it."
    )


def plays(name: str, seat: str) -> Message:
    """To an instructor who took a character over."""
    return Message(
        text=f"You play {literal(name)} now. What you write in the simulation's thread is said "
        f"there under that name. `/sim hand-back {seat}` lets the character go on.",
        choices=(Choice(f"hand-back:{seat}", "Hand back"),),
    )


def handed_back(name: str) -> Message:
    """To an instructor who gave a character back."""
    return Message(text=f"{literal(name)} speaks for themselves again.")


def say_again(name: str) -> Message:
    """To whoever still waits for a character's answer that a person was to write."""
    return Message(
        text=f"{literal(name)} is played by Dressrun again. Say your last message once more, and "
        "the answer comes."
    )


def which_character(names: Sequence[tuple[str, str]], word: str) -> Message:
    """Asks which character is meant, from (seat, name)."""
    lines = [f"- `!{word} {seat}`: {literal(name)}" for seat, name in names]
    return Message(text="\n".join(["Which character?", *lines]))


def cues(waiting: Sequence[tuple[str, str]], *, unknown: bool = False) -> Message:
    """The cues that can still be given, from (id, what happens); `unknown`: another was named."""
    sorry = "There is no cue like that. " if unknown else ""
    if not waiting:
        return Message(text=f"{sorry}Every cue of this scenario was given already.")
    lines = [f"- `{id_}`: {literal(text)}" for id_, text in waiting]
    return Message(text="\n".join([f"{sorry}Give one with `/sim cue` and its name:", *lines]))


def said_aloud(word: str) -> Message:
    """To an instructor whose typed command everybody in the thread can read."""
    return Message(
        text=f"Everybody here can read what you typed. With `/sim {word} …` nobody but me can."
    )


def done() -> Message:
    """To an instructor: it happened in the simulation's thread."""
    return Message(text="Done. Everybody in the simulation can see it.")
