"""Files: those that were handed out, and nothing else."""

import httpx
import pytest

from bot.wiring import App
from engine.turns import Said
from tests.integration.web.rig import agree, begin, catalog, nothing_more

NOTE = "/api/documents/chest-pain/triage-note.txt"


async def test_a_document_of_the_brief_comes_as_what_it_is(near: httpx.AsyncClient) -> None:
    answer = await near.get(NOTE)
    assert answer.content == catalog().media("chest-pain", "triage-note.txt").read_bytes()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'inline; filename="triage-note.txt"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_known_file_is_not_sent_again(near: httpx.AsyncClient) -> None:
    first = await near.get(NOTE)
    again = await near.get(NOTE, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = await near.get(NOTE, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


async def test_pictures_of_people_are_open(near: httpx.AsyncClient) -> None:
    answer = await near.get("/api/documents/chest-pain/colin.png")
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "chest-pain/ecg.png",  # an exhibit, not shown yet
        "chest-pain/chest-xray.png",
        "chest-pain/scenario.yaml",
        "chest-pain/..%2Fscenario.yaml",
        "chest-pain/%2e%2e/scenario.yaml",
        "chest-pain/..%5cscenario.yaml",
        "chest-pain/%2Fetc%2Fpasswd",
        "chest-pain/triage-note.txt%00.png",
        "chest-pain/.",
        "chest-pain/nothing.png",
        "nothing/triage-note.txt",
        "..%2Fchest-pain/triage-note.txt",
        "chest-pain/triage-note.txt/",
        "chest-pain/TRIAGE-NOTE.TXT",
    ],
)
async def test_everything_else_is_not_found(near: httpx.AsyncClient, path: str) -> None:
    answer = await near.get(f"/api/documents/{path}")
    assert answer.status_code in {404, 307}, answer.text
    if answer.status_code == 404:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_exhibits_file_is_there_once_it_was_shown(
    local: App, near: httpx.AsyncClient
) -> None:
    session_id = (await begin(near))["session_id"]
    await agree(local, "ada")
    there = f"/api/documents/chest-pain/ecg.png?session={session_id}"
    assert (await near.get(there)).status_code == 404
    order = {"name": "order", "text": "ecg"}
    await near.post(f"/api/sessions/{session_id}/commands", json=order)
    assert (await near.get(there)).status_code == 200
    assert (await near.get("/api/documents/chest-pain/ecg.png")).status_code == 404
    other = (await begin(near))["session_id"]
    assert (await near.get(f"/api/documents/chest-pain/ecg.png?session={other}")).status_code == 404
    unshown = f"/api/documents/chest-pain/chest-xray.png?session={session_id}"
    assert (await near.get(unshown)).status_code == 404
    elsewhere = f"/api/documents/first-visit/ecg.png?session={session_id}"
    assert (await near.get(elsewhere)).status_code == 404
    assert (await near.get(f"{NOTE}?session=%00")).status_code == 404


async def test_figures_come_as_picture_and_table_once_they_were_shown(
    local: App, near: httpx.AsyncClient
) -> None:
    session_id = (await begin(near, scenario_id="coffee-roaster-profit"))["session_id"]
    person = await agree(local, "ada")
    said = Said(person=person, messages=(("Could I see the profit and loss statement?", "1"),))
    await local.dialogue.take(session_id, said, nothing_more)
    shown = (await near.get(f"/api/sessions/{session_id}")).json()["exhibits"]
    chart = next(one for one in shown if one["id"] == "profit_and_loss")
    assert chart["columns"][0] == "Line"
    picture = await near.get(chart["picture"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    table = await near.get(chart["csv"])
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.content.decode("utf-8-sig").startswith("Line,")
    for name in ("contribution_chart.png", "contribution_chart.csv", "nothing.png"):
        answer = await near.get(f"/api/sessions/{session_id}/exhibits/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_exhibit")
