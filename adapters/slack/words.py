"""What people write in Slack as plain text with our marks. Pure."""

import html
import re
from typing import Final

from adapters.text import cleaned

_TOKEN: Final = re.compile(r"<(?P<sign>[@#!]?)(?P<what>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")


def plain_words(text: str, *, without: str = "") -> str:
    """The text of a message: people as `<@id>`, channels by name, links by their label.

    Args:
        text: as Slack sends it.
        without: the account that is left out, with the space around it: the bot's own.
    """
    if names(text, without):
        text = re.sub(rf"\s*<@{re.escape(without)}(?:\|[^<>]*)?>", "", text).strip()
    return cleaned(html.unescape(_TOKEN.sub(_spelled, text)))


def names(text: str, id_: str) -> bool:
    """Whether somebody is mentioned in a text."""
    return bool(id_) and (f"<@{id_}>" in text or f"<@{id_}|" in text)


def begins_with(text: str, id_: str) -> bool:
    """Whether a text begins by mentioning somebody."""
    return bool(id_) and text.lstrip().startswith((f"<@{id_}>", f"<@{id_}|"))


def _spelled(found: re.Match[str]) -> str:
    what, label = found["what"], found["label"]
    match found["sign"]:
        case "@":
            return f"<@{what}>"
        case "#":
            return f"#{label or what}"
        case "!":
            return label or f"@{what.partition('^')[0]}"
    return label or what.removeprefix("mailto:")
