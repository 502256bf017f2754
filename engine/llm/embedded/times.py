"""Days and times of a telephone booking: read from words, and said in words. Pure.

Dates in figures are read day first (3/5/1961 is in May). Nothing said here holds a figure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_DAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday"
_HOUR_NAMES = "one two three four five six seven eight nine ten eleven twelve"
_ORDINAL_NAMES = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first
twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth
twenty-ninth thirtieth thirty-first
"""
MONTHS = _MONTH_NAMES.split()
WEEKDAYS = _DAY_NAMES.split()
_HOURS = _HOUR_NAMES.split()
_ORDINALS = _ORDINAL_NAMES.split()
_MINUTES = {5: "five", 10: "ten", 15: "quarter", 20: "twenty", 25: "twenty-five", 30: "half"}
NOON = 12 * 60
HALF_DAY = 12 * 60
_EARLIEST = date(2020, 1, 1)
"""Without a today, an earlier date is no wish for a call but a date of birth."""

_ANY_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True)).replace("-", "[- ]")
_MONTH = "(?:" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + r")\b\.?"
_YEAR = r"(?:,? (?P<{0}>(?:19|20)\d\d|'?\d\d(?!:|\.?\d)))?"
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d\d-\d\d)(?:t\d\d:\d\d)?|"
    r"\b(?P<d1>\d{1,2})[/.](?P<m1>\d{1,2})[/.](?P<y1>\d{4}|\d\d)\b|"
    rf"\b(?P<d2>\d{{1,2}}(?:st|nd|rd|th)?|{_ANY_ORDINAL}) (?:of )?(?P<m2>{_MONTH})"
    + _YEAR.format("y2")
    + rf"|\b(?P<m3>{_MONTH}) (?:the )?(?P<d3>\d{{1,2}}(?:st|nd|rd|th)?|{_ANY_ORDINAL})\b(?![:.]\d)"
    + _YEAR.format("y3")
)
_HOUR = r"(?:\d{1,2}|" + "|".join(_HOURS) + ")"
_HALF = r"(?: ?(?P<half>am|pm|a\.m\.|p\.m\.)(?!\w))?"
_TIME = re.compile(
    r"(?:(?P<limit>after|from|later than|past|before|until|till|by|at|around) )?"
    rf"(?:\b(?P<clock>\d{{1,2}}[:.]\d\d)(?!\.?\d){_HALF}|"
    rf"\b(?P<some>half|quarter|twenty|ten) (?P<way>past |to |)(?P<next>{_HOUR})\b|"
    rf"\b(?P<words>{'|'.join(_HOURS)}) (?P<extra>thirty|fifteen|forty[- ]five)\b|"
    r"\b(?P<noon>noon|midday)\b|"
    rf"\b(?P<hour>{_HOUR})(?P<mark> o'? ?clock| ?(?:am|pm|a\.m\.|p\.m\.)(?!\w)|)(?![\w:/]))"
)
_NOT_DAY = r"\b(?:not|no|never|except|but|cannot)\b(?: \w+){0,3} "
_WEEKS = (
    (2, re.compile(r"\b(?:the )?week after next\b|\bin (?:two|2) weeks\b|\bin a fortnight\b")),
    (1, re.compile(r"\b(?:next|the following|the coming|the week after(?: this)?|in a) ?week\b")),
    (1, re.compile(r"\bthe week after\b|\ba week later\b")),
    (0, re.compile(r"\bthis week\b")),
)
_ANY_TIME = re.compile(
    r"\b(?:any ?time|any day|whenever|as soon as possible|asap|soonest|earliest|next (?:free|"
    r"available)|first (?:free|available)|do not mind|don't mind|i am flexible|i'm flexible|"
    r"what do you have|what have you got|when (?:can|could) (?:you|i|she|he))\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """When somebody wants to be called. Minutes count from midnight; `week` is its two ends."""

    days: tuple[date, ...] = ()
    week: tuple[date, date] | None = None
    weekdays: frozenset[int] = frozenset()
    without: frozenset[int] = frozenset()
    at: int | None = None
    earliest: int | None = None
    latest: int | None = None
    part: tuple[int, int] | None = None
    any_time: bool = False

    @property
    def has_day(self) -> bool:
        """Whether it names a day."""
        return bool(self.days or self.weekdays or self.week)

    @property
    def has_time(self) -> bool:
        """Whether it names a time or a part of the day."""
        return any(one is not None for one in (self.at, self.earliest, self.latest, self.part))

    def __bool__(self) -> bool:
        return self.has_day or self.has_time or self.any_time or bool(self.without)

    def then(self, later: "Wish") -> "Wish":
        """This wish as far as a later one leaves it standing."""
        day = later if later.has_day else self
        time = later if later.has_time else self
        if later.any_time and not (later.has_day or later.has_time):
            return later
        return replace(
            time,
            days=day.days,
            # "Next week" and then "Thursday" is Thursday of that week, and the other way round.
            week=day.week or (self.week if not day.days else None),
            weekdays=day.weekdays or (self.weekdays if not day.days else frozenset()),
            without=self.without | later.without,
            any_time=self.any_time or later.any_time,
        )

    def fits(self, day: date, minute: int) -> bool:
        """Whether a call at `minute` of `day` is what is wanted."""
        first, last = self.week or (date.min, date.max)
        named = day in self.days if self.days else first <= day <= last
        named = named and (not self.weekdays or day.weekday() in self.weekdays or bool(self.days))
        low, high = self.part or (0, 24 * 60)
        return (
            named
            and day.weekday() not in self.without
            and low <= minute < high
            and (self.at is None or minute in (self.at, self.at + HALF_DAY))
            and (self.earliest is None or minute >= self.earliest)
            and (self.latest is None or minute <= self.latest)
        )


def plain(text: str) -> str:
    """The text in lower case with straight apostrophes and single blanks."""
    lowered = text.lower().replace("\u2019", "'").replace("can't", "can not")
    return " ".join(lowered.split())


def dates_in(text: str, today: date | None) -> tuple[tuple[date, bool], ...]:
    """The dates in a text, with whether the year was given.

    Without a year it is the next such day from `today`; without a today it is left out.
    """
    return tuple(_dates(plain(text), today))


def without_dates(text: str) -> str:
    """The plain text with its dates taken out, so that no figure of one reads as a time."""
    return _DATE.sub(" ; ", plain(text))


def _dates(text: str, today: date | None) -> Iterator[tuple[date, bool]]:
    for found in _DATE.finditer(text):
        part = found.groupdict()
        day = part["d1"] or part["d2"] or part["d3"]
        month = part["m1"] or part["m2"] or part["m3"]
        year = part["y1"] or part["y2"] or part["y3"]
        if part["iso"]:
            year, month, day = part["iso"].split("-")
        made = _date(_year(year, today), _month(month), _day(day), today)
        if made and (year or today):
            yield made, bool(year)


def _date(year: int | None, month: int, day: int, today: date | None) -> date | None:
    try:
        if year is not None or today is None:
            return date(year or _EARLIEST.year, month, day)
        this = date(today.year, month, day)
        return this.replace(year=this.year + 1) if this < today else this
    except ValueError:
        return None


def _year(text: str | None, today: date | None) -> int | None:
    if not text:
        return None
    number = int(text.lstrip("'"))
    if number >= 100:
        return number
    return number + (2000 if today and number <= today.year % 100 + 1 else 1900)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(place for place, name in enumerate(MONTHS, 1) if name.startswith(text[:3]))


def _day(text: str) -> int:
    figures = re.match(r"\d+", text)
    return int(figures.group()) if figures else _ORDINALS.index(text.replace(" ", "-")) + 1


def wish_in(text: str, today: date | None) -> Wish:
    """When a text asks for; an empty wish where it names no day and no time."""
    rest = without_dates(text)
    days = tuple(day for day, _ in dates_in(text, today) if day >= (today or _EARLIEST))
    if today:
        days += tuple(today + timedelta(days=away) for away in _near_days(rest))
    without = frozenset(
        place for place, name in enumerate(WEEKDAYS) if re.search(_NOT_DAY + name, rest)
    )
    named = {place for place, name in enumerate(WEEKDAYS) if re.search(rf"\b{name}s?\b", rest)}
    wish = Wish(
        days=days,
        week=_week(rest, today) if today and not days else None,
        weekdays=frozenset(named - without) if not days else frozenset(),
        without=without,
        part=_part_of_day(rest),
        any_time=bool(_ANY_TIME.search(rest)),
    )
    for found in _TIME.finditer(rest):
        wish = _with_time(wish, found)
    return wish


def _near_days(text: str) -> Iterator[int]:
    if "day after tomorrow" in text:
        yield 2
    elif re.search(r"\btomorrow\b", text):
        yield 1
    elif re.search(r"\b(?:today|this (?:morning|afternoon|evening))\b", text):
        yield 0


def _week(text: str, today: date) -> tuple[date, date] | None:
    """The working week that a text names, from `today` on."""
    ahead = next((weeks for weeks, words in _WEEKS if words.search(text)), None)
    if ahead is None:
        return None
    monday = today + timedelta(days=7 * ahead - today.weekday())
    return max(monday, today), monday + timedelta(days=6)


def _part_of_day(text: str) -> tuple[int, int] | None:
    parts = {"morning": (0, NOON), "afternoon": (NOON, 18 * 60), "evening": (17 * 60, 24 * 60)}
    greeted = re.sub(r"\bgood (?:morning|afternoon|evening)\b", " ", text)
    found = [span for name, span in parts.items() if re.search(rf"\b{name}s?\b", greeted)]
    return found[0] if len(found) == 1 else None


def _with_time(wish: Wish, found: re.Match[str]) -> Wish:
    minute = _minute(found)
    limit = found["limit"]
    if minute is None:
        return wish
    if limit in {"after", "from", "later than", "past"}:
        return replace(wish, earliest=_business(minute, found))
    if limit in {"before", "until", "till", "by"}:
        return replace(wish, latest=_business(minute, found))
    return replace(wish, at=minute)


def _minute(found: re.Match[str]) -> int | None:
    """Minutes after midnight, or None for a number that is no time."""
    if found["noon"]:
        return NOON
    if found["clock"]:
        hour, minute = map(int, re.split("[:.]", found["clock"]))
        return _clock(hour, minute, found["half"])
    if found["some"]:
        past = {"half": 30, "quarter": 15, "twenty": 20, "ten": 10}[found["some"]]
        if not found["way"] and found["some"] != "half":
            return None
        return _clock(_number(found["next"]), -past if found["way"] == "to " else past, None)
    if found["words"]:
        extra = {"thirty": 30, "fifteen": 15}.get(found["extra"], 45)
        return _clock(_number(found["words"]), extra, None)
    mark = found["mark"].strip()
    if not (found["limit"] or mark):
        return None
    return _clock(_number(found["hour"]), 0, mark if mark[:1] in {"a", "p"} else None)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _HOURS.index(text) + 1


def _clock(hour: int, minute: int, half: str | None) -> int | None:
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour * 60 + minute


def _business(minute: int, found: re.Match[str]) -> int:
    """An hour of the working day: "after four" means the afternoon."""
    marked = found["half"] or (found["mark"] or "").strip()[:1] in {"a", "p"}
    return minute if marked or minute >= 8 * 60 else minute + HALF_DAY


def said_day(day: date) -> str:
    """A day in words, as `Tuesday the first of December`."""
    weekday, month = WEEKDAYS[day.weekday()].title(), MONTHS[day.month - 1].title()
    return f"{weekday} the {_ORDINALS[day.day - 1]} of {month}"


def said_time(minute: int) -> str:
    """A time in words, as `half past three in the afternoon`; to the nearest five minutes down."""
    past = minute % 60 // 5 * 5
    hour = minute // 60 + (past > 30)
    word = _HOURS[(hour - 1) % 12]
    if minute // 60 < 12:
        part = "in the morning"
    else:
        part = "in the afternoon" if minute < 18 * 60 else "in the evening"
    if not past:
        return "noon" if minute // 60 == 12 else f"{word} o'clock {part}"
    step = _MINUTES[past if past <= 30 else 60 - past]
    return f"{step} {'past' if past <= 30 else 'to'} {word} {part}"


def written_time(minute: int | None) -> str:
    """A time as tools take it, `HH:MM`; nothing for none."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"
