"""The rules of axe, on a page that lets it in."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "axe.min.js"


def serious(page: Any) -> list[tuple[str, list[str]]]:
    """The serious violations of the accessibility rules, and where they are."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [
        (one["id"], [str(node["target"]) + node["failureSummary"] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
