"""What Slack refuses, and what people see of what it takes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.slack.world import Json, SlackError

MOST_CHARS = 13_200
_PINGS = re.compile(r"<@(?P<user>\w+)(?:\|[^>]*)?>|<!(?P<all>\w+)>|<!subteam\^(?P<group>\w+)")


def check_blocks(blocks: list[Json], most: int, *, charts: bool, tables: bool) -> None:
    """Refuse blocks as Slack does."""
    kinds = [one.get("type") for one in blocks]
    if len(blocks) > most or kinds.count("data_visualization") > 2:
        raise SlackError("invalid_blocks")
    if kinds.count("table") > 1 or (not charts and "data_visualization" in kinds):
        raise SlackError("invalid_blocks")
    if not tables and "table" in kinds:
        raise SlackError("invalid_blocks")
    for one in blocks:
        _check(one)
    if sum(len(text) for text in texts(blocks)) > MOST_CHARS:
        raise SlackError("msg_blocks_too_long")


def _check(one: Json) -> None:
    fine = _FINE.get(one["type"])
    _need(fine is not None and fine(one))
    if one["type"] == "rich_text":
        _rich(one["elements"])


def _header(one: Json) -> bool:
    return 0 < len(one["text"]["text"]) <= 150


def _actions(one: Json) -> bool:
    ids = [each["action_id"] for each in one["elements"]]
    return 0 < len(ids) <= 25 and len(set(ids)) == len(ids) and all(map(_button, one["elements"]))


def _button(one: Json) -> bool:
    fits = 0 < len(one["text"]["text"]) <= 75 and len(one.get("value", "")) <= 2000
    return fits and one.get("style") in (None, "primary", "danger")


def _table(one: Json) -> bool:
    rows = one["rows"]
    fits = len(rows) <= 100 and all(0 < len(row) <= 20 for row in rows)
    return fits and all(cell["text"] for row in rows for cell in row)


def _image(one: Json) -> bool:
    return bool(one["alt_text"]) and ("slack_file" in one or "image_url" in one)


_FINE: dict[str, Callable[[Json], bool]] = {
    "header": _header,
    "actions": _actions,
    "rich_text": lambda one: len(one["elements"]) > 0,
    "table": _table,
    "image": _image,
    "data_visualization": lambda one: 0 < len(one["title"]) <= 50,
    "input": lambda one: 0 < len(one["label"]["text"]) <= 2000,
}
"""What each kind of block has to be."""


def _rich(elements: list[Json]) -> None:
    for one in elements:
        if "elements" in one:
            _need(len(one["elements"]) > 0)
            _rich(one["elements"])
        elif one["type"] == "text":
            _need(one["text"] != "")


def check_view(view: Json) -> None:
    """Refuse a view as Slack does."""
    if view["type"] == "modal":
        _need(0 < len(view["title"]["text"]) <= 24)
        _need(len(view["submit"]["text"]) <= 24)
        _need(len(view.get("private_metadata", "")) <= 3000)
        _need(len(view.get("callback_id", "")) <= 255)
    check_blocks(view["blocks"], 100, charts=True, tables=True)


def _need(fine: bool) -> None:
    if not fine:
        raise SlackError("invalid_blocks")


def texts(part: Any) -> Iterator[str]:
    """Every word in blocks, as somebody reads them."""
    if isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if isinstance(value, str):
                if key in ("text", "alt_text", "title"):
                    yield value
            elif key not in ("confirm", "chart"):
                yield from texts(value)


def visible(text: str, blocks: list[Json]) -> str:
    """What stands there."""
    return "\n".join(_paragraphs(blocks)) if blocks else text


def _paragraphs(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        if block["type"] == "rich_text":
            for one in block["elements"]:
                yield "".join(_inline(one))
        else:
            yield "\n".join(texts(block))


def _inline(part: Json) -> Iterator[str]:
    if part.get("type") == "user":
        yield f"<@{part['user_id']}>"
    elif "elements" in part:
        for one in part["elements"]:
            yield from _inline(one)
        if part["type"] == "rich_text_section":
            yield ""
    else:
        yield part.get("text", "")


def pings(text: str, blocks: list[Json]) -> frozenset[str]:
    """Whom a message notifies: Slack reads its marks in texts, and nowhere in rich text."""
    found = set(_named(blocks))
    for words in [text, *_marked(blocks)]:
        for hit in _PINGS.finditer(words):
            found.add(hit["user"] or hit["all"] or hit["group"])
    return frozenset(found)


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _named(one)
    elif isinstance(part, dict):
        if part.get("type") in ("user", "usergroup", "broadcast"):
            yield str(part.get("user_id") or part.get("usergroup_id") or part.get("range"))
        for value in part.values():
            yield from _named(value)


def _marked(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _marked(one)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from _marked(value)
