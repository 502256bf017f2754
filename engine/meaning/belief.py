"""How far to believe that a question asks for a fact, and not for what no fact tells. Pure."""

import math

_SCORE, _REST, _MEANT, _COVERED, _BASE = 4.64, -12.3, 3.78, 3.93, -2.15
"""A logistic regression on questions to eight scenarios, with what no fact of them tells."""


def belief(score: float, rest: float, meant: float, covered: float) -> float:
    """From 0 to 1.

    `score` is of the best fact and `rest` of the best of everything else; `meant` the cosine of the
    meanings of the question and the fact's nearest example; `covered` the share of the question
    that the fact's examples know.
    """
    total = _SCORE * score + _REST * rest + _MEANT * meant + _COVERED * covered + _BASE
    return 1 / (1 + math.exp(-total))
