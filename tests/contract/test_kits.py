"""Every folder in `adapters/` is a whole kit, keeps to itself, and has a rig."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters
from adapters.kit import KitContext, KitSettings, PlatformKit
from tests.contract.rigs import found

FOLDER = Path(adapters.__file__).parent
KITS = [module.name for module in pkgutil.iter_modules(adapters.__path__) if module.ispkg]
OURS = ("bot", "engine", "scenarios", "tests")


def imports(file: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it; a relative import counts as its full name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(("adapters", *file.parent.relative_to(FOLDER).parts))
            module = f"{package}.{node.module or ''}" if node.level else node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_there_are_kits() -> None:
    assert "terminal" in KITS


@pytest.mark.parametrize("name", KITS)
def test_a_kit_is_whole(name: str) -> None:
    for part in ("adapter", "parse", "render", "limits"):
        assert (FOLDER / name / f"{part}.py").is_file()
    kit = importlib.import_module(f"adapters.{name}").KIT
    assert isinstance(kit, PlatformKit)
    assert kit.name == name
    assert issubclass(kit.settings_model, KitSettings)
    assert not kit.settings_model().wanted()
    if kit.tables is not None:
        assert all(table.startswith(f"{name}_") for table in kit.tables.tables)


@pytest.mark.parametrize("name", KITS)
def test_a_kit_has_a_rig(name: str) -> None:
    rig = found().get(name)
    assert rig is not None, f"write tests/contract/rigs/{name}.py"
    assert rig.kit is importlib.import_module(f"adapters.{name}").KIT


@pytest.mark.parametrize("name", KITS)
async def test_a_kit_builds_its_adapter_without_io(name: str, tmp_path: Path) -> None:
    rig = found()[name](tmp_path)
    assert rig.adapter.platform == rig.kit.name
    limits = rig.adapter.limits
    assert min(limits.text, limits.blocks, limits.upload_bytes, limits.edits_per_minute) > 0


def test_the_terminal_is_built_by_its_kit(tmp_path: Path) -> None:
    kit = importlib.import_module("adapters.terminal").KIT
    adapter = kit.build(KitContext(settings=kit.settings_model(), specs=(), data_dir=tmp_path))
    assert adapter.platform == "terminal"
    with pytest.raises(TypeError):
        kit.build(KitContext(settings=KitSettings(), specs=(), data_dir=tmp_path))


@pytest.mark.parametrize(
    "file", sorted(FOLDER.rglob("*.py")), ids=lambda file: str(file.relative_to(FOLDER))
)
def test_adapters_import_nothing_of_ours_and_no_other_platform(file: Path) -> None:
    inside = file.relative_to(FOLDER).parts[0]
    for module in imports(file):
        top, _, rest = module.partition(".")
        assert top not in OURS, module
        platform = rest.partition(".")[0]
        if top == "adapters" and platform in KITS:
            assert platform == inside, module


def test_importing_a_kit_imports_no_sdk_and_no_screen() -> None:
    heavy = ("rich", "prompt_toolkit", "wcwidth", "slack_bolt", "discord", "botbuilder", "twilio")
    names = ", ".join(f"adapters.{name}" for name in KITS)
    code = f"import sys, {names}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parent
    )
    assert done.stdout.strip() == "[]"
