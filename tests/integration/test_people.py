"""People: one person on all platforms, with roles, preferences and consent, and forgotten."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, text

from bot import people
from bot.people import Identity, NoPerson, Person
from bot.preferences import Preferences
from bot.store.database import Database
from bot.store.tables import DoorRow, IdentityRow, LibraryRow, PersonRow, WorkspaceRow
from engine.store import Transaction, sessions
from tests.integration.making import at, begun, goes_on, said
from tests.integration.test_forget import dump

ANA_SLACK = Identity(platform="slack", workspace="T1", user_id="U1")
ANA_DISCORD = Identity(platform="discord", workspace="G1", user_id="9")
BEN_SLACK = Identity(platform="slack", workspace="T1", user_id="U2")


async def seen(
    tx: Transaction, who: Identity, name: str = "", admins: tuple[str, ...] = ()
) -> Person:
    return await people.person_of(tx, who, name=name, at=at(0), admins=admins)


async def counted(tx: Transaction) -> tuple[int, int, int]:
    rows = [
        await tx.scalar(select(func.count()).select_from(table))
        for table in (PersonRow, IdentityRow, WorkspaceRow)
    ]
    return rows[0] or 0, rows[1] or 0, rows[2] or 0


async def test_somebody_new_is_a_trainee(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, "Ana")
        workspace = await people.workspace_of(tx, "slack", "T1", at=at(5))
    assert ana == Person(
        id=ana.id,
        name="Ana",
        workspace=workspace,
        roles=frozenset({"trainee"}),
        consented=False,
    )


async def test_somebody_known_stays_who_they_are(database: Database) -> None:
    async with database.transaction() as tx:
        first = await seen(tx, ANA_SLACK)
        named = await seen(tx, ANA_SLACK, "Ana")
        renamed_there = await seen(tx, ANA_SLACK, "Ana (away)")
        assert await people.get(tx, first.id, first.workspace) == named == renamed_there
        assert await counted(tx) == (1, 1, 1)
        assert named == replace(first, name="Ana")
        assert await people.known(tx, BEN_SLACK) is None
        with pytest.raises(NoPerson):
            await people.get(tx, "nobody", first.workspace)


async def test_somebody_known_is_only_read(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, "Ana", ("U1",))
    async with database.reading() as tx:
        assert await seen(tx, ANA_SLACK, "Ana", ("U1",)) == ana


async def test_the_same_user_id_in_another_team_is_somebody_else(database: Database) -> None:
    async with database.transaction() as tx:
        one = await seen(tx, ANA_SLACK)
        other = await seen(tx, replace(ANA_SLACK, workspace="T2"))
    assert one.id != other.id
    assert one.workspace != other.workspace


async def test_two_first_events_at_once_make_one_person(database: Database) -> None:
    async def see() -> str:
        async with database.transaction() as tx:
            return (await seen(tx, ANA_SLACK, "Ana")).id

    ids = await asyncio.gather(*(see() for _ in range(6)))
    assert len(set(ids)) == 1
    async with database.reading() as tx:
        assert await counted(tx) == (1, 1, 1)


@pytest.mark.parametrize(
    ("admins", "is_admin"),
    [
        (("slack:U1",), True),
        (("discord:U1", "slack:U1"), True),
        (("U1",), False),  # on which platform? anybody can be U1 somewhere
        (("discord:U1", "slack:U2", "U", "slack"), False),
        ((), False),
    ],
)
async def test_named_admins_are_admin_at_first_sight(
    sqlite: Database, admins: tuple[str, ...], is_admin: bool
) -> None:
    async with sqlite.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, admins=admins)
        assert ("admin" in ana.roles) is is_admin
        assert "trainee" in ana.roles


async def test_somebody_is_admin_for_as_long_as_they_are_named(sqlite: Database) -> None:
    async with sqlite.transaction() as tx:
        await seen(tx, ANA_SLACK)
        named = await seen(tx, ANA_SLACK, admins=("slack:U1",))
        assert named.roles == {"trainee", "admin"}
        assert await people.roles(tx, named.id, named.workspace) == {"trainee"}
        assert (await seen(tx, ANA_SLACK)).roles == {"trainee"}


async def test_roles_hold_in_one_workspace(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK)
        elsewhere = await people.workspace_of(tx, "slack", "T2", at=at(0))
        for _ in range(2):
            await people.set_role(tx, ana.id, ana.workspace, "instructor")
        assert await people.roles(tx, ana.id, ana.workspace) == {"trainee", "instructor"}
        assert await people.roles(tx, ana.id, elsewhere) == frozenset()
        await people.set_role(tx, ana.id, ana.workspace, "trainee", held=False)
        await people.set_role(tx, ana.id, ana.workspace, "author", held=False)
        assert (await seen(tx, ANA_SLACK)).roles == {"instructor"}


async def test_preferences_are_kept_whole(database: Database) -> None:
    wanted = Preferences(
        time_zone="Europe/Berlin", quiet_from="22:00", quiet_to="07:00", language="de"
    )
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK)
        assert await people.preferences(tx, ana.id) == Preferences()
        await people.set_preferences(tx, ana.id, wanted)
        assert (await seen(tx, ANA_SLACK)).preferences == wanted
        await people.set_preferences(tx, ana.id, replace(wanted, language=None))
        assert await people.preferences(tx, ana.id) == replace(wanted, language=None)
        with pytest.raises(NoPerson):
            await people.set_preferences(tx, "nobody", wanted)


async def test_a_zone_that_is_no_more_does_not_lock_anybody_out(sqlite: Database) -> None:
    async with sqlite.transaction() as tx:
        ana = await seen(tx, ANA_SLACK)
        await people.set_preferences(tx, ana.id, Preferences(time_zone="UTC", language="en"))
        await tx.execute(text("UPDATE preferences SET time_zone = 'Asia/Atlantis'"))
        assert await people.preferences(tx, ana.id) == Preferences(language="en")


async def test_consent_is_to_a_version(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK)
        await people.consent(tx, ana.id, at=at(1))
        assert (await seen(tx, ANA_SLACK)).consented
        await people.consent(tx, ana.id, at=at(2), version=0)
        assert not (await seen(tx, ANA_SLACK)).consented
        with pytest.raises(NoPerson):
            await people.consent(tx, "nobody", at=at(1))


async def test_names_and_being_let_in(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, "Ana")
        await people.rename(tx, ana.id, "Dr. Ana", at=at(1))
        await people.set_active(tx, ana.id, active=False, at=at(1))
        now = await seen(tx, ANA_SLACK, "Ana")
        assert (now.name, now.active) == ("Dr. Ana", False)


async def test_linking_an_unknown_account(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK)
        for _ in range(2):
            await people.link(tx, ana.id, ANA_DISCORD, at=at(1))
        assert await people.identities(tx, ana.id) == (ANA_DISCORD, ANA_SLACK)
        assert (await seen(tx, ANA_DISCORD)).id == ana.id
        with pytest.raises(NoPerson):
            await people.link(tx, "nobody", BEN_SLACK, at=at(1))


async def test_linking_an_account_that_was_used_makes_one_of_two(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, "Ana")
        double = await seen(tx, ANA_DISCORD, "ana_9")
        await people.consent(tx, ana.id, at=at(1))
        await people.set_role(tx, double.id, double.workspace, "author")
        await tx.execute(
            insert(LibraryRow).values(
                scenario_id="mine",
                owner=double.id,
                visibility="private",
                status="draft",
                created_at=at(0),
            )
        )
        await begun(tx, "s1", double.id)
        await goes_on(tx, "s1", said(double.id, "Hello."))

        await people.link(tx, ana.id, ANA_DISCORD, at=at(2))

        assert double.id not in await dump(tx)
        there = await seen(tx, ANA_DISCORD)
        assert (there.id, there.name, there.consented) == (ana.id, "Ana", True)
        assert there.roles == {"trainee", "author"}
        assert [one.id for one in await sessions.of_person(tx, ana.id)] == ["s1"]
        assert await tx.scalar(select(LibraryRow.owner)) == ana.id


async def with_doors(tx: Transaction) -> None:
    for key, purpose in (("slack/T1/room", "room"), ("slack/T1/DM-of-ana", "dm")):
        await tx.execute(
            insert(DoorRow).values(
                thread_key=key,
                session_id="s1",
                seat="trainee",
                purpose=purpose,
                open=True,
                created_at=at(0),
            )
        )


async def test_forgetting_leaves_nothing_in_any_table(database: Database) -> None:
    async with database.transaction() as tx:
        ana = await seen(tx, ANA_SLACK, "Ana Silva")
        ben = await seen(tx, BEN_SLACK, "Ben Okoro")
        await people.link(tx, ana.id, ANA_DISCORD, at=at(0))
        await people.set_preferences(tx, ana.id, Preferences(language="pt"))
        for number, visibility in enumerate(("private", "org")):
            await tx.execute(
                insert(LibraryRow).values(
                    scenario_id=f"by-ana-{visibility}",
                    owner=ana.id,
                    visibility=visibility,
                    status="published",
                    created_at=at(number),
                )
            )
        await begun(tx, "s1", ana.id, ben.id)
        words = said(ana.id, "I grew up in that very street.", event_id="m1")
        await goes_on(tx, "s1", words, said(ben.id, "Tell me more."))
        await with_doors(tx)

        done = await people.forget(tx, ana.id)

        assert done.cleaned == ("s1",)
        left = await dump(tx)
        gone = (ana.id, "Ana", "Silva", "U1", '"9"', "street", "m1", "DM-of", "private", '"pt"')
        for word in gone:
            assert word not in left, word
        for word in (ben.id, "Ben Okoro", "U2", "Tell me more.", "slack/T1/room", "by-ana-org"):
            assert word in left, word
        with pytest.raises(NoPerson):
            await people.forget(tx, ana.id)
        assert (await seen(tx, ANA_SLACK)).id != ana.id
