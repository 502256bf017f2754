"""The command line: one thin function a command."""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from bot.settings import Settings, setting_problem, shown
from engine.errors import SimulationError

cli = typer.Typer(
    name="dressrun",
    help="Training role-plays with simulated people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config = typer.Typer(help="What is set.", no_args_is_help=True)
cli.add_typer(config, name="config")
user = typer.Typer(help="Who may log in to the workspace.", no_args_is_help=True)
cli.add_typer(user, name="user")

ScenarioArgument = Annotated[str, typer.Argument(help="A scenario's id, or the path of its file.")]
SessionArgument = Annotated[str, typer.Argument(help="A session's id, or its beginning.")]


def main() -> None:
    """Run the command line; expected failures end with a sentence and exit code 1 or 2."""
    try:
        cli()
    except ValidationError as error:
        _fail("\n".join(setting_problem(one["loc"], one["msg"]) for one in error.errors()), 2)
    except (ValueError, LookupError, SimulationError) as error:
        _fail(str(error), 2)
    except _newer_release() as error:
        from bot.store.migrate import NEWER

        _fail(f"{NEWER[0].upper()}{NEWER[1:]} ({error}).")
    except _store_failures() as error:
        _fail(f"The database does not work ({error}). Look closer with: dressrun doctor --db")


def _newer_release() -> type[Exception]:
    from bot.store.migrate import UnknownRevision

    return UnknownRevision


def _store_failures() -> tuple[type[Exception], ...]:
    # Looked up only once something failed: most commands need no database, and it loads slowly.
    from bot.store.database import StoreAway, StoreRefused
    from bot.store.migrate import BrokenMigration
    from bot.store.queue_schema import ForeignQueue

    return StoreAway, StoreRefused, BrokenMigration, ForeignQueue


def _fail(text: str, code: int = 1) -> None:
    print(text, file=sys.stderr)
    sys.exit(code)


@cli.command()
def up(
    demo_clock: Annotated[
        bool,
        typer.Option("--demo-clock", help="Let /sim clock +1d put time forward; demo people only."),
    ] = False,
) -> None:
    """Run everything: database, API, schedule. Stops gracefully at SIGTERM."""
    from bot.serving import run

    sys.exit(run(Settings(), demo_clock=demo_clock))


@cli.command()
def worker() -> None:
    """Take turns beside `up`, as one of several processes on PostgreSQL, until SIGTERM."""
    from bot.working import run

    sys.exit(run(Settings()))


@cli.command()
def play(
    scenario: ScenarioArgument,
    mode: Annotated[str | None, typer.Option(help="How it is played.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin anew though one is running.")] = False,
) -> None:
    """Play a scenario in this terminal."""
    from bot.playing import located, play_in_terminal

    settings, scenario_id = located(Settings(), scenario)
    sys.exit(asyncio.run(play_in_terminal(settings, scenario_id, mode, anew=new)))


@cli.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    quick: Annotated[bool, typer.Option("--quick", help="Leave the scenarios' tests out.")] = False,
) -> None:
    """Check scenario files and play the tests they carry."""
    from bot.checking import check_paths

    lines, ok = asyncio.run(check_paths(paths, Settings(), play=not quick))
    for line in lines:
        print(line)
    sys.exit(0 if ok else 1)


@cli.command()
def calibrate(
    scenario: Annotated[str | None, typer.Option(help="Only sessions of this scenario.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write a table here for raters to fill in.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Keep the ratings of a filled table.")
    ] = None,
    rater: Annotated[str, typer.Option(help="Who rated, where a line does not say.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Compare scores with what people rate: kappa, ICC and how often a judge flips."""
    from bot import calibrating

    settings = Settings()
    if export is not None:
        print(asyncio.run(calibrating.handed_out(settings, export, scenario)))
        return
    if import_ is not None:
        print(asyncio.run(calibrating.taken_in(settings, import_, rater)))
        return
    found = asyncio.run(calibrating.compared(settings, scenario))
    if as_json:
        print(json.dumps(calibrating.as_values(found), indent=2))
    else:
        print("\n".join(calibrating.as_table(found)) if found else calibrating.NOTHING)


@cli.command()
def new(
    domain: Annotated[str, typer.Argument(help="What it is about: clinical, service and so on.")],
    folder: Annotated[Path | None, typer.Argument(help="A folder that is not there yet.")] = None,
) -> None:
    """Begin a scenario of your own: a small one that works, with comments."""
    from bot.starting import start

    print("\n".join(start(domain, folder)))


@cli.command("import")
def import_(
    format: Annotated[str, typer.Argument(help="agentclinic, card or sample.")],
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    folder: Annotated[Path | None, typer.Argument(help="A folder that is not there yet.")] = None,
    domain: Annotated[str, typer.Option(help="What a card becomes; it names none.")] = "service",
) -> None:
    """Turn a file of another format into scenarios that can be played and finished."""
    from bot.importing import bring_in
    from bot.starting import domain_named

    print("\n".join(bring_in(format, file, folder, domain_named(domain))))


@cli.command()
def probe(
    scenario: ScenarioArgument,
    questions: Annotated[
        Path | None, typer.Option(help="A file, one question a line; stdin if left out.")
    ] = None,
    mode: Annotated[str | None, typer.Option(help="How it is played.")] = None,
    conversation: Annotated[
        bool, typer.Option("--conversation", help="One session for all, not one a question.")
    ] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a question.")] = False,
    test: Annotated[
        str | None, typer.Option(help="Play this test of the scenario, instead of asking.")
    ] = None,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="Try to get at what is sealed, instead of asking.")
    ] = False,
) -> None:
    """Put questions to a scenario's people: what is understood, told, sealed. For authors."""
    from bot.probing import played, probe_of, questions_of, run

    asked = iter(()) if attacks or test is not None else questions_of(questions)
    wanted = probe_of(Settings(), scenario, mode, conversation=conversation)
    if attacks:
        from bot.attacking import attacked

        lines, ok = asyncio.run(attacked(wanted))
        print("\n".join(lines))
        sys.exit(0 if ok else 1)
    tell = partial(print, flush=True)
    if test is not None:
        asyncio.run(played(wanted, test, tell))
        return
    asyncio.run(run(wanted, asked, tell, as_json=jsonl))


@cli.command()
def schema() -> None:
    """Print the JSON schema of scenario files."""
    from bot.generated import schema_text

    print(schema_text(), end="")


@cli.command()
def doctor(
    jobs: Annotated[bool, typer.Option("--jobs", help="Look at what is due.")] = False,
    db: Annotated[bool, typer.Option("--db", help="Look at the database.")] = False,
    media: Annotated[bool, typer.Option("--media", help="Try to store a file.")] = False,
) -> None:
    """Say what is missing or broken, and what to do about it. Prints no secret."""
    from bot.doctor import examine

    wanted = {name for name, on in (("jobs", jobs), ("db", db), ("media", media)) if on}
    findings = asyncio.run(examine(Settings(), wanted))
    for finding in findings:
        print(f"{finding.level:8}{finding.code:14}{finding.text}")
    sys.exit(1 if any(one.level == "error" for one in findings) else 0)


@cli.command()
def manifest(name: Annotated[str, typer.Argument(help="A platform.")]) -> None:
    """Print what a platform needs to install the app there."""
    from bot.operations import manifest_of

    print(manifest_of(Settings(), name), end="")


@cli.command()
def migrate() -> None:
    """Bring the database to this release, with a backup of a SQLite file first."""
    from bot.operations import migrate_now

    print(asyncio.run(migrate_now(Settings())))


@cli.command()
def replay(session: SessionArgument) -> None:
    """Fold a session's log again and compare it with what is stored."""
    from bot.operations import replayed

    lines, ok = asyncio.run(replayed(Settings(), session))
    print("\n".join(lines))
    sys.exit(0 if ok else 1)


@cli.command()
def prompt(
    session: SessionArgument,
    turn: Annotated[int, typer.Option(help="Which turn of the trainee, from 1.")],
) -> None:
    """Print what the character was told for one turn; for authors."""
    from bot.operations import prompt_of

    print(asyncio.run(prompt_of(Settings(), session, turn)))


@cli.command()
def export(
    session: SessionArgument,
    format: Annotated[str, typer.Option(help="md, json or csv.")] = "md",
) -> None:
    """Print a session's transcript."""
    from bot.operations import exported

    sys.stdout.write(asyncio.run(exported(Settings(), session, format)))


@cli.command()
def seed() -> None:
    """Play every shipped scenario once as a demo trainee, so that there is something to look at."""
    from bot.seeding import seeded

    for line in asyncio.run(seeded(Settings())):
        print(line)


@cli.command()
def selftest() -> None:
    """Start on a free port and try every door once."""
    from bot.selftest import run

    lines, ok = asyncio.run(run(Settings()))
    print("\n".join(lines))
    sys.exit(0 if ok else 1)


@cli.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which one, or all.")] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Measure; ratios and percentiles, never a verdict."""
    from bot.bench import measure

    for figure in measure(name):
        print(json.dumps(figure) if as_json else "  ".join(f"{k}={v}" for k, v in figure.items()))


@user.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="What they are called.")],
    role: Annotated[str, typer.Option(help="trainee, instructor or admin.")] = "trainee",
    program: Annotated[
        bool, typer.Option("--program", help="A secret for a program of theirs, not a link.")
    ] = False,
) -> None:
    """Print a link that lets somebody into the workspace once; again for another browser."""
    from bot.operations import added

    print(asyncio.run(added(Settings(), name, role, program=program)))


@user.command("remove")
def user_remove(name: Annotated[str, typer.Argument(help="What they are called.")]) -> None:
    """Let somebody in no more, in no browser and by no program."""
    from bot.operations import removed

    print(asyncio.run(removed(Settings(), name)))


@config.command("show")
def config_show() -> None:
    """Print every setting as it stands, secrets left out."""
    from adapters.kits import kits
    from bot.models import filled

    for line in shown(filled(Settings()), kits()):
        print(line)


if __name__ == "__main__":
    main()
