"""Keeps files and functions short, and file names honest: `python -m tests.sizes`.

A Python file has at most 400 lines and, with a reason written down here, at most 600. A function
has at most 40, its docstring not counted. Names like `utils` say nothing about what is inside.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("bot", "adapters", "engine", "scenarios", "tests")

FILE_LINES, FILE_LINES_WITH_REASON = 400, 600
FUNCTION_LINES = 40
EMPTY_NAMES = frozenset({"common", "helper", "helpers", "manager", "managers", "misc", "utils"})

LONG_FILES: Mapping[str, str] = {
    "engine/events.py": "every kind of event a log can hold, in one closed list",
    "tests/unit/engine/test_world.py": "one short test for each rule of the sandbox, side by side",
}
"""Files past 400 lines, each with the reason why it is one."""

LONG_FUNCTIONS: Mapping[str, str] = {}
"""Functions past 40 lines, as `path:name`, each with the reason."""


def complaints(root: Path = ROOT) -> Iterator[str]:
    """What is too long or badly named below `root`, a line each."""
    seen: set[str] = set()
    for file in python_files(root):
        path = file.relative_to(root).as_posix()
        yield from _of_names(file.relative_to(root))
        text = file.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES:
            seen.add(path)
        yield from _of_length(path, lines)
        for name, length in functions(ast.parse(text)):
            if length > FUNCTION_LINES:
                seen.add(f"{path}:{name}")
                if f"{path}:{name}" not in LONG_FUNCTIONS:
                    yield f"{path}: {name} has {length} lines, {FUNCTION_LINES} are allowed"
    for stale in sorted({*LONG_FILES, *LONG_FUNCTIONS} - seen):
        yield f"tests/sizes.py: {stale} needs no exception any more"


def python_files(root: Path) -> list[Path]:
    """Every Python file of ours."""
    return sorted(file for folder in FOLDERS for file in (root / folder).rglob("*.py"))


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, int]]:
    """Every function by its dotted name, with its lines; inner functions count for the outer."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{inside}{node.name}", _lines(node)
            yield from functions(node, f"{inside}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{inside}{node.name}.")
        else:
            yield from functions(node, inside)


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _of_names(path: Path) -> Iterator[str]:
    for part in (*path.parts[:-1], path.stem):
        if part.lower() in EMPTY_NAMES:
            yield f"{path.as_posix()}: call it for what it holds, not {part}"


def _of_length(path: str, lines: int) -> Iterator[str]:
    if lines > FILE_LINES_WITH_REASON:
        yield f"{path}: {lines} lines, {FILE_LINES_WITH_REASON} at the very most: split it"
    elif lines > FILE_LINES and path not in LONG_FILES:
        yield f"{path}: {lines} lines; past {FILE_LINES} it needs a reason in tests/sizes.py"


def main() -> int:
    """Print every complaint; the exit code."""
    found = list(complaints())
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
