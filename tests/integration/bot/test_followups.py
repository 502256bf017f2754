"""What reaches people after a session: once, at their hours, until they stop it."""

from tests.integration.bot.following import DM, passes, played
from tests.integration.bot.stage import Stage


async def test_feedback_comes_right_after_the_end_and_once(everywhere: Stage) -> None:
    stage = everywhere
    await played(stage)
    shown = await passes(stage, seconds=2)
    assert "Before the score: A weight on the chest" in shown
    assert "[Rate myself] [Skip this]" in shown
    assert await passes(stage, seconds=60) == ""
