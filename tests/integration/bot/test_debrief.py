"""The debrief: rated before it is shown, argued with, decided on, released."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot import links, people, scorecards
from bot.store.database import Database
from bot.store.followups import OpinionRow
from bot.store.queues import OutboxRow
from engine.assessment import Score
from engine.store import disputes, sessions
from engine.store.tables import EventRow, RatingRow
from tests.integration.bot.following import DM, fills, opens, passes, played, states
from tests.integration.bot.stage import CHANNEL, Stage, catalog


@pytest.fixture
async def after_review(sqlite: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage where scores wait for an instructor."""
    async with Stage(sqlite, tmp_path, release="after_review").open() as stage:
        yield stage


async def _rated(stage: Stage) -> tuple[str, str]:
    """A session that was played and rated: its id, and what was shown then."""
    room = await played(stage)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    values = {"points.introduces": "1", "points.antiplatelet": "1", "note": "rushed"}
    return session, await fills(stage, f"rate:simulation={session}", values)


async def _scores(stage: Stage, session: str) -> Sequence[Score]:
    async with stage.database.reading() as tx:
        found = await stage.app.services.assessment.latest(tx, session)
    assert found is not None
    return found[1].criteria


async def _teaches(stage: Stage) -> None:
    await stage.says("/sim role U2 instructor", who="U9")


async def test_people_rate_themselves_before_the_score(everywhere: Stage) -> None:
    stage = everywhere
    room = await played(stage)
    session = (await stage.session_of(room)).id
    shown = await passes(stage, seconds=2)
    assert "Before the score" in shown
    assert "of 100" not in shown
    assert "of 100" not in await stage.says("/sim score")
    wrong = await fills(stage, f"rate:simulation={session}", {"note": "fine"})
    assert "Rate at least one line" in wrong
    values = {"points.introduces": "1", "points.antiplatelet": "1", "note": "rushed"}
    debrief = await fills(stage, f"rate:simulation={session}", values)
    assert "of 100**, not passed yet" in debrief
    assert "You rated 2 of 15 lines: 1 the same as the score and 1 above it." in debrief
    assert "you 1 and the score 1, of 1" in debrief
    assert "You put yourself 1 point above it" in debrief
    async with stage.database.reading() as tx:
        kept = (await tx.scalars(select(RatingRow).order_by(RatingRow.criterion))).all()
    assert [(one.source, one.criterion, one.points) for one in kept] == [
        ("self", "antiplatelet", 1),
        ("self", "introduces", 1),
    ]


async def test_every_line_of_the_score_can_be_rated(stage: Stage) -> None:
    room = await played(stage)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    form = (await opens(stage, f"rate:simulation={session}"))["form"]
    criteria = catalog().get("chest-pain").rubric.criteria
    fields = {one.name: dict(one.options) for one in form.fields if one.kind == "choice"}
    assert list(fields) == [f"points.{one.id}" for one in criteria]
    assert all(one.optional for one in form.fields)
    assert fields["points.antiplatelet"] == {"0": "Not this time", "1": "Yes"}
    assert list(fields["points.pain_story"]) == ["0", "1", "2", "3"]
    anchors = next(one.anchors for one in criteria if one.id == "empathy")
    lowest = fields["points.empathy"]["0"]
    assert lowest.startswith("0 of 4: ")
    assert anchors[1].startswith(lowest.removeprefix("0 of 4: "))


async def test_it_can_be_skipped_and_not_made_up_for_afterwards(stage: Stage) -> None:
    room = await played(stage)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    assert "of 100" in await stage.presses(f"debrief:{session}:now", where=DM)
    late = await stage.says('/sim rate points="introduces=1"')
    assert "You have seen the score already" in late
    assert await opens(stage, f"rate:simulation={session}") == {"status": 200}
    pressed = await stage.presses(f"rate:simulation={session}", where=DM, on_card=True)
    assert "You have seen the score already" in pressed
    assert f"debrief:simulation={session}" in stage.buttons(DM)


async def test_the_debrief_quotes_and_says_what_is_not_scored(stage: Stage) -> None:
    _, shown = await _rated(stage)
    assert "**Responds to fear**: not scored." in shown
    assert "> Hello, I am Dr Ada. What brings you here today?" in shown
    assert "What would have earned more" in shown
    assert "Scores:" in shown


async def test_quotes_lead_to_where_they_were_said(stage: Stage) -> None:
    session, _ = await _rated(stage)
    evidence = await stage.presses(f"evidence:{session}", where=DM)
    assert "What the points rest on, word for word." in evidence
    linked = [
        one
        for one in stage.server.posted.values()
        if one.thread == DM and "Evidence" in str(one.body)
    ]
    assert linked
    async with stage.database.reading() as tx:
        found = await links.of_session(tx, session)
    said = {one.id: one.body["text"] for one in stage.server.posted.values()}
    assert [said[int(ref.id)] for ref in found.values()] == [
        "Hello, I am Dr Ada. What brings you here today?",
        "Where exactly does it hurt?",
    ]


async def test_a_dispute_is_kept_decided_and_told(everywhere: Stage) -> None:
    stage = everywhere
    await _teaches(stage)
    session, _ = await _rated(stage)
    form = await opens(stage, f"dispute:simulation={session}")
    assert form["form"].title == "I see it differently"
    short = {"criterion": "antiplatelet", "reason": "no"}
    assert "in a few words" in await fills(stage, f"dispute:simulation={session}", short)
    reason = {"criterion": "antiplatelet", "reason": "I was about to give it."}
    thanks = await fills(stage, f"dispute:simulation={session}", reason)
    assert "is kept with the score, and an instructor will look at it" in thanks
    waiting = await stage.says("/sim review", who="U2")
    assert "Gives aspirin" in waiting
    assert "1. Ada, A weight on the chest, Mon 2 March, 09:00 UTC: **Gives aspirin**" in waiting
    assert "“I was about to give it.”" in waiting
    [dispute] = [one for one in stage.buttons() if one.startswith("resolve:")]
    decision = {"points": "1", "note": "Fair."}
    decided = await fills(stage, dispute, decision, where=CHANNEL, who="U2")
    assert "**Gives aspirin** was changed, for Ada in **A weight on the chest**" in decided
    told = stage.seen(DM)
    assert "You saw **Gives aspirin** in **A weight on the chest** differently." in told
    assert "Ben has changed the score." in told
    assert "> Fair." in told
    again = await stage.presses(f"debrief:{session}", where=DM)
    assert "**Gives aspirin**: 1 of 1" in again
    assert "Gives aspirin: the score was changed, decided by Ben. “Fair.”" in again
    id_ = dispute.removeprefix("resolve:dispute=")
    late = await stage.says(f"/sim resolve {id_} stands", who="U2")
    assert "Ben has decided on that already and changed the score of **Gives aspirin**" in late
    assert "Nothing waits for you" in await stage.says("/sim review", who="U2")


async def test_only_whoever_teaches_decides(stage: Stage) -> None:
    session, _ = await _rated(stage)
    reason = {"criterion": "antiplatelet", "reason": "I was about to give it."}
    await fills(stage, f"dispute:simulation={session}", reason)
    assert "not open to you" in await stage.says("/sim review")
    assert "not open to you" in await stage.says(f"/sim release {session}")
    async with stage.database.reading() as tx:
        [found] = await disputes.of_session(tx, session)
    assert "not open to you" in await stage.says(f"/sim resolve {found.id} 1")
    assert await opens(stage, f"resolve:dispute={found.id}") == {"status": 200}


async def test_a_score_can_wait_for_an_instructor(after_review: Stage) -> None:
    stage = after_review
    await _teaches(stage)
    session, shown = await _rated(stage)
    assert "Your instructor looks at this one before you see the score." in shown
    assert "of 100" not in shown
    assert "of 100" not in await stage.says("/sim show")
    assert await opens(stage, f"dispute:simulation={session}") == {"status": 200}
    assert "A question about" not in await passes(stage, days=1)
    waiting = await stage.says("/sim review", who="U2")
    assert "**1 score to release**" in waiting
    assert "1. Ada, A weight on the chest, Mon 2 March, 09:00 UTC: " in waiting
    looked = await stage.presses(f"debrief:{session}", who="U2")
    assert "**Ada**, ended Mon 2 March, 09:00 UTC." in looked
    assert "Not released yet" in looked
    assert "of 100" in looked
    assert "The trainee rated 2 of 15 lines: 1 the same as the score and 1 above it." in looked
    rating = {"points.empathy": "3"}
    rated = await fills(stage, f"rate:simulation={session}", rating, where=CHANNEL, who="U2")
    assert "Your rating of **A weight on the chest** is kept." in rated
    released = await stage.presses(f"release:{session}", who="U2")
    assert "Released: Ada, **A weight on the chest**." in released
    assert "Ben has looked at **A weight on the chest**; your score is there" in stage.seen(DM)
    again = await stage.presses(f"debrief:{session}", who="U2")
    assert "Released by Ben, Tue 3 March" in again
    debrief = await stage.presses(f"debrief:{session}", where=DM)
    assert "**Responds to fear**: 3 of 4" in debrief
    late = await stage.says(f"/sim release {session}", who="U2")
    assert "the score was released before, by Ben, Tue 3 March" in late


async def test_nobody_else_sees_it(stage: Stage) -> None:
    session, _ = await _rated(stage)
    for line in (f"/sim debrief {session}", f"/sim score {session}", f"/sim evidence {session}"):
        shown = await stage.says(line, who="U2")
        assert "of 100" not in shown
        assert "of 1" not in shown


async def test_people_say_whether_it_was_useful(stage: Stage) -> None:
    session, _ = await _rated(stage)
    await fills(stage, f"useful:simulation={session}", {"rating": "2"})
    values = {"rating": "4", "words": "More phone calls."}
    thanks = await fills(stage, f"useful:simulation={session}", values)
    assert "Thank you" in thanks
    async with stage.database.reading() as tx:
        kept = (await tx.scalars(select(OpinionRow))).all()
    assert [(one.useful, one.words) for one in kept] == [(4, "More phone calls.")]
    await stage.says("/sim forget-me yes")
    async with stage.database.reading() as tx:
        assert (await tx.scalars(select(OpinionRow))).all() == []


async def test_a_drill_is_short_and_about_one_thing(stage: Stage) -> None:
    session, _ = await _rated(stage)
    await stage.presses(f"drill:simulation={session}", where=DM)
    shown = stage.shown(stage.threads()[-1])
    assert "A drill: Orders a 12-lead within ten minutes" in shown
    assert "You have talked with Colin Marsh for a while and are at this now: " in shown
    assert "Only one thing counts this time: Order what cannot wait. You have the first" in shown
    assert "Are you the doctor?" not in shown
    await stage.says(f"/sim drill medicines simulation={session}")
    room = stage.threads()[-1]
    shown = stage.shown(room)
    assert "A short session about one thing:" in shown
    assert "You are with Colin Marsh again, at the beginning." in shown
    await stage.says("Are you allergic to anything, and what do you take?", where=room)
    await stage.says("!end", where=room)
    await passes(stage, seconds=2)
    debrief = await stage.says("!debrief how=now", where=room)
    assert "up from 0 to" in debrief


async def test_a_moment_is_replayed_and_the_difference_comes_by_itself(stage: Stage) -> None:
    session, _ = await _rated(stage)
    shown = await stage.presses(f"evidence:{session}", where=DM)
    assert "at the end you see what the new try changed" in shown
    assert "A new thread begins just before that message of yours" in shown
    assert "Begins just before your message “Where exactly does it hurt?”" in shown
    lost = [one for one in await _scores(stage, session) if one.points not in (None, one.max)]
    assert shown.count("Replay this moment") == len(lost) > 3
    moment = f"rewind:2:{session}:pain_story"
    await stage.presses(moment, where=DM, on_card=True)
    room = stage.threads()[-1]
    shown = stage.shown(room)
    assert "You are back before your turn 2" in shown
    assert "You, the first time" in shown
    await stage.says("Does the pain go anywhere, and when did it start?", where=room)
    await stage.says("!end", where=room)
    told = await passes(stage, seconds=2)
    assert "What the new try changed: A weight on the chest" in told
    assert "**The line you came for**, Takes the story of the pain" in told
    assert "Before, it was" not in told
    assert " of 100" not in told
    assert "fails the whole session" not in told
    assert "would have earned more" not in told
    assert "not reached" not in told
    assert "up from 0 to 2 of 3" in told
    async with stage.database.reading() as tx:
        branch = (await stage.session_of(room)).id
        person = await people.get(tx, (await sessions.participants(tx, branch))[0].person, "")
        card = await scorecards.card_of(tx, stage.app.services, branch, person)
    first = stage.server.posted[int(card.links[min(card.links)].id)]
    assert first.body["text"] == "Hello, I am Dr Ada. What brings you here today?"
    assert "There is no such turn" in await stage.says(f"/sim rewind 99 simulation={session}")


async def test_a_new_try_without_a_difference_says_so(stage: Stage) -> None:
    session, _ = await _rated(stage)
    await stage.says(f"/sim rewind 2 simulation={session}")
    room = stage.threads()[-1]
    await stage.says("Where exactly does it hurt?", where=room)
    await stage.says("!end", where=room)
    told = await passes(stage, seconds=2)
    assert "No line got better this time." in told
    assert " of 100" not in told


async def test_whoever_teaches_sees_the_evidence_and_replays_nothing(stage: Stage) -> None:
    await _teaches(stage)
    session, _ = await _rated(stage)
    shown = await stage.says(f"/sim evidence {session}", who="U2")
    assert "What the points rest on, word for word." in shown
    assert "Replay this moment" not in shown


async def test_a_deed_leads_to_what_came_of_it(everywhere: Stage) -> None:
    stage = everywhere
    room = await stage.started("chest-pain")
    await stage.says("Hello, I am Dr Ada. Where does it hurt?", where=room)
    await stage.says("!order 12-lead ECG", where=room)
    await stage.says("!end", where=room)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    async with stage.database.reading() as tx:
        found = await links.of_session(tx, session)
        deeds = [
            row.seq
            for row in await tx.execute(
                select(EventRow.seq).where(
                    EventRow.session_id == session, EventRow.kind == "action_taken"
                )
            )
        ]
    [deed] = deeds
    result = stage.server.posted[int(found[deed].id)]
    assert (result.thread, result.author) == (room, "bot")
    assert "tracing" in str(result.body)
    async with stage.database.transaction() as tx:
        await tx.execute(delete(OutboxRow))  # as happens after a while
    async with stage.database.reading() as tx:
        assert (await links.of_session(tx, session))[deed] == found[deed]


async def test_nobody_decides_on_a_session_of_their_own(stage: Stage) -> None:
    session, _ = await _rated(stage)
    reason = {"criterion": "antiplatelet", "reason": "I was about to give it."}
    await fills(stage, f"dispute:simulation={session}", reason)
    await stage.says("/sim role U1 instructor", who="U9")
    async with stage.database.reading() as tx:
        [found] = await disputes.of_session(tx, session)
    assert "somebody else decides" in await stage.says(f"/sim resolve {found.id} 1")
    assert await opens(stage, f"resolve:dispute={found.id}") == {"status": 200}
    async with stage.database.reading() as tx:
        assert await disputes.of_session(tx, session) == [found]


async def test_before_the_own_rating_a_held_score_is_not_given_away(after_review: Stage) -> None:
    stage = after_review
    room = await played(stage)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    assert "An instructor looks at this one" in await stage.says(f"/sim drill simulation={session}")
    assert await passes(stage, days=1) == ""
    assert await passes(stage, days=2) == ""
    found = await states(stage)
    assert (found["reflection 1"], found["drill 1"]) == ("skipped held", "skipped held")
