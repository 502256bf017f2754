"""What a conversation was worth: a score with evidence for every criterion of the rubric.

`evaluate` is pure and needs no store; `Assessment` keeps what it finds, version by version, with
disputes, ratings by people, debriefs, branches and drills.
"""

from engine.assessment.assessment import Assessment, Version
from engine.assessment.branches import Branched
from engine.assessment.branching import turn_at
from engine.assessment.comparing import Change, Comparison, compare
from engine.assessment.debrief import Debrief, Missed, Phrasing, Point, Recommendation
from engine.assessment.drills import Drill, drill_of
from engine.assessment.evaluation import Evaluation, Evidence, Score, as_json, from_json, id_of
from engine.assessment.opened import Coached, Judged, Opened
from engine.assessment.opinions import Opinion, ReleaseState
from engine.assessment.quotes import verify_quotes
from engine.assessment.scoring import evaluate, summed
from engine.store.disputes import Dispute
from engine.store.origins import Origin
from engine.store.ratings import OVERALL, Rating

__all__ = [
    "OVERALL",
    "Assessment",
    "Branched",
    "Change",
    "Coached",
    "Comparison",
    "Debrief",
    "Dispute",
    "Drill",
    "Evaluation",
    "Evidence",
    "Judged",
    "Missed",
    "Opened",
    "Opinion",
    "Origin",
    "Phrasing",
    "Point",
    "Rating",
    "Recommendation",
    "ReleaseState",
    "Score",
    "Version",
    "as_json",
    "compare",
    "drill_of",
    "evaluate",
    "from_json",
    "id_of",
    "summed",
    "turn_at",
    "verify_quotes",
]
