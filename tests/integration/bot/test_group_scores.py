"""Several people in one simulation: each has their own score, debrief and follow-ups."""

from sqlalchemy import select

from engine.store.tables import EvaluationRow
from tests.integration.bot.families import ASKS, GREETS, held
from tests.integration.bot.following import DM, fills, passes
from tests.integration.bot.stage import CHANNEL, Stage


async def _played(stage: Stage) -> str:
    """Two play; one asks what matters, the other only greets. The session's id."""
    return await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])


async def test_each_has_their_own_score_and_debrief(everywhere: Stage) -> None:
    stage = everywhere
    session = await _played(stage)
    await passes(stage, seconds=2)
    assert "Before the score" in stage.shown("DU2", "U2")
    mine = await stage.presses(f"debrief:{session}:now", where=DM)
    theirs = await stage.presses(f"debrief:{session}:now", where="DU2", who="U2")
    asked = "**Asks what makes a good day**"
    assert "2 people played. This is about what you said" in mine
    assert f"{asked}: 1 of 1" in mine
    assert f"{asked}: 0 of 1. Not asked for. The group as a whole met this." in theirs
    assert "> Mrs Whitlock, what would you like" in mine
    assert "> Mrs Whitlock, what would you like" not in theirs
    assert "**Hands in one plan**: 0 of 1 for the team." in theirs
    async with stage.database.reading() as tx:
        kept = (await tx.scalars(select(EvaluationRow).order_by(EvaluationRow.version))).all()
    about = {one.participant for one in kept if one.session_id == session}
    assert len(about) == 3
    assert "" in about


async def test_whoever_teaches_sees_the_whole_and_each(stage: Stage) -> None:
    await stage.says("/sim role U9 instructor", who="U9")
    session = await _played(stage)
    await passes(stage, seconds=2)
    whole = await stage.says(f"/sim debrief {session}", who="U9")
    assert "Ada and Ben played. This is about all of them together." in whole
    assert "**Asks what makes a good day**: 1 of 1" in whole
    one = await stage.presses(f"debrief:simulation={session}:who=2", who="U9")
    assert "This is about what Ben said" in one
    assert "**Asks what makes a good day**: 0 of 1" in one


async def test_each_disputes_their_own(stage: Stage) -> None:
    await stage.says("/sim role U9 instructor", who="U9")
    session = await _played(stage)
    await passes(stage, seconds=2)
    await stage.presses(f"debrief:{session}:now", where="DU2", who="U2")
    reason = {"criterion": "what_matters", "reason": "I was about to ask it."}
    await fills(stage, f"dispute:simulation={session}", reason, where="DU2", who="U2")
    waiting = await stage.says("/sim review", who="U9")
    assert "1. Ben, " in waiting
    assert "(0 of 1)" in waiting
    [dispute] = [one for one in stage.buttons() if one.startswith("resolve:")]
    await fills(stage, dispute, {"points": "1"}, where=CHANNEL, who="U9")
    theirs = await stage.presses(f"debrief:{session}", where="DU2", who="U2")
    assert "**Asks what makes a good day**: 1 of 1. An instructor decided" in theirs
    mine = await stage.presses(f"debrief:{session}:now", where=DM)
    assert "An instructor decided" not in mine
    assert "Seen differently" not in mine


async def test_who_is_forgotten_leaves_no_score_under_their_id(everywhere: Stage) -> None:
    stage = everywhere
    session = await _played(stage)
    await passes(stage, seconds=2)
    async with stage.database.reading() as tx:
        before = {one.participant for one in (await tx.scalars(select(EvaluationRow))).all()}
    await stage.says("/sim forget-me yes", who="U2")
    async with stage.database.reading() as tx:
        rows = (await tx.scalars(select(EvaluationRow))).all()
    assert len({one.participant for one in rows} & before) == 2
    assert "Good morning to you both." not in str([one.body for one in rows])
    assert "of 100" in await stage.presses(f"debrief:{session}:now", where=DM)
