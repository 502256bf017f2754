"""What comes before the first message: a judge and a coach look once, whoever plans."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from bot.afterwards.holding import CLAIM
from bot.afterwards.sending import Afterwards
from bot.store.followups import FollowUpRow
from engine.assessment import Assessment
from engine.llm.port import Answer, Deadline, Decided, Question
from tests.integration.bot.families import ASKS, GREETS, held
from tests.integration.bot.following import DM, afterwards, played
from tests.integration.bot.stage import Stage, app_over, settings_for
from tests.unit.engine.assessment import stub_judges as stubs


class Thinking(stubs.SlowJudge):
    """A judge that thinks for ever; `asked` once it does."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        self.asked.set()
        return await super().decide(question, schema, deadline)


class Lengthy(stubs.StubJudge):
    """A coach that says nothing in the end, after `meanwhile`."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(lambda lines, number: None, name="coach")
        self._meanwhile = meanwhile

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        await self._meanwhile()
        return await super().decide(question, schema, deadline)


def coaching(lines: stubs.Lines, number: int) -> stubs.Json:
    line = next(one for one in stubs.trainee(lines) if "hurt" in one["text"])
    piece = {**stubs.quoted(line), "criterion": "introduces"}
    return {
        "summary": "You asked where it hurts, and waited.",
        "plus": [{**piece, "text": "Plain and short."}],
        "phrasings": [{**piece, "better": "Show me the place.", "why": "Shorter."}],
    }


def looking(one: Afterwards, judge: stubs.StubJudge, coach: stubs.StubJudge) -> Afterwards:
    """The same, with a judge and a coach."""
    services = one.services
    assessment = Assessment(services.simulation.read, services.now, judge=judge, coach=coach)
    return replace(one, services=replace(services, assessment=assessment))


def another(stage: Stage, folder: Path) -> Afterwards:
    """A second process over the same database."""
    app = app_over(stage.database, settings_for(folder), stage.clock)
    return Afterwards(
        services=app.services,
        delivery=app.delivery,
        adapters={stage.adapter.platform: stage.adapter},
    )


async def test_of_two_processes_one_asks_the_judge_and_the_coach(
    everywhere: Stage, tmp_path: Path
) -> None:
    stage = everywhere
    judge, coach = stubs.StubJudge(stubs.always_five), stubs.StubJudge(coaching, name="coach")
    both = [looking(one, judge, coach) for one in (afterwards(stage), another(stage, tmp_path))]
    room = await played(stage)
    session = (await stage.session_of(room)).id
    await stage.clock.advance(2)
    assert sum(await asyncio.gather(*(one.plan() for one in both))) == 1
    assert (len(judge.seen), len(coach.seen)) == (1, 1)  # it gives points for nothing: once
    async with stage.database.reading() as tx:
        kept = await both[0].services.assessment.debrief(tx, session)
    assert (kept.by, kept.phrasings[0].better) == ("coach", "Show me the place.")
    assert await both[1].tick() == 1
    await stage.idle()
    assert "[Stop these messages]" in stage.shown(DM)
    whole = await stage.presses(f"debrief:{session}:now", where=DM)
    assert "You asked where it hurts, and waited." in whole
    assert "Plain and short." in whole


async def test_who_dies_while_the_judge_thinks_leaves_it_to_another(stage: Stage) -> None:
    coach = stubs.StubJudge(coaching, name="coach")
    thinking = Thinking()
    dying = looking(afterwards(stage), thinking, coach)
    next_one = looking(afterwards(stage), stubs.StubJudge(stubs.always_five), coach)
    await played(stage)
    await stage.clock.advance(2)
    gone = asyncio.create_task(dying.plan())
    await thinking.asked.wait()
    gone.cancel()
    await asyncio.wait({gone})
    assert (await next_one.plan(), await next_one.tick()) == (0, 0)
    await stage.clock.advance(CLAIM.total_seconds())
    assert (await next_one.plan(), await next_one.tick()) == (1, 1)
    assert len(coach.seen) == 1


async def test_as_long_as_somebody_scores_one_after_another_nobody_else_does(
    everywhere: Stage, tmp_path: Path
) -> None:
    stage = everywhere
    others = stubs.StubJudge(lambda lines, number: None, name="coach")
    other = looking(another(stage, tmp_path), stubs.StubJudge(stubs.always_five), others)
    planned: list[int] = []

    async def meanwhile() -> None:
        await stage.clock.advance(0.9 * CLAIM.total_seconds())
        planned.append(await other.plan())

    coach = Lengthy(meanwhile)
    await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])
    await stage.clock.advance(2)
    assert await looking(afterwards(stage), stubs.StubJudge(stubs.always_five), coach).plan() == 1
    assert planned == [0, 0]
    assert (len(coach.seen), len(others.seen)) == (2, 0)
    assert await other.plan() == 0
    assert await other.tick() == 2


async def test_whoever_stood_still_until_another_scores_goes_on_with_nothing(
    everywhere: Stage, tmp_path: Path
) -> None:
    stage = everywhere
    others = stubs.StubJudge(lambda lines, number: None, name="coach")
    other = looking(another(stage, tmp_path), stubs.StubJudge(stubs.always_five), others)
    planned: list[int] = []

    async def meanwhile() -> None:
        await stage.clock.advance(CLAIM.total_seconds())
        planned.append(await other.plan())

    coach = Lengthy(meanwhile)
    await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])
    await stage.clock.advance(2)
    assert await looking(afterwards(stage), stubs.StubJudge(stubs.always_five), coach).plan() == 0
    assert planned == [1]
    assert (len(coach.seen), len(others.seen)) == (1, 2)


async def test_who_stops_messages_meanwhile_does_not_stop_what_else_follows(stage: Stage) -> None:
    async def meanwhile() -> None:
        await stage.says("/sim followups stop", where=DM)

    room = await played(stage)
    session = (await stage.session_of(room)).id
    await stage.clock.advance(2)
    ours = looking(afterwards(stage), stubs.StubJudge(stubs.always_five), Lengthy(meanwhile))
    assert await ours.plan() == 1
    async with stage.database.reading() as tx:
        kinds = select(FollowUpRow.kind, FollowUpRow.state)
        found = (await tx.execute(kinds.where(FollowUpRow.session_id == session))).all()
    assert ("feedback", "stopped") in found
    assert {one.kind for one in found} > {"feedback"}
    assert (await ours.plan(), await ours.tick()) == (0, 0)
