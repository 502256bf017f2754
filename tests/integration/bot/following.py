"""Follow-ups on the stage: the test moves the clock, the ticks send."""

from sqlalchemy import select

from bot.afterwards.sending import Afterwards
from bot.store.followups import FollowUpRow
from tests.contract.fake_platform.server import Payload
from tests.integration.bot.stage import Stage

DM = "DU1"
"""The direct message of U1 and the bot."""

DAY = 86_400


def afterwards(stage: Stage) -> Afterwards:
    """What writes to people on this stage."""
    app, adapter = stage.app, stage.adapter
    return Afterwards(
        services=app.services, delivery=app.delivery, adapters={adapter.platform: adapter}
    )


async def passes(stage: Stage, *, seconds: float = 0, days: float = 0, who: str = "U1") -> str:
    """Let time pass, let the ticks look, and read what is new in the direct message."""
    await stage.clock.advance(seconds + days * DAY)
    stage.seen(f"D{who}", who)
    ticks = afterwards(stage)
    await ticks.sweep()
    for _ in range(3):
        await ticks.plan()
        await ticks.tick()
        await stage.idle()
    return stage.seen(f"D{who}", who)


async def played(stage: Stage, scenario: str = "chest-pain", who: str = "U1") -> str:
    """Play some turns and end; the thread."""
    room = await stage.started(scenario, who=who)
    await stage.says("Hello, I am Dr Ada. What brings you here today?", where=room, who=who)
    await stage.says("Where exactly does it hurt?", where=room, who=who)
    await stage.says("!end", where=room, who=who)
    return room


async def fills(
    stage: Stage, choice: str, values: dict[str, str], *, where: str = DM, who: str = "U1"
) -> str:
    """Press a choice that opens a form, send that, and read what came of it."""
    form = await opens(stage, choice, where=where, who=who)
    sent = stage.server.happening("form", who, where, form=form["form"].id, values=values)
    stage.seen(where, who)
    answer = await _asked(stage, sent)
    if errors := answer.get("errors"):
        return str(errors)
    assert answer["status"] == 200
    return stage.seen(where, who)


async def opens(stage: Stage, choice: str, *, where: str = DM, who: str = "U1") -> Payload:
    """The platform's answer to a press on a choice that opens a form."""
    message = str(max(stage.server.posted))
    pressed = stage.server.happening("press", who, where, message=message, button=choice, form=True)
    return await _asked(stage, pressed)


async def _asked(stage: Stage, payload: Payload) -> Payload:
    assert stage.server.hook is not None
    return await stage.server.hook(payload)


async def states(stage: Stage) -> dict[str, str]:
    """What became of each follow-up, as `kind n: state code`."""
    async with stage.database.reading() as tx:
        rows = (await tx.scalars(select(FollowUpRow).order_by(FollowUpRow.id))).all()
    return {f"{row.kind} {row.n}": f"{row.state} {row.code}".strip() for row in rows}
