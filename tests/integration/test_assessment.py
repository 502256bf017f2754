"""Assessment over a real database: judged versions, second opinions, branches and drills."""

from typing import Any

import pytest

from bot.store.database import Database
from engine.assessment import OVERALL, Assessment, compare, id_of
from engine.assessment.errors import (
    AlreadyDisputed,
    BadRating,
    DisputeClosed,
    NoDispute,
    NoEvaluation,
    NoReason,
    NoTurn,
    UnknownCriterion,
)
from engine.casting import human_seats
from engine.llm.breaker import OwnShelf
from engine.llm.budget import Budgets
from engine.llm.chain import Chain
from engine.llm.link import Link
from engine.llm.port import Deadline, Model
from engine.scenario import Scenario
from engine.store import Transaction, events, ledger
from engine.store.forget import forget_person, merge_person
from tests.integration.chain_rig import HAIKU, guard
from tests.integration.simulation_rig import PERSON, Rig
from tests.unit.engine.assessment import stub_judges as stubs
from tests.unit.engine.rules_scene import scenario

BOSS = "boss"
RUBRIC: dict[str, Any] = {
    "criteria": [
        {
            "id": "onset",
            "label": "Asks when it began",
            "kind": "checklist",
            "weight": 40,
            "evidence": {"asked_any": ["onset"]},
            "advice": "Ask when it began.",
        },
        {
            "id": "kind",
            "label": "Is kind",
            "kind": "judged",
            "weight": 40,
            "quotes_required": 1,
            "anchors": {1: "Is not.", 3: "Is.", 5: "Is all through."},
        },
        {"id": "calm", "label": "Stays calm", "kind": "human", "weight": 20},
    ]
}


@pytest.fixture
async def rig(database: Database) -> Rig:
    return Rig(database)


def made() -> Scenario:
    return scenario(rubric=RUBRIC, brief={"task": "Talk.", "goals": ["onset"]})


def desk(rig: Rig, judge: Model | None = None, coach: Model | None = None) -> Assessment:
    return Assessment(
        rig.simulation.read, rig.clock, judge=judge, coach=coach, id_of=lambda: "branch-1"
    )


async def played(rig: Rig, *lines: str) -> str:
    session_id = await rig.start(made())
    for line in lines or ("Hello there.", "When did it start?", "I hope you are well."):
        await rig.say(session_id, line)
    await rig.step(session_id, "end")
    return session_id


async def evaluated(rig: Rig, assessment: Assessment, session_id: str) -> int:
    async with rig.database.transaction() as tx:
        version, _ = await assessment.evaluate(tx, session_id)
    return version


async def judged(rig: Rig, assessment: Assessment, session_id: str) -> int:
    async with rig.database.reading() as tx:
        opened = await assessment.open(tx, session_id)
    found = await assessment.judge(opened, Deadline())
    async with rig.database.transaction() as tx:
        version, _ = await assessment.close(tx, opened, found)
    return version


async def test_what_a_judge_said_stays_and_is_paid_once(rig: Rig) -> None:
    judge = stubs.StubJudge(stubs.fair(5, "I hope you are well."))
    assessment = desk(rig, judge)
    session_id = await played(rig)
    assert await evaluated(rig, assessment, session_id) == 1
    assert await judged(rig, assessment, session_id) == 2
    asked = len(judge.seen)
    assert asked == 4
    assert await judged(rig, assessment, session_id) == 2
    assert await evaluated(rig, assessment, session_id) == 2
    assert len(judge.seen) == asked
    async with rig.database.reading() as tx:
        kept = await assessment.versions(tx, session_id)
        calls = [one.call for one in await ledger.of_session(tx, session_id)]
    assert [one.number for one in kept] == [1, 2]
    assert [one.evaluation.coverage for one in kept] == [0.4, 0.8]
    assert kept[1].evaluation.judge == "stub"
    assert sum(one.kind == "judge" for one in calls) == asked
    assert compare(kept[0].evaluation, kept[1].evaluation).changes[1].change is None


async def test_a_session_that_still_runs_is_not_judged(rig: Rig) -> None:
    judge = stubs.StubJudge(stubs.always_five)
    session_id = await rig.start(made())
    await rig.say(session_id, "When did it start?")
    assert await judged(rig, desk(rig, judge), session_id) == 1
    assert judge.seen == []


async def test_a_coachs_debrief_is_kept_with_its_version(rig: Rig) -> None:
    def coaching(lines: stubs.Lines, number: int) -> stubs.Json:
        line = next(one for one in stubs.trainee(lines) if "start" in one["text"])
        piece = {"criterion": "onset", **stubs.quoted(line), "text": "Clear and short."}
        return {"plus": [piece]}

    assessment = desk(rig, coach=stubs.StubJudge(coaching, name="coach"))
    session_id = await played(rig)
    version = await evaluated(rig, assessment, session_id)
    async with rig.database.reading() as tx:
        opened, plain = (
            await assessment.open(tx, session_id),
            await assessment.debrief(tx, session_id),
        )
    coached = await assessment.coach(opened, plain, Deadline())
    async with rig.database.transaction() as tx:
        await assessment.keep_debrief(tx, coached)
        again = await assessment.debrief(tx, session_id, version)
        with pytest.raises(NoEvaluation):
            await assessment.debrief(tx, session_id, 9)
    assert (plain.by, again.by, again.plus[0].text) == ("templates", "coach", "Clear and short.")
    assert again == coached.debrief


async def test_a_dispute_is_kept_decided_once_and_holds_for_later_versions(rig: Rig) -> None:
    assessment = desk(rig)
    session_id = await played(rig, "Hello there.")
    evaluation_id = id_of(session_id, await evaluated(rig, assessment, session_id))
    async with rig.database.transaction() as tx:
        for wrong, error in (
            (("nothing-1", "onset", "Why?"), NoEvaluation),
            (("nothing", "onset", "Why?"), NoEvaluation),
            ((evaluation_id, "other", "Why?"), UnknownCriterion),
            ((evaluation_id, "onset", "  "), NoReason),
        ):
            with pytest.raises(error):
                await assessment.dispute(tx, *wrong, PERSON)
        made = await assessment.dispute(tx, evaluation_id, "onset", "I did ask.", PERSON)
        with pytest.raises(AlreadyDisputed):
            await assessment.dispute(tx, evaluation_id, "onset", "I did.", PERSON)
        assert await assessment.open_disputes(tx, "w1") == (made,)
        assert await assessment.open_disputes(tx, "w2") == ()
        with pytest.raises(BadRating):
            await assessment.resolve(tx, made.id, by=BOSS, points=2)
        decided = await assessment.resolve(tx, made.id, by=BOSS, points=1, note="You did.")
        with pytest.raises(DisputeClosed):
            await assessment.resolve(tx, made.id, by=BOSS, points=None)
        with pytest.raises(NoDispute):
            await assessment.resolve(tx, "none", by=BOSS, points=None)
        assert (decided.state, decided.resolver, decided.note) == ("changed", BOSS, "You did.")
        assert await assessment.disputes(tx, session_id) == (decided,)
        assert await assessment.open_disputes(tx, "w1") == ()
        assert await assessment.evaluate(tx, session_id) == await assessment.latest(tx, session_id)
        versions = await assessment.versions(tx, session_id)
        again = await assessment.dispute(tx, evaluation_id, "onset", "Thank you.", PERSON)
        upheld = await assessment.resolve(tx, again.id, by=BOSS, points=None)
    scores = [one.evaluation.score_of("onset") for one in versions]
    assert [(one.points, one.by) for one in scores if one] == [(0, "code"), (1, "instructor")]
    assert upheld.state == "upheld"


async def test_ratings_stand_side_by_side_and_an_instructors_scores_what_people_rate(
    rig: Rig,
) -> None:
    assessment = desk(rig)
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        before = await assessment.evaluate(tx, session_id)
        await assessment.rate_self(tx, session_id, PERSON, {"onset": 0, "calm": 5, OVERALL: 60})
        assert await assessment.evaluate(tx, session_id) == before
        with pytest.raises(BadRating):
            await assessment.rate_self(tx, session_id, PERSON, {"calm": 6})
        with pytest.raises(UnknownCriterion):
            await assessment.rate_self(tx, session_id, PERSON, {"other": 1})
        _, after = await assessment.rate_as_instructor(
            tx, session_id, BOSS, {"calm": 3, "onset": 0, "kind": 4}, "Well done."
        )
        opinions = {one.criterion: one for one in await assessment.opinions(tx, session_id)}
        given = await assessment.ratings(tx, session_id)
    assert {one.id: one.points for one in after.criteria} == {"onset": 1, "kind": 4, "calm": 3}
    assert after.coverage == 1.0
    assert (opinions["calm"].own, opinions["calm"].instructor, opinions["calm"].gap) == (5, 3, 2)
    assert (opinions["onset"].scored, opinions["onset"].gap) == (1, -1)
    assert {one.source for one in given} == {"self", "instructor"}
    assert "Well done." not in str(given)


async def test_a_score_waits_for_its_release_where_the_policy_says_so(rig: Rig) -> None:
    assessment = desk(rig)
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        assert (await assessment.release_state(tx, session_id)).visible
        held = await assessment.release_state(tx, session_id, "after_review")
        assert (held.visible, held.released) == (False, None)
        assert await assessment.release(tx, session_id, BOSS)
        assert not await assessment.release(tx, session_id, "another")
        shown = await assessment.release_state(tx, session_id, "after_review")
    assert shown.visible
    assert shown.released is not None
    assert shown.released.by == BOSS


async def test_a_branch_has_the_log_up_to_a_turn_and_the_clock_as_it_stood(rig: Rig) -> None:
    assessment = desk(rig)
    session_id = await played(rig, "Hello there.", "Nice weather.", "Goodbye for now.")
    await evaluated(rig, assessment, session_id)
    rig.clock.move(60 * 24)
    async with rig.database.transaction() as tx:
        with pytest.raises(NoTurn):
            await assessment.branch(tx, session_id, 4, person=PERSON)
        with pytest.raises(NoTurn):
            await assessment.branch(tx, session_id, 0, person=PERSON)
        grown = await assessment.branch(tx, session_id, 2, person=PERSON)
        before = await events.of_session(tx, session_id)
        after = await events.of_session(tx, grown.session.id)
        origin = await assessment.origin(tx, grown.session.id)
        assert await assessment.grown_from(tx, session_id) == (origin,)
    assert after[: grown.through] == before[: grown.through]
    assert origin is not None
    assert (origin.kind, origin.origin, origin.origin_seq) == ("branch", session_id, grown.through)
    state = await rig.state(grown.session.id)
    assert state.status == "in_progress"
    assert state.turns == 1
    assert state.minutes(rig.clock()) < 1
    await rig.say(grown.session.id, "When did it start?")
    async with rig.database.transaction() as tx:
        _, first = await assessment.evaluate(tx, session_id)
        _, second = await assessment.evaluate(tx, grown.session.id)
        _, _, old = await rig.simulation.read(tx, session_id)
    compared = compare(first, second)
    assert compared.same_rubric
    assert (compared.changes[0].change, compared.change) == (1, 100)
    assert old.status == "completed"


async def test_a_drill_is_a_short_session_on_one_criterion(rig: Rig) -> None:
    assessment = desk(rig)
    session_id = await played(rig, "Hello there.")
    async with rig.database.transaction() as tx:
        with pytest.raises(UnknownCriterion):
            await assessment.drill(tx, session_id, "other")
        drill = await assessment.drill(tx, session_id, "onset")
        seat = human_seats(drill.scenario, "standard")[0]
        started = await rig.simulation.start(tx, drill.scenario, people={seat: PERSON})
        await assessment.record_drill(tx, started.session.id, drill)
        origin = await assessment.origin(tx, started.session.id)
    assert origin is not None
    assert (origin.kind, origin.criterion, origin.origin) == ("drill", "onset", session_id)
    await rig.say(started.session.id, "When did it start?")
    async with rig.database.transaction() as tx:
        _, found = await assessment.evaluate(tx, started.session.id)
    assert [(one.id, one.points, one.weight) for one in found.criteria] == [("onset", 1, 100)]
    assert drill.scenario.id == made().id


async def spoken_of(rig: Rig, tx: Transaction, session_id: str) -> None:
    assessment = desk(rig)
    version, _ = await assessment.evaluate(tx, session_id)
    one = await assessment.dispute(tx, id_of(session_id, version), "onset", "I differ.", PERSON)
    await assessment.resolve(tx, one.id, by=BOSS, points=1, note="Granted it is.")
    await assessment.rate_self(tx, session_id, PERSON, {"calm": 2}, "Shaky I was.")
    await assessment.rate_as_instructor(tx, session_id, BOSS, {"calm": 4}, "Steady enough.")
    await assessment.release(tx, session_id, BOSS)


async def test_an_instructor_who_is_forgotten_leaves_points_and_no_words(rig: Rig) -> None:
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        await spoken_of(rig, tx, session_id)
        assert (await forget_person(tx, BOSS)).cleaned == (session_id,)
        assessment = desk(rig)
        [dispute] = await assessment.disputes(tx, session_id)
        rated = await assessment.ratings(tx, session_id)
        state = await assessment.release_state(tx, session_id)
    assert (dispute.reason, dispute.note, dispute.points) == ("I differ.", "[removed]", 1)
    told = (dispute.resolver, *(one.by for one in rated), state.released and state.released.by)
    assert BOSS not in told
    assert {one.note for one in rated} == {"Shaky I was.", "[removed]"}


async def test_what_is_said_of_scores_goes_with_the_session_and_moves_with_a_person(
    rig: Rig,
) -> None:
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        await spoken_of(rig, tx, session_id)
        await merge_person(tx, BOSS, "chief")
        await merge_person(tx, PERSON, "p9")
        assessment = desk(rig)
        [dispute] = await assessment.disputes(tx, session_id)
        assert (dispute.by, dispute.resolver) == ("p9", "chief")
        assert {one.by for one in await assessment.ratings(tx, session_id)} == {"p9", "chief"}
        assert (await forget_person(tx, "p9")).deleted == (session_id,)
        assert await assessment.disputes(tx, session_id) == ()
        assert await assessment.ratings(tx, session_id) == ()


async def test_a_spent_budget_leaves_what_needs_a_judge_unscored_and_says_so(rig: Rig) -> None:
    judge = stubs.StubJudge(stubs.fair(5, "I hope you are well."))
    link = Link(
        model=judge,
        provider="anthropic",
        named=HAIKU,
        breaker=guard("judge", OwnShelf(), rig.clock),
    )
    spent = Assessment(
        rig.simulation.read, rig.clock, judge=Chain([link]), budgets=Budgets(person=0)
    )
    session_id = await played(rig)
    await judged(rig, spent, session_id)
    async with rig.database.reading() as tx:
        [version] = await spent.versions(tx, session_id)
    kind = version.evaluation.score_of("kind")
    assert kind is not None
    assert (judge.seen, kind.status, kind.points) == ([], "unscored", None)
    assert "budget" in kind.reason
    assert version.evaluation.overall == 100
    rich = Assessment(rig.simulation.read, rig.clock, judge=Chain([link]), budgets=Budgets())
    await judged(rig, rich, session_id)
    assert len(judge.seen) == 4


async def test_what_the_judge_left_to_people_is_not_asked_until_it_gives_in(rig: Rig) -> None:
    judge = stubs.StubJudge(stubs.unless_control(lambda lines, number: {"level": None}))
    assessment = desk(rig, judge)
    session_id = await played(rig)
    await judged(rig, assessment, session_id)
    asked = len(judge.seen)
    await judged(rig, assessment, session_id)
    assert (asked, len(judge.seen)) == (4, 4)


async def test_what_an_instructor_decided_is_not_asked_again(rig: Rig) -> None:
    judge = stubs.StubJudge(stubs.fair(5, "I hope you are well."))
    assessment = desk(rig, judge)
    session_id = await played(rig)
    await judged(rig, assessment, session_id)
    async with rig.database.transaction() as tx:
        await assessment.rate_as_instructor(tx, session_id, BOSS, {"kind": 1})
    await judged(rig, assessment, session_id)
    assert len(judge.seen) == 4


async def test_each_who_plays_sees_their_own_rating(rig: Rig) -> None:
    assessment = desk(rig)
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        await assessment.rate_self(tx, session_id, PERSON, {"calm": 2})
        rig.clock.move(1)
        await assessment.rate_self(tx, session_id, "p2", {"calm": 5})
        own = {
            person: next(
                one.own
                for one in await assessment.opinions(tx, session_id, person)
                if one.criterion == "calm"
            )
            for person in (PERSON, "p2", "p3", None)
        }
    assert own == {PERSON: 2, "p2": 5, "p3": None, None: 5}
