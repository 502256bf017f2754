"""The real server as a process of its own, for the page's tests."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENDS_SECONDS = 60


class Server:
    """`dressrun up` over a folder. It keeps its port, so that a page finds it again."""

    def __init__(
        self,
        folder: Path,
        *more: str,
        module: str = "bot.cli",
        host: str = "127.0.0.1",
        **settings: str,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.said: list[str] = []
        self._folder = folder
        usual = {"bot.cli": ["up"], "tests.browser.mock": ["--port", str(self.port)]}
        self._line = [sys.executable, "-m", module, *usual.get(module, []), *more]
        ours = {
            name: value
            for name, value in os.environ.items()
            if "DRESSRUN_" not in name or name == "DRESSRUN_LEARNED_DIR"
        }
        self._environment = {
            **ours,
            "PYTHONPATH": str(ROOT),
            "DRESSRUN_DATA_DIR": str(folder / "data"),
            "DRESSRUN_BIND": f"{host}:{self.port}",
            "DRESSRUN_LOG_LEVEL": "error",
            **settings,
        }
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603 - ours
            self._line,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line)
            if "ready" in line:
                return
        raise AssertionError(f"it did not start: {self.said}")

    def stop(self, by: int = signal.SIGTERM) -> None:
        """End it, by SIGTERM or SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(by)
            process.communicate(timeout=ENDS_SECONDS)

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
