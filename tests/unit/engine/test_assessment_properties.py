"""What holds for every log, however odd."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine import events as ev
from engine.assessment.evaluation import Evidence, from_json, to_body
from engine.assessment.quotes import verify_quotes
from engine.assessment.scoring import evaluate
from engine.session import fold
from tests.unit.engine.assessment_scene import FACTS, NOON, rule, scenario_of, scene

SIGNALS = ("empathy", "reflection")
facts = st.sampled_from(FACTS)
seqs = st.integers(0, 30)
texts = st.one_of(
    st.sampled_from(["", "  ", "Red flag. Does it hurt?\nSay more!", "It is the red flag", "…"]),
    st.text(max_size=30),
)


def _built(kind: type[ev.Event], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[ev.Event]:
    return st.builds(kind, at=st.just(NOON), **fields)


EVENTS = st.one_of(
    _built(ev.TraineeSaid, seat=st.just("trainee"), person=st.just("p1"), text=texts),
    _built(
        ev.CharacterSaid,
        seat=st.just("patient"),
        text=texts,
        in_reply_to=st.none() | seqs,
        cut=st.booleans(),
        outage=st.booleans(),
    ),
    _built(
        ev.Asked,
        seat=st.just("patient"),
        facts=st.lists(facts, max_size=3).map(tuple),
        in_seq=seqs,
    ),
    _built(ev.FactSaid, fact=facts, seat=st.just("patient"), in_seq=seqs),
    _built(ev.Signalled, signal=st.sampled_from(SIGNALS), in_seq=seqs),
    _built(
        ev.ActionTaken,
        action=st.sampled_from(["ecg", "unknown"]),
        seat=st.just("trainee"),
        person=st.just("p1"),
        text=texts,
    ),
    _built(ev.TakenOver, seat=st.just("patient"), person=st.just("boss")),
    _built(ev.HandedBack, seat=st.just("patient")),
    _built(ev.Paused, because=st.just("command")),
    _built(ev.Resumed),
    _built(ev.Edited, target=seqs, text=texts),
    _built(
        ev.Ended,
        status=st.just("abandoned"),
        because=st.sampled_from(["command", "stop word"]),
    ),
)


@st.composite
def logs(draw: st.DrawFn) -> list[ev.Event]:
    log: list[ev.Event] = [ev.Started(at=NOON, scenario_hash="h1", mode="standard")]
    for event in draw(st.lists(EVENTS, max_size=30)):
        gap = timedelta(minutes=draw(st.integers(0, 3)))
        log.append(replace(event, at=log[-1].at + gap))
    return log


def _bounds(name: str) -> dict[str, Any]:
    return rule(metric={"name": name, "at_least": 0.1, "at_most": 12})


CRITERIA = (
    rule(asked_any=["onset", "arm"]),
    rule(asked_all=list(FACTS)) | {"critical_fail": True, "weight": 0},
    rule(disclosed=["arm", "cocaine"]) | {"weight": 33},
    rule(action="ecg", before_minutes=8) | {"weight": 7},
    rule(phrase=["red flag", "…"]),
    rule(signal="reflection", at_least=2),
    rule(asked_all=["onset"], action="ecg", signal="empathy"),
    rule(world={"tickets": [{"team": "identity"}]}),
    {"kind": "judged", "anchors": {1: "no", 5: "yes"}},
    {"kind": "human"},
    *map(
        _bounds,
        [
            "talk_share",
            "open_question_share",
            "questions",
            "words_a_turn",
            "reading_grade",
            "turns",
            "minutes",
        ],
    ),
)
SCENARIO = scenario_of(*CRITERIA)


@given(logs())
def test_figures_stay_in_their_bounds_and_each_point_is_cited_verbatim(log: list[ev.Event]) -> None:
    evaluation = evaluate(SCENARIO, log, fold(SCENARIO, log))
    assert evaluation.overall is None or 0 <= evaluation.overall <= 100
    assert 0 <= evaluation.coverage <= 1
    assert (evaluation.overall is None) == (evaluation.coverage == 0)
    assert [one.id for one in evaluation.criteria] == [one.id for one in SCENARIO.rubric.criteria]
    assert verify_quotes(evaluation, log, SCENARIO.actions) == ()
    for score in evaluation.criteria:
        assert score.reason
        assert (score.points is None) == (score.status != "scored")
        if score.points is not None:
            assert 0 <= score.points <= score.max
            assert score.evidence or not score.points
    again = evaluate(SCENARIO, log, fold(SCENARIO, log))
    assert again == evaluation
    hashes = {"rubric_hash": evaluation.rubric_hash, "scenario_hash": evaluation.scenario_hash}
    assert from_json(to_body(evaluation), **hashes) == evaluation


@given(logs(), st.sampled_from(FACTS))
def test_what_a_character_volunteered_never_credits(log: list[ev.Event], fact: str) -> None:
    scenario = scenario_of(rule(disclosed=[fact]))
    told = [
        ev.CharacterSaid(at=NOON, seat="patient", text="By the way …"),
        ev.FactSaid(at=NOON, fact=fact, seat="patient", in_seq=2),
    ]
    volunteered = [log[0], *told, *log[1:]]
    score = evaluate(scenario, volunteered, fold(scenario, volunteered)).criteria[0]
    assert not score.points


@given(logs())
def test_a_question_after_the_last_answer_earns_no_disclosure(log: list[ev.Event]) -> None:
    scenario = scenario_of(rule(disclosed=["arm"]))
    unasked = [one for one in log if not isinstance(one, ev.Asked)]
    seq = len(unasked) + 1
    unasked += [
        ev.TraineeSaid(at=log[-1].at, seat="trainee", person="p1", text="Your arm?"),
        ev.Asked(at=log[-1].at, seat="patient", facts=("arm",), in_seq=seq),
    ]
    assert not evaluate(scenario, unasked, fold(scenario, unasked)).criteria[0].points


def test_a_false_quote_is_found() -> None:
    play = scene(rule(asked_any=["arm"]))
    seq = play.say("Your arm?", asks=["arm"])
    reply = play.reply("My arm hurts.")
    evaluation = play.evaluation()
    false = (
        Evidence(seq=seq, quote="your arm?"),
        Evidence(seq=seq, quote=""),
        Evidence(seq=reply, quote="My arm hurts."),
        Evidence(seq=99, quote="Your arm?"),
    )
    true = Evidence(seq=seq, quote="arm")
    forged = replace(
        evaluation, criteria=(replace(evaluation.criteria[0], evidence=(*false, true)),)
    )
    assert verify_quotes(forged, play.log) == false
