"""Commands about what comes later: follow-ups, putting them off, and the demo clock."""

from collections.abc import Mapping

from adapters.port import FieldErrors, Form
from bot.clock import BadStep, DemoClock, step
from bot.commands.forms import FORMS, Asking
from bot.commands.library import title_of
from bot.commands.registry import REGISTRY, BadCommand, Call, Option, UnknownCommand
from bot.effects import Result, Whisper
from bot.spoken_times import BadTime, moment_of
from bot.store import following as rows
from bot.views import followups as views
from engine.store import Transaction, sessions

MOST_LISTED = 10


@REGISTRY.command(
    "followups",
    "See, stop or start the messages you get after a simulation.",
    what=Option(
        "Leave out to see them.",
        optional=True,
        choices=(("stop", "Stop them"), ("start", "Start them again")),
    ),
)
async def followups(tx: Transaction, call: Call, what: str | None) -> Result:
    """What is planned for the caller, ended or begun again first where that was asked."""
    person = call.person.id
    if what == "stop":
        await rows.follow(tx, person, stopped_at=call.at)
        await rows.end_planned(tx, person, "stopped", call.at, "stopped")
        return Result((Whisper(message=views.stopped()),))
    if what == "start":
        await rows.follow(tx, person, stopped_at=None, unreachable_since=None)
        return Result((Whisper(message=views.started()),))
    if what:
        raise BadCommand("what", "/sim followups stop|start")
    planned = [
        one for one in await rows.of_person(tx, person, limit=MOST_LISTED) if one.state == "planned"
    ]
    titled = [
        (one, await _title(tx, call, one.session_id) if one.session_id else "") for one in planned
    ]
    chosen = await rows.following(tx, person)
    shown = views.listing(titled, chosen, call.person.preferences.time_zone)
    return Result((Whisper(message=shown),))


async def _title(tx: Transaction, call: Call, session_id: str) -> str:
    return title_of(call, (await sessions.get(tx, session_id)).scenario_id)


@REGISTRY.command(
    "later",
    "Put the last follow-up off.",
    when=Option("As tomorrow 3pm.", rest=True),
    which=Option("The one meant; the last if left out.", optional=True),
    opens_form=True,
)
async def later(tx: Transaction, call: Call, when: str, which: str | None) -> Result:
    """Send a follow-up once more at a time that the caller names."""
    zone = call.person.preferences.time_zone
    chosen = await rows.following(tx, call.person.id)
    if chosen.stopped:
        return Result((Whisper(message=views.listing((), chosen, zone)),))
    try:
        at = moment_of(when, call.at, zone)
    except BadTime as error:
        return Result((Whisper(message=views.bad_time(error.why)),))
    last = await rows.latest_sent(tx, call.person.id)
    meant = which or (f"f{last.id}" if last else "")
    if not meant[1:].isdigit() or not await rows.again(tx, int(meant[1:]), call.person.id, at):
        return Result((Whisper(message=views.nothing_to_put_off()),))
    return Result((Whisper(message=views.put_off(at, zone)),))


@FORMS.opens("later")
async def later_form(tx: Transaction, asking: Asking) -> Form | None:
    """One field for the time."""
    return views.later_form(asking.of("which"))


@FORMS.checks("later")
async def later_checked(tx: Transaction, asking: Asking, given: Mapping[str, str]) -> FieldErrors:
    """The time can be read."""
    try:
        zone = asking.person.preferences.time_zone
        moment_of(given.get("when", ""), asking.services.now(), zone)
    except BadTime as error:
        return FieldErrors((("when", views.time_error(error.why)),))
    return FieldErrors()


@REGISTRY.command(
    "clock",
    "Put the demo clock forward.",
    demo=True,
    by=Option("As +1d, +3h or +30m.", rest=True),
)
async def clock(tx: Transaction, call: Call, by: str) -> Result:
    """Let what time brings come now. The clock moves at once, whatever becomes of the answer."""
    ticking = call.services.clock
    if not isinstance(ticking, DemoClock):
        raise UnknownCommand
    try:
        span = step(by)
    except BadStep as error:
        return Result((Whisper(message=views.bad_step(str(error))),))
    return Result((Whisper(message=views.clock(ticking.forward(span))),))
