"""Fixtures of the web's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.store.database import Database
from bot.web.app import create
from bot.wiring import App
from tests.integration.web.rig import LOCAL, Served, app_over, served, settings_for


@pytest.fixture
async def app(database: Database, database_url: str, tmp_path: Path) -> App:
    """An application, on each kind of database."""
    return app_over(database, settings_for(database_url, tmp_path))


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a network."""
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        yield client


@pytest.fixture
async def local(sqlite: Database, tmp_path: Path) -> App:
    """An application on SQLite alone, for what has nothing to do with databases."""
    url = f"sqlite:///{sqlite.url.database}"
    return app_over(sqlite, settings_for(url, tmp_path))


@pytest.fixture
async def near(local: App) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that application."""
    transport = httpx.ASGITransport(app=create(local))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        yield client


@pytest.fixture
async def server(app: App) -> AsyncIterator[Served]:
    """A real server, on each kind of database."""
    async with served(app) as one:
        yield one


@pytest.fixture
async def nearby(local: App) -> AsyncIterator[Served]:
    """A real server on SQLite alone."""
    async with served(local) as one:
        yield one
