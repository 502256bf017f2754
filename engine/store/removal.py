"""Taking one person's words, name and id out of stored JSON: pure.

What somebody else wrote in their own words about the person cannot be told apart, and stays.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

REMOVED: Final = "[removed]"

_OWN_TEXTS: Final = ("text", "summary", "error")
_OWN_PAIRS: Final = ("fields", "args")
_WORDS: Final = frozenset({*_OWN_TEXTS, *_OWN_PAIRS, "changes"})
"""Where people's words stand in events; the rest are ids."""
_SHORTEST_IN_EVENTS: Final = 12
_SHORTEST_IN_EVALUATIONS: Final = 4

_BEFORE, _AFTER = r"(?<!\w)", r"(?!\w)"
_BEFORE_MARKED, _AFTER_MARKED = r"(?<![^\W_])(?<!\\_)", r"(?!\\_)(?![^\W_])"

Written = Callable[[str], str]
"""How a text writes words that are not its own, so that no mark in them is read as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored event, as far as removal looks at it."""

    seq: int
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Who is removed from a session's records.

    `stand_in` takes the place of the person's id. `seats` are those they sat in: what their
    tools were given there is theirs too. `names` are what they were called.
    """

    person: str
    stand_in: str
    seats: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def own(self, log: Sequence[Entry]) -> frozenset[int]:
        """The seqs of what the person said or did, and of later changes to it."""
        said = {entry.seq for entry in log if self._did(entry)}
        return frozenset(said | {entry.seq for entry in log if entry.body.get("target") in said})

    def phrases(self, log: Sequence[Entry], evaluations: Sequence[Any] = ()) -> frozenset[str]:
        """What the person wrote, as whole texts, and what evaluations quoted of it."""
        own = self.own(log)
        texts = (text for entry in log if entry.seq in own for text in _written(entry.body))
        quotes = (quote for one in evaluations for quote in _quotes(one, own))
        return frozenset(phrase.strip() for phrase in (*texts, *quotes) if phrase.strip())

    def event(self, entry: Entry, own: Collection[int], phrases: Collection[str]) -> dict[str, Any]:
        """An event's body without the person."""
        body = dict(entry.body)
        if entry.seq in own:
            body = _emptied(body)
        # Names of seats, phases and fields stay, also where somebody was called like one.
        words, ids = self._cleaner(phrases, _SHORTEST_IN_EVENTS), self._swapped
        return {
            key: _rewritten(value, words if key in _WORDS else ids, ids)
            for key, value in body.items()
        }

    def evaluation(
        self,
        body: Mapping[str, Any],
        own: Collection[int],
        phrases: Collection[str],
        left: Mapping[int, str] | None = None,
    ) -> dict[str, Any]:
        """An evaluation without the person's quotes; its points stay.

        `left`: by seq, the words that are left where `event` changed what others said. What was
        quoted of them and does not stand there any more held some of the person's words.
        """

        def gone(seq: object, quote: str) -> bool:
            words = (left or {}).get(seq) if isinstance(seq, int) else None
            return seq in own or (words is not None and self.text(quote, phrases) not in words)

        cleaner = self._cleaner(phrases, _SHORTEST_IN_EVALUATIONS)
        cleaned = _rewritten(_unquoted(body, gone), cleaner, self._swapped)
        return {str(key): value for key, value in cleaned.items()}

    def text(self, text: str, phrases: Collection[str], written: Written = str) -> str:
        """A text without the person; `written` is how it writes words that are not its own."""
        return self._cleaner(phrases, _SHORTEST_IN_EVENTS, written)(text)

    def _did(self, entry: Entry) -> bool:
        if "person" in entry.body:
            return bool(entry.body["person"] == self.person)
        return entry.kind.startswith("tool_") and entry.body.get("seat") in self.seats

    def _swapped(self, text: str) -> str:
        return _swapper(self.person, self.stand_in)(text)

    def _cleaner(
        self, phrases: Collection[str], shortest: int, written: Written = str
    ) -> Callable[[str], str]:
        # Longest first, so that no piece of a longer phrase is left behind.
        long = sorted((one for one in phrases if len(one) >= shortest), key=len, reverse=True)
        exact = [re.escape(written(one)) for one in long]
        # A bare "_" may be a mark of the text; one that is a letter of a word is written "\_".
        before, after = (_BEFORE, _AFTER) if written is str else (_BEFORE_MARKED, _AFTER_MARKED)
        names = [f"{before}{re.escape(written(name))}{after}" for name in _parts(self.names)]
        pattern = re.compile("|".join((*exact, *names))) if exact or names else None

        def cleaned(text: str) -> str:
            return self._swapped(pattern.sub(lambda _: written(REMOVED), text) if pattern else text)

        return cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What of somebody may stand in texts that were made of a log they were in."""

    removal: Removal = field(repr=False)
    phrases: frozenset[str] = field(repr=False)

    def taken_out(self, text: str, written: Written = str) -> str:
        """A text without them; `written` is how such a text writes words that are not its own."""
        return self.removal.text(text, self.phrases, written)


def renamed(body: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A body in which one person's id is another's."""
    swap = _swapper(old, new)
    swapped = _rewritten(body, swap, swap)
    return {str(key): value for key, value in swapped.items()}


def words_in(body: Mapping[str, Any]) -> str:
    """Everything that somebody wrote of an event, in one text that holds whatever is quoted."""
    return "\n".join(text.strip() for text in _written(body) if text.strip())


def _written(body: Mapping[str, Any]) -> Iterator[str]:
    for key in _OWN_TEXTS:
        yield str(body.get(key) or "")
    for key in _OWN_PAIRS:
        for _, value in body.get(key) or ():
            yield str(value)


def _emptied(body: Mapping[str, Any]) -> dict[str, Any]:
    emptied = dict(body)
    for key in _OWN_TEXTS:
        if emptied.get(key):
            emptied[key] = REMOVED
    for key in _OWN_PAIRS:
        if key in emptied:
            emptied[key] = [[name, REMOVED] for name, _ in emptied[key] or ()]
    if "event_id" in emptied:
        emptied["event_id"] = None
    return emptied


def _quotes(value: Any, own: Collection[int]) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("seq") in own and isinstance(value.get("quote"), str):
            yield value["quote"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _quotes(item, own)


def _unquoted(value: Any, gone: Callable[[object, str], bool]) -> Any:
    if isinstance(value, list):
        return [_unquoted(item, gone) for item in value]
    if not isinstance(value, Mapping):
        return value
    rest = {key: _unquoted(item, gone) for key, item in value.items()}
    if isinstance(rest.get("quote"), str) and gone(rest.get("seq"), rest["quote"]):
        rest["quote"] = REMOVED
    return rest


def _rewritten(value: Any, leaf: Callable[[str], str], named: Callable[[str], str]) -> Any:
    """`leaf` of every text, and `named` of what texts are kept under."""
    if isinstance(value, str):
        return leaf(value)
    if isinstance(value, Mapping):
        return {named(str(key)): _rewritten(item, leaf, named) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewritten(item, leaf, named) for item in value]
    return value


def _swapper(old: str, new: str) -> Callable[[str], str]:
    id_ = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    return lambda text: id_.sub(new, text)


def _parts(names: Collection[str]) -> list[str]:
    """Whole names, then their words; single letters would hit too much."""
    words = {word for name in names for word in name.split() if len(word) > 1}
    whole = {name.strip() for name in names if len(name.strip()) > 1}
    return sorted(whole | words, key=len, reverse=True)
