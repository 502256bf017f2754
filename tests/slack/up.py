"""The server of `dressrun up` with a clock that a test puts forward: its time alone is made up.

Called with the file that says by how many seconds.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from adapters.clock import SystemClock
from bot.serving import fastest_loop, serve
from bot.settings import Settings
from bot.wiring import running


class PutForward(SystemClock):
    """The machine's clock and a span, looked up each time."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=float(self._file.read_text(encoding="ascii")))


if __name__ == "__main__":
    clock = PutForward(Path(sys.argv[1]))
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        sys.exit(runner.run(serve(Settings(), partial(running, clock=clock))))
