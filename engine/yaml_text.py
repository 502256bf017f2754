"""YAML as scenario files use it: text, lists and keys, each with its place in the file.

Every scalar stays the text that was written, so that `13:00`, `No` and dates survive; the model
turns them into what it wants. Only the cells of tables and laboratory rows, which may be either,
become numbers where they stand unquoted. Tags, merge keys, second documents and empty values are
refused; so are files made to be slow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from engine.problems import Finding, Severity, Where, shown

MAX_BYTES = 2_000_000
MAX_DEPTH = 30
MAX_VALUES = 20_000
MAX_ALIASES = 50

# The C parser is about ten times as fast; both are in PyYAML and give the same events and marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNREADABLE = re.compile(
    "[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER = re.compile(
    r"[-+]?(?:0|[1-9]\d{0,17})(?P<rest>\.\d{0,17})?(?P<exponent>[eE][-+]?\d{1,2})?"
)
_CUT_BY_HASH = re.compile(r"\s+#\S")

_MENDS = (
    ("mapping values are not allowed", "text with `: ` in it needs quotes around it"),
    ("found unexpected end of stream", "this quote is never closed"),
    ("expected ',' or", "this bracket is not closed, or text inside it needs quotes around it"),
    ("found character that cannot start", "text cannot begin with this mark: put it in quotes"),
    ("cannot start any token", "text cannot begin with this mark: put it in quotes"),
    ("unknown escape", "inside double quotes write `\\\\` for a backslash"),
    ("could not find expected ':'", "a key needs `: ` after it; for long text begin with `>-`"),
    ("did not find expected key", "check the indentation; inside quotes, a quote ends the text"),
    ("did not find expected '-'", "check the indentation: a list goes on with `-`"),
    ("sequence entries are not allowed", "put the list on the line after its key"),
)

Place = tuple[int, int]
"""Line and column, from 1."""


@dataclass(slots=True, eq=False)
class _Node:
    """A scalar (`text`), a list (`items`) or keys and values in turn (`items`, `keyed`)."""

    at: Place
    tag: str | None
    text: str | None = None
    plain: bool = False
    cut: bool = False
    keyed: bool = False
    flow: bool = False
    anchor: str | None = None
    items: list["_Node"] = field(default_factory=list)


class Placed(NamedTuple):
    """A finding whose place is known."""

    place: Place
    finding: Finding


@dataclass(slots=True)
class Document:
    """What a file holds. `data` is None when it could not be read at all."""

    data: object = None
    values: dict[Where, Place] = field(default_factory=dict)
    keys: dict[Where, Place] = field(default_factory=dict)
    findings: list[Placed] = field(default_factory=list)

    def place_of(self, path: Where, *, key: bool = False) -> Place:
        """Where a path stands: its value, or its key; for what is not there, what holds it."""
        if key and path in self.keys:
            return self.keys[path]
        for end in range(len(path), -1, -1):
            if path[:end] in self.values:
                return self.values[path[:end]]
        return (1, 1)


class _Refused(Exception):
    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.placed = Placed(place, Finding(path=(), text=text))


def read(raw: bytes) -> Document:
    """The values of a file with their places; what is wrong stands in `findings`. Never raises."""
    document = Document()
    try:
        text = _decoded(raw)
        root = _tree(text)
        _Values(document).read(root)
    except _Refused as refused:
        document.findings.append(refused.placed)
        document.data = None
    return document


def _decoded(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _Refused((1, 1), f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        raise _Refused(_place_in(before), "not UTF-8: save the file as UTF-8") from None
    if bad := _UNREADABLE.search(text):
        place = _place_in(text[: bad.start()])
        raise _Refused(place, f"control character U+{ord(bad[0]):04X}: delete it")
    return text


def _place_in(before: str) -> Place:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _tree(text: str) -> _Node:
    builder = _Builder(text)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _Refused(*_told(error)) from None
    if builder.root is None:
        raise _Refused((1, 1), "the file is empty")
    return builder.root


def _told(error: yaml.YAMLError) -> tuple[Place, str]:
    problem = str(getattr(error, "problem", None) or "this cannot be read")
    mark = getattr(error, "problem_mark", None)
    if "end of stream" in problem or "expected ',' or" in problem:
        mark = getattr(error, "context_mark", None) or mark
    mend = next((words for sign, words in _MENDS if sign in problem), problem)
    return (mark.line + 1, mark.column + 1) if mark else (1, 1), f"not YAML: {mend}"


class _Builder:
    """Builds the tree of a document from its events, without recursion."""

    def __init__(self, text: str) -> None:
        self.root: _Node | None = None
        self._lines = text.splitlines()
        self._open: list[_Node] = []
        self._anchors: dict[str, _Node] = {}
        self._aliases = 0
        self._count = 0

    def take(self, event: Any) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event, place))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._name(self._open.pop())
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._aliased(event, place))
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise _Refused(place, "a second document: remove the line `---` and what follows")

    def _scalar(self, event: Any, place: Place) -> _Node:
        plain = bool(event.implicit[0]) and event.tag is None
        node = _Node(place, event.tag, text=event.value, plain=plain, anchor=event.anchor)
        if plain and event.end_mark.line < len(self._lines):
            line = self._lines[event.end_mark.line]
            node.cut = bool(event.value and _CUT_BY_HASH.match(line, event.end_mark.column))
        self._name(node)
        return node

    def _start(self, event: Any, place: Place) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _Refused(place, f"nested deeper than {MAX_DEPTH} levels")
        node = _Node(place, event.tag, flow=bool(event.flow_style), anchor=event.anchor)
        node.keyed = isinstance(event, yaml.MappingStartEvent)
        self._add(node)
        self._open.append(node)

    def _aliased(self, event: Any, place: Place) -> _Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise _Refused(place, f"more than {MAX_ALIASES} aliases: write the values out")
        if event.anchor not in self._anchors:
            raise _Refused(place, f"no `&{event.anchor}` before this alias; quote a leading `*`")
        return self._anchors[event.anchor]

    def _name(self, node: _Node) -> None:
        # Named only once complete, so that nothing can hold itself.
        if node.anchor:
            self._anchors[node.anchor] = node

    def _add(self, node: _Node) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _Refused(node.at, f"more than {MAX_VALUES} values")
        if self._open:
            self._open[-1].items.append(node)
        else:
            self.root = node


class _Values:
    """Walks a tree, filling in a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def read(self, root: _Node) -> None:
        self._document.data = self._value(root, ())

    def _tell(self, place: Place, path: Where, text: str, severity: Severity = "error") -> None:
        finding = Finding(path=path, severity=severity, text=text)
        self._document.findings.append(Placed(place, finding))

    def _value(self, node: _Node, path: Where) -> object:
        self._count += 1
        if self._count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _Refused(node.at, f"more than {MAX_VALUES} values, or nested too deep")
        self._document.values[path] = node.at
        if node.tag is not None:
            self._tell(node.at, path, f"tag {shown(node.tag)}: remove it, or quote a leading `!`")
        if node.text is not None:
            return self._scalar(node, node.text, path)
        if not node.keyed:
            return [self._item(item, (*path, at)) for at, item in enumerate(node.items)]
        return dict(self._entries(node, path))

    def _scalar(self, node: _Node, text: str, path: Where) -> str | int | float | bool:
        if node.cut:
            told = "the text ends before ` #`, which begins a comment: put the text in quotes"
            self._tell(node.at, path, told, "warning")
        if not node.plain:
            return text
        if _is_cell(path):
            return number(text)
        return True if _is_flag(path) and text.lower() == "true" else text

    def _item(self, node: _Node, path: Where) -> object:
        if _is_null(node):
            self._tell(node.at, path, "an empty list item: write it, or remove it")
        return self._value(node, path)

    def _entries(self, node: _Node, path: Where) -> Iterator[tuple[str, object]]:
        first_at: dict[str, Place] = {}
        before = ""
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            name = self._key(key, path)
            if name is None:
                continue
            inner = (*path, name)
            if name in first_at:
                line = first_at[name][0]
                self._tell(key.at, inner, f"{shown(name)} is given twice, first in line {line}")
                continue
            first_at[name] = self._document.keys[inner] = key.at
            if _is_null(value):
                self._tell(key.at, inner, _empty(name, before, flow=node.flow))
            before = name
            yield name, self._value(value, inner)

    def _key(self, node: _Node, path: Where) -> str | None:
        if node.text is None:
            self._tell(
                node.at, path, "a key must be a word: put text that holds brackets in quotes"
            )
            return None
        if node.plain and node.text == "<<":
            self._tell(node.at, path, "merge keys are not read: write the keys out")
            return None
        if node.tag is not None:
            self._tell(node.at, path, f"tag {shown(node.tag)}: remove it")
        return node.text


def _is_null(node: _Node) -> bool:
    return node.plain and node.text in _NULLS


def _empty(name: str, before: str, *, flow: bool) -> str:
    if flow and before:
        return (
            f"{shown(name)} has no value: inside {{…}} an unquoted comma ends the text, so put "
            f"the value of {shown(before)} in quotes"
        )
    return f"{shown(name)} has no value: write one, or leave the key out"


def _is_cell(path: Where) -> bool:
    """Whether a value may be text or a number: a cell of a table, or a measured value."""
    if len(path) != 5 or path[0] != "exhibits" or path[2] != "rows":
        return False
    return path[4] == "value" or isinstance(path[4], int)


def _is_flag(path: Where) -> bool:
    """Whether a value is the word `true` of a condition, which the model takes only as such."""
    return path[-1:] == ("instructor",) and path[0] in ("phases", "cues")


def number(text: str) -> str | int | float:
    """What a cell's unquoted text stands for: a number where it is written as one."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    whole = found["rest"] is None and found["exponent"] is None
    return int(text) if whole else float(text)
