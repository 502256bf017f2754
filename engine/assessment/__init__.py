"""What a conversation was worth: a score with evidence for every criterion of the rubric.

`evaluate` is pure and needs no store; `Assessment` keeps what it finds, version by version.
"""

from engine.assessment.assessment import Assessment
from engine.assessment.evaluation import Evaluation, Evidence, Score, as_json, from_json
from engine.assessment.quotes import verify_quotes
from engine.assessment.scoring import evaluate, summed

__all__ = [
    "Assessment",
    "Evaluation",
    "Evidence",
    "Score",
    "as_json",
    "evaluate",
    "from_json",
    "summed",
    "verify_quotes",
]
