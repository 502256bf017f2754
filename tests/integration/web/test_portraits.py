"""Portraits are there for a platform's servers, which cannot log in; nothing else is."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot import portraits
from bot.store.database import Database
from bot.web.app import create
from bot.wiring import App
from tests.integration.web.rig import app_over, catalog, settings_for

AWAY = "https://dressrun.example.org"


@pytest.fixture
def far(sqlite: Database, tmp_path: Path) -> App:
    """An application that asks for a login."""
    url = f"sqlite:///{sqlite.url.database}"
    return app_over(sqlite, settings_for(url, tmp_path, public_url=AWAY))


@pytest.fixture
async def stranger(far: App) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not logged in."""
    transport = httpx.ASGITransport(app=create(far))
    async with httpx.AsyncClient(transport=transport, base_url=AWAY) as client:
        yield client


def proof_of(name: str) -> str:
    """What belongs into a file's address, right as it can be."""
    content = catalog().media("chest-pain", name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:32]


async def test_a_speakers_picture_is_fetched_without_a_login(
    far: App, stranger: httpx.AsyncClient
) -> None:
    address = far.services.picture("chest-pain", "colin.png")
    assert address is not None
    assert address.startswith(f"{AWAY}{portraits.PATH}/chest-pain/")
    answer = await stranger.get(address)
    assert answer.content == catalog().media("chest-pain", "colin.png").read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    again = await stranger.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    elsewhere = await stranger.get("/api/documents/chest-pain/colin.png")
    assert elsewhere.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "chest-pain/00000000000000000000000000000000/colin.png",
        "chest-pain/%C3%A9/colin.png",
        f"chest-pain/{proof_of('colin.png')}/teresa.png",
        f"chest-pain/{proof_of('ecg.png')}/ecg.png",  # an exhibit, whoever knows its digest
        f"chest-pain/{proof_of('ecg.png')}/ecg.png?session=x",
        f"chest-pain/{proof_of('triage-note.txt')}/triage-note.txt",
        f"chest-pain/{proof_of('colin.png')}/nothing.png",
        f"first-visit/{proof_of('colin.png')}/colin.png",
        f"nothing/{proof_of('colin.png')}/colin.png",
    ],
)
async def test_nothing_else_is_found_there(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(f"{portraits.PATH}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_media"), answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"chest-pain/{proof_of('colin.png')}",
        f"chest-pain/{proof_of('colin.png')}/x/colin.png",
        f"chest-pain/{proof_of('colin.png')}/../../../sessions",
        f"chest-pain/{proof_of('colin.png')}/..%2F..%2F..%2Fsessions",
    ],
)
async def test_what_only_looks_like_a_portrait_asks_for_a_login(
    stranger: httpx.AsyncClient, path: str
) -> None:
    assert (await stranger.get(f"{portraits.PATH}/{path}")).status_code == 401


def test_a_picture_that_was_taken_away_has_no_address(far: App) -> None:
    assert far.services.picture("chest-pain", "gone.png") is None
    assert far.services.picture("gone", "colin.png") is None
