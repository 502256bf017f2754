"""A small scenario without a fault, and ways to break it."""

from pathlib import Path

from engine.loader import Loaded, load_bytes

TEXT = (Path(__file__).parent / "data" / "small.yaml").read_text(encoding="utf-8")


def broken(old: str, new: str) -> str:
    """The scenario's text with one thing changed, which must be there exactly once."""
    assert TEXT.count(old) == 1, f"{old!r} is there {TEXT.count(old)} times"
    return TEXT.replace(old, new)


def loaded(text: str) -> Loaded:
    return load_bytes(text.encode(), name="small.yaml")


def told(text: str) -> list[str]:
    """The problems of a text, as an author sees them."""
    return [str(problem) for problem in loaded(text).problems]
