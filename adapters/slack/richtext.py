"""Our marks as Slack's rich text: words are given as words, so nothing in them can ping. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.markup import Line, Span, lines
from adapters.text import mentioned

Json = dict[str, Any]

_STYLES: Final = {"bold": "bold", "italic": "italic", "code": "code"}


@dataclass(slots=True)
class _Group:
    """Lines of one kind that follow each other."""

    kind: str
    lines: list[list[Json]] = field(default_factory=list)


def rich(text: str, ids: Collection[str] = (), first: tuple[Json, ...] = ()) -> Json:
    """A block of rich text.

    Args:
        text: with our marks.
        ids: the people who may be named, and are pinged by it.
        first: elements before the text.
    """
    groups: list[_Group] = []
    for line in lines(text):
        if not groups or groups[-1].kind != line.kind:
            groups.append(_Group(line.kind))
        groups[-1].lines.append(list(_elements(line, ids)))
    made = [one for group in groups for one in _made(group)]
    if first:
        made.insert(0, {"type": "rich_text_section", "elements": list(first)})
    return {"type": "rich_text", "elements": made or [section([words(" ")])]}


def words(text: str, style: str = "") -> Json:
    """Words, as they are."""
    made: Json = {"type": "text", "text": text}
    if style:
        made["style"] = {style: True}
    return made


def link(url: str, text: str) -> Json:
    """Words that lead somewhere."""
    return {"type": "link", "url": url, "text": text}


def person(id_: str) -> Json:
    """A mention, which pings."""
    return {"type": "user", "user_id": id_}


def group(id_: str) -> Json:
    """A mention of a user group, which pings."""
    return {"type": "usergroup", "usergroup_id": id_}


def section(elements: list[Json]) -> Json:
    """A paragraph."""
    return {"type": "rich_text_section", "elements": elements}


def quote(elements: list[Json]) -> Json:
    """Words set off by a line at their side."""
    return {"type": "rich_text_quote", "elements": elements}


def block(*elements: Json) -> Json:
    """A block of these paragraphs."""
    return {"type": "rich_text", "elements": list(elements)}


def verbatim(text: str) -> Json:
    """A block in letters of one width."""
    return block({"type": "rich_text_preformatted", "elements": [words(text)]})


def _elements(line: Line, ids: Collection[str]) -> Iterator[Json]:
    for span in line.spans:
        if span.link:
            yield link(span.link, span.text)
            continue
        for piece, is_person in mentioned(span.text, ids):
            yield person(piece) if is_person else _styled(piece, span)


def _styled(piece: str, span: Span) -> Json:
    return words(piece, _STYLES.get(span.style, ""))


def _made(group: _Group) -> list[Json]:
    if group.kind == "item":
        items = [section(one or [words(" ")]) for one in group.lines]
        return [{"type": "rich_text_list", "style": "bullet", "elements": items}]
    elements = _joined(group.lines)
    if not elements:
        return []
    if group.kind == "quote":
        return [quote(elements)]
    if group.kind == "code":
        plain = [{"type": "text", "text": one["text"]} for one in elements if "text" in one]
        return [{"type": "rich_text_preformatted", "elements": plain}]
    return [section(elements)]


def _joined(of_lines: list[list[Json]]) -> list[Json]:
    """Lines in one paragraph; Slack takes no element without words."""
    found: list[Json] = []
    for number, elements in enumerate(of_lines):
        if number:
            found.append(words("\n"))
        found += [one for one in elements if one.get("text", " ") != ""]
    return found
