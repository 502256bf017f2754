"""Borders that a linter does not hold: who may know a platform, catch everything, or wait."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sizes

ROOT = sizes.ROOT
OURS = ("bot", "adapters", "engine", "scenarios")
FOLDERS = {folder: sorted((ROOT / folder).rglob("*.py")) for folder in (*OURS, "tests")}
CODE = [file for folder in OURS for file in FOLDERS[folder]]
PLATFORMS = {"local", "terminal", "slack", "discord", "teams", "phone"}

CATCHES_ALL = {
    "bot/router.py": "turns failures into words",
    "bot/followups.py": "a tick goes on with the next session",
    "bot/afterwards/sending.py": "a tick goes on with the next person's message",
    "bot/retention.py": "a sweep goes on with the next scenario version",
    "bot/web/border.py": "the outermost place of a request",
    "bot/delivery/draining.py": "the outermost place of an event; another try, then it is told",
    "bot/delivery/carriers/local.py": "a loop that ended would take no more work",
    "bot/delivery/carriers/procrastinate.py": "as the local one; its worker is started anew",
    "bot/delivery/posting.py": "the outermost place of a post; another try, then it is told",
    "bot/delivery/streaming.py": "a turn that is stored is not to blame for how its reply is shown",
    "bot/store/outage.py": "a trial write that fails in whatever way tells that nothing is stored",
}

PATCHES = {
    "tests/unit/engine/test_catalog.py": "a limit in bytes; so large a pack is slow to make",
    "tests/integration/test_retention.py": "a database that goes away between two statements",
}

SLOW = {"tests/browser/mock_script.py": "somebody made up takes a moment to answer"}

FOR_EVER = 3600
"""Whoever sleeps so long in a test waits to be cancelled."""


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inside := dotted(node.value)):
        return f"{inside}.{node.attr}"
    return ""


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def platforms_compared(tree: ast.Module) -> Iterator[str]:
    """Names of platforms that something is compared with, matched on, or looked up by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            asks = any("platform" in dotted(side).lower() for side in sides)
            yield from (text for side in sides for text in texts(side) if asks)
        elif isinstance(node, ast.Match) and "platform" in dotted(node.subject).lower():
            patterns = [case.pattern for case in node.cases]
            yield from (text for pattern in patterns for text in texts(pattern))


def texts(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and inner.value in PLATFORMS:
            yield inner.value


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether it swallows whatever comes; one that ends by raising it again does not."""
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in kinds)


@pytest.mark.parametrize("file", [*FOLDERS["bot"], *FOLDERS["engine"]], ids=name_of)
def test_no_platform_is_asked_for_by_name_outside_adapters(file: Path) -> None:
    assert list(platforms_compared(tree_of(file))) == []


@pytest.mark.parametrize("file", CODE, ids=name_of)
def test_failures_are_caught_by_their_names(file: Path) -> None:
    handlers = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.ExceptHandler)]
    if name_of(file) not in CATCHES_ALL:
        assert [one.lineno for one in handlers if catches_all(one)] == []


@pytest.mark.parametrize("file", CODE, ids=name_of)
def test_no_task_is_started_and_forgotten(file: Path) -> None:
    dropped = [
        node.lineno
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func) in {"asyncio.create_task", "asyncio.ensure_future"}
    ]
    assert dropped == []


@pytest.mark.parametrize("file", FOLDERS["tests"], ids=name_of)
def test_tests_patch_nothing_of_ours(file: Path) -> None:
    tree = tree_of(file)
    assert not {"mock", "unittest.mock", "pytest_mock"} & set(imported(tree))
    patched = [
        node.lineno
        for name, node in calls(tree)
        if name == "monkeypatch.setattr"
        and not (isinstance(node.args[0], ast.Name) and node.args[0].id in {"sys", "os"})
    ]
    if name_of(file) not in PATCHES:
        assert patched == []


@pytest.mark.parametrize("file", FOLDERS["tests"], ids=name_of)
def test_tests_wait_for_events_and_not_for_time(file: Path) -> None:
    tree = tree_of(file)
    assert not any(
        isinstance(node, ast.ImportFrom)
        and node.module in {"time", "asyncio"}
        and any(alias.name == "sleep" for alias in node.names)
        for node in ast.walk(tree)
    )
    waits = [
        node.lineno
        for name, node in calls(tree)
        if name in {"time.sleep", "asyncio.sleep"} and not _gives_way(node)
    ]
    if name_of(file) not in SLOW:
        assert waits == []


def _gives_way(sleep: ast.Call) -> bool:
    """Whether it only lets others run, or waits to be cancelled."""
    wanted = sleep.args[0] if sleep.args else None
    return isinstance(wanted, ast.Constant) and wanted.value in {0, FOR_EVER}


def test_lengths_are_counted_without_docstrings() -> None:
    source = 'def one():\n    """Say\n    more."""\n    x = 1\n    return x\n'
    assert list(sizes.functions(ast.parse(source))) == [("one", 3)]
    inner = "class A:\n    async def b(self):\n        def c():\n            pass\n"
    assert list(sizes.functions(ast.parse(inner))) == [("A.b", 3), ("A.b.c", 2)]
