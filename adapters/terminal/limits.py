"""What a terminal carries."""

from typing import Final

from adapters.port import Limits, Platform, UserRef

PLATFORM: Final = Platform("terminal")
WORKSPACE: Final = "here"
PERSON: Final = UserRef(PLATFORM, WORKSPACE, "you")

LIMITS: Final = Limits(
    text=20_000,
    blocks=50,
    choices=50,
    upload_bytes=100 * 1024 * 1024,
    edits_per_minute=600,
    threads=True,
    whispers=True,
    draft="native",
    lookup=True,
)
