"""What the ledger keeps of an answer: all of a provider's account, and nothing that was said."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.vendors import Say, Trouble
from engine.llm.payload import without_words
from tests.contract.vendor_rig import VendorRig
from tests.integration.models.prompts import FIND, PRIVATE, hear, prompt

SAID = "giraffe"
WORDS = (SAID, "zebra", PRIVATE, "rule1", "trust")


def kept_in(raw: Any) -> str:
    text = json.dumps(raw)
    assert not [word for word in WORDS if word in text]
    return text


async def test_an_answer_is_kept_with_all_but_its_words(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text=f"The {SAID} hurts.", thought=f"Say {SAID}."))
        heard = await hear(model, prompt(3))
    assert heard.done is not None
    raw = heard.done.raw
    text = kept_in(raw)
    assert heard.done.model in text
    assert any(one in text for one in ("end_turn", "completed", "stop"))
    assert str(raw["id"]) in heard.done.response_id
    counted = raw["usage"]
    assert heard.done.usage.output in counted.values()


async def test_a_tool_is_kept_by_its_name_alone(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Say(text="One moment.", tool="find", args={"name": SAID, SAID: 77123}))
        heard = await hear(model, prompt(tools=(FIND,)))
    assert heard.tool is not None
    assert heard.done is not None
    text = kept_in(heard.done.raw)
    assert '"find"' in text
    assert "77123" not in text


@pytest.mark.parametrize("shape", ["cut", "refusal", "no_end"])
async def test_what_came_of_a_failure_is_kept_as_well(rig: VendorRig, shape: Any) -> None:
    async with rig.over() as (model, server, _):
        server.plan(Trouble(shape=shape, text=f"The {SAID} hurts. And"))
        heard = await hear(model)
    if heard.failed is None:
        assert (rig.provider, shape) == ("local", "no_end")
        return
    assert kept_in(heard.failed.raw)
    assert heard.failed.raw["id"]


def test_names_are_kept_where_names_belong_and_sentences_nowhere() -> None:
    given = {
        "id": "msg_1",
        "stop_reason": "a sentence in the wrong place",
        "service_tier": "standard",
        "somebody said": 1,
        "note": "words",
        "usage": {"input_tokens": 3, "tier": None, "deep": {"cached": 0}},
        "content": [{"type": "text", "text": "hello"}, {"type": "tool_use", "name": "find"}],
        "safety": [{"category": "violence", "blocked": False, "score": 0.25}],
    }
    assert without_words(given) == {
        "id": "msg_1",
        "service_tier": "standard",
        "usage": {"input_tokens": 3, "deep": {"cached": 0}},
        "content": [{"type": "text"}, {"type": "tool_use", "name": "find"}],
        "safety": [{"category": "violence", "blocked": False, "score": 0.25}],
    }


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(f"some {SAID} here"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "text", "x", f"a {SAID}"]), inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "usage", "content"]), ANY))
def test_no_sentence_gets_through_however_deep_it_lies(given: dict[str, Any]) -> None:
    assert SAID not in json.dumps(without_words(given))
