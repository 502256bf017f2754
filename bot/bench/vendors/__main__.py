"""Run all stand-ins until interrupted, and print how to use them."""

import asyncio
import contextlib
import sys

from bot.bench.vendors.server import vendor


async def _run() -> None:
    async with vendor("anthropic") as one, vendor("openai") as two, vendor("local") as three:
        lines = [
            f"DRESSRUN_ANTHROPIC__API_KEY=none DRESSRUN_ANTHROPIC__BASE_URL={one.url}",
            f"DRESSRUN_OPENAI__API_KEY=none DRESSRUN_OPENAI__BASE_URL={two.url}",
            f"DRESSRUN_LOCAL_MODEL__BASE_URL={three.url}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(_run())
