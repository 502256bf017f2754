"""What the model refused, in an author's words: what is wrong, and how to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.problems import Finding, Where, nearest, shown
from engine.scenario import Scenario, base
from engine.yaml_text import Document, Placed

_TAGS = ("kind", "chart")
"""The keys that choose among models."""


def _pattern(kind: Any) -> str:
    return str(get_args(kind)[1].pattern)


_FORMS: Mapping[str, str] = {
    _pattern(base.Slug): "is not an id: lower case letters and digits, joined by `_` or `-`",
    _pattern(base.IntentId): "is not an intent: write it like `clinical/pain.radiation`",
    _pattern(base.FileName): "is not a file name: no folder, no spaces, no leading dot",
    _pattern(base.LocalTime): "is not a time: write it like `13:00`",
    _pattern(base.LocalDate): "is not a date: write it like `2027-01-31`",
    _pattern(base.LocalStart): "is not a moment: write it like `2027-01-31T13:00`",
    r"^\d+\.\d+\.\d+$": "is not a version: write it like `1.0.0`",
}
_NUMBERS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "`true` or `false`",
    "bool_type": "`true` or `false`",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_KEYED = frozenset({"model_type", "model_attributes_type", "dict_type"})


def placed(error: ValidationError, document: Document) -> Iterator[Placed]:
    """Every refusal at its place in the file; of several about one value, the first."""
    told: set[Where] = set()
    for detail in error.errors(include_url=False, include_input=False):
        loc, kind = detail["loc"], detail["type"]
        path = _path_in(document.data, loc)
        value = _at(document.data, path)
        if _expected(detail) == ("all",) and isinstance(value, list):
            continue  # The other branch of `all | list` says what is wrong with the list.
        subject = (*path, str(loc[-1])) if kind == "missing" else path
        if subject in told:
            continue
        told.add(subject)
        on_key = kind == "extra_forbidden" or loc[-1:] == ("[key]",)
        text = _unknown_key(document.data, path) if kind == "extra_forbidden" else ""
        text = text or _told(detail, subject, value, on_key=on_key)
        yield Placed(document.place_of(path, key=on_key), Finding(path=subject, text=text))


def _told(detail: ErrorDetails, path: Where, value: object, *, on_key: bool) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    name = _name(path)
    if on_key:
        value = path[-1]
    if kind == "missing":
        return f"{name} is missing: add it"
    if kind == "union_tag_not_found":
        return f"{name}: `{str(context['discriminator']).strip(chr(39))}` is missing: add it"
    if expected := _expected(detail):
        return _choice(name, context.get("tag", value), expected)
    if kind == "string_pattern_mismatch":
        return f"{name}: {shown(value)} {_FORMS.get(context['pattern'], 'has the wrong form')}"
    if kind in _NUMBERS:
        return f"{name}: {_NUMBERS[kind]} is wanted, not {_seen(value)}"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{name}: must be {words} {context[key]:g}, not {_seen(value)}"
    return _told_of_shape(detail, name, value)


def _told_of_shape(detail: ErrorDetails, name: str, value: object) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_too_short":
        return f"{name} is empty: write something, or leave it out"
    if kind == "string_too_long":
        return f"{name} is longer than {context['max_length']} characters: shorten it"
    if kind == "string_type":
        mend = "; text with `: ` in it needs quotes around it" if isinstance(value, dict) else ""
        return f"{name}: text is wanted, not {_seen(value)}{mend}"
    if kind == "too_short":
        return f"{name}: needs at least {context['min_length']}, has {context['actual_length']}"
    if kind == "tuple_type":
        return f"{name}: a list is wanted, not {_seen(value)}: write `[…]`, or lines with `-`"
    if kind in _KEYED:
        return f"{name}: keys with values are wanted, not {_seen(value)}"
    return f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _name(path: Where) -> str:
    words = [one for one in path if isinstance(one, str)]
    if path and isinstance(path[-1], int):
        return f"{shown(words[-1])} number {path[-1] + 1}" if words else f"item {path[-1] + 1}"
    return shown(words[-1]) if words else "the file"


def _seen(value: object) -> str:
    if isinstance(value, dict):
        return "keys with values"
    return "a list" if isinstance(value, list) else shown(value)


def _expected(detail: ErrorDetails) -> tuple[str, ...]:
    """The words among which to choose, for an error about such a choice."""
    context = detail.get("ctx", {})
    listed = context.get("expected_tags" if detail["type"] == "union_tag_invalid" else "expected")
    if detail["type"] not in ("literal_error", "union_tag_invalid") or not listed:
        return ()
    return tuple(str(listed).replace("'", "").replace(" or ", ", ").split(", "))


def _choice(name: str, value: object, expected: Sequence[str]) -> str:
    if tuple(expected) == ("all",):
        return f"{name}: write `all` or a list of ids, not {_seen(value)}"
    choices = " or ".join(shown(one.lower() if one == "True" else one) for one in expected)
    return f"{name}: {choices} is wanted, not {_seen(value)}{nearest(str(value), expected)}"


def _unknown_key(data: object, path: Where) -> str:
    known = sorted(_keys_at(data, path[:-1]))
    mend = nearest(str(path[-1]), known)
    if not mend:
        mend = f": remove it; known here: {', '.join(known)}" if known else ": remove it"
    return f"unknown key {shown(path[-1])}{mend}"


def _path_in(data: object, loc: Sequence[str | int]) -> Where:
    """The longest path of `data` in a location, whose other elements name types and branches.

    One branch, `chart`, is called like a key of what it chooses; as an element it is the branch.
    """
    ends: list[Where] = [()]
    for element in loc:
        ends += [(*path, element) for path in ends if _holds(_at(data, path), element)]
    return max(ends, key=len)


def _holds(value: object, element: str | int) -> bool:
    if isinstance(value, dict):
        return element in value and value.get("kind") != element
    return isinstance(value, list) and isinstance(element, int) and element < len(value)


def _at(data: object, path: Where) -> object:
    for element in path:
        data = data[element]  # type: ignore[index]  # the path was taken from the data
    return data


def _keys_at(data: object, path: Where) -> set[str]:
    """The keys that the model takes at a path."""
    kinds: list[Any] = [Scenario]
    for depth, element in enumerate(path):
        value = _at(data, path[:depth])
        kinds = [inner for kind in kinds for inner in _step(kind, element, value)]
    last = _at(data, path)
    models = [kind for kind in kinds if _is_model(kind) and _fits(kind, last)]
    return {field.alias or name for kind in models for name, field in kind.model_fields.items()}


def _step(kind: Any, element: str | int, value: object) -> Iterator[Any]:
    """The types that a value may have which stands under `element` in a value of this type."""
    if _is_model(kind):
        if _fits(kind, value):
            for name, field in kind.model_fields.items():
                if element in (name, field.alias):
                    yield from _flat(field.annotation)
    elif get_origin(kind) is dict:
        yield from _flat(get_args(kind)[1])
    elif get_origin(kind) is tuple:
        yield from _flat(get_args(kind)[0])


def _flat(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _flat(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from _flat(one)
    else:
        yield kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fits(model: type[BaseModel], value: object) -> bool:
    """Whether a model is the one that the value's `kind` and `chart` choose."""
    fields = model.model_fields
    return not isinstance(value, dict) or all(
        value.get(tag) in get_args(fields[tag].annotation)
        for tag in _TAGS
        if tag in fields and get_origin(fields[tag].annotation) is Literal
    )
