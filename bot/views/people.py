"""What concerns a person: the notice before the first start, settings, roles, being forgotten."""

from collections.abc import Sequence

from adapters.port import Choice, Message
from adapters.text import literal
from bot.people import Person
from bot.views.text import joined


def notice(heard_by: Sequence[str], retention_days: int, then: str) -> Message:
    """Who reads this, which models hear it, how to be forgotten; asks to agree, once.

    `heard_by` are the models outside of this server that may receive what is written. `then` is the
    choice that agreeing leads to.
    """
    hears = (
        "The people you talk to are simulated on this server; your words go to no outside service."
    )
    if len(heard_by) == 1:
        hears = f"Your words go to the model `{heard_by[0]}`, which plays the people you talk to."
    elif heard_by:
        names = joined([f"`{one}`" for one in heard_by], "and")
        hears = (
            "The people you talk to are played by models; your words may go to each of these: "
            f"{names}."
        )
    return Message(
        title="Before you start",
        text=f"{hears}\n"
        "Instructors of this workspace can read your simulations, and in a channel everybody who "
        "can read it reads along. To be alone, start in a direct message. "
        f"They are kept for {retention_days} days. "
        "`/sim forget-me` deletes everything about you, at any time.\n"
        "This is practice: please do not write about real patients or clients.",
        choices=(Choice(then, "I agree, start", style="primary"),),
    )


def agreed() -> Message:
    """Takes the place of the notice once somebody agreed to it, so that they cannot once more."""
    return Message(
        title="Before you start",
        text="You have agreed, thank you. `/sim forget-me` deletes everything about you, at any "
        "time.",
    )


def settings(person: Person) -> Message:
    """A person's settings, and how to change one."""
    own = person.preferences
    quiet = f"{own.quiet_from}-{own.quiet_to}" if own.quiet_from and own.quiet_to else "none"
    return Message(
        title="Your settings",
        text=f"**Time zone**: {own.time_zone or 'UTC'}\n"
        f"**Quiet hours**: {quiet}\n"
        f"**Language**: {own.language or 'en'}\n"
        f"**Roles**: {', '.join(sorted(person.roles)) or 'trainee'}\n"
        "Change one with `/sim settings time_zone=Europe/Berlin`, "
        "`quiet=22:00-07:00` or `language=de`.",
    )


def role_set(name: str, role: str) -> Message:
    """Somebody's role changed."""
    article = "an" if role[:1] in "aeio" else "a"
    return Message(text=f"{literal(name)} is now {article} {role} here.")


def forget_asked() -> Message:
    """Asks before everything goes."""
    return Message(
        text="This deletes everything about you here: simulations, scores, settings. "
        "It cannot be undone. "
        "To do it, write `/sim forget-me yes`.",
        choices=(Choice("forget-me:yes", "Delete everything", style="danger"),),
    )


def forgotten() -> Message:
    """It is done."""
    return Message(
        text="Everything about you has been deleted. Thank you for having practised here."
    )
