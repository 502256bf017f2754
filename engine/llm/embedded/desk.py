"""What a scheduler knows at a point of a call: read from the words and tool results. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.llm.embedded.results import (
    KnownCall,
    KnownNurse,
    Result,
    Slot,
    calls_in,
    day_of,
    named_in,
    nurses_in,
    patient_in,
    result_of,
    slots_in,
)
from engine.llm.embedded.times import MONTHS, WEEKDAYS, Wish, dates_in, wish_in
from engine.prompting import Heard, Prompt
from engine.words import STOP, content_stems, normal

_TODAY = re.compile(r"today is (\d{4}-\d\d-\d\d)")
_FIELDS = re.compile(r"Choose one of: ([^.]+)\.")
_BUSY = re.compile(r"another appointment then \(([\w-]+),")
_INTRODUCED = re.compile(
    r"\b(?:[Mm]y (?:full )?name is|[Mm]y name's|[Nn]ame:|[Tt]his is|[Ii]t's|[Ii]t is|[Ii] am|I'm|"
    r"[Hh]ere is|[Ss]peaking for)\s+((?:[A-Z][\w'\u2019-]+)(?:\s+[A-Z][\w'\u2019-]+){0,3})"
)
_AROUND_A_NAME = """
yes yeah sure course it's its is i'm i am my name full name's and born on date birth dob of hello hi
good morning afternoon evening thanks thank you please ok okay the was sorry no actually oh
"""
_NAME_FILLER = frozenset(_AROUND_A_NAME.split())
_NO_NAME = STOP | {*WEEKDAYS, *MONTHS, "today", "tomorrow"} - {"may", "june", "april"}
_WORD_OF_NAME = re.compile(r"[^\W\d_][\w'\u2019-]*")


@dataclass(frozen=True)
class Desk:
    """A prompt as the scheduler reads it."""

    prompt: Prompt

    @cached_property
    def today(self) -> date | None:
        """The day of the call, from the note."""
        found = _TODAY.search(self.prompt.note)
        return day_of(found[1]) if found else None

    @cached_property
    def fresh(self) -> tuple[Result, ...]:
        """The results that nothing was said about yet, oldest first."""
        found: list[Result] = []
        for heard in reversed(self.prompt.history):
            if not _is_tool(heard):
                break
            found.append(result_of(heard.text))
        return tuple(reversed(found))

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """All results, oldest first."""
        return tuple(result_of(heard.text) for heard in self.prompt.history if _is_tool(heard))

    @cached_property
    def wrote(self) -> bool:
        """Whether something was booked or cancelled earlier in the call."""
        return any(result.kind == "wrote" for result in self.results)

    @cached_property
    def asked_and_said(self) -> tuple[tuple[str, str], ...]:
        """The caller's lines, each with what was said to them before it."""
        return self._lines(self.prompt.history)

    @cached_property
    def open_lines(self) -> tuple[tuple[str, str], ...]:
        """The same, since something was last written: what is still to be done."""
        after = 0
        for place, heard in enumerate(self.prompt.history):
            if _is_tool(heard) and result_of(heard.text).kind == "wrote":
                after = place + 1
        return self._lines(self.prompt.history[after:])

    def _lines(self, history: Sequence[Heard]) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        before = ""
        for heard in history:
            if heard.mine:
                before = heard.text
            elif not _is_tool(heard):
                found.append((before, heard.text))
        return (*found, (before, self.prompt.said))

    @property
    def last_own(self) -> str:
        """What the scheduler said last."""
        return self.asked_and_said[-1][0]

    @cached_property
    def name(self) -> str:
        """The caller's name, as given last."""
        found = [_name_in(said, before) for before, said in self.asked_and_said]
        return next((name for name in reversed(found) if name), "")

    @cached_property
    def born(self) -> date | None:
        """The caller's date of birth, as given last."""
        found: date | None = None
        for before, said in self.asked_and_said:
            asked = "birth" in before.lower() or re.search(r"\b(?:born|birth|dob)\b", said.lower())
            for day, with_year in dates_in(said, self.today):
                past = day < self.today if self.today else day.year < 2020
                if with_year and past and (asked or found is None):
                    found = day
        return found

    @cached_property
    def wish(self) -> Wish:
        """When the caller wants to be called, later words over earlier ones."""
        wish = Wish()
        for _, said in self.open_lines:
            wish = wish.then(wish_in(said, self.today))
        return wish

    @cached_property
    def patient(self) -> str:
        """The id of the caller's record, or nothing while it was not found."""
        found = (one for one in reversed(self.results) if one.kind == "patient")
        last = next(found, None)
        return patient_in(last.text, self.born) if last else ""

    @cached_property
    def calls(self) -> tuple[KnownCall, ...]:
        """The caller's booked calls, as the last search showed them."""
        shown = [one.text for one in self.results if one.kind == "calls"]
        return tuple(calls_in(shown[-1], self.today)) if shown else ()

    @cached_property
    def in_the_way(self) -> str:
        """The id of the caller's own call that kept another from being written, asked about now."""
        found = [_BUSY.search(one.text) for one in self.results if one.kind == "refused"]
        asked = "take that one off" in self.last_own
        return found[-1][1] if asked and found and found[-1] else ""

    @cached_property
    def moving_lines(self) -> tuple[tuple[str, str], ...]:
        """The caller's lines since a call was last moved or booked; a cancelled one is no end."""
        after = 0
        for place, heard in enumerate(self.prompt.history):
            result = result_of(heard.text) if _is_tool(heard) else None
            if result and result.kind == "wrote" and not result.cancelled:
                after = place + 1
        return self._lines(self.prompt.history[after:])

    @cached_property
    def nurses(self) -> Mapping[str, KnownNurse]:
        """Nurses by id, as searches for nurses showed them."""
        shown = [one.text for one in self.results if one.kind == "nurses"]
        return {nurse.id: nurse for text in shown for nurse in nurses_in(text)}

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """What nurses are there for, in the order it was shown."""
        shown = [nurse.field for nurse in self.nurses.values()]
        told = [self.prompt.note, *(result.text for result in self.results)]
        for found in _FIELDS.findall("\n".join(told)):
            shown += found.split(", ")
        return tuple(dict.fromkeys(field.strip().lower() for field in shown if field.strip()))

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The free times of the last search that found some, earliest first.

        Only of nurses whose licence holds then, and none from before the last write.
        """
        for result in reversed(self.results):
            if result.kind == "wrote":
                break
            shown = self.shown_by(result)
            if shown:
                return shown
        return ()

    def shown_by(self, result: Result) -> tuple[Slot, ...]:
        """The free times that one search showed."""
        if result.kind != "slots":
            return ()
        found = filter(self._licensed, slots_in(result.text, self.today, self.nurses))
        return tuple(dict.fromkeys(sorted(found, key=lambda slot: (slot.start, slot.nurse))))

    def _licensed(self, slot: Slot) -> bool:
        nurse = self.nurses.get(slot.nurse)
        return nurse is None or nurse.until is None or slot.day <= nurse.until

    @cached_property
    def offered(self) -> tuple[Slot, ...]:
        """The times that the scheduler named in the last line, in the order they were named."""
        line = self.last_own
        named = [slot for slot in self.slots if named_in(line, slot)]
        return tuple(sorted(named, key=lambda slot: line.find(slot.time)))

    def nurse_in(self, text: str) -> str:
        """The nurse known by now that a text names, by id or by a part of the name."""
        words = set(normal(text).split())
        known = {slot.nurse: slot.called for slot in self.slots if slot.nurse}
        known |= {nurse.id: nurse.name for nurse in self.nurses.values()}
        found = (id_ for id_, name in known.items() if words & {id_, *normal(name).split()})
        return next(found, "")


def _is_tool(heard: Heard) -> bool:
    return heard.name == "tool" and not heard.mine


def _name_in(said: str, before: str) -> str:
    found = _INTRODUCED.search(said)
    if found and found[1].split()[0].lower() not in STOP | _NAME_FILLER:
        return found[1]
    if "name" not in before.lower() or said.rstrip().endswith("?"):
        return ""
    start = re.split(r"\d|\bborn\b|\bdate\b|[.;\n]", said, maxsplit=1, flags=re.IGNORECASE)[0]
    words = [word.strip(",!") for word in start.split()]
    words = [word for word in words if word and word.lower() not in _NAME_FILLER]
    named = 1 <= len(words) <= 4 and all(_WORD_OF_NAME.fullmatch(word) for word in words)
    named = named and not _NO_NAME & {word.lower() for word in words}
    return " ".join(word.title() for word in words) if named else ""


def field_for(text: str, fields: Sequence[str]) -> str:
    """The field that a text is about, by its own words or by a few everyday ones."""
    said = set(content_stems(text))
    for field in fields:
        if said & set(content_stems(field)):
            return field
    for words in _EVERYDAY:
        stems = set(content_stems(words))
        found = next((one for one in fields if stems & set(content_stems(one))), "")
        if found and said & stems:
            return found
    return ""


_EVERYDAY = (
    "wound sore cut ulcer dressing bandage stitches burn bite scar bleeding foot leg skin",
    "diabetes diabetic sugar insulin glucose",
    "asthma inhaler breathing wheeze lungs respiratory breath",
    "heart cardiac pressure chest palpitations",
    "medicine tablets pills prescription dose pharmacy",
    "maternity pregnancy pregnant baby midwife breastfeeding",
    "child paediatric pediatric toddler vaccination",
    "mental anxious anxiety sad mood sleep depression",
    "pain ache painful",
)
