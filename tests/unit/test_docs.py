"""What the documentation says is so: commands, settings, links, examples, generated pages."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from adapters.kits import kits
from bot import generated
from bot.checking import check_paths
from bot.cli import cli
from bot.commands import REGISTRY
from bot.settings import PREFIX, Settings
from bot.wiring import shipped_scenarios
from engine.catalog import Catalog
from engine.signals import SIGNALS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example" / "scenario.yaml"
README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SETTING_ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]*)\|", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, kind: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(page.read_text("utf-8")) if found == kind]


def prose(page: Path) -> str:
    return _BLOCK.sub("", page.read_text("utf-8"))


def settings_of(model: type[BaseModel], inside: str = "") -> Iterator[str]:
    """The variables of a model's fields, without the prefix."""
    for name, field in model.model_fields.items():
        full = f"{inside}{name.upper()}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings_of(field.annotation, f"{full}__")
        else:
            yield full


def every_setting() -> set[str]:
    ours = set(settings_of(Settings))
    theirs = (settings_of(kit.settings_model, f"{name.upper()}__") for name, kit in kits().items())
    return ours.union(*theirs)


def programs(text: str, name: str) -> Iterator[list[str]]:
    """The words after a program's name, wherever shell lines call it."""
    for line in text.replace("\\\n", " ").splitlines():
        for called in re.findall(rf"(?:^|[\s/]){name} ([^|#]*)", line):
            yield called.split()


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_first_commands_are_two() -> None:
    first = _BLOCK.search(README.read_text("utf-8"))
    assert first is not None
    assert first[2] == "make up\nmake test\n"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_are_printed_exist(page: Path) -> None:
    shell = "\n".join(blocks(page, "sh"))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in programs(shell, "make"):
        assert words[0] in targets, words
    known = typer.main.get_command(cli)
    for words in programs(shell, r"\.venv/bin/dressrun"):
        command = known.commands[words[0]]  # type: ignore[attr-defined]
        options = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


def test_the_operators_table_has_every_command() -> None:
    known = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    told = re.findall(r"^\| `dressrun ([a-z]+)", OPERATIONS.read_text("utf-8"), re.MULTILINE)
    assert set(told) <= set(known)
    assert set(known) - set(told) <= {"selftest", "bench"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_bang_commands_exist(page: Path) -> None:
    called = re.findall(r"`(?:!|/sim )([a-z-]+)", prose(page))
    assert set(called) <= set(REGISTRY.commands)


def test_generated_pages_are_current() -> None:
    for path, text in generated.pages().items():
        assert path.read_text("utf-8") == text, f"{name_of(path)}: run make docs"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if heading:
            assert heading in map(anchor, _HEADING.findall(found.read_text("utf-8"))), target


async def test_the_example_is_a_checked_scenario() -> None:
    lines, ok = await check_paths([EXAMPLE], Settings(), play=True)
    assert ok
    shown = [line.replace(f"{EXAMPLE}", "my-scenarios/cold-flat/scenario.yaml") for line in lines]
    assert shown[-1].endswith(": ok, 3 tests passed")
    guide = (ROOT / "docs" / "writing-a-scenario.md").read_text("utf-8")
    assert "\n".join(shown) in guide


def test_the_guide_quotes_the_example() -> None:
    lines = set(EXAMPLE.read_text("utf-8").splitlines())
    for text in blocks(ROOT / "docs" / "writing-a-scenario.md", "yaml"):
        assert [line for line in text.splitlines() if line not in lines] == []


def test_the_guide_names_every_signal() -> None:
    text = (ROOT / "docs" / "writing-a-scenario.md").read_text("utf-8")
    [listed] = re.findall(r"recognised by themselves:\n\n(.*?)\n\n", text, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == SIGNALS


def test_the_readme_lists_the_scenarios() -> None:
    text = README.read_text("utf-8")
    for one in Catalog(shipped_scenarios()).published():
        row = (
            rf"\| `{one.id}` \| {re.escape(one.title)} \| [^|]+ \| {one.level} \| {one.minutes} \|"
        )
        assert re.search(row, text), one.id


def test_settings_are_told_with_their_defaults() -> None:
    for page in (README, OPERATIONS):
        for name, told in _SETTING_ROW.findall(page.read_text("utf-8")):
            outer, _, inner = name.lower().partition("__")
            default = Settings.model_fields[outer].default
            default = getattr(default, inner) if inner else default
            shown = told.strip().strip("`")
            assert default in ("", None, ()) or float_or_text(default) == float_or_text(shown), name
    told_of = set(re.findall(r"`([A-Z][A-Z_]+)`", OPERATIONS.read_text("utf-8")))
    assert every_setting() <= told_of


def float_or_text(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def test_the_example_of_settings_has_all_of_them_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    offered = [line.removeprefix("# ") for line in lines if line.startswith(f"# {PREFIX}")]
    names = [line.partition("=")[0].removeprefix(PREFIX) for line in offered]
    assert sorted(names) == sorted(every_setting())
    for name in names:
        monkeypatch.delenv(f"{PREFIX}{name}", raising=False)
    (tmp_path / ".env").write_text("\n".join(offered), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings().admins == ("terminal:you",)


@pytest.mark.parametrize("script", [".ci/run"])
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    file = ROOT / script
    assert file.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(file)], check=True)  # noqa: S603, S607 - our own script
