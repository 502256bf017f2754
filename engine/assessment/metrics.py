"""Figures of a transcript. Pure.

Outage lines and cut ones are in none of them, nor what the trainee says for the second time, nor a
mere "I see": padding moves no figure. A figure that cannot be had, or that rests on too few words,
is no zero: its value is None, and `why` says what is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.assessment.record import Record, Seqs
from engine.scenario.rubric import MetricName
from engine.signals import question_kind
from engine.words import asks, normal, parts, sentences

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?<=[a-z])(?<![aeiouyl])e$|(?<=[aeiouy]l)e$")
ENOUGH = 25
"""So many words a figure of style rests on at least."""
BESIDE = frozenset(
    {"affirmation", "autonomy", "permission", "empathy", "validation", "confidentiality"}
)
"""Signals of working with somebody."""
ABOVE = frozenset({"advice", "judgement", "pressure", "dismissal"})
"""Signals of working against somebody, however well meant."""
_SHORT = 3  # words of a sentence that says too little to be graded
_SHOWN = 3  # utterances cited for a figure: enough to see what it is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure, and the utterances that show it best."""

    value: float | None
    cites: Seqs = ()
    why: str = ""


_TOO_LITTLE = Figure(value=None, why="Too little was said to judge this.")


def figure(name: MetricName, record: Record) -> Figure:
    """One figure of a session in which the trainee said something."""
    return _FIGURES[name](record)


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text as people count them: `don't` is one."""
    return tuple(_WORD.findall(text))


def reading_grade(text: str) -> float | None:
    """The Flesch-Kincaid grade level of an English text, not below 0; None without words.

    Kincaid, Fishburne, Rogers and Chissom (1975), Derivation of new readability formulas for Navy
    enlisted personnel, Research Branch Report 8-75: 0.39 words a sentence + 11.8 syllables a word
    - 15.59. Syllables are counted as groups of vowels, a silent final e left out.
    """
    words = words_in(text)
    lines = [line for line in sentences(text) if words_in(line)]
    if not words or not lines:
        return None
    spoken = sum(map(_syllables, words))
    return max(0.0, 0.39 * len(words) / len(lines) + 11.8 * spoken / len(words) - 15.59)


def _syllables(word: str) -> int:
    return max(1, len(_VOWELS.findall(_SILENT.sub("", word.lower()))))


def _talk_share(record: Record) -> Figure:
    mine = sum(len(words_in(text)) for text in record.counted.values())
    theirs = sum(len(words_in(text)) for text in record.heard_to)
    if mine < ENOUGH:
        return _TOO_LITTLE
    return Figure(value=mine / (mine + theirs), cites=_longest(record))


def _open_question_share(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="Open questions are recognised in English only.")
    asked = _questions_by_seq(record)
    opened = {
        seq: sum(question_kind(one) == "open_question" for one in questions)
        for seq, questions in asked.items()
    }
    total = sum(map(len, asked.values()))
    if not total:
        return Figure(value=None, why="No question was asked, so there is no share of open ones.")
    cites = [seq for seq in opened if opened[seq]] or list(asked)
    return Figure(value=sum(opened.values()) / total, cites=tuple(cites[:_SHOWN]))


def _questions(record: Record) -> Figure:
    asked = _questions_by_seq(record)
    return Figure(
        value=sum(map(len, asked.values())), cites=tuple(asked)[:_SHOWN] or _longest(record)
    )


def _words_a_turn(record: Record) -> Figure:
    words = sum(len(words_in(text)) for text in record.counted.values())
    if words < ENOUGH:
        return _TOO_LITTLE
    return Figure(value=words / len(record.counted), cites=_longest(record))


def _reading_grade(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="The reading grade is defined for English only.")
    lines = {
        seq: "\n".join(one for one in sentences(text) if len(words_in(one)) > _SHORT)
        for seq, text in record.counted.items()
    }
    whole = "\n".join(dict.fromkeys("\n".join(lines.values()).split("\n")))
    value = reading_grade(whole)
    if value is None or len(words_in(whole)) < ENOUGH:
        return _TOO_LITTLE
    hardest = max(lines, key=lambda seq: reading_grade(lines[seq]) or 0.0)
    return Figure(value=value, cites=(hardest,))


def _reflection_ratio(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="Reflections are recognised in English only.")
    asked = sum(map(len, _questions_by_seq(record).values()))
    shown = record.signals.get("reflection", ())
    if not asked and not shown:
        return Figure(value=None, why="There were neither questions nor reflections to compare.")
    return Figure(value=len(shown) / max(1, asked), cites=shown[:_SHOWN] or _longest(record))


def _adherent_share(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="These ways of talking are recognised in English only.")
    beside, above = _shown(record, BESIDE), _shown(record, ABOVE)
    if not beside and not above:
        return Figure(value=None, why="Nothing was said that counts one way or the other.")
    cites = (above or beside)[:_SHOWN]
    return Figure(value=len(beside) / (len(beside) + len(above)), cites=cites)


def _jargon(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="Technical terms are recognised in English only.")
    if sum(len(words_in(text)) for text in record.counted.values()) < ENOUGH:
        return _TOO_LITTLE
    shown = record.signals.get("jargon", ())
    return Figure(value=len(shown), cites=shown[:_SHOWN] or _longest(record))


def _shown(record: Record, signals: frozenset[str]) -> Seqs:
    return tuple(sorted({seq for name in signals for seq in record.signals.get(name, ())}))


def _turns(record: Record) -> Figure:
    return Figure(value=len(record.counted), cites=(max(record.said),))


def _minutes(record: Record) -> Figure:
    return Figure(value=record.minutes_played, cites=(max(record.said),))


def _questions_by_seq(record: Record) -> dict[int, list[str]]:
    """The questions of each utterance; one that is asked again is left out."""
    known: set[str] = set()
    found: dict[int, list[str]] = {}
    for seq, text in record.counted.items():
        asked = {normal(one): one for one in parts(text) if asks(one)}
        found[seq] = [one for plain, one in asked.items() if plain not in known]
        known.update(asked)
    return {seq: questions for seq, questions in found.items() if questions}


def _longest(record: Record) -> Seqs:
    return (max(record.said, key=lambda seq: len(words_in(record.said[seq]))),)


def _is_english(record: Record) -> bool:
    return record.language.lower().split("-")[0] == "en"


_FIGURES: Mapping[MetricName, Callable[[Record], Figure]] = {
    "talk_share": _talk_share,
    "open_question_share": _open_question_share,
    "questions": _questions,
    "words_a_turn": _words_a_turn,
    "reading_grade": _reading_grade,
    "reflection_ratio": _reflection_ratio,
    "adherent_share": _adherent_share,
    "jargon": _jargon,
    "turns": _turns,
    "minutes": _minutes,
}
