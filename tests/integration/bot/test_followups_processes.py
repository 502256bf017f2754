"""Follow-ups with real processes: two at once, and one that is killed."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.integration.bot.following import DM, afterwards, passes, played, states
from tests.integration.bot.stage import Stage

ROOT = Path(__file__).parents[3]


async def _child(url: str, folder: Path, dies: str = "never") -> tuple[int, int]:
    """Run one: its exit code, and how many it sent."""
    module = "tests.integration.bot.followups_child"
    line = (sys.executable, "-m", module, url, str(folder), "2", dies)
    child = await asyncio.create_subprocess_exec(
        *line, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    counts = [part for part in said.decode().split() if part.startswith("SENT:")]
    return child.returncode or 0, int(counts[0].removeprefix("SENT:")) if counts else 0


async def _due(stage: Stage) -> None:
    await played(stage)
    await stage.clock.advance(2)
    await afterwards(stage).plan()


async def test_of_two_processes_one_sends(
    everywhere: Stage, database_url: str, tmp_path: Path
) -> None:
    stage = everywhere
    await _due(stage)
    done = await asyncio.gather(*(_child(database_url, tmp_path) for _ in range(2)))
    assert sorted(done) == [(0, 0), (0, 1)]
    assert "Before the score" in await passes(stage)
    assert stage.shown(DM).count("Before the score") == 1


@pytest.mark.parametrize(("dies", "left"), [("before", "planned"), ("after", "queued")])
async def test_a_killed_process_sends_it_once_or_leaves_it(
    everywhere: Stage, database_url: str, tmp_path: Path, dies: str, left: str
) -> None:
    stage = everywhere
    await _due(stage)
    code, _ = await _child(database_url, tmp_path, dies)
    assert code == -signal.SIGKILL
    assert (await states(stage))["feedback 1"] == left
    assert "Before the score" in await passes(stage)
    assert await passes(stage, seconds=60) == ""
    assert (await states(stage))["feedback 1"] == "sent"
