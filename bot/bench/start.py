"""How long `dressrun up` takes to be ready, what it holds in memory, and a first turn's cost."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bot.bench import Figure

RUNS = 3
HEAVY = ("anthropic", "openai", "matplotlib", "slack_bolt", "discord", "botbuilder", "twilio")
LIMIT_SECONDS = 60.0


def run() -> Iterator[Figure]:
    """Start a server of its own on a free port, wait until it is ready, look, and stop it."""
    for number in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            yield {"run": number + 1, **_once(Path(folder))}
    with tempfile.TemporaryDirectory() as folder:
        for learned in ("nothing", "before"):
            yield {"learned": learned, **_first_turns(Path(folder))}
    yield {"imports_at_start": ", ".join(imported()) or "none of the heavy ones"}


def _once(folder: Path) -> Figure:
    port = free_port()
    environment = environment_for(folder, port)
    begun = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "bot.cli", "up"], env=environment)
    try:
        wait_ready(port, server)
        ready = time.perf_counter() - begun
        memory = _resident(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)
    return {"ready_s": round(ready, 2), "resident_mb": memory}


def _first_turns(folder: Path) -> Figure:
    """The first turns of a process of their own, in seconds of the processor."""
    environment = {**os.environ, "DRESSRUN_LEARNED_DIR": str(folder / "learned")}
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-m", "bot.bench.first", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    figure: Figure = json.loads(done.stdout)
    return figure


def environment_for(folder: Path, port: int) -> dict[str, str]:
    """What a server of its own is started with."""
    environment = {
        **os.environ,
        "DRESSRUN_DATA_DIR": str(folder),
        "DRESSRUN_BIND": f"127.0.0.1:{port}",
        "DRESSRUN_LOG_LEVEL": "error",
    }
    environment.pop("DRESSRUN_DATABASE_URL", None)
    return environment


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers.

    Raises:
        TimeoutError: it does not.
    """
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
    raise TimeoutError("the server did not become ready")


def _resident(pid: int) -> float:
    """Resident memory in MB (10**6 bytes), from /proc; 0.0 where there is none."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def imported() -> list[str]:
    """Which heavy packages importing the server's code brings in."""
    code = (
        "import sys, bot.serving, adapters.kits; adapters.kits.kits();"
        f"print(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.split()
