"""Commands that hand out documents."""

import json

from adapters.port import File, Message
from bot.access import require
from bot.commands.library import session_named
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Result, Whisper
from bot.store import personal
from bot.things import session_thing
from engine.archive import Format
from engine.store import Transaction

MEDIA_TYPES: dict[Format, str] = {
    "md": "text/markdown",
    "json": "application/json",
    "csv": "text/csv",
}


@REGISTRY.command(
    "export",
    "Get the transcript as a file.",
    format=Option(
        "The kind of file; md if left out.",
        optional=True,
        choices=(("md", "Markdown"), ("json", "JSON"), ("csv", "Table (CSV)")),
    ),
    simulation=Option("Which simulation, by ID; the one here if left out.", optional=True),
)
async def export(tx: Transaction, call: Call, format: str | None, simulation: str | None) -> Result:
    """A session's transcript, to the caller alone."""
    wanted = _format(format)
    session_id = await session_named(tx, call, simulation)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    require(call.person, "export", session_thing(record, state))
    body = await call.services.archive.export(tx, session_id, wanted)
    name = f"{scenario.id}-{session_id[:8]}.{wanted}"
    file = File(name=name, media_type=MEDIA_TYPES[wanted], content=body.encode())
    text = f"Here is the transcript of **{scenario.title}**."
    return Result((Whisper(message=Message(text=text, files=(file,))),))


@REGISTRY.command("my-data", "Get everything kept about you, as a file.")
async def my_data(tx: Transaction, call: Call) -> Result:
    """Every row about the caller; transcripts are got with `/sim export`, one by one."""
    body = json.dumps(await personal.about(tx, call.person.id), indent=1, ensure_ascii=False)
    file = File(name="my-data.json", media_type=MEDIA_TYPES["json"], content=body.encode())
    text = (
        "Here is everything kept about you, but for the transcripts: get each with "
        "`/sim export`. `/sim forget-me` deletes it all."
    )
    return Result((Whisper(message=Message(text=text, files=(file,))),))


def _format(wanted: str | None) -> Format:
    if wanted is None:
        return "md"
    for known in MEDIA_TYPES:
        if known == wanted.lower():
            return known
    raise BadCommand("format", "/sim export md|json|csv")
