"""The marks of `Message.text`, read once for every platform. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Span:
    """Words that look the same; `link` is an https address or empty."""

    text: str
    style: Literal["", "bold", "italic", "code"] = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. In `code` lines there is exactly one span, verbatim."""

    kind: Literal["plain", "quote", "item", "code"]
    spans: tuple[Span, ...]


_INLINE: Final = re.compile(
    r"\\(?P<escaped>[\\`*_\[\]~|>#+-])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>(?:\\.|[^*\n\\])+)\*\*"
    r"|(?<!\w)_(?P<italic>(?:\\.|[^_\n\\])+)_(?!\w)"
    r"|\[(?P<label>(?:\\.|[^\]\n\\])+)\]\((?P<link>https?://[^\s)]+)\)"
)
_ESCAPE: Final = re.compile(r"\\([\\`*_\[\]~|>#+-])")


def lines(text: str) -> Iterator[Line]:
    """The lines of a text; the fence lines themselves are left out."""
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            yield Line("code", (Span(line, "code"),))
        elif line.startswith("> ") or line == ">":
            yield Line("quote", spans(line[2:]))
        elif line.startswith("- "):
            yield Line("item", spans(line[2:]))
        else:
            yield Line("plain", spans(line))


def spans(text: str) -> tuple[Span, ...]:
    """The spans of one line, with the marks taken out."""
    found_spans: list[Span] = []
    at = 0
    words = ""
    for found in _INLINE.finditer(text):
        words += text[at : found.start()]
        at = found.end()
        if found["escaped"]:
            words += found["escaped"]
            continue
        if words:
            found_spans.append(Span(words))
            words = ""
        found_spans.append(_span(found))
    words += text[at:]
    if words:
        found_spans.append(Span(words))
    return tuple(found_spans)


def _span(found: re.Match[str]) -> Span:
    if found["code"]:
        return Span(found["code"], "code")
    if found["bold"]:
        return Span(_ESCAPE.sub(r"\1", found["bold"]), "bold")
    if found["italic"]:
        return Span(_ESCAPE.sub(r"\1", found["italic"]), "italic")
    return Span(_ESCAPE.sub(r"\1", found["label"]), link=found["link"])


def unmarked(text: str) -> str:
    """The text for where no marks are shown: quotes and items keep theirs, links their address."""
    return "\n".join(_unmarked(line) for line in lines(text))


def _unmarked(line: Line) -> str:
    words = "".join(f"{span.text} ({span.link})" if span.link else span.text for span in line.spans)
    return {"quote": "> ", "item": "- ", "code": "    "}.get(line.kind, "") + words
