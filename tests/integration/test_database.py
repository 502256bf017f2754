"""The database itself: what is committed, what is undone, and what its failures tell."""

import asyncio
import sqlite3
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, literal, select, text

from bot.store.database import Database, StoreAway, StoreRefused, normalised
from bot.store.tables import IdentityRow, PersonRow, WorkspaceRow
from engine.store import Transaction
from engine.store.tables import UTCDateTime
from tests.databases import Server

WORDS = "I have been afraid to tell anybody"


def person(id_: str, name: str = "") -> dict[str, object]:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return {
        "id": id_,
        "name": name,
        "created_at": now,
        "updated_at": now,
        "active": True,
        "consented_at": None,
        "consent_version": 0,
    }


async def add(tx: Transaction, id_: str, name: str = "") -> None:
    await tx.execute(insert(PersonRow).values(**person(id_, name)))


async def names(database: Database) -> list[str]:
    async with database.reading() as tx:
        return list(await tx.scalars(select(PersonRow.id).order_by(PersonRow.id)))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db"),
        ("sqlite+aiosqlite:////var/x.db", "sqlite+aiosqlite:////var/x.db"),
        ("postgresql://u:p@h:5/d", "postgresql+psycopg://u:p@h:5/d"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d?a=b", "postgresql+psycopg://u:p@h/d?a=b"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_addresses_get_our_driver(given: str, wanted: str) -> None:
    assert normalised(given).render_as_string(hide_password=False) == wanted


@pytest.mark.parametrize(
    "given", ["mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:", "hunter2", ""]
)
def test_other_addresses_are_refused_without_their_password(given: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as caught:
        normalised(given)
    assert "hunter2" not in str(caught.value)


async def test_commits_at_the_end_of_the_block(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "a")
    assert await names(database) == ["a"]


async def test_an_error_undoes_all_of_it(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as tx:
            await add(tx, "a")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await names(database) == []


async def test_a_cancelled_block_is_undone(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as tx:
            await add(tx, "a")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as tx:
        await add(tx, "b")
    assert await names(database) == ["b"]


async def test_many_writers_at_once(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.transaction() as tx:
            count = len(list(await tx.scalars(select(PersonRow.id))))
            await add(tx, f"{number:02}", str(count))

    await asyncio.gather(*(write(number) for number in range(25)))
    assert len(await names(database)) == 25


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "a")
        async with asyncio.timeout(5):
            assert await names(database) == []
    assert await names(database) == ["a"]


async def test_reading_refuses_to_write_and_the_next_writer_may(database: Database) -> None:
    for _ in range(12):  # more than there are connections
        with pytest.raises(StoreRefused):
            async with database.reading() as tx:
                await add(tx, "a")
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM people"))
    assert await names(database) == []


async def test_a_transaction_inside_a_transaction_is_a_mistake(sqlite: Database) -> None:
    async with sqlite.transaction():
        with pytest.raises(RuntimeError, match="open in this task"):
            async with sqlite.transaction():
                pass
    async with sqlite.transaction():
        pass


async def test_a_lost_database_is_away(tmp_path: Path) -> None:
    database = Database(f"postgresql://u:hunter2@/d?host={tmp_path}")
    with pytest.raises(StoreAway) as caught:
        await database.ping()
    await database.close()
    shown = "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in shown
    assert "SELECT" not in shown


OTHERS_GONE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


async def test_a_server_that_drops_us_is_away_and_then_back(postgres: Server) -> None:
    with postgres.database(migrated=True) as url:
        database = Database(url)

        async def write() -> None:
            async with database.transaction() as tx:
                await add(tx, "a")
                async with database.transaction() as other:
                    await other.execute(OTHERS_GONE)
                await add(tx, "b")

        with pytest.raises(StoreAway):
            await write()
        assert await names(database) == []
        await database.ping()
        await database.close()


async def test_a_file_that_is_locked_for_long_is_away(sqlite: Database) -> None:
    async def write() -> None:
        async with sqlite.reading() as tx:
            await tx.execute(text("PRAGMA busy_timeout=1"))
            await tx.execute(text("PRAGMA query_only=OFF"))
            await add(tx, "a")

    other = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreAway, match="SQLITE_BUSY"):
        await write()
    other.close()


@pytest.mark.parametrize("column", ["name", "id"])
async def test_refusals_tell_nothing_that_was_said(database: Database, column: str) -> None:
    values = {**person("a"), "name": WORDS, column: None if column == "id" else f"{WORDS}\0"}
    if database.dialect == "sqlite" and column == "name":
        values["active"] = None  # SQLite keeps a NUL, so something else is wrong there
    with pytest.raises(StoreRefused) as caught:
        async with database.transaction() as tx:
            await tx.execute(insert(PersonRow.__table__).values(**values))  # type: ignore[arg-type]
    shown = "".join(traceback.format_exception(caught.value))
    assert WORDS not in shown.replace(f'WORDS = "{WORDS}"', "")
    assert "INSERT" not in shown


async def test_a_refusal_names_the_constraint(postgres: Server) -> None:
    with postgres.database(migrated=True) as url:
        database = Database(url)
        with pytest.raises(StoreRefused) as caught:
            async with database.transaction() as tx:
                await tx.execute(
                    insert(IdentityRow).values(
                        platform="slack", workspace="T1", user_id="U1", person_id="nobody"
                    )
                )
        await database.close()
        assert caught.value.constraint == "fk_identities_person_id_people"


async def test_foreign_keys_hold_on_every_connection(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(StoreRefused):
            async with database.transaction() as tx:
                await tx.execute(
                    insert(IdentityRow).values(
                        platform="slack", workspace="T1", user_id="U1", person_id="nobody"
                    )
                )


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 3, 1, 2, 0, 0, 123456, tzinfo=east)
    async with database.transaction() as tx:
        await tx.execute(
            insert(WorkspaceRow).values(
                id="w", platform="slack", external_id="T1", name="", created_at=moment
            )
        )
    async with database.reading() as tx:
        back = await tx.scalar(select(WorkspaceRow.created_at))
        earlier = WorkspaceRow.created_at < moment + timedelta(microseconds=1)
        assert await tx.scalar(select(WorkspaceRow.id).where(earlier)) == "w"
    assert back == moment
    assert back is not None
    assert back.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StoreRefused):
        async with database.reading() as tx:
            await tx.execute(select(literal(naive, UTCDateTime())))


async def test_sqlite_is_set_up_to_last(sqlite: Database) -> None:
    async with sqlite.transaction() as tx:
        found = {
            name: await tx.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


async def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.db'}")
    await database.ping()
    await database.close()
    assert await asyncio.to_thread(lambda: (tmp_path / "a" / "b").stat().st_mode & 0o077) == 0


async def test_deleted_words_leave_the_files_of_sqlite(sqlite: Database) -> None:
    folder = Path(str(sqlite.url.database)).parent

    def on_disk() -> bool:
        return any(WORDS.encode() in file.read_bytes() for file in folder.iterdir())

    async with sqlite.transaction() as tx:
        await add(tx, "a", WORDS)
    assert await asyncio.to_thread(on_disk)
    async with sqlite.transaction() as tx:
        await tx.execute(text("DELETE FROM people"))
    await sqlite.settle()
    assert not await asyncio.to_thread(on_disk)
