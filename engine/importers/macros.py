"""Macros of character cards: names are put in, everything else is taken out. Pure."""

import re

_NAMED = re.compile(r"\{\{\s*(char|user)\s*\}\}|<(BOT|USER|CHAR)>", re.IGNORECASE)
_CHOICE = re.compile(r"\{\{\s*(?:random|pick)\s*:+\s*([^{}]*)\}\}", re.IGNORECASE)
_OTHER = re.compile(r"\{\{[^{}]*\}\}|\{\{|\}\}")
_DECORATOR = re.compile(r"^@@.*$", re.MULTILINE)


class Macros:
    """Resolves macros for one character, and counts those that have no meaning here."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.dropped = 0

    def text(self, raw: str, user: str) -> str:
        """The text with names in place; `user` stands for the other person."""
        chosen = _CHOICE.sub(lambda found: _first(found[1]), _DECORATOR.sub("", raw))

        def name(found: re.Match[str]) -> str:
            return user if (found[1] or found[2]).lower() == "user" else self._name

        named = _NAMED.sub(name, chosen)
        rest, count = _OTHER.subn("", named)
        self.dropped += count
        return rest


def _first(choices: str) -> str:
    mark = "::" if "::" in choices else ","
    return choices.split(mark)[0].strip()
