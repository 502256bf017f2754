"""What a scheduler knows of the caller's wish, and the calls and lines it has for it. Pure."""

from datetime import date, timedelta
from functools import cached_property

from engine.llm.embedded.answer import Unit, line
from engine.llm.embedded.desk import Desk, field_for
from engine.llm.embedded.moving import Move
from engine.llm.embedded.phrases import (
    ABOUT,
    IS_BORN,
    IS_DAY,
    IS_FIELD,
    IS_FROM,
    IS_NAME,
    IS_PATIENT,
    IS_REASON,
    IS_START,
    IS_TO,
    LINES,
)
from engine.llm.embedded.results import Slot
from engine.llm.embedded.times import Wish, written_time
from engine.llm.embedded.wording import Voice, joined
from engine.llm.port import ToolCall
from engine.prompting import Prompt, PromptTool
from engine.words import normal

MOST_CALLS = 4
"""Tool calls in one turn; what is known by then is what the answer uses."""

Step = ToolCall | tuple[Unit, ...] | None


class Steps:
    """A point of a call: what is known, what can be looked up, what can be said."""

    def __init__(self, prompt: Prompt, call_id: str) -> None:
        self.desk = Desk(prompt)
        self.move = Move(self.desk)
        self.voice = Voice(prompt)
        self.prompt = prompt
        self.call_id = call_id
        self.may_call = len(self.desk.fresh) < MOST_CALLS

    def say(self, kind: str) -> tuple[Unit, ...]:
        """The persona's line for a moment, or a neutral one."""
        authored = getattr(self.prompt.persona.lines, kind, ())
        return (line(self.voice.fresh(authored or LINES[kind], kind)),)

    def call(self, tool: PromptTool | None, values: dict[str, str]) -> ToolCall | None:
        """A call of `tool`, if it may run and every argument it needs is known."""
        if tool is None or not self.may_call:
            return None
        args = {name: values[name] for name, _, _ in tool.args if values.get(name)}
        complete = all(name in args for name, _, required in tool.args if required)
        return ToolCall(id=self.call_id, tool=tool.id, args=args) if complete else None

    def tool(self, *starts: str, needs: frozenset[str] = frozenset()) -> PromptTool | None:
        """The first tool with one of these words in its id, and one of these arguments."""
        for tool in self.prompt.tools:
            names = {name for name, _, _ in tool.args}
            if any(one in tool.id for one in starts) and (not needs or names & needs):
                return tool
        return None

    def values(self, slot: Slot | None = None) -> dict[str, str]:
        """Every argument that is known now, under each of its usual names."""
        desk = self.desk
        known = {
            IS_PATIENT: desk.patient or desk.name,
            IS_NAME: desk.name,
            IS_BORN: desk.born.isoformat() if desk.born else "",
            IS_FIELD: self.field,
            IS_REASON: self.reason[:80],
            frozenset({"nurse"}): slot.nurse if slot else self.nurse,
            IS_DAY: slot.day.isoformat() if slot else self.one_day(),
            IS_START: slot.start if slot else "",
            IS_FROM: written_time(self.wish.earliest),
            IS_TO: written_time(self.wish.latest),
        }
        return {name: value for names, value in known.items() for name in names if value}

    @cached_property
    def moves(self) -> bool:
        """Whether a booked call is to be moved, as far as is known by now."""
        searched = any(one.kind == "calls" for one in self.desk.results)
        there = self.tool("resched", "move") is not None
        return there and self.move.wanted and (bool(self.desk.calls) or not searched)

    @property
    def wish(self) -> Wish:
        """When the caller wants to be called."""
        return self.move.wish if self.moves else self.desk.wish

    def search_calls(self) -> ToolCall | None:
        """A search for the caller's booked calls, where none was made yet."""
        if any(one.kind == "calls" for one in self.desk.results):
            return None
        finder = self.tool("appointment", "call", "booking", needs=IS_PATIENT)
        return self.call(finder, self.values())

    def which_call(self) -> tuple[Unit, ...]:
        """The question which booked call is meant, by day, time and nurse alone."""
        calls = self.desk.calls
        if len(calls) < 2:
            return self.say("which_call")
        return (line(f"Which booked call is it: {joined([one.words for one in calls])}?"),)

    @cached_property
    def field(self) -> str:
        """The field of nursing that it is about, among those there are."""
        if self.moves and self.move.call:
            old = self.move.call.called
            return next((one.field for one in self.desk.nurses.values() if one.name == old), "")
        if not self.reason:
            return ""
        fields = self.desk.fields or _COMMON
        found = [field_for(said, fields) for _, said in self.desk.open_lines]
        chosen = next((field for field in reversed(found) if field), "")
        general = [field for field in self.desk.fields if "general" in field]
        return chosen or next(iter(general), "")

    @cached_property
    def reason(self) -> str:
        """What the caller said it is about: the answer to that question, or words that tell it."""
        fields = (*self.desk.fields, *_COMMON)
        for before, said in reversed(self.desk.open_lines):
            about = ABOUT.search(" ".join(said.split()))
            if about:
                return about[1]
            answered = before.rstrip().endswith("about?") and len(normal(said).split()) > 1
            if answered or field_for(said, fields):
                return " ".join(said.split())
        return ""

    @cached_property
    def nurse(self) -> str:
        """The nurse that the caller asks for."""
        said = [self.desk.nurse_in(said) for _, said in self.desk.open_lines]
        if self.moves:
            known = self.desk.nurses
            old = self.move.call.called if self.move.call else ""
            said = [one for one in said if one in known and known[one].name != old]
        return next((nurse for nurse in reversed(said) if nurse), "")

    def one_day(self) -> str:
        """The day to search first, where one is wanted."""
        wish, today = self.wish, self.desk.today
        if len(wish.days) == 1:
            return wish.days[0].isoformat()
        if wish.week:
            ahead = next(iter(wish.weekdays)) if len(wish.weekdays) == 1 else 0
            day = wish.week[1] - timedelta(days=6 - ahead)
            return max(day, wish.week[0]).isoformat()
        if len(wish.weekdays) == 1 and today:
            ahead = (next(iter(wish.weekdays)) - today.weekday() - 1) % 7 + 1
            return date.fromordinal(today.toordinal() + ahead).isoformat()
        return ""


_COMMON = (
    "wound care", "diabetes", "asthma", "heart", "medicine", "maternity", "child health",
    "mental health", "pain",
)  # fmt: skip
