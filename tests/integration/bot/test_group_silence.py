"""Of several in one simulation nobody gets another one's score, also not who said nothing."""

import pytest
from sqlalchemy import select

from bot import people, scorecards
from bot.store.followups import FollowUpRow
from engine.assessment.evaluation import id_of
from engine.store.tables import EvaluationRow
from tests.integration.bot.families import ASKS, FAMILY, GREETS, held, person_of
from tests.integration.bot.following import DM, passes
from tests.integration.bot.stage import CHANNEL, Stage

SILENT = "You were there and did not write, so there is nothing to score for you"
JOANNA = (
    "Joanna, what are you most afraid of?",
    "What have you seen at home, Joanna?",
    "Joanna, what do you need most?",
)


async def participants(stage: Stage, session: str) -> set[str]:
    async with stage.database.reading() as tx:
        wanted = select(EvaluationRow.participant).where(EvaluationRow.session_id == session)
        return set(await tx.scalars(wanted))


async def test_who_said_nothing_gets_a_word_and_nobodys_score(everywhere: Stage) -> None:
    stage = everywhere
    session = await held(stage, "U2", said=[("U1", ASKS)])
    mine = await passes(stage, seconds=2)
    assert "Before the score" in mine
    letter = stage.shown("DU2", "U2")
    assert SILENT in letter
    assert "play it alone" in letter
    for command in ("debrief", "score", "evidence", "show"):
        shown = await stage.says(f"/sim {command} {session}", where=CHANNEL, who="U2")
        assert SILENT in shown
        assert "> Mrs Whitlock" not in shown
        assert "of 100" not in shown
    own = await stage.presses(f"debrief:{session}:now", where=DM)
    assert "> Mrs Whitlock" in own
    assert "This is about what you said" in own
    async with stage.database.reading() as tx:
        ids = {await person_of(tx, "U1"), await person_of(tx, "U2")}
    assert await participants(stage, session) == {"", *ids}


@pytest.mark.parametrize(
    "command",
    [
        "rate points=what_matters=1 simulation={0}",
        "dispute what_matters reason=mine simulation={0}",
        "drill simulation={0}",
    ],
)
async def test_who_said_nothing_rates_disputes_and_drills_nothing(
    stage: Stage, command: str
) -> None:
    session = await held(stage, "U2", said=[("U1", ASKS)])
    await passes(stage, seconds=2)
    refused = await stage.says(f"/sim {command.format(session)}", where=CHANNEL, who="U2")
    assert "did not write, so nothing of yours is scored" in refused


async def test_whoever_teaches_is_told_who_alone_played(stage: Stage) -> None:
    await stage.says("/sim role U9 instructor", who="U9")
    session = await held(stage, "U2", said=[("U1", ASKS)])
    await passes(stage, seconds=2)
    whole = await stage.says(f"/sim debrief {session}", who="U9")
    assert "Of the group Ada alone played." in whole
    assert "[See Ada]" in whole
    assert "[See Ben]" not in whole


async def test_who_said_nothing_gets_no_question_and_no_drill_later(stage: Stage) -> None:
    session = await held(stage, "U2", "U3", said=[("U1", ASKS), ("U2", GREETS)])
    await passes(stage, seconds=2)
    assert SILENT in stage.shown("DU3", "U3")
    assert SILENT not in stage.shown("DU2", "U2")
    async with stage.database.reading() as tx:
        planned = (
            await tx.execute(
                select(FollowUpRow.person_id, FollowUpRow.kind).where(
                    FollowUpRow.session_id == session
                )
            )
        ).all()
        silent, other = await person_of(tx, "U3"), await person_of(tx, "U2")
    assert {kind for who, kind in planned if who == silent} == {"feedback"}
    assert {kind for who, kind in planned if who == other} == {"feedback", "reflection", "drill"}


async def test_before_anybodys_own_score_there_is_none_to_show(stage: Stage) -> None:
    session = await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])
    assessment = stage.app.services.assessment
    async with stage.database.transaction() as tx:
        person = await person_of(tx, "U2")
        await assessment.evaluate(tx, session)
        assert await assessment.latest(tx, session, person) is None
        assert await assessment.latest(tx, session) is not None


async def test_a_drill_is_set_beside_the_own_earlier_score(stage: Stage) -> None:
    await stage.says("/sim role U9 instructor", who="U9")
    session = await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])
    await passes(stage, seconds=2)
    await stage.says(f"/sim drill what_matters {session}", where=CHANNEL, who="U2")
    room = stage.threads()[-1]
    await stage.says(ASKS, where=room, who="U2")
    await stage.says("!end", where=room, who="U2")
    drill = (await stage.session_of(room)).id
    async with stage.database.transaction() as tx:
        one = await people.get(tx, await person_of(tx, "U2"), "")
        workspace = (await scorecards.card_of(tx, stage.app.services, drill, one)).record.owner
        teacher = await people.get(tx, await person_of(tx, "U9"), workspace)
        for reader in (one, teacher):
            card = await scorecards.card_of(tx, stage.app.services, drill, reader)
            assert card.earlier is not None
            [change] = [each for each in card.earlier.changes if each.criterion == "what_matters"]
            assert (change.before, change.after) == (0, 1)


async def test_a_dispute_about_the_own_score_changes_nobody_elses(stage: Stage) -> None:
    lines = [("U1", one) for one in JOANNA]
    session = await held(stage, "U2", said=[*lines, ("U2", GREETS)])
    await passes(stage, seconds=2)
    assessment = stage.app.services.assessment
    async with stage.database.transaction() as tx:
        first, second = await assessment.players(tx, session)
        whole = await assessment.evaluate(tx, session)
        other = await assessment.evaluate(tx, session, first)
        version, own = await assessment.evaluate(tx, session, second)
        line = next(one for one in whole[1].criteria if one.points and one.points == one.max)
        assert own.score_of(line.id) != line
        made = await assessment.dispute(tx, id_of(session, version), line.id, "Look.", second)
        await assessment.resolve(tx, made.id, by="teacher", points=0)
        assert await assessment.evaluate(tx, session) == whole
        assert await assessment.evaluate(tx, session, first) == other
        _, after = await assessment.evaluate(tx, session, second)
    decided = after.score_of(line.id)
    assert decided is not None
    assert (decided.points, decided.by, decided.by_another) == (0, "instructor", True)


async def test_a_replay_scores_only_who_plays_it(stage: Stage) -> None:
    session = await held(stage, "U2", said=[("U1", ASKS), ("U2", GREETS)])
    await passes(stage, seconds=2)
    await stage.says(f"/sim rewind 2 {session}", where=CHANNEL, who="U2")
    room = stage.threads()[-1]
    await stage.says("How are you both today?", where=room, who="U2")
    await stage.says("!end", where=room, who="U2")
    branch = (await stage.session_of(room)).id
    told = await passes(stage, seconds=2, who="U1")
    assert "What the new try changed" not in told
    theirs = stage.shown("DU2", "U2")
    assert "What the new try changed" in theirs
    assert "> Mrs Whitlock" not in theirs
    async with stage.database.reading() as tx:
        player = await person_of(tx, "U2")
    assert await participants(stage, branch) == {"", player}


async def test_whoever_came_later_replays_an_earlier_turn_alone(stage: Stage) -> None:
    room = await stage.started(FAMILY)
    await stage.says(ASKS, where=room)
    await stage.says("!join", where=room, who="U2")
    asked = await stage.presses("agree-join", where=room, who="U2")
    if "Which part" in asked:
        seat = asked.split("`!join ")[1].split("`")[0]
        await stage.presses(f"join:{seat}", where=room, who="U2")
    await stage.says(GREETS, where=room, who="U2")
    await stage.says("!end", where=room)
    session = (await stage.session_of(room)).id
    await stage.says(f"/sim rewind 1 {session}", where=CHANNEL, who="U2")
    branch = (await stage.session_of(stage.threads()[-1])).id
    async with stage.database.reading() as tx:
        _, _, state = await stage.app.services.simulation.read(tx, branch)
        player = await person_of(tx, "U2")
    assert [one for seat in state.people.values() for one in seat] == [player]
