"""The library: what is listed, and what a brief may tell."""

import json

import httpx

from tests.integration.web.rig import catalog


async def test_the_list_has_the_published_scenarios_by_id(near: httpx.AsyncClient) -> None:
    answer = await near.get("/api/scenarios")
    listed = answer.json()
    assert answer.status_code == 200
    assert [one["id"] for one in listed] == [one.id for one in catalog().published()]
    assert all(set(one) == {"id", "title", "domain", "level", "minutes"} for one in listed)


async def test_a_brief_tells_the_task_modes_and_documents(near: httpx.AsyncClient) -> None:
    told = (await near.get("/api/scenarios/chest-pain")).json()
    assert told["task"].startswith("You are the doctor on call")
    assert told["modes"][0]["id"] == "standard"
    [note] = told["documents"]
    assert note["url"] == "/api/documents/chest-pain/triage-note.txt"
    assert (await near.get(note["url"])).status_code == 200


async def test_a_brief_holds_nothing_sealed(near: httpx.AsyncClient) -> None:
    for scenario in catalog().published():
        told = json.dumps((await near.get(f"/api/scenarios/{scenario.id}")).json())
        sealed = [fact.say for fact in scenario.facts]
        sealed += [scenario.instructor_notes, *(one.title for one in scenario.exhibits)]
        sealed += [seat.brief for seat in scenario.cast.values()]
        assert not [words for words in sealed if words and json.dumps(words)[1:-1] in told]


async def test_an_unknown_scenario_is_a_problem_that_names_the_nearest(
    near: httpx.AsyncClient,
) -> None:
    answer = await near.get("/api/scenarios/chest-pane")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "unknown_scenario"
    assert "chest-pain" in problem["detail"]
