"""How delivery stands, in words: for `/sim health` and for `dressrun doctor`."""

from datetime import timedelta
from math import ceil

from adapters.port import Message
from bot.standing import Standing
from bot.views.text import counted


def standing(found: Standing, carrier: str) -> Message:
    """All figures, and first what to do where something is wrong."""
    rows = (
        ("To handle", f"{found.waiting}{_late(found.late)}"),
        ("To show", f"{found.unsent}{_late(found.unsent_late)}{_again(found)}"),
        ("Given up", f"{counted(found.dead, 'event')}, {counted(found.unsent_dead, 'message')}"),
        ("Of these letters to one person", _letters(found)),
        ("Shown or not, nobody knows", str(found.unknown) if found.unknown else ""),
        ("Worked on now", f"{counted(found.held, 'lane')}{_longest(found.held_for)}"),
        ("Left by a process that died", counted(found.left, "lane") if found.left else ""),
        ("Processes", _processes(found, carrier)),
    )
    lines = [f"**{label}**: {value}" for label, value in rows if value]
    return Message(title="Health", text="\n".join([verdict(found), *lines]))


def verdict(found: Standing) -> str:
    """One sentence, with one thing to do where something is wrong."""
    if found.stuck:
        oldest = max(found.late, found.unsent_late)
        return f"Something has waited for {_seconds(oldest)}. {_advice(found)}"
    if found.lost:
        return f"{counted(found.lost, 'thing')} could not be delivered; the log says why."
    return "Messages get through."


def _advice(found: Standing) -> str:
    if not found.alive:
        return "Nothing takes work: start `dressrun up`."
    if found.unsent_late > found.late and found.put_off * 2 > found.unsent:
        return "A platform is away or busy: look there. It is tried again by itself."
    if found.unsent_late > found.late:
        return "Look at the platform, and whether the process that is connected to it runs."
    return "Look at the log of `dressrun up` and of each worker."


def _late(late: timedelta) -> str:
    return f", the oldest due for {_seconds(late)}" if late >= timedelta(seconds=1) else ""


def _again(found: Standing) -> str:
    return f", {found.put_off} to be tried again" if found.put_off else ""


def _letters(found: Standing) -> str:
    if not found.letters:
        return ""
    told = f"{found.letters}; the log says whose, but for those whose platform is gone."
    return f"{told} If one held feedback, `/sim debrief` has it"


def _longest(length: timedelta) -> str:
    return f", the longest for {_seconds(length)}" if length >= timedelta(seconds=1) else ""


def _processes(found: Standing, carrier: str) -> str:
    told = f"{found.alive}{f', {found.gone} gone' if found.gone else ''} ({carrier})"
    if not found.alive and not found.gone:
        return told
    return f"{told}, all heard of in the last {ceil(found.unheard.total_seconds()) or 1} s"


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.0f} s"
