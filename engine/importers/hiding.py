"""Keeps a fact that is never told out of what a trainee reads. Pure."""

from collections.abc import Iterator

from engine.lint.sealed import gives_away
from engine.scenario.knowledge import Fact
from engine.words import sentences

LEFT_OUT = "(left out)"


class Hider:
    """Takes sentences out that give one fact away, and remembers where."""

    def __init__(self, secret: Fact | None) -> None:
        self._secret = secret
        self._places: list[str] = []

    def tells(self, text: str) -> bool:
        """Whether a text gives the secret away."""
        return self._secret is not None and gives_away(text, self._secret)

    def kept(self, text: str, place: str, otherwise: str = "") -> str:
        """The text without what gives it away; `otherwise` if nothing is left."""
        if not self.tells(text):
            return text or otherwise
        self._places.append(place)
        rest = " ".join(one for one in sentences(text) if not self.tells(one))
        return rest if rest and not self.tells(rest) else otherwise

    def notes(self) -> Iterator[str]:
        """What to tell the author."""
        if self._places:
            where = ", ".join(dict.fromkeys(self._places))
            yield f"what names the answer was left out of {where}: look whether it still reads well"
