"""Words to whoever grades, in the middle of a conversation: they earn nothing. Pure."""

import re

from engine.signals import is_attack
from engine.words import normal, sentences

_TO_THE_GRADER = re.compile(
    r"\b(?:full|top|maximum|max|highest|perfect|all(?: the)?|extra|bonus) "
    r"(?:marks?|scores?|points?|credits?|grades?)\b|"
    r"\b(?:score|grade|mark|rate|assess|evaluate|award|give|pass) (?:me|this (?:trainee|session|"
    r"candidate|student|conversation)|the (?:trainee|candidate|student|session))\b.*\b(?:\d+|five|"
    r"ten|hundred|full|top|pass|points?|marks?|scores?|highly|perfectly)\b|"
    r"\b(?:examiner|grader|assessor|evaluator|judge)\b.*\b(?:must|should|will|to) "
    r"(?:give|award|score|pass|mark)\b|"
    r"\b(?:rubric|mark(?:ing)? scheme|scoring guide)\b|"
    r"\b(?:criteri(?:on|a)|anchors?|examiner|grader|assessor|evaluator|judge)\b.*\b(?:met|passed|"
    r"fulfilled|marks?|full|award(?:s|ed)?|\d+ points?)\b"
)


def speaks_to_grader(sentence: str) -> bool:
    """Whether a sentence is addressed to whoever grades rather than to the other person."""
    return is_attack(sentence) or bool(_TO_THE_GRADER.search(normal(sentence)))


def begs(text: str) -> bool:
    """Whether any of an utterance is addressed to whoever grades."""
    return speaks_to_grader(text) or any(map(speaks_to_grader, sentences(text)))


def sincere(text: str) -> tuple[str, ...]:
    """The sentences of an utterance that are meant for the other person."""
    return tuple(one for one in sentences(text) if not speaks_to_grader(one))
