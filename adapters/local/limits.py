"""What the local workspace carries, and the names in it."""

from typing import Final

from adapters.port import Limits, Platform

PLATFORM: Final = Platform("local")
WORKSPACE: Final = "here"
BOT_ID: Final = "dressrun"

LIMITS: Final = Limits(
    text=12_000,
    blocks=100,
    choices=100,
    upload_bytes=8 * 1024 * 1024,
    edits_per_minute=120,
    threads=True,
    whispers=True,
    draft="native",
    lookup=True,
)

PAGE: Final = 50
"""Messages of one page of history."""

MOST_PIXELS: Final = 40_000_000
THUMB: Final = 320
"""The longer side of a small picture, in pixels."""

QUEUE: Final = 1000
"""Things that may wait for one slow browser before it has to connect again."""
