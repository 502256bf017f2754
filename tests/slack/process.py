"""`dressrun up` as a process that talks to the fake, and can be killed at any instant."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import aiohttp

from tests.slack.hands import SECRET
from tests.slack.server import FakeSlack

ROOT = Path(__file__).parents[2]


class Bot:
    """One bot's process, over and over on the same data. `moves`: its clock can be put forward."""

    def __init__(
        self, slack: FakeSlack, folder: Path, *, moves: bool = False, **environment: str
    ) -> None:
        self._slack = slack
        self._folder = folder
        self._clock = folder / "clock"
        self._module = ("tests.slack.up", str(self._clock)) if moves else ("bot.cli", "up")
        self._clock.write_text("0", encoding="ascii")
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._reading: asyncio.Task[None] | None = None
        self.up = asyncio.Event()
        self.url = ""
        self.printed: list[str] = []

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._session = self._session or aiohttp.ClientSession()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self._module,
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "DRESSRUN_DATA_DIR": str(self._folder / "data"),
                "DRESSRUN_LEARNED_DIR": os.environ["DRESSRUN_LEARNED_DIR"],
                "DRESSRUN_BIND": "127.0.0.1:0",
                "DRESSRUN_SLACK__API_URL": self._slack.api_url,
                "DRESSRUN_SLACK__BOT_TOKEN": "xoxb-1",
                "DRESSRUN_SLACK__SIGNING_SECRET": SECRET,
                **self._environment,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(60):
            await self.up.wait()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode().strip()
            self.printed.append(text)
            if "ready at" in text:
                self.url = text.rpartition(" ")[2]
                self.up.set()

    def put_forward(self, by: timedelta) -> None:
        """Let it be later: for the bot, and for Slack."""
        self._slack.world.ahead += by.total_seconds()
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{self._slack.world.ahead:.0f}", encoding="ascii")
        fresh.replace(self._clock)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as an operator would; the exit code."""
        code = await self._end(signal.SIGTERM)
        if self._session is not None:
            await self._session.close()
            self._session = None
        return code

    async def _end(self, how: signal.Signals) -> int:
        self.up.clear()
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(40):
            code = await self._process.wait()
            if self._reading is not None:
                await self._reading
        return code

    async def send(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Post to it as Slack does; status 0 where nobody is there. Then wait for it to come back.

        Slack tries again after a minute and after five; here that is when the bot is back.
        """
        assert self._session is not None
        try:
            async with self._session.post(
                f"{self.url}/slack/events", data=body, headers=headers
            ) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            await self.up.wait()
            return 0, ""
