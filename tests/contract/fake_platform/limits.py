"""What the fake carries: little, so that every limit is met in the tests."""

from adapters.port import Limits, Platform

PLATFORM = Platform("fake")
WORKSPACE = "W1"
FILE_HOSTS = frozenset({"files.fake.test"})

LIMITS = Limits(
    text=200,
    blocks=3,
    choices=2,
    upload_bytes=1000,
    edits_per_minute=60,
    threads=True,
    whispers=True,
    draft="paced",
    lookup=True,
)
