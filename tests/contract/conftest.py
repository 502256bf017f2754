"""Every contract test runs once for each rig."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.contract.rigs import Rig, found

RIGS = found()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(lack, …): skipped where a rig lacks one of these")


@pytest.fixture(params=list(RIGS.values()), ids=list(RIGS))
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Rig]:
    made: Rig = request.param(tmp_path)
    for mark in request.node.iter_markers("needs"):
        if lacking := made.lacks & set(mark.args):
            pytest.skip(f"the platform has none: {', '.join(sorted(lacking))}")
    await made.open()
    yield made
    await made.close()
