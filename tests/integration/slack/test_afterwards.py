"""What comes after a session, by direct message: once, whoever asks how often."""

from datetime import timedelta
from pathlib import Path

from adapters.port import Platform
from bot.afterwards.sending import Afterwards
from bot.store.database import Database
from tests.integration.slack.stage import ADA, Moved, Slow, Stage, staged, until_tomorrow_at
from tests.slack.checks import visible


def direct(stage: Stage) -> list[str]:
    """What was written to Ada alone."""
    place = stage.slack.world.channels.get((stage.team.id, f"D{ADA}"))
    found = place.messages.values() if place else ()
    return [visible(one.text, one.blocks) for one in found if one.bot_id]


async def test_what_to_practise_comes_directly_days_later_and_once(
    sqlite: Database, tmp_path: Path, model: Slow
) -> None:
    model.go_on.set()
    clock = Moved()
    clock.ahead = until_tomorrow_at(10)
    async with staged(sqlite, tmp_path, model=model, clock=clock) as stage:
        root = await stage.starts()
        for number, text in enumerate(("Hello.", "What is wrong?", "Since when?"), start=3):
            await stage.writes(text, root)
            await stage.said(root, number)
        await stage.writes("!end", root)
        await stage.said(root, 6)
        app = stage.app
        after = Afterwards(
            services=app.services,
            delivery=app.delivery,
            adapters={Platform("slack"): stage.adapter},
        )
        await after.plan()
        clock.ahead += timedelta(days=3)
        for _ in range(3):
            await after.tick()
        [drill] = await stage.slack.until(lambda: direct(stage))
        assert "A short drill" in drill
        for _ in range(3):
            await after.tick()
        assert direct(stage) == [drill]
