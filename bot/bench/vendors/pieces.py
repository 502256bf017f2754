"""An answer in pieces, as it is streamed."""

from collections.abc import Iterator

_SIZE = 24


def pieces_of(text: str) -> Iterator[str]:
    """Pieces of some characters, in order."""
    for at in range(0, len(text), _SIZE):
        yield text[at : at + _SIZE]
