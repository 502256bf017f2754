"""Text that crosses a platform's border: cleaning, splitting, escaping. Pure."""

import re
from collections.abc import Callable, Collection, Iterator
from itertools import accumulate, pairwise
from typing import Final

# --- cleaning ---------------------------------------------------------------------------------

_BREAKS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Three flags are spelled with tag characters; every other use of those hides words.
_FLAG: Final = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join(
        "".join(chr(0xE0000 + ord(letter)) for letter in region)
        for region in ("gbeng", "gbsct", "gbwls")
    )
)
_INVISIBLE: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HIDDEN: Final = re.compile(f"({_FLAG})|[{_INVISIBLE}]+")
_LOOKS: Final = "\ufe0e\ufe0f"
_JOINERS: Final = re.compile("[\u200c\u200d\ufe0e\ufe0f]+")


def cleaned(text: str) -> str:
    """The text without characters nobody sees, and with plain line breaks.

    Zero-width and tag characters can carry instructions past a reader, and direction overrides can
    make text read other than it is. Joiners inside emoji and scripts that need them stay.
    """
    visible = _HIDDEN.sub(lambda found: found[1] or "", _BREAKS.sub("\n", text))
    return _JOINERS.sub(_joined, visible)


def _joined(found: re.Match[str]) -> str:
    """At most one look and one joiner between two characters, and only where they do something.

    One bit a letter would be enough to smuggle.
    """
    run = found[0]
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    look = run[0] if run[0] in _LOOKS and _has_two_looks(before, after) else ""
    joins = _needs_joiners(before) and _needs_joiners(after)
    joiner = next((one for one in run if one not in _LOOKS), "") if joins else ""
    return look + joiner


def _has_two_looks(before: str, after: str) -> bool:
    is_keycap = after == "\u20e3"
    return bool(before) and not before.isspace() and (is_keycap or not before.isalnum())


def _needs_joiners(character: str) -> bool:
    return character > "\u02ff" and not character.isspace()


# --- splitting --------------------------------------------------------------------------------

_FENCE: Final = re.compile(r"^ {0,3}```[^\n`]*$", re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_LINE: Final = re.compile(r"\n")
_SENTENCE: Final = re.compile("[.!?…][\"'”\u2019)\\]]*\\s+|[。\uff01\uff1f]")
_WORD: Final = re.compile(r"\s+")
_CLOSE: Final = "\n```"


def graphemes(text: str) -> Iterator[str]:
    """What a reader takes for single characters: an accent or emoji is never taken apart."""
    # Imported late: its tables cost 40 ms, and most runs never split or align anything.
    import wcwidth

    return wcwidth.iter_graphemes(text)


def utf16(text: str) -> int:
    """Length as JavaScript, and so most chat clients, count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in parts no longer than `limit`, cut where a reader would pause.

    Nothing is lost: the parts joined are the text, but for fences that are closed at the end of one
    part and opened again in the next. `length` must add up over characters.

    Raises:
        ValueError: `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"a limit of {limit} holds nothing")
    parts: list[str] = []
    while length(text) > limit:
        head, text = _cut(text, limit, length)
        parts.append(head)
    return [*parts, text]


def _cut(text: str, limit: int, length: Callable[[str], int]) -> tuple[str, str]:
    window = _fitting(text, limit, length)
    border = _border(text[:window])
    fence = _open_fence(text[:border])
    if fence is None:
        return text[:border], text[border:]
    if fence.start() > window // 3:
        return text[: fence.start()], text[fence.start() :]
    return _cut_in_fence(text, fence, limit, length) or (text[:border], text[border:])


def _cut_in_fence(
    text: str, fence: re.Match[str], limit: int, length: Callable[[str], int]
) -> tuple[str, str] | None:
    """Cut inside a fence at a line's end; None when the fence leaves no room for that."""
    room = limit - length(_CLOSE)
    opening = fence[0] + "\n"
    if room < 1:
        return None
    window = _fitting(text, room, length)
    border = text.rfind("\n", fence.end() + 1, window)
    if border < 0:
        border = window
    if length(opening) + length(text[border:]) >= length(text) or border <= fence.end():
        return None
    return text[:border] + _CLOSE, opening + text[border:].removeprefix("\n")


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> int:
    """How many code points of `text` fit; at least one, whole graphemes if at all possible."""
    used = end = 0
    for cluster in graphemes(text):
        used += length(cluster)
        if used > limit:
            break
        end += len(cluster)
    if end:
        return end
    # A single cluster above the limit: stacked accents without end. Cut it.
    while end < len(text) and length(text[: end + 1]) <= limit:
        end += 1
    return max(end, 1)


def _border(window: str) -> int:
    """The best place to cut: the latest of the strongest kind that does not waste the window."""
    whole = set(accumulate(len(cluster) for cluster in graphemes(window)))
    for kind, least in ((_PARAGRAPH, 2), (_LINE, 3), (_SENTENCE, 3), (_WORD, 8)):
        ends = [found.end() for found in kind.finditer(window) if found.end() in whole]
        if ends and ends[-1] * least >= len(window):
            return ends[-1]
    return len(window)


def _open_fence(text: str) -> re.Match[str] | None:
    opened: re.Match[str] | None = None
    for found in _FENCE.finditer(text):
        opened = None if opened else found
    return opened


# --- escaping ---------------------------------------------------------------------------------

_PINGS: Final = re.compile(
    r"@(?=everyone\b|here\b|channel\b|all\b|team\b)|<(?=[!@&]|/?at\b)", re.IGNORECASE
)
_MARKS: Final = re.compile(r"([\\`*_\[\]~|])|^(\s*)([>#+-])", re.MULTILINE)


def harmless(text: str) -> str:
    """The text, unable to ping anybody on any platform; it looks the same."""
    return _PINGS.sub(lambda found: found[0] + "\u200b", text)


def mentioned(text: str, ids: Collection[str]) -> list[tuple[str, bool]]:
    """The text in pieces, (id, True) where a `<@id>` of one of `ids` stands, else (words, False).

    The words are harmless.
    """
    if not ids:
        return [(harmless(text), False)] if text else []
    either = "|".join(re.escape(one) for one in sorted(ids))
    spots = [(0, 0, "")]
    spots += [
        (found.start(), found.end(), found[1]) for found in re.finditer(f"<@({either})>", text)
    ]
    spots.append((len(text), len(text), ""))
    pieces: list[tuple[str, bool]] = []
    for (_, since, _), (until, _, who) in pairwise(spots):
        pieces += [(harmless(text[since:until]), False)] if until > since else []
        pieces += [(who, True)] if who else []
    return pieces


def literal(text: str) -> str:
    """Somebody's words as they are: no mark in them is taken for markup, nothing in them pings."""
    return harmless(_MARKS.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"
