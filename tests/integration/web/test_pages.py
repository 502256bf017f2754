"""Pages: self-contained, and true."""

import re

import httpx
import pytest

from tests.integration.web.rig import catalog


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere(near: httpx.AsyncClient, path: str) -> None:
    answer = await near.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", answer.text)
    assert "<style" not in answer.text
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", answer.text)
    for asset in re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text):
        assert (await near.get(asset)).status_code == 200


async def test_the_front_page_lists_what_can_be_played(near: httpx.AsyncClient) -> None:
    text = (await near.get("/")).text
    for one in catalog().published():
        assert f"dressrun play {one.id}" in text
    assert 'href="/docs"' in text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_documentation_has_every_call(near: httpx.AsyncClient, path: str) -> None:
    page = (await near.get(path)).text
    document = (await near.get("/openapi.json")).json()
    for address, methods in document["paths"].items():
        assert address in page
        for told in methods.values():
            assert told["summary"]
    assert ("data-path" in page) == (path == "/docs")


async def test_only_known_assets_are_there(near: httpx.AsyncClient) -> None:
    for name in ("nothing", "..%2fapp.py", "home.html"):
        assert (await near.get(f"/assets/{name}")).status_code == 404
