"""A prompt laid out for a request: static | append-only history | volatile tail. Pure.

The order is the same for every provider. Whatever a line of the history was laid out as once, it is
laid out as in every later request, byte for byte, so that the providers' caches hit. The tail is
never part of the history of a later prompt.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from engine.llm.port import Question, estimated_tokens
from engine.prompting import Heard, Prompt, PromptTool, ToolUsed, tail_part

OPENING = "(The scene begins.)"
"""Stands before a history that the character itself begins: some providers want the other first."""
EARLIER = "(Earlier, in short:)"
_SHORT_LINE = 90
_SUMMARY_SHARE = 8
_NEWEST_SHARE = 3
"""One part in so many of the room is kept word for word when a history is folded: with less, more
is forgotten; with more, it is folded more often, and each time read anew by the provider."""
_RESERVED = 5
"""One part in so many of a prompt is for what is neither static nor history."""
_DIRECTOR = re.compile(r"<(?=\s*/?\s*director\b)", re.IGNORECASE)
_ARG_TYPES: Mapping[str, Mapping[str, str]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "description": "a day, YYYY-MM-DD"},
    "start": {"type": "string", "description": "a day and time, YYYY-MM-DDTHH:MM"},
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a dialogue; `mine` when the model said it. Never empty."""

    mine: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A request before it takes a vendor's form, in its order.

    `now` are the lines that are answered. `tail_folded` is the tail that a folded history needs: it
    says again what was told. `mended` is what came of a structured answer in a wrong
    shape: the answer and the complaint. `key` is the same for all requests of one session and tells
    nothing about it.
    """

    static: str
    stored: tuple[Line, ...] = ()
    now: tuple[Line, ...] = ()
    tail: str = ""
    tail_folded: str = ""
    used: tuple[ToolUsed, ...] = ()
    tools: tuple[PromptTool, ...] = ()
    schema: Mapping[str, Any] | None = None
    mended: tuple[Line, ...] = ()
    key: str = ""

    @property
    def tokens(self) -> int:
        """How long it is, estimated."""
        texts = [self.static, self.tail]
        texts += [line.text for line in (*self.stored, *self.now, *self.mended)]
        texts += [f"{one.args}{one.result}{one.said}{one.trail}" for one in self.used]
        return sum(estimated_tokens(text) for text in texts)


def layout_of(prompt: Prompt, cap: int) -> Layout:
    """A prompt as a layout of at most about `cap` tokens; the history gives way where it must."""
    first = min((heard.seq for heard in prompt.answered), default=None)
    own = len(prompt.history) - len(prompt.used)
    before = [one for one in prompt.history[:own] if first is None or one.seq < first]
    since = [one for one in prompt.history[:own] if first is not None and one.seq >= first]
    answered = [_line(one) for one in (*prompt.answered, *since)]
    if not prompt.answered:
        answered.append(Line(mine=False, text=_plain(prompt.said)))
    # Room that changes from turn to turn would fold another part of the history each time.
    room = cap - estimated_tokens(prompt.static) - cap // _RESERVED
    stored = _stored(before, max(room, cap // _RESERVED))
    whole, folded = (_noted(tail_part(prompt, told=told)) for told in (False, True))
    return Layout(
        static=_plain(prompt.static),
        stored=stored,
        now=_spoken(answered) or (Line(mine=False, text=OPENING),),
        tail=folded if _is_folded(stored) else whole,
        tail_folded=folded,
        used=prompt.used,
        tools=prompt.tools,
        key=_key(prompt),
    )


def question_layout(question: Question, schema: Mapping[str, Any]) -> Layout:
    """A closed question as a layout; the material stands where talk stands, as data."""
    material = f"<material>\n{_plain(question.material)}\n</material>"
    return Layout(
        static=_plain(question.instructions),
        now=(Line(mine=False, text=material),),
        schema=schema,
        key=blake2b(question.instructions.encode("utf-8", "replace"), digest_size=12).hexdigest(),
    )


def shortened(layout: Layout) -> Layout:
    """The same with half as much history at most, for a provider that found it too long."""
    room = sum(estimated_tokens(line.text) for line in layout.stored) // 2
    stored = _fitted(layout.stored, room)
    tail = layout.tail_folded if _is_folded(stored) else layout.tail
    return replace(layout, stored=stored, tail=tail)


def mended(layout: Layout, answer: str, complaint: str) -> Layout:
    """The same, with an answer in a wrong shape and what is wrong with it."""
    said = Line(mine=True, text=_plain(answer) or "(nothing)")
    return replace(layout, mended=(said, Line(mine=False, text=complaint)))


def parameters_of(tool: PromptTool) -> Mapping[str, Any]:
    """The arguments of a tool as a JSON schema, in the order of their declaration."""
    return {
        "type": "object",
        "properties": {name: dict(_ARG_TYPES.get(kind, {})) for name, kind, _ in tool.args},
        "required": [name for name, _, required in tool.args if required],
        "additionalProperties": False,
    }


def _is_folded(lines: Sequence[Line]) -> bool:
    return bool(lines) and lines[0].text.startswith(EARLIER)


def _stored(history: Sequence[Heard], room: int) -> tuple[Line, ...]:
    lines = _spoken(_line(one) for one in history)
    if lines and lines[0].mine:
        lines = (Line(mine=False, text=OPENING), *lines)
    return _fitted(lines, room)


def _spoken(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.text.strip())


def _line(heard: Heard) -> Line:
    text = _plain(heard.text).strip()
    return Line(mine=heard.mine, text=text if heard.mine or not text else f"{heard.name}: {text}")


def _plain(text: str) -> str:
    """Text that every vendor takes, and that can not pass for the director's."""
    return _DIRECTOR.sub("(", text.encode("utf-8", "replace").decode())


def _noted(tail: str) -> str:
    return f"<director>\n{_plain(tail)}\n</director>" if tail else ""


def _key(prompt: Prompt) -> str:
    place = f"{prompt.static}\x1f{prompt.seed}"
    return blake2b(place.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _fitted(lines: Sequence[Line], room: int) -> tuple[Line, ...]:
    """The lines in at most about `room` tokens; what is older is told in short, in a first line.

    It is folded line by line, and only when the room is used up. So what a growing history begins
    with stays the same for many turns, and the summary too.
    """
    kept: list[Line] = []
    told: list[str] = []
    taken = 0
    for line in lines:
        kept.append(line)
        taken += estimated_tokens(line.text)
        if taken > room:
            kept, told = _folded(kept, told, room)
            taken = sum(estimated_tokens(one.text) for one in kept)
    return tuple(kept)


def _folded(kept: list[Line], told: list[str], room: int) -> tuple[list[Line], list[str]]:
    """Fold all but the newest third of the room into the summary, which stands first."""
    own = kept[1:] if told else kept
    newest, taken = len(own), 0
    while newest > 1 and taken + estimated_tokens(own[newest - 1].text) <= room // _NEWEST_SHARE:
        newest -= 1
        taken += estimated_tokens(own[newest].text)
    told = [*told, *(_short(line) for line in own[:newest])]
    while len(told) > 1 and estimated_tokens("\n".join(told)) > max(room // _SUMMARY_SHARE, 1):
        told = told[1:]
    return [Line(mine=False, text="\n".join((EARLIER, *told))), *own[newest:]], told


def _short(line: Line) -> str:
    text = " ".join(line.text.split())
    cut = text if len(text) <= _SHORT_LINE else f"{text[: _SHORT_LINE - 1]}…"
    return f"- You: {cut}" if line.mine else f"- {cut}"
