"""Where what was said and done in a session is shown."""

from sqlalchemy import select

from bot import links
from engine.store.tables import EventRow
from tests.integration.bot.following import passes
from tests.integration.bot.stage import Stage


async def test_an_order_in_plain_talk_leads_to_the_words_that_gave_it(stage: Stage) -> None:
    room = await stage.started("chest-pain")
    await stage.says("Hello, I am Dr Ada. Where does it hurt?", where=room)
    await stage.says("Teresa, please give him aspirin right now.", where=room)
    await stage.says("!end", where=room)
    session = (await stage.session_of(room)).id
    await passes(stage, seconds=2)
    async with stage.database.reading() as tx:
        found = await links.of_session(tx, session)
        rows = await tx.execute(
            select(EventRow.seq, EventRow.kind).where(
                EventRow.session_id == session,
                EventRow.kind.in_(("trainee_said", "action_taken")),
            )
        )
        seqs = {row.kind: row.seq for row in rows.all()}
    assert found[seqs["action_taken"]] == found[seqs["trainee_said"]]
    words = stage.server.posted[int(found[seqs["action_taken"]].id)]
    assert "give him aspirin" in str(words.body)
