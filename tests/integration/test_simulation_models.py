"""What becomes of a turn when its model misbehaves, uses tools, or is away."""

import pytest

from bot.store.database import Database
from engine import events as ev
from engine.errors import ModelUnavailable
from engine.llm.port import Deadline, ToolCall
from engine.store import ledger
from engine.turns import Outcome
from tests.contract.models.echo import EchoModel
from tests.integration.simulation_rig import Rig, Scripted
from tests.unit.engine.rules_scene import RUTH, Json, scenario

ASK = "When did it start?"
GOOD = "It began on Monday, after lunch. [[onset]]"
LEAK = "Fine. I gamble away our savings at the casino."
DESK: Json = {
    "world": {"now": "2026-11-30T09:00", "tickets": [{"id": "t1", "fields": {"customer": "Ann"}}]},
    "tools": [
        {"id": "find", "op": "lookup", "backend": "tickets", "args": {"customer": "str"}},
        {
            "id": "open_ticket",
            "op": "create",
            "backend": "tickets",
            "args": {"customer": "str"},
            "confirm": True,
        },
    ],
    "modes": {"desk": {"label": "Desk", "tools_for": "patient"}},
}


def call(tool: str, **args: str) -> ToolCall:
    return ToolCall(id="c1", tool=tool, args=args)


async def turn(
    database: Database, model: Scripted | EchoModel, **changes: object
) -> tuple[Outcome, Rig]:
    rig = Rig(database, model)  # type: ignore[arg-type]  # both are models
    session_id = await rig.start(scenario(**changes))
    return await rig.say(session_id, ASK), rig


async def test_a_good_answer_is_shown_without_its_marks(sqlite: Database) -> None:
    outcome, rig = await turn(sqlite, Scripted(GOOD))
    (said,) = [one for one in outcome.events if isinstance(one, ev.CharacterSaid)]
    assert (said.text, said.model, said.tokens) == (
        "It began on Monday, after lunch.", "scripted", 15,
    )  # fmt: skip
    assert set(outcome.state.said) == {"onset"}
    async with rig.database.reading() as tx:
        (entry,) = await ledger.of_session(tx, outcome.session.id)
    assert (entry.call.status, entry.call.provider, entry.call.model) == (
        "posted", "scripted", "scripted-1",
    )  # fmt: skip
    assert (entry.call.usage.input, entry.call.usage.output) == (10, 5)


@pytest.mark.parametrize(
    "bad", [LEAK, "As an AI I cannot say.", "It was 38.7 degrees.", "", "word " * 400]
)
async def test_a_bad_answer_is_asked_for_once_more(sqlite: Database, bad: str) -> None:
    model = Scripted(bad, GOOD)
    outcome, rig = await turn(sqlite, model)
    assert outcome.utterances[-1].text == "It began on Monday, after lunch."
    assert len(model.prompts) == 2
    async with rig.database.reading() as tx:
        entries = await ledger.of_session(tx, outcome.session.id)
    assert [one.call.status for one in entries] == ["superseded", "posted"]


async def test_after_two_bad_answers_an_authored_line_stands_in(sqlite: Database) -> None:
    outcome, rig = await turn(sqlite, Scripted(LEAK, "I am a chatbot."))
    (said,) = [one for one in outcome.events if isinstance(one, ev.CharacterSaid)]
    assert said.text in RUTH["lines"]["unknown"]
    assert (said.model, said.outage) == ("authored", False)
    assert outcome.state.said == {}
    async with rig.database.reading() as tx:
        totals = await ledger.totals(tx, outcome.session.id)
    assert (totals.calls, totals.tokens_in) == (2, 20)


async def test_a_model_that_says_its_prompt_is_not_heard(sqlite: Database) -> None:
    outcome, _ = await turn(sqlite, EchoModel())
    assert outcome.utterances[-1].text in RUTH["lines"]["unknown"]


@pytest.mark.parametrize("after", [(), (LEAK,)])
async def test_a_model_that_is_away_leaves_a_marked_line(
    sqlite: Database, after: tuple[str, ...]
) -> None:
    outcome, _ = await turn(sqlite, Scripted(*after, ModelUnavailable("scripted", "cut")))
    last = outcome.utterances[-1]
    assert (last.text, last.outage) == ("One moment, please.", True)
    assert outcome.state.said == {}
    assert outcome.state.turns == 1  # the words are kept all the same


async def test_what_is_shown_on_the_way_is_whole_and_checked(sqlite: Database) -> None:
    rig = Rig(sqlite, Scripted(f"It began on Monday. {LEAK}", "It began on Monday. After lu"))
    session_id = await rig.start()
    thought = await rig.think(session_id, ASK)
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    spoken = await rig.simulation.speak(thought, Deadline(), show)
    assert shown == ["It began on Monday."]
    assert spoken.text == "It began on Monday. After lu"


async def test_a_tool_is_run_and_its_result_is_in_the_next_prompt(sqlite: Database) -> None:
    model = Scripted(call("find", customer="Ann"), "Ann has a ticket.")
    outcome, _ = await turn(sqlite, model, **DESK)
    kinds = [one.kind for one in outcome.events]
    assert kinds.index("tool_done") < kinds.index("character_said")
    assert outcome.state.tools == {"find"}
    assert "t1" in model.prompts[1].history[-1].text
    assert outcome.utterances[-1].text == "Ann has a ticket."


async def test_a_tool_that_writes_asks_first_and_a_yes_writes_once(sqlite: Database) -> None:
    model = Scripted(call("open_ticket", customer="Bo"), "It is open.")
    outcome, rig = await turn(sqlite, model, **DESK)
    assert outcome.state.proposed is not None
    assert outcome.utterances[-1].text.endswith("Shall I?")
    assert outcome.state.world is not None
    assert len(outcome.state.world.records["tickets"]) == 1
    after = await rig.say(outcome.session.id, "Yes please.")
    assert after.state.world is not None
    assert len(after.state.world.records["tickets"]) == 2
    assert after.utterances[-1].text == "It is open."


async def test_a_tool_that_is_not_there_is_told_so_and_rounds_are_limited(
    sqlite: Database,
) -> None:
    model = Scripted(*(call("teleport") for _ in range(12)))
    outcome, _ = await turn(sqlite, model, **DESK)
    assert "no such tool" in model.prompts[1].history[-1].text
    assert len(model.prompts) == 10  # five for each of two attempts
    assert outcome.utterances[-1].text in RUTH["lines"]["unknown"]


async def test_after_a_tool_ran_a_bad_answer_is_not_asked_for_again(sqlite: Database) -> None:
    model = Scripted(call("find", customer="Ann"), LEAK, "Never asked for.")
    outcome, _ = await turn(sqlite, model, **DESK)
    assert len(model.prompts) == 2
    assert [one.tool for one in outcome.events if isinstance(one, ev.ToolDone)] == ["find"]
    assert outcome.utterances[-1].text in RUTH["lines"]["unknown"]
