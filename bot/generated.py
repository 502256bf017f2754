"""Pages that are made from the code: the command table and the scenario schema.

`python -m bot.generated` writes them, `--check` fails when one is out of date.
"""

import json
import sys
from pathlib import Path

from bot.commands import REGISTRY
from bot.views.help import table
from engine.scenario import Scenario

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- commands -->", "<!-- /commands -->"


def schema_text() -> str:
    """The JSON schema of scenario files (JSON Schema 2020-12)."""
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def pages() -> dict[Path, str]:
    """Every generated page with the text it should have."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        readme: f"{before}{BEGIN}\n{table(REGISTRY.specs)}{END}{after}",
        ROOT / "docs" / "scenario.schema.json": schema_text(),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that are out of date; the exit code."""
    wrong = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in wrong:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date; run: make docs\n")
        return 1 if wrong else 0
    for path in wrong:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
