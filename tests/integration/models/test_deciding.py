"""Closed questions: the shape is asked for, checked, mended once."""

import json
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from bot.bench.vendors import Say, Trouble
from bot.bench.vendors.plausible import schema_in
from engine.errors import ModelUnavailable
from engine.llm.access import Patience
from engine.llm.port import Deadline, Question
from tests.contract.vendor_rig import VendorRig
from tests.integration.models.prompts import PRIVATE

QUESTION = Question(instructions="Which facts were asked for?", material=f"They said: {PRIVATE}")


class Part(BaseModel):
    id: Literal["site", "onset"]
    sure: bool = Field(default=False, description="Whether it is plain.")


class Verdict(BaseModel):
    title: str = ""
    parts: list[Part]
    best: Part | None = None


GOOD = '{"title": "t", "parts": [{"id": "onset", "sure": true}], "best": null}'


async def test_the_answer_has_the_shape(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text=GOOD))
        decided = await model.decide(QUESTION, Verdict, Deadline())
        (sent,) = server.requests
    assert decided.answer == Verdict.model_validate_json(GOOD)
    assert decided.usage.input > 0
    assert decided.response_id
    assert decided.request_id
    assert decided.raw
    schema = schema_in(sent.body)
    assert schema is not None
    assert schema["required"] == ["title", "parts", "best"]
    for part in (schema, schema["$defs"]["Part"]):
        assert part["additionalProperties"] is False
    assert "default" not in json.dumps(schema)
    assert "title" in schema["properties"]


@pytest.mark.parametrize("bad", ["I would say onset.", '{"parts": 3}', GOOD[:-5]])
async def test_a_wrong_shape_is_mended_once(rig: VendorRig, bad: str) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text=bad), Say(text=f"```json\n{GOOD}\n```"))
        decided = await model.decide(QUESTION, Verdict, Deadline())
        assert len(server.requests) == 2
        second = json.dumps(server.requests[1].body)
    assert decided.answer.parts[0].id == "onset"
    assert [one.reason for one in decided.earlier] == ["bad_answer"]
    assert decided.earlier[0].usage.output > 0
    assert "not valid" in second


async def test_a_shape_that_stays_wrong_is_a_bad_answer(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text=f"No. {PRIVATE}"), Say(text="Still no."), Say(text=GOOD))
        with pytest.raises(ModelUnavailable) as caught:
            await model.decide(QUESTION, Verdict, Deadline())
        assert len(server.requests) == 2
    assert caught.value.reason == "bad_answer"
    assert not caught.value.counts_against_breaker
    assert len(caught.value.earlier) == 1
    assert "zebra" not in f"{caught.value!r}{vars(caught.value)}"
    assert caught.value.__context__ is None


async def test_an_answer_that_was_cut_by_length_gets_more_room(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text=GOOD[:20], limit=True), Say(text=GOOD))
        await model.decide(QUESTION, Verdict, Deadline())
        first, second = (one.body for one in server.requests)
    for name in ("max_tokens", "max_output_tokens"):
        assert second.get(name, 1) > first.get(name, 0)


async def test_a_refusal_to_decide_is_a_refusal(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape="refusal"))
        with pytest.raises(ModelUnavailable) as caught:
            await model.decide(QUESTION, Verdict, Deadline())
    assert caught.value.reason == "refusal"


async def test_a_closed_answer_may_take_longer_than_talk(rig: VendorRig) -> None:
    patience = Patience(first=0.2, idle=0.2, thinking=2.0)
    async with rig.over(patience=patience) as (model, server, _):
        server.plan(Say(text=GOOD, pause=0.4), Trouble(shape="silent"))
        decided = await model.decide(QUESTION, Verdict, Deadline())
        with pytest.raises(ModelUnavailable) as caught:
            await model.decide(QUESTION, Verdict, Deadline())
    assert decided.answer.parts
    assert caught.value.reason == "first_token"
