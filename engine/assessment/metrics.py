"""Figures of a transcript. Pure.

Outage lines and cut ones are in none of them. A figure that cannot be had is no zero: its value is
None, and `why` says what is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.assessment.record import Record, Seqs
from engine.scenario.rubric import MetricName
from engine.signals import question_kind
from engine.words import asks, parts, sentences

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?<=[a-z])(?<![aeiouyl])e$|(?<=[aeiouy]l)e$")
_SHOWN = 3  # utterances cited for a figure: enough to see what it is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure, and the utterances that show it best."""

    value: float | None
    cites: Seqs = ()
    why: str = ""


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
    mine = sum(len(words_in(text)) for text in record.said.values())
    theirs = sum(len(words_in(text)) for text in record.heard)
    if not mine + theirs:
        return Figure(value=None, why="No words were spoken that could be counted.")
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
    words = sum(len(words_in(text)) for text in record.said.values())
    return Figure(value=words / len(record.said), cites=_longest(record))


def _reading_grade(record: Record) -> Figure:
    if not _is_english(record):
        return Figure(value=None, why="The reading grade is defined for English only.")
    value = reading_grade("\n".join(record.said.values()))
    if value is None:
        return Figure(value=None, why="No words were said that could be graded.")
    hardest = max(record.said, key=lambda seq: reading_grade(record.said[seq]) or 0.0)
    return Figure(value=value, cites=(hardest,))


def _turns(record: Record) -> Figure:
    return Figure(value=len(record.said), cites=(max(record.said),))


def _minutes(record: Record) -> Figure:
    return Figure(value=record.minutes_played, cites=(max(record.said),))


def _questions_by_seq(record: Record) -> dict[int, list[str]]:
    found = {seq: [one for one in parts(text) if asks(one)] for seq, text in record.said.items()}
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
    "turns": _turns,
    "minutes": _minutes,
}
