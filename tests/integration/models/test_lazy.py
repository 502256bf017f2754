"""The vendors' libraries are loaded late, and never where nobody needs them."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, sys
from pathlib import Path
from bot.settings import Settings
from bot.wiring import running

LATE = {"anthropic", "openai", "httpx2", "genai_prices", "matplotlib"}

async def main():
    settings = Settings(data_dir=Path(sys.argv[1]), _env_file=None)
    async with running(settings) as app:
        print(sorted(LATE & set(sys.modules)))
        await app.services.simulation.prepare()
        print(sorted({one.partition(".")[0] for one in sys.modules} & LATE))

asyncio.run(main())
"""


def loaded(folder: Path, **environment: str) -> list[str]:
    """What of it is loaded once an application runs, and once it is prepared; a line each."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", SCRIPT, str(folder)],
        env={"PATH": "/usr/bin:/bin", **environment},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.splitlines()


def test_without_a_key_no_library_is_loaded(tmp_path: Path) -> None:
    assert loaded(tmp_path) == ["[]", "[]"]


def test_with_a_key_only_its_own_is_loaded_and_not_at_the_start(tmp_path: Path) -> None:
    before, after = loaded(
        tmp_path,
        DRESSRUN_ANTHROPIC__API_KEY="none",
        DRESSRUN_ANTHROPIC__BASE_URL="http://127.0.0.1:1",
        DRESSRUN_MODELS__PERSONA="anthropic:claude-haiku-5-5",
    )
    assert before == "[]"
    assert after == "['anthropic', 'genai_prices', 'httpx2']"
