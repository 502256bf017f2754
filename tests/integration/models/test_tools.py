"""Tools through the real libraries: called, run by us, their results given back."""

import json
from dataclasses import replace
from typing import Any

from bot.bench.vendors import Kept, Say
from bot.bench.vendors.script import Answer
from engine import events as ev
from engine.prompting import Heard, Prompt, ToolUsed
from engine.rehearsal import Rehearsal
from tests.contract.vendor_rig import VendorRig
from tests.integration.models.prompts import FIND, Answered, hear, prompt
from tests.unit.engine.rules_scene import scenario

DESK: dict[str, Any] = {
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


def after(asked: Prompt, heard: Answered, result: str) -> Prompt:
    assert heard.tool is not None
    used = ToolUsed(
        id=heard.tool.id,
        tool=heard.tool.tool,
        args=tuple(heard.tool.args.items()),
        result=result,
        said=heard.text.strip(),
        trail=heard.tool.trail,
    )
    return grown(asked, used)


def grown(asked: Prompt, used: ToolUsed) -> Prompt:
    """A prompt after a tool was used: the result is in its history as well."""
    seq = asked.answered[-1].seq + 1
    heard = Heard(seq=seq, name="tool", mine=False, text=f"{used.tool}: {used.result}")
    return replace(asked, history=(*asked.history, heard), used=(*asked.used, used))


async def test_a_tool_is_called_with_its_arguments_as_text(rig: VendorRig) -> None:
    args = {"name": "Ann", "limit": 3, "sure": True, "none": None}
    async with rig.over() as (model, server, _):
        server.plan(Say(text="One moment.", thought="I look it up.", tool="find", args=args))
        heard = await hear(model, prompt(tools=(FIND,)))
        sent = json.dumps(server.requests[0].body)
    assert heard.tool is not None
    assert dict(heard.tool.args) == {"name": "Ann", "limit": "3", "sure": "true"}
    assert (heard.tool.tool, heard.text) == ("find", "One moment.")
    assert heard.done is not None
    assert heard.done.stop == "tool"
    assert '"required": ["name"]' in sent
    assert "Finds a customer." in sent


async def test_a_result_is_given_back_behind_what_was_sent(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(
            Say(text="One moment.", thought="I look it up.", tool="find", args={"name": "Ann"}),
            Say(text="Ann is here."),
        )
        asked = prompt(3, tools=(FIND,))
        first = await hear(model, asked)
        second = await hear(model, after(asked, first, "1 found"))
        one, two = (kept.body for kept in server.requests)
    assert second.text == "Ann is here."
    name = "input" if "input" in one else "messages"
    assert two[name][: len(one[name])] == one[name]
    given = json.dumps(two[name][len(one[name]) :])
    assert given.count("1 found") == json.dumps(two).count("1 found") == 1
    assert first.tool is not None
    assert first.tool.id in given
    thoughts = {"anthropic": "sig-000001", "openai": "enc-000001", "local": ""}[rig.provider]
    assert thoughts in given  # some models want their thoughts back with the result


async def test_what_another_provider_left_is_not_given_back(rig: VendorRig) -> None:
    used = ToolUsed(
        id="call_1",
        tool="find",
        args=(("name", "Ann"),),
        result="1 found",
        trail='{"another": [{"type": "thinking", "thinking": "mine"}]}',
    )
    async with rig.over() as (model, server, _):
        heard = await hear(model, grown(prompt(tools=(FIND,)), used))
        sent = json.dumps(server.requests[0].body)
    assert heard.failed is None
    assert "1 found" in sent
    assert '\\"Ann\\"' in sent or '"Ann"' in sent
    assert "mine" not in sent


async def test_arguments_that_are_no_object_are_none(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text="", tool="find", args={}))
        heard = await hear(model, prompt(tools=(FIND,)))
    assert heard.tool is not None
    assert dict(heard.tool.args) == {}


def desk(kept: Kept) -> Answer:
    """Looks a customer up, opens a ticket when asked to, and reads out what it got."""
    told = json.dumps(kept.body)
    if "t1" not in told:
        return Say(text="Let me look.", tool="find", args={"customer": "Ann"})
    return Say(text="Ann has a ticket.")


async def test_a_character_uses_a_tool_of_its_scenario(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.answer = desk
        rehearsal = Rehearsal(scenario(**DESK), model)
        exchange = await rehearsal.say("Is Ann known to you?")
        assert len(server.requests) == 2
    assert exchange.spoken.text == "Let me look. Ann has a ticket."
    done = [one for one in exchange.events if isinstance(one, ev.ToolDone)]
    assert [one.tool for one in done] == ["find"]
    assert [call.status for call in exchange.spoken.calls] == ["posted", "posted"]


async def test_a_tool_that_writes_asks_first(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text="", tool="open_ticket", args={"customer": "Bo"}))
        rehearsal = Rehearsal(scenario(**DESK), model)
        exchange = await rehearsal.say("Please open a ticket for Bo.")
        assert exchange.spoken.text.endswith("Shall I?")
        assert rehearsal.state.proposed is not None
        after_yes = await rehearsal.say("Yes please.")
    assert rehearsal.state.world is not None
    assert len(rehearsal.state.world.records["tickets"]) == 2
    assert after_yes.spoken.text
