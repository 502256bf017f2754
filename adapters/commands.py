"""The typed grammar of commands, the same on every platform: `/sim WORD rest`, `!WORD rest`."""

import re
from dataclasses import dataclass
from typing import Final

from adapters.text import cleaned

ROOT: Final = "sim"
"""The one root command."""

_ROOT: Final = re.compile(
    rf"\s*/{ROOT}(?:\s+|$)(?:(?P<word>\S+)\s*)?(?P<rest>.*)", re.DOTALL | re.I
)
# A letter must follow at once: "!!!", "! no" and "!?" are things people say.
_BANG: Final = re.compile(r"\s*!(?P<word>[^\W\d_][\w-]*)(?=\s|$)\s*(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed: the sub-word in lower case, empty for a bare `/sim`, and the raw rest."""

    word: str
    rest: str


def typed(text: str) -> Typed | None:
    """The command in a line, or None when somebody just said something."""
    text = cleaned(text)
    found = _ROOT.fullmatch(text) or _BANG.fullmatch(text)
    return root(f"{found['word'] or ''} {found['rest']}") if found else None


def root(line: str) -> Typed:
    """What stands after `/sim`, for platforms that hand over only that."""
    word, _, rest = cleaned(line).strip().partition(" ")
    first, newline, more = word.partition("\n")
    return Typed(first.lower(), f"{more} {rest}".strip() if newline else rest.strip())
