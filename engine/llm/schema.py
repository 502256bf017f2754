"""Structured answers: the schema that a provider is given, and what came back read. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.llm.port import Answer

_DROPPED = frozenset({"default", "title", "examples"})
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


class BadAnswer(Exception):
    """An answer in no valid shape. `complaint` names places and kinds, and repeats no value."""

    def __init__(self, complaint: str) -> None:
        super().__init__("an answer in no valid shape")
        self.complaint = complaint


def schema_of(shape: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON schema of a shape as strict as providers want it: closed, every field required."""
    strict = _strict(shape.model_json_schema())
    assert isinstance(strict, dict)  # noqa: S101 - of a model it is an object
    return strict


def _strict(part: object) -> object:
    if isinstance(part, list):
        return [_strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _strict(one) for name, one in part.items() if name not in _DROPPED}
    if isinstance(part.get("properties"), dict):
        # A field may be called like a keyword that is dropped.
        made["properties"] = {name: _strict(one) for name, one in part["properties"].items()}
        made["required"] = list(part["properties"])
        made["additionalProperties"] = False
    if "$ref" in made:
        return {"$ref": made["$ref"]}  # nothing may stand beside it
    return made


def answer_in(text: str, shape: type[Answer]) -> Answer:
    """The answer that a text holds; a fence around it is taken off, as some models put one there.

    Raises:
        BadAnswer: it holds none.
    """
    fenced = _FENCE.match(text)
    failed: ValidationError
    try:
        return shape.model_validate_json(fenced[1] if fenced else text)
    except ValidationError as error:
        failed = error
    raise BadAnswer(_complaint(failed, shape))


def _complaint(failed: ValidationError, shape: type[BaseModel]) -> str:
    wrong = [
        f"{'.'.join(str(part) for part in one['loc']) or 'the whole'}: {one['type']}"
        for one in failed.errors(include_url=False, include_context=False, include_input=False)
    ]
    return (
        f"That is not valid ({'; '.join(wrong[:8])}). Answer again with nothing but JSON of this "
        f"schema: {json.dumps(schema_of(shape), sort_keys=True)}"
    )
