"""Something that fits what was asked: for trying things by hand, and for whole sessions."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.bench.vendors.script import Answer, Say

_FACT = re.compile(r"^- \[([a-z0-9_-]+)\] (.+?) \(asked\)", re.MULTILINE)
_PLAIN: tuple[str, ...] = (
    "I see.",
    "Well, what would you like to know?",
    "It is what it is.",
    "Go on.",
    "If you say so.",
)


def plausible(body: Mapping[str, Any]) -> Answer:
    """The facts that were asked for, with their marks; or a short line; or JSON of a schema."""
    schema = schema_in(body)
    if schema is not None:
        return Say(text=json.dumps(instance(schema, schema)))
    told = texts_of(body)
    facts = _FACT.findall(told[-1]) if told else []
    if not facts:
        return Say(text=_PLAIN[sum(map(len, told)) % len(_PLAIN)])
    return Say(text=" ".join(f"{_ended(say)} [[{id_}]]" for id_, say in facts))


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def texts_of(thing: Any) -> list[str]:
    """Every text of the dialogue in a request, in order."""
    if not isinstance(thing, dict):
        return []
    return list(_texts(thing.get("messages") or thing.get("input") or []))


def _texts(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, list):
        for one in thing:
            yield from _texts(one)
    elif isinstance(thing, dict):
        for name in ("content", "text", "output"):
            yield from _texts(thing.get(name))


def schema_in(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema that an answer has to keep to, in whichever protocol."""
    places = (
        ("output_config", "format", "schema"),
        ("text", "format", "schema"),
        ("response_format", "json_schema", "schema"),
    )
    for place in places:
        found: Any = body
        for name in place:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, dict):
            return found
    return None


def instance(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The plainest value of a schema."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return instance(root["$defs"][name], root)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return instance(schema[choice][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object":
        return {name: instance(one, root) for name, one in schema.get("properties", {}).items()}
    plain: Mapping[str, Any] = {"array": [], "integer": 0, "number": 0.0, "boolean": False}
    return plain.get(str(schema.get("type")), "none" if schema.get("type") == "string" else None)
