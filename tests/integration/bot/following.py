"""Follow-ups on the stage: the test moves the clock, the ticks send."""

from bot.afterwards.sending import Afterwards
from tests.integration.bot.stage import Stage

DM = "DU1"
"""The direct message of U1 and the bot."""


def afterwards(stage: Stage) -> Afterwards:
    """What writes to people on this stage."""
    app, adapter = stage.app, stage.adapter
    return Afterwards(
        services=app.services, delivery=app.delivery, adapters={adapter.platform: adapter}
    )


async def passes(stage: Stage, *, seconds: float = 0, days: float = 0) -> str:
    """Let time pass, let the ticks look, and read what is new in the direct message."""
    await stage.clock.advance(seconds + days * 86_400)
    stage.seen(DM)
    ticks = afterwards(stage)
    await ticks.sweep()
    for _ in range(3):
        await ticks.plan()
        await ticks.tick()
        await stage.idle()
    return stage.seen(DM)


async def played(stage: Stage, scenario: str = "chest-pain") -> str:
    """Play some turns and end; the thread."""
    room = await stage.started(scenario)
    await stage.says("Hello, I am Dr Ada. What brings you here today?", where=room)
    await stage.says("Where exactly does it hurt?", where=room)
    await stage.says("!end", where=room)
    return room
