"""A scheduler's next step: look up, search, ask for one thing, offer, or book. Pure.

The order is fixed: who calls, what it is about, when; then up to three times are offered, and only
a time that was offered and chosen is booked. Nothing is written on a guess.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from engine.llm.embedded.answer import Unit, line
from engine.llm.embedded.desk import Desk, field_for
from engine.llm.embedded.results import Result, Slot, told
from engine.llm.embedded.times import Wish, wish_in, written_time
from engine.llm.embedded.wording import Voice, joined
from engine.llm.port import ToolCall
from engine.prompting import Prompt, PromptTool
from engine.words import normal

MOST_CALLS = 4
"""Tool calls in one turn; what is known by then is what the answer uses."""
OFFERS = 3

Step = ToolCall | tuple[Unit, ...] | None

_LINES = {
    "identity": (
        "Could I have your full name and your date of birth, please?",
        "May I take your full name and date of birth first?",
    ),
    "name": ("Could I have your full name, please?", "And your full name, please?"),
    "born": ("And your date of birth, please?", "Could you tell me your date of birth?"),
    "not_found": (
        "I cannot find a record for that name and date of birth. Could you say both once more?",
        "That does not match a record. What are the full name and the date of birth again?",
    ),
    "reason": ("What would you like to talk to a nurse about?", "What is the call about?"),
    "when": ("Which day and time would suit you?", "When would suit you?"),
    "none": (
        "I am afraid nothing is free then. Is there another day that would suit you?",
        "There is nothing free for that. When else could you take a call?",
    ),
    "refused": (
        "I could not put that in the book. Shall we look for another time?",
        "That did not go through. When else would suit you?",
    ),
    "booked": (
        "That is in the book. Is there anything else I can do for you?",
        "That is done. Can I help you with anything else?",
    ),
    "cancelled": ("That call is cancelled. Is there anything else I can do for you?",),
    "which_call": (
        "Which booked call do you mean? Its number would help me.",
        "Could you tell me the number of that call?",
    ),
    "instead": ("That time is not free, I am afraid.", "I have nothing at that time."),
    "choose": ("Shall I book it?", "Would that suit you?"),
    "choose_one": ("Which one would you like?", "Which of these suits you best?"),
    "greeting": ("Hello.", "Good day."),
    "goodbye": ("You are welcome. Goodbye.", "Thank you for calling. Goodbye."),
}
_YES = re.compile(
    r"^(?:oh |well |great |perfect |ok |okay )*(?:yes|yeah|yep|sure|please|ok|okay|perfect|great|"
    r"fine|good|lovely|that works|works for me|book it|go ahead|that one|i will take|take (?:it|"
    r"that)|sounds good|that (?:is|would be) (?:fine|good|great|perfect))\b"
)
_NO = re.compile(r"\b(?:no|none|neither|not|nope|other|another|different|else)\b")
_PLACES = (
    (
        0,
        re.compile(
            r"\b(?:the (?:first|1st|earlier|earliest|soonest)|first one|number (?:one|1))\b"
        ),
    ),
    (1, re.compile(r"\b(?:the (?:second|2nd|middle)|second one|number (?:two|2))\b")),
    (2, re.compile(r"\b(?:the (?:third|3rd)|third one|number (?:three|3))\b")),
    (-1, re.compile(r"\b(?:the (?:last|later|latest)|last one|later one)\b")),
)
_CANCEL = re.compile(r"\b(?:cancel|call off|take off|do not need)\b")
_ABOUT = re.compile(
    r"\b(?:(?:about|because of|regarding) (?:my |a |an |the )?|for my )(\w[^.;?!]{2,})"
)
_BYE = re.compile(r"^(?:no|nope|nothing|that is (?:all|it|everything)|bye|goodbye|thank|thanks)\b")
_CALL_ID = re.compile(r"\b[a-z]\d+\b")
_IS_CALL = frozenset({"appointment", "appointment_id", "id", "call"})
_IS_PATIENT = frozenset({"patient", "patient_id", "person", "caller", "who"})
_IS_NAME = frozenset({"name", "full_name", "patient_name"})
_IS_BORN = frozenset({"born", "birth", "birth_date", "birthdate", "date_of_birth", "dob"})
_IS_FIELD = frozenset({"specialization", "specialisation", "specialty", "field", "skill", "topic"})
_IS_START = frozenset({"start", "time", "when", "slot", "at"})
_IS_DAY = frozenset({"date", "day"})
_IS_FROM = frozenset({"from", "after", "earliest"})
_IS_TO = frozenset({"to", "until", "before", "latest"})
_IS_WHEN = _IS_DAY | _IS_FROM | _IS_TO
_IS_REASON = frozenset({"reason", "about", "note", "subject"})


def next_step(prompt: Prompt, *, call_id: str) -> Step:
    """What to do now: one tool call, or words; None where the ordinary answer is right.

    After `MOST_CALLS` results in a row it only speaks.
    """
    return None if "attack" in prompt.acts else _Scheduler(prompt, call_id).step()


class _Scheduler:
    def __init__(self, prompt: Prompt, call_id: str) -> None:
        self._desk = Desk(prompt)
        self._voice = Voice(prompt)
        self._prompt = prompt
        self._call_id = call_id
        self._may_call = len(self._desk.fresh) < MOST_CALLS

    def step(self) -> Step:
        after = self._after_write()
        if after is not None:
            return after
        if self._is_over():
            return self._say("goodbye")
        if self._desk.wrote and not self._wants_more():
            return None
        found = self._next()
        met = any(heard.mine for heard in self._prompt.history) or self._desk.fresh
        return found if met or not isinstance(found, tuple) else (*self._say("greeting"), *found)

    def _next(self) -> ToolCall | tuple[Unit, ...]:
        for stage in (self._identity, self._cancelling, self._need, self._choosing, self._search):
            found = stage()
            if found is not None:
                return found
        if self._fitting:
            return self._offer(self._fitting)
        return (*self._say("instead"), *self._offer(self._desk.slots))

    def _say(self, kind: str) -> tuple[Unit, ...]:
        authored = getattr(self._prompt.persona.lines, kind, ())
        return (line(self._voice.fresh(authored or _LINES[kind], kind)),)

    def _call(self, tool: PromptTool | None, values: dict[str, str]) -> ToolCall | None:
        """A call of `tool`, if it may run and every argument it needs is known."""
        if tool is None or not self._may_call:
            return None
        args = {name: values[name] for name, _, _ in tool.args if values.get(name)}
        complete = all(name in args for name, _, required in tool.args if required)
        return ToolCall(id=self._call_id, tool=tool.id, args=args) if complete else None

    def _tool(self, *starts: str, needs: frozenset[str] = frozenset()) -> PromptTool | None:
        for tool in self._prompt.tools:
            names = {name for name, _, _ in tool.args}
            if any(one in tool.id for one in starts) and (not needs or names & needs):
                return tool
        return None

    def _values(self, slot: Slot | None = None) -> dict[str, str]:
        """Every argument that is known now, under each of its usual names."""
        desk = self._desk
        known = {
            _IS_PATIENT: desk.patient or desk.name,
            _IS_NAME: desk.name,
            _IS_BORN: desk.born.isoformat() if desk.born else "",
            _IS_FIELD: self._field,
            _IS_REASON: self._reason[:80],
            frozenset({"nurse"}): slot.nurse if slot else self._nurse,
            _IS_DAY: slot.day.isoformat() if slot else self._one_day(),
            _IS_START: slot.start if slot else "",
            _IS_FROM: written_time(self._desk.wish.earliest),
            _IS_TO: written_time(self._desk.wish.latest),
        }
        return {name: value for names, value in known.items() for name in names if value}

    def _after_write(self) -> Step:
        last = self._desk.fresh[-1] if self._desk.fresh else None
        if last is None or last.kind not in {"wrote", "waiting", "refused"}:
            return None
        if last.kind == "wrote":
            cancelled = last.text.lower().startswith("cancelled")
            return self._say("cancelled" if cancelled else "booked")
        return self._say("choose" if last.kind == "waiting" else "refused")

    def _is_over(self) -> bool:
        said_bye = "farewell" in self._prompt.acts
        return said_bye or (self._desk.wrote and bool(_BYE.match(normal(self._prompt.said))))

    def _wants_more(self) -> bool:
        """Whether the caller asks for something after what was done."""
        said = " ".join(said for _, said in self._desk.open_lines)
        return bool(self._desk.wish or self._reason or _CANCEL.search(normal(said)))

    def _identity(self) -> Step:
        desk = self._desk
        finder = self._tool("lookup", "patient", "find", needs=_IS_NAME | _IS_BORN | _IS_PATIENT)
        if desk.patient:
            return None
        if not desk.name or not desk.born:
            return self._say("born" if desk.name else "name" if desk.born else "identity")
        tried = any(result.kind == "patient" for result in desk.fresh)
        given = self._gave_identity()
        before = any(result.kind == "patient" for result in desk.results)
        if tried or (before and not given):
            return self._say("not_found")
        return self._call(finder, self._values())

    def _gave_identity(self) -> bool:
        said = self._desk.prompt.said
        return bool(re.search(r"\d{4}|\b(?:name|born)\b", said)) or self._desk.name in said

    def _cancelling(self) -> Step:
        tool = self._tool("cancel")
        if tool is None or not any(_CANCEL.search(normal(one)) for _, one in self._desk.open_lines):
            return None
        said = " ".join(one for _, one in self._desk.open_lines).lower()
        named = list(dict.fromkeys(_CALL_ID.findall(said))) or list(self._desk.calls)
        finder = self._tool("appointment", "call", "booking", needs=_IS_PATIENT)
        if not named and not any(one.kind == "calls" for one in self._desk.results):
            found = self._call(finder, self._values())
            if found is not None:
                return found
        if len(named) != 1:
            return self._say("which_call")
        return self._call(tool, {**self._values(), **dict.fromkeys(_IS_CALL, named[0])})

    def _need(self) -> Step:
        """What it is about, and which nurses there are for it."""
        desk = self._desk
        if not (self._reason or self._nurse):
            return self._say("reason")
        finder = self._tool("nurse", "lookup", needs=_IS_FIELD | {"nurse"})
        if finder and not any(result.kind == "nurses" for result in desk.results):
            needed = {name for name, _, required in finder.args if required}
            found = self._call(finder, {k: v for k, v in self._values().items() if k in needed})
            if found is not None:
                return found
        if desk.fields and not (self._field or self._nurse) and desk.fields[0] not in desk.last_own:
            return (line(f"Is that something for {joined(desk.fields)}?"),)
        return None if desk.wish or desk.slots else self._say("when")

    @cached_property
    def _field(self) -> str:
        """The field of nursing that it is about, among those there are."""
        if not self._reason:
            return ""
        fields = self._desk.fields or _COMMON
        found = [field_for(said, fields) for _, said in self._desk.open_lines]
        chosen = next((field for field in reversed(found) if field), "")
        general = [field for field in self._desk.fields if "general" in field]
        return chosen or next(iter(general), "")

    @cached_property
    def _reason(self) -> str:
        """What the caller said it is about: the answer to that question, or words that tell it."""
        fields = (*self._desk.fields, *_COMMON)
        for before, said in reversed(self._desk.open_lines):
            about = _ABOUT.search(" ".join(said.split()))
            if about:
                return about[1]
            answered = before.rstrip().endswith("about?") and len(normal(said).split()) > 1
            if answered or field_for(said, fields):
                return " ".join(said.split())
        return ""

    @cached_property
    def _nurse(self) -> str:
        said = [self._desk.nurse_in(said) for _, said in self._desk.open_lines]
        return next((nurse for nurse in reversed(said) if nurse), "")

    def _one_day(self) -> str:
        wish, today = self._desk.wish, self._desk.today
        if len(wish.days) == 1:
            return wish.days[0].isoformat()
        if len(wish.weekdays) == 1 and today:
            ahead = (next(iter(wish.weekdays)) - today.weekday() - 1) % 7 + 1
            return date.fromordinal(today.toordinal() + ahead).isoformat()
        return ""

    def _choosing(self) -> Step:
        """Book what was chosen among the times offered in the last line."""
        offered = self._desk.offered
        if self._desk.fresh:
            return None
        if not offered:
            refused = self._desk.last_own.endswith("Shall I?") and _NO.search(
                normal(self._prompt.said)
            )
            again = wish_in(self._prompt.said, self._desk.today)
            return self._say("when") if refused and not again else None
        left = self._chosen(offered)
        if len(left) == 1:
            return self._call(self._tool("book"), self._values(left[0]))
        if left:
            return self._offer(left)
        said = self._prompt.said
        if wish_in(said, self._desk.today) or self._desk.nurse_in(said):
            return None
        return self._say("when") if _NO.search(normal(said)) else self._offer(offered)

    def _chosen(self, offered: Sequence[Slot]) -> list[Slot]:
        """The offered times that the caller's words leave; none where they name no choice."""
        said, plain = self._prompt.said, normal(self._prompt.said)
        wish, nurse = wish_in(said, self._desk.today), self._desk.nurse_in(said)
        if wish.has_day or wish.has_time or nurse:
            return [slot for slot in offered if _suits(slot, wish, nurse)]
        if _NO.search(plain):
            return []
        hour = wish_in(f"at {said}", self._desk.today)  # "four, please"
        if hour and any(_suits(slot, hour, "") for slot in offered):
            return [slot for slot in offered if _suits(slot, hour, "")]
        for place, words in _PLACES:
            if words.search(plain) and place < len(offered):
                return [offered[place]]
        return list(offered) if _YES.match(plain) else []

    def _search(self) -> Step:
        """Ask for free times, until some suit or enough was asked."""
        if self._fitting:
            return None
        searched = [result for result in self._desk.fresh if result.kind == "slots"]
        if not searched:
            return self._call(self._finder, self._values()) or self._say("when")
        again = self._search_again(searched)
        return again or (None if self._desk.slots else self._say("none"))

    @cached_property
    def _finder(self) -> PromptTool | None:
        return self._tool("slot", "avail")

    def _search_again(self, searched: Sequence[Result]) -> ToolCall | None:
        """A search with a known field, without the day, or on a later day; None to stop."""
        values, last, first = self._values(), searched[-1], len(searched) == 1
        shown = self._desk.shown_by(last)
        if "Choose one of" in last.text:
            return self._call(self._finder, values) if first else None
        if self._one_day():
            wider = {name: value for name, value in values.items() if name not in _IS_WHEN}
            return self._call(self._finder, wider) if first and not shown else None
        day = shown[-1].day if shown else last.day
        takes_days = self._finder and any(name in _IS_DAY for name, _, _ in self._finder.args)
        if day is None or not takes_days:
            return None
        later = next((day + timedelta(days=n) for n in range(1, 15) if self._open_to(day, n)), day)
        return self._call(self._finder, {**values, **dict.fromkeys(_IS_DAY, later.isoformat())})

    def _open_to(self, day: date, ahead: int) -> bool:
        weekday, wish = (day.weekday() + ahead) % 7, self._desk.wish
        return weekday not in wish.without and (not wish.weekdays or weekday in wish.weekdays)

    @cached_property
    def _fitting(self) -> tuple[Slot, ...]:
        """The known free times that suit, of nurses for the caller's need."""
        field, known = self._field, self._desk.nurses
        return tuple(
            slot
            for slot in self._desk.slots
            if _suits(slot, self._desk.wish, self._nurse)
            and (not field or slot.nurse not in known or known[slot.nurse].field == field)
        )

    def _offer(self, slots: Sequence[Slot]) -> tuple[Unit, ...]:
        if not slots:
            return self._say("none")
        shown = slots[:OFFERS]
        return (line(f"I have {told(shown)}."), *self._say("choose_one" if shown[1:] else "choose"))


def _suits(slot: Slot, wish: Wish, nurse: str) -> bool:
    return wish.fits(slot.day, slot.minute) and nurse in ("", slot.nurse)


_COMMON = (
    "wound care", "diabetes", "asthma", "heart", "medicine", "maternity", "child health",
    "mental health", "pain",
)  # fmt: skip
