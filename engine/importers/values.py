"""Values of unknown files as text: cleaned, cut to size, and found under several names. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from engine.importers.result import CannotImport
from engine.signals import is_attack
from engine.words import clean, normal, sentences

LINE = 1_800
"""Longer texts are cut; the model of scenarios takes 2000 characters."""
LABEL = 80
DEEPEST = 8

_NO_SLUG = re.compile(r"[^a-z0-9]+")
_ENDINGS = ".!?…:;,\"'*)\u201d\u2019"
_BLANKS = re.compile(r"[ \t]+")


def keyed(value: object, what: str) -> Mapping[str, object]:
    """A value that must be an object of JSON; `what` names it in the error.

    Raises:
        CannotImport: it is something else.
    """
    if not isinstance(value, dict):
        raise CannotImport(f"{what} is not an object with keys: look whether the file is whole")
    return {str(key): inner for key, inner in value.items()}


def first_of(value: Mapping[str, object], *names: str) -> object:
    """The first value there is under one of several names; case and `_` aside. None for none."""
    plain = {_plain(key): inner for key, inner in reversed(list(value.items()))}
    found = (plain.get(_plain(name)) for name in names)
    return next((one for one in found if one not in (None, "", [], {})), None)


def _plain(name: str) -> str:
    return _NO_SLUG.sub("", name.lower())


def text_of(value: object) -> str:
    """A value as one text: lists joined by commas, objects as `name: value`; empty for nothing."""
    return "; ".join(f"{name}: {text}" if name else text for name, text in leaves(value))


def leaves(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a value as (names on the way, text)."""
    if isinstance(value, dict) and depth < DEEPEST:
        for key, inner in value.items():
            yield from leaves(
                inner, f"{name}, {label(str(key))}" if name else label(str(key)), depth + 1
            )
    elif isinstance(value, list) and depth < DEEPEST:
        if all(isinstance(one, str | int | float) for one in value):
            value = ", ".join(str(one) for one in value)
            yield from leaves(value, name, depth)
        else:
            for inner in value:
                yield from leaves(inner, name, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and tidy(str(value)):
        yield name, tidy(str(value))
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"


def tidy(text: str, limit: int = LINE) -> str:
    """A text as a person sees it, cut where it is too long."""
    lines = (_BLANKS.sub(" ", line).strip() for line in clean(text).splitlines())
    whole = "\n".join(line for line in lines if line)
    return whole if len(whole) <= limit else f"{whole[: limit - 1].rstrip()}…"


def line(text: str, limit: int = LINE) -> str:
    """The same on one line."""
    return tidy(" ".join(text.split()), limit)


def label(key: str) -> str:
    """A key as words: `Test_Results` is `Test results`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", key).replace("_", " ")
    words = " ".join(
        word if word.isupper() and len(word) > 1 else word.lower()
        for word in line(spaced, LABEL).split()
    )
    return f"{words[:1].upper()}{words[1:]}"


def slug(text: str, otherwise: str) -> str:
    """An id out of a text; `otherwise` where no letter of it can be used."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = _NO_SLUG.sub("-", plain).strip("-")[:50].strip("-")
    words = words if not words or words[0].isalpha() else f"{otherwise}-{words}"[:50].strip("-")
    return words or otherwise


class Sifter:
    """Keeps what is content and counts what is not: sentences that talk to a machine."""

    def __init__(self) -> None:
        self.dropped = 0

    def sentences(self, text: str) -> tuple[str, ...]:
        """The sentences of a text, without those that are meant for a model."""
        found = []
        for one in sentences(tidy(text, limit=100 * LINE)):
            if is_attack(one):
                self.dropped += 1
            elif normal(one):
                found.append(line(one))
        return tuple(found)

    def text(self, text: str, limit: int = LINE) -> str:
        """The sentences as one text, each with its full stop; one alone stays as it is."""
        found = self.sentences(text)
        if len(found) > 1:
            found = tuple(one if one[-1] in _ENDINGS else f"{one}." for one in found)
        return line(" ".join(found), limit)

    def notes(self) -> Iterator[str]:
        """What to tell the author."""
        if self.dropped:
            yield (
                "sentences left out because they talk to a machine and not about the person: "
                f"{self.dropped}"
            )
