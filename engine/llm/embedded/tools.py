"""A scheduler's next step: look up, search, ask for one thing, offer, or book. Pure.

The order is fixed: who calls, what it is about, when; then up to three times are offered, and only
a time that was offered and chosen is booked. Nothing is written on a guess.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from engine.llm.embedded.answer import Unit, line
from engine.llm.embedded.moving import meant
from engine.llm.embedded.phrases import (
    ASKS_CALLS,
    ASKS_FREE,
    BYE,
    CALL_ID,
    CANCEL,
    IS_BORN,
    IS_CALL,
    IS_DAY,
    IS_FIELD,
    IS_NAME,
    IS_PATIENT,
    IS_WHEN,
    MOVE,
    NO,
    PLACES,
    YES,
)
from engine.llm.embedded.results import Result, Slot, moved_in, told
from engine.llm.embedded.steps import Step, Steps
from engine.llm.embedded.times import Wish, wish_in
from engine.llm.embedded.wording import joined
from engine.llm.port import ToolCall
from engine.prompting import Prompt, PromptTool
from engine.words import normal

OFFERS = 3


def next_step(prompt: Prompt, *, call_id: str) -> Step:
    """What to do now: one tool call, or words; None where the ordinary answer is right.

    After `MOST_CALLS` results in a row it only speaks.
    """
    return None if "attack" in prompt.acts else _Scheduler(prompt, call_id).step()


class _Scheduler(Steps):
    def step(self) -> Step:
        after = self._after_write()
        if after is not None:
            return after
        if self._is_over():
            return self.say("goodbye")
        if self.desk.wrote and not self._wants_more():
            return None
        found = self._next()
        met = any(heard.mine for heard in self.prompt.history) or self.desk.fresh
        return found if met or not isinstance(found, tuple) else (*self.say("greeting"), *found)

    def _next(self) -> ToolCall | tuple[Unit, ...]:
        for stage in (
            self._identity,
            self._telling_calls,
            self._cancelling,
            self._which_to_move,
            self._need,
            self._choosing,
            self._search,
        ):
            found = stage()
            if found is not None:
                return found
        if self._fitting:
            return self._offer(self._fitting)
        return (*self.say("instead"), *self._offer(self.desk.slots))

    def _after_write(self) -> Step:
        last = self.desk.fresh[-1] if self.desk.fresh else None
        if last is None or last.kind not in {"wrote", "waiting", "refused"}:
            return None
        if last.kind == "refused":
            return self.say("busy" if "another appointment then" in last.text else "refused")
        if last.kind == "waiting":
            return self.say("choose")
        if last.cancelled:
            return None if self.moves else self.say("cancelled")
        now = moved_in(last.text, self.desk.today) if last.text.startswith("Moved") else None
        if now is None:
            return self.say("booked")
        return (*self.say("moved"), line(f"Your call is now on {now.words}."), *self.say("more"))

    def _is_over(self) -> bool:
        said_bye = "farewell" in self.prompt.acts
        return said_bye or (self.desk.wrote and bool(BYE.match(normal(self.prompt.said))))

    def _wants_more(self) -> bool:
        """Whether the caller asks for something after what was done."""
        said = " ".join(said for _, said in self.desk.open_lines)
        asked = CANCEL.search(normal(said)) or ASKS_CALLS.search(normal(self.prompt.said))
        return bool(self.desk.wish or self.reason or asked or self.moves)

    def _identity(self) -> Step:
        desk = self.desk
        finder = self.tool("lookup", "patient", "find", needs=IS_NAME | IS_BORN | IS_PATIENT)
        if desk.patient:
            return None
        if not desk.name or not desk.born:
            return self.say("born" if desk.name else "name" if desk.born else "identity")
        tried = any(result.kind == "patient" for result in desk.fresh)
        given = self._gave_identity()
        before = any(result.kind == "patient" for result in desk.results)
        if tried or (before and not given):
            return self.say("not_found")
        return self.call(finder, self.values())

    def _gave_identity(self) -> bool:
        said = self.desk.prompt.said
        return bool(re.search(r"\d{4}|\b(?:name|born)\b", said)) or self.desk.name in said

    def _cancelling(self) -> Step:
        tool = self.tool("cancel")
        off = [one for _, one in self.desk.open_lines if CANCEL.search(normal(one))]
        answered = self.desk.in_the_way if YES.match(normal(self.prompt.said)) else ""
        done = any(result.cancelled for result in self.desk.fresh)
        if tool is None or done or not (off or answered):
            return None
        asked = [one for before, one in self.desk.open_lines if "booked call" in before.lower()]
        said = " ".join((*off, *asked)).lower()
        named = list(dict.fromkeys(CALL_ID.findall(said)))
        if not named and (busy := self.desk.in_the_way):
            named = [busy]
        if not named and (search := self.search_calls()):
            return search
        if not named and (one := meant(self.desk.calls, (*off, *asked), self.desk)):
            named = [one.id]
        if len(named) != 1:
            return self.which_call()
        return self.call(tool, {**self.values(), **dict.fromkeys(IS_CALL, named[0])})

    def _telling_calls(self) -> Step:
        """The caller's own booked calls, when asked for: day, time and nurse, and no more."""
        said = normal(self.prompt.said)
        if not ASKS_CALLS.search(said) or ASKS_FREE.search(said) or MOVE.search(said):
            return None
        if CANCEL.search(said) or self.desk.in_the_way:
            return None
        if search := self.search_calls():
            return search
        if not any(one.kind == "calls" for one in self.desk.results):
            return None
        calls = self.desk.calls
        if not calls:
            return (*self.say("no_calls"), *self.say("reason"))
        told = " and ".join(one.words for one in calls)
        return (line(f"You have {told}."), *self.say("change_one"))

    def _which_to_move(self) -> Step:
        """Find the booked calls, and which of them is to be moved."""
        if not self.moves:
            return None
        if search := self.search_calls():
            return search
        return None if self.move.call or not self.desk.calls else self.which_call()

    def _need(self) -> Step:
        """What it is about, and which nurses there are for it."""
        desk = self.desk
        if not (self.reason or self.nurse or self.moves):
            return self.say("reason")
        finder = self.tool("nurse", "lookup", needs=IS_FIELD | {"nurse"})
        if finder and not any(result.kind == "nurses" for result in desk.results):
            needed = {name for name, _, required in finder.args if required}
            found = self.call(finder, {k: v for k, v in self.values().items() if k in needed})
            if found is not None:
                return found
        if desk.fields and not (self.field or self.nurse) and desk.fields[0] not in desk.last_own:
            return (line(f"Is that something for {joined(desk.fields)}?"),)
        return None if self.wish or desk.slots else self.say("when")

    def _choosing(self) -> Step:
        """Book what was chosen among the times offered in the last line."""
        offered = self.desk.offered
        if self.desk.fresh:
            return None
        if not offered:
            refused = self.desk.last_own.endswith("Shall I?") and NO.search(
                normal(self.prompt.said)
            )
            again = wish_in(self.prompt.said, self.desk.today)
            return self.say("when") if refused and not again else None
        left = self._chosen(offered)
        if len(left) == 1:
            return self._write(left[0])
        if left:
            return self._offer(left)
        said = self.prompt.said
        if wish_in(said, self.desk.today) or self.desk.nurse_in(said):
            return None
        return self.say("when") if NO.search(normal(said)) else self._offer(offered)

    def _write(self, slot: Slot) -> ToolCall | None:
        """Book a chosen time, or move the call there."""
        if not (self.moves and self.move.call):
            return self.call(self.tool("book"), self.values(slot))
        moved = dict.fromkeys(IS_CALL, self.move.call.id)
        return self.call(self.tool("resched", "move"), {**self.values(slot), **moved})

    def _chosen(self, offered: Sequence[Slot]) -> list[Slot]:
        """The offered times that the caller's words leave; none where they name no choice."""
        said, plain = self.prompt.said, normal(self.prompt.said)
        wish, nurse = wish_in(said, self.desk.today), self.desk.nurse_in(said)
        if wish.has_day or wish.has_time or nurse:
            return [slot for slot in offered if _suits(slot, wish, nurse)]
        if NO.search(plain):
            return []
        hour = wish_in(f"at {said}", self.desk.today)  # "four, please"
        if hour and any(_suits(slot, hour, "") for slot in offered):
            return [slot for slot in offered if _suits(slot, hour, "")]
        for place, words in PLACES:
            if words.search(plain) and place < len(offered):
                return [offered[place]]
        return list(offered) if YES.match(plain) else []

    def _search(self) -> Step:
        """Ask for free times, until some suit or enough was asked."""
        if self._fitting:
            return None
        searched = [result for result in self.desk.fresh if result.kind == "slots"]
        if not searched:
            return self.call(self._finder, self.values()) or self.say("when")
        again = self._search_again(searched)
        if again is None and self.wish.week and not self.may_call and not self.desk.slots:
            return self.say("which_day")
        return again or (None if self.desk.slots else self.say("none"))

    @cached_property
    def _finder(self) -> PromptTool | None:
        return self.tool("slot", "avail")

    def _search_again(self, searched: Sequence[Result]) -> ToolCall | None:
        """A search with a known field, without the day, or on a later day; None to stop."""
        values, last, first = self.values(), searched[-1], len(searched) == 1
        shown = self.desk.shown_by(last)
        if "Choose one of" in last.text:
            return self.call(self._finder, values) if first else None
        if self.wish.week and not self.wish.days:
            return self._search_week(searched)
        if self.one_day():
            wider = {name: value for name, value in values.items() if name not in IS_WHEN}
            return self.call(self._finder, wider) if first and not shown else None
        day = shown[-1].day if shown else last.day
        takes_days = self._finder and any(name in IS_DAY for name, _, _ in self._finder.args)
        if day is None or not takes_days:
            return None
        later = next((day + timedelta(days=n) for n in range(1, 15) if self._open_to(day, n)), day)
        return self.call(self._finder, {**values, **dict.fromkeys(IS_DAY, later.isoformat())})

    def _search_week(self, searched: Sequence[Result]) -> ToolCall | None:
        """A search on the next day of the wanted week that was not looked at yet."""
        first, last = self.wish.week or (date.max, date.min)
        seen = {one.day for one in searched}
        days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() - 1))
        free = (day for day in days if day not in seen)
        day = next((one for one in free if one.weekday() not in self.wish.without), None)
        if day is None:
            return None
        return self.call(self._finder, {**self.values(), **dict.fromkeys(IS_DAY, day.isoformat())})

    def _open_to(self, day: date, ahead: int) -> bool:
        weekday, wish = (day.weekday() + ahead) % 7, self.wish
        return weekday not in wish.without and (not wish.weekdays or weekday in wish.weekdays)

    @cached_property
    def _fitting(self) -> tuple[Slot, ...]:
        """The known free times that suit, of nurses for the caller's need."""
        field, known = self.field, self.desk.nurses
        return tuple(
            slot
            for slot in self.desk.slots
            if _suits(slot, self.wish, self.nurse)
            and (not field or slot.nurse not in known or known[slot.nurse].field == field)
        )

    def _offer(self, slots: Sequence[Slot]) -> tuple[Unit, ...]:
        if not slots:
            return self.say("none")
        shown = slots[:OFFERS]
        one = "choose_move" if self.moves else "choose"
        off = self.say("off") if any(result.cancelled for result in self.desk.fresh) else ()
        ask = self.say("choose_one" if shown[1:] else one)
        return (*off, line(f"I have {told(shown)}."), *ask)


def _suits(slot: Slot, wish: Wish, nurse: str) -> bool:
    return wish.fits(slot.day, slot.minute) and nurse in ("", slot.nurse)
