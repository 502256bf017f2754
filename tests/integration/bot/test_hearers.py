"""Whoever agreed is asked again when what they write may go to a model they were not told of."""

from pathlib import Path

import pytest

from bot import people
from bot.hearers import tell
from bot.people import Identity
from bot.store.database import Database
from bot.wiring import running
from tests.integration.bot.stage import settings_for
from tests.integration.making import at

OWN = {"base_url": "http://127.0.0.1:9"}
ANA = Identity(platform="web", workspace="local", user_id="ana")


async def consented(database: Database) -> bool:
    async with database.transaction() as tx:
        return (await people.person_of(tx, ANA, at=at(0))).consented


async def agrees(database: Database) -> None:
    async with database.transaction() as tx:
        person = await people.person_of(tx, ANA, at=at(0))
        await people.consent(tx, person.id, at=at(0))


async def test_a_new_model_is_asked_about_and_a_known_one_is_not(database: Database) -> None:
    await agrees(database)
    for names, asked in (((), False), (("a", "b"), True), (("b",), False), (("b", "c"), True)):
        async with database.transaction() as tx:
            assert await tell(tx, names, at(1)) is asked
        assert await consented(database) is not asked
        await agrees(database)


async def test_whoever_never_agreed_is_asked_as_before(database: Database) -> None:
    assert not await consented(database)
    async with database.transaction() as tx:
        await tell(tx, ("a",), at(1))
    assert not await consented(database)


@pytest.mark.parametrize(("model", "stands"), [("embedded", True), ("local:slow", False)])
async def test_it_is_looked_at_when_the_server_starts(
    tmp_path: Path, model: str, *, stands: bool
) -> None:
    async with running(settings_for(tmp_path)) as app:
        await agrees(app.services.database)
    for _ in range(2):
        async with running(
            settings_for(tmp_path, models={"persona": model}, local_model=OWN)
        ) as app:
            assert await consented(app.services.database) is stands
            await agrees(app.services.database)
        stands = True
