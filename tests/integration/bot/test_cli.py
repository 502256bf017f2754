"""The command line as an operator or an author uses it, each call a process of its own."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.wiring import shipped_scenarios
from engine.catalog import Catalog
from engine.scenario import Scenario
from tests.unit.engine.small_scenario import TEXT

PUBLISHED = Catalog(shipped_scenarios()).published()
IDS = [one.id for one in PUBLISHED]
ONE_OF_EACH = {one.domain: one for one in PUBLISHED}
Run = Callable[..., subprocess.CompletedProcess[str]]
PRIVATE = "hunter2-private"
LINES = {
    "chest-pain": "Where does it hurt?",
    "coffee-roaster-profit": "What is the goal of the board?",
    "first-visit": "Good morning, I am from the council.",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`dressrun` with a data folder of its own."""

    def call(
        *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if "DRESSRUN" not in name}
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "bot.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={
                **clean,
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "DRESSRUN_DATA_DIR": str(tmp_path / "data"),
                "DRESSRUN_LEARNED_DIR": os.environ["DRESSRUN_LEARNED_DIR"],
                "COLUMNS": "200",
                **environment,
            },
        )

    return call


def scenario_in(folder: Path, text: str = TEXT) -> Path:
    """A scenario file with the media it names."""
    (folder / "media").mkdir(parents=True)
    for name in ("omar.png", "film.png", "note.txt"):
        (folder / "media" / name).write_bytes(b"\x89PNG\r\n\x1a\n" if "png" in name else b"note")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return folder / "scenario.yaml"


def test_the_life_of_a_database(run: Run, tmp_path: Path) -> None:
    before = run("doctor")
    assert before.returncode == 0
    assert "is not there yet; run: dressrun migrate" in before.stdout
    assert not (tmp_path / "data").exists(), "looking changes nothing"

    assert run("migrate").stdout.startswith("Migrated from nothing to ")
    assert run("migrate").stdout.startswith("The database is up to date (")
    seeded = run("seed").stdout.splitlines()
    assert [one.partition(":")[0] for one in seeded] == IDS
    assert all(re.fullmatch(r"[a-z-]+: session [0-9a-f]{32}, \d+ turns", one) for one in seeded)
    again = run("seed").stdout.splitlines()
    assert [one.split(",")[0] for one in seeded] == [
        one.removesuffix(" is there already") for one in again
    ]
    session = seeded[IDS.index("chest-pain")].split()[2].rstrip(",")
    _look_at(run, session)
    _tamper_with(run, session, tmp_path / "data" / "dressrun.db")
    after = run("doctor")
    assert after.returncode == 0
    assert re.search(r"^ok +database +sqlite answers", after.stdout, re.M)
    assert re.search(r"^ok +jobs +0 due", after.stdout, re.M)


def _look_at(run: Run, session: str) -> None:
    replayed = run("replay", session[:8])
    assert (replayed.returncode, replayed.stdout.split(":")[0]) == (0, f"session {session}")
    assert "fold to what is stored, and hold their seal" in replayed.stdout
    assert run("export", session).stdout.startswith("# A weight on the chest")
    assert json.loads(run("export", session, "--format", "json").stdout)["session"]["id"] == session
    prompt = run("prompt", session, "--turn", "1").stdout
    assert "You are Colin Marsh" in prompt
    assert "cocaine" not in prompt.lower(), "what is sealed is in no prompt"
    assert "Working diagnosis" not in prompt


def _tamper_with(run: Run, session: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "UPDATE events SET body = json_set(body, '$.text', 'TAMPERED') WHERE session_id = ?"
            " AND kind = 'trainee_said'",
            (session,),
        )
    replayed = run("replay", session)
    assert replayed.returncode == 1
    assert f"session {session}: seal: an event was changed" in replayed.stdout
    assert "TAMPERED" not in replayed.stdout + replayed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "zzzz"), "no session begins with 'zzzz'"),
        (("export", "zzzz", "--format", "docx"), "choose md, json, csv"),
        (("manifest", "terminal"), "terminal needs no manifest"),
        (("manifest", "icq"), "no platform 'icq'; there are:"),
        (("play", "chestpain"), "Try: chest-pain"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DRESSRUN_BIND": "localhost"}, "DRESSRUN_BIND: write it as HOST:PORT"),
        ({"DRESSRUN_PROFILE": "dev"}, "DRESSRUN_PROFILE: "),
        ({"DRESSRUN_MODELS__JUGDE": "x"}, "DRESSRUN_MODELS__JUGDE: "),
        ({"DRESSRUN_DATABASE_URL": f"mysql://u:{PRIVATE}@h/d"}, "DATABASE_URL names mysql"),
        ({"DRESSRUN_MODELS__PERSONA": PRIVATE}, "DRESSRUN_MODELS__PERSONA: no such model"),
        ({"DRESSRUN_DATABASE_URL": f"postgresql://u:{PRIVATE}@127.0.0.1:9/d"}, "does not work"),
    ],
)
def test_a_wrong_setting_is_named_and_never_shown(
    run: Run, environment: dict[str, str], said: str
) -> None:
    done = run("seed", **environment)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert PRIVATE not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_doctor_names_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(
        "doctor",
        DRESSRUN_DATA_DIR=str(tmp_path / "file" / "data"),
        DRESSRUN_MODELS__JUDGE="nonsense",
        DRESSRUN_DATABASE_URL=f"postgresql://u:{PRIVATE}@127.0.0.1:9/d",
    )
    assert done.returncode == 1
    assert re.search(r"^error +database +cannot be reached", done.stdout, re.M)
    assert re.search(r"^error +media +.*set DRESSRUN_DATA_DIR$", done.stdout, re.M)
    assert re.search(r"^error +models +DRESSRUN_MODELS__JUDGE: ", done.stdout, re.M)
    assert PRIVATE not in done.stdout + done.stderr


def test_settings_are_printed_without_secrets(run: Run) -> None:
    done = run("config", "show", DRESSRUN_DATABASE_URL=f"postgresql://u:{PRIVATE}@h/d")
    assert "DRESSRUN_DATABASE_URL=(set)" in done.stdout
    assert "DRESSRUN_MODELS__PERSONA=embedded" in done.stdout
    assert PRIVATE not in done.stdout + done.stderr


def test_check_points_at_the_line(run: Run, tmp_path: Path) -> None:
    good = scenario_in(tmp_path / "good")
    done = run("check", str(good), "--quick")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{good}: ok")
    bad = scenario_in(tmp_path / "bad", TEXT.replace("level: novice", "level: beginner"))
    done = run("check", str(tmp_path))
    assert done.returncode == 1
    where = TEXT.splitlines().index("level: novice") + 1
    assert re.search(rf"^{re.escape(str(bad))}:{where}:\d+: error: ", done.stdout, re.M)
    broken = scenario_in(tmp_path / "broken", "format: [dressrun/1\n")
    done = run("check", str(broken))
    assert done.returncode == 1
    assert re.match(rf"{re.escape(str(broken))}:\d+:\d+: error: ", done.stdout)
    empty = run("check", str(tmp_path / "good" / "media"))
    assert (empty.returncode, "no scenario.yaml found here" in empty.stdout) == (1, True)


def test_check_knows_the_intents_and_says_what_it_binds(run: Run, tmp_path: Path) -> None:
    named = "    say: I fell on the stairs.\n    intent: {}\n"
    wrong = TEXT.replace("    say: I fell on the stairs.\n", named.format("clinical/pain.ste"), 1)
    done = run("check", str(scenario_in(tmp_path / "wrong", wrong)))
    assert done.returncode == 1
    assert re.search(
        r": error: fact fall: no intent clinical/pain\.ste; did you mean `clinical/pain\.site`\?$",
        done.stdout,
        re.M,
    )
    asks = "asks: [what happened, how did you hurt it"
    smoker = "asks: [do you smoke, are you a smoker, how many cigarettes do you smoke a day"
    free = re.sub(re.escape(asks) + r"[^\]]*", smoker, TEXT, count=1)
    file = scenario_in(tmp_path / "free", free)
    done = run("check", str(file), "--quick")
    assert done.returncode == 0
    bound = [line for line in done.stdout.splitlines() if ": note: " in line]
    assert len(bound) == 1
    assert bound[0].startswith(f"{file}: note: fact fall is understood as clinical/")
    assert "smok" in bound[0]


def test_check_names_a_pack_that_is_none(run: Run, tmp_path: Path) -> None:
    file = scenario_in(tmp_path / "good")
    (tmp_path / "own" / "intents").mkdir(parents=True)
    (tmp_path / "own" / "intents" / "bad.yaml").write_text("intents: [", encoding="utf-8")
    done = run("check", str(file), DRESSRUN_SCENARIOS_DIR=str(tmp_path / "own"))
    assert done.returncode == 2
    assert "bad.yaml: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shipped_scenarios_are_right(run: Run) -> None:
    done = run("check", str(shipped_scenarios()), "--quick")
    assert done.returncode == 0
    assert sum(line.endswith(": ok") for line in done.stdout.splitlines()) == len(IDS)


def test_the_schema_is_a_schema(run: Run) -> None:
    schema = json.loads(run("schema").stdout)
    assert schema["$schema"].endswith("2020-12/schema")
    assert {"facts", "personas", "rubric"} <= set(schema["properties"])


@pytest.mark.parametrize("scenario", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_each_domain_plays_from_a_pipe_to_its_score(run: Run, scenario: Scenario) -> None:
    line = LINES.get(scenario.id, "Good morning, how can I help?")
    done = run("play", scenario.id, stdin=f"{line}\n!status\n!end\n!show\n2\n")
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    begun, ended = shown.index("Before you start"), shown.index("has ended")
    assert any(f"{one.name}:" in shown[begun:ended] for one in scenario.personas.values())
    assert "Turns: 1" in shown
    assert "How it went:" in shown
    assert done.stderr == ""


def test_it_goes_on_another_day_or_begins_anew(run: Run) -> None:
    run("play", "chest-pain", stdin="Where does it hurt?\n")
    on = run("play", "chest-pain", stdin="!status\n")
    assert "You are back in A weight on the chest" in on.stdout
    assert "Turns: 1" in on.stdout
    assert "Before you start" not in on.stdout
    anew = run("play", "chest-pain", "--new", "--mode", "exam", stdin="!status\n!hint\n")
    assert "Mode: Exam" in anew.stdout
    assert "This mode gives no hints" in anew.stdout


def test_an_author_plays_a_file_of_their_own(run: Run, tmp_path: Path) -> None:
    file = scenario_in(tmp_path / "mine", TEXT.replace("status: published", "status: draft"))
    done = run("play", str(file), stdin="What happened?\n!end\n")
    assert "Omar Reyes: Hello there." in done.stdout, done.stderr
    assert "stairs" in done.stdout
    bad = scenario_in(tmp_path / "bad", TEXT.replace("level: novice", "level: beginner"))
    refused = run("play", str(bad.parent))
    assert refused.returncode == 2
    assert re.match(rf"{re.escape(str(bad))}:\d+:\d+: error: ", refused.stderr)


def test_a_changed_copy_is_played_instead_of_the_shipped_one(run: Run, tmp_path: Path) -> None:
    shipped = shipped_scenarios() / "clinical" / "chest-pain"
    copy = tmp_path / "copy"
    (copy / "media").mkdir(parents=True)
    for file in (shipped / "media").iterdir():
        (copy / "media" / file.name).write_bytes(file.read_bytes())
    text = (shipped / "scenario.yaml").read_text(encoding="utf-8")
    changed = text.replace("title: A weight on the chest", "title: My own weight", 1)
    (copy / "scenario.yaml").write_text(changed, encoding="utf-8")
    assert "My own weight" in run("play", str(copy)).stdout


def test_every_door_opens(run: Run, tmp_path: Path) -> None:
    done = run("selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("ok  ") for line in lines)
    assert not (tmp_path / "data").exists(), "it keeps nothing"
