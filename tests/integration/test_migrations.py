"""Migrations: there and back on both databases, in step with the models, never twice."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.store import migrate
from bot.store.database import Database, StoreAway, StoreRefused, normalised
from bot.store.migrations.models import every_metadata
from tests.databases import Files, Server

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


async def test_models_and_revisions_agree(empty_url: str) -> None:
    await migrate.upgrade(empty_url)

    with migrate.connected(normalised(empty_url)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, every_metadata()) == []  # type: ignore[arg-type]


async def test_up_down_and_up_again(empty_url: str) -> None:
    assert await migrate.current(empty_url) is None
    assert await migrate.pending(empty_url)

    up = await migrate.upgrade(empty_url)
    assert (up.before, up.after, up.backup) == (None, migrate.head(), None)
    assert not await migrate.pending(empty_url)

    for revision in (*reversed(migrate.known()[:-1]), "base"):
        await migrate.downgrade(empty_url, revision)
    assert await migrate.current(empty_url) is None
    with migrate.connected(normalised(empty_url)) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]

    for revision in migrate.known():
        await migrate.upgrade(empty_url, revision)
    assert await migrate.current(empty_url) == migrate.head()


async def test_upgrading_again_changes_nothing(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    again = await migrate.upgrade(empty_url)
    assert (again.before, again.after, again.backup) == (migrate.head(), migrate.head(), None)


async def test_of_many_that_upgrade_at_once_one_does(empty_url: str) -> None:
    done = await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(4)))
    assert sorted(one.before or "" for one in done) == ["", *[migrate.head()] * 3]


def test_looking_makes_no_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none' / 'here.db'}"
    assert asyncio.run(migrate.pending(url))
    assert not (tmp_path / "none").exists()


async def test_a_sqlite_file_is_copied_first(files: Files) -> None:
    with files.database(migrated=True) as url:
        opened = Database(url)
        async with opened.transaction() as tx:
            await tx.execute(text("INSERT INTO alembic_version VALUES ('kept')"))
            await tx.execute(text("DELETE FROM alembic_version WHERE version_num = 'kept'"))
            await tx.execute(
                text(
                    "INSERT INTO people VALUES "
                    "('p1', 'Ana', '2026-01-01', '2026-01-01', 1, NULL, 0)"
                )
            )
        await opened.close()

        done = await migrate.downgrade(url, "base", now=NOW)

        assert done.backup is not None
        assert done.backup.name == f"test.db.{migrate.head()}.20260301T123000.000000Z.backup"
        assert done.backup.stat().st_mode & 0o077 == 0
        with migrate.connected(normalised(f"sqlite:///{done.backup}")) as copy:
            assert copy.scalar(text("SELECT name FROM people")) == "Ana"


async def test_a_newer_database_is_left_alone(database_url: str) -> None:
    with migrate.connected(normalised(database_url)) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(migrate.UnknownRevision):
        await migrate.pending(database_url)
    with pytest.raises(migrate.UnknownRevision):
        await migrate.upgrade(database_url)
    with pytest.raises(migrate.UnknownRevision):
        await migrate.downgrade(database_url, "0000")


async def test_a_failed_step_undoes_the_others(database_url: str) -> None:
    url = normalised(database_url)
    with migrate.connected(url) as connection, connection.begin():
        cascade = "CASCADE" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TABLE scenario_versions {cascade}"))
        before = set(inspect(connection).get_table_names())

    with pytest.raises(StoreRefused):
        await migrate.downgrade(database_url, "base")

    with migrate.connected(url) as connection:
        assert set(inspect(connection).get_table_names()) == before
    assert await migrate.current(database_url) == migrate.head()


def test_rows_without_parents_are_found(files: Files) -> None:
    row = text("INSERT INTO identities VALUES ('slack', 'T1', 'U1', 'nobody')")
    with files.database(migrated=True) as url, migrate.connected(normalised(url)) as connection:
        migrate.require_whole(connection)
        connection.execute(row)
        with pytest.raises(migrate.BrokenMigration, match="identities"):
            migrate.require_whole(connection)


def test_revisions_form_one_line() -> None:
    script = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    walked = [one.revision for one in script.walk_revisions()]
    assert tuple(reversed(walked)) == migrate.known()
    assert script.get_heads() == [migrate.head()]


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = f"postgresql://nobody:hunter2@/none?host={tmp_path}"
    with pytest.raises(StoreAway) as caught:
        await migrate.pending(url)
    assert "hunter2" not in str(caught.value)


def test_asking_does_not_import_alembic(files: Files) -> None:
    with files.database(migrated=True) as url:
        asked = (
            "import asyncio, sys\n"
            "from bot.store import migrate\n"
            f"assert not asyncio.run(migrate.pending({url!r}))\n"
            "assert 'alembic' not in sys.modules\n"
        )
        subprocess.run([sys.executable, "-c", asked], check=True)  # noqa: S603


async def test_a_copied_template_is_a_whole_database(postgres: Server) -> None:
    with postgres.database(migrated=True) as url:
        assert await migrate.current(url) == migrate.head()


async def test_looking_waits_for_no_writer(files: Files) -> None:
    with files.database(migrated=True) as url:
        writing = Database(url)
        async with writing.transaction():
            looked = await asyncio.wait_for(migrate.pending(url), timeout=5)
        await writing.close()
    assert not looked
