"""Commands about people: settings, roles, being forgotten."""

from dataclasses import replace

from adapters.port import UserRef
from adapters.stored import thread_id
from bot import people
from bot.access import Thing, require
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Result, Whisper
from bot.people import BadPreference
from bot.store.queues import POST_LANE
from bot.views import people as views
from engine.store import Transaction


@REGISTRY.command(
    "settings",
    "See or change your time zone, quiet hours and language.",
    time_zone=Option("As Europe/Berlin.", optional=True),
    quiet=Option("Hours without messages, as 22:00-07:00.", optional=True),
    language=Option("As de.", optional=True),
)
async def settings(
    tx: Transaction, call: Call, time_zone: str | None, quiet: str | None, language: str | None
) -> Result:
    """Show the caller's settings, changed first where something was given."""
    wanted = call.person.preferences
    if time_zone:
        wanted = replace(wanted, time_zone=time_zone)
    if quiet:
        start, dash, end = quiet.partition("-")
        if not dash:
            raise BadPreference("quiet hours are written as 22:00-07:00")
        wanted = replace(wanted, quiet_from=start.strip(), quiet_to=end.strip())
    if language:
        wanted = replace(wanted, language=language)
    if wanted != call.person.preferences:
        await people.set_preferences(tx, call.person.id, wanted)
    return Result((Whisper(message=views.settings(replace(call.person, preferences=wanted))),))


@REGISTRY.command(
    "role",
    "Give somebody a role.",
    roles=("admin",),
    person=Option("Who.", kind="person"),
    role=Option("Which role.", choices=tuple((role, role.capitalize()) for role in people.ROLES)),
)
async def role(tx: Transaction, call: Call, person: str, role: str) -> Result:
    """Change a person's role in this workspace."""
    require(call.person, "set_role", Thing(kind="workspace", owner=call.person.workspace))
    wanted = next((one for one in people.ROLES if one == role.lower()), None)
    if wanted is None:
        raise BadCommand("role", f"/sim role PERSON {'|'.join(people.ROLES)}")
    user_id = person.strip("<@>")
    who = UserRef(call.thread.platform, call.thread.workspace, user_id)
    found = await people.person_of(tx, people.account_of(who), at=call.at)
    await people.set_role(tx, found.id, call.person.workspace, wanted)
    return Result((Whisper(message=views.role_set(found.name or user_id, wanted)),))


@REGISTRY.command(
    "forget-me",
    "Delete everything about you here.",
    sure=Option("Write yes to do it.", optional=True),
)
async def forget_me(tx: Transaction, call: Call, sure: str | None) -> Result:
    """Delete the caller: identities, sessions, words."""
    if (sure or "").lower() != "yes":
        return Result((Whisper(message=views.forget_asked()),))
    here = f"{POST_LANE}{thread_id(call.thread)}"
    await people.forget(tx, call.person.id, and_then=[here])
    return Result((Whisper(message=views.forgotten()),), forgot=True)
