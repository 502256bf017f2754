"""How much a model is to think: set by role, and never told to one that does not take it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from bot.bench.vendors import Say, Trouble, Vendor, vendor
from bot.bench.vendors.server import Provider
from bot.models import Models, chosen_of, models_of
from bot.settings import Settings
from engine.llm.access import Access
from engine.llm.anthropic import anthropic_model
from engine.llm.breaker import OwnShelf
from engine.llm.clients import Clients
from engine.llm.port import Deadline, Question
from tests.integration.models.prompts import hear, prompt

ASKED = Question(instructions="Pick one.", material="None of it.")
REFUSED = Trouble(
    shape="status",
    status=400,
    kind="invalid_request_error",
    said="output_config.effort: this model does not take it",
)


class Pick(BaseModel):
    number: int


@asynccontextmanager
async def running(provider: Provider, **more: Any) -> AsyncIterator[tuple[Models, Vendor]]:
    async with vendor(provider) as server:
        section = {provider: {"api_key": "k", "base_url": server.url}}
        settings = Settings(_env_file=None, **section, **more)  # type: ignore[arg-type]
        models = models_of(chosen_of(settings), OwnShelf(), lambda: datetime.now(UTC))
        try:
            yield models, server
        finally:
            await models.clients.aclose()


def effort_in(body: Mapping[str, Any]) -> str | None:
    return {**body.get("output_config", {}), **body.get("reasoning", {})}.get("effort")


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
async def test_who_is_waited_for_thinks_little(provider: Provider) -> None:
    named = {"classify": f"{provider}:gpt-6-luna"} if provider == "openai" else {}
    named = named or {"classify": "anthropic:claude-haiku-5-5"}
    async with running(provider, models=named) as (models, server):
        await hear(models.persona)
        for chain in (models.classify, models.judge, models.coach):
            await chain.decide(ASKED, Pick, Deadline())
    assert [effort_in(one.body) for one in server.requests] == ["low", "low", None, None]


async def test_a_role_may_be_set_and_left_to_the_vendor() -> None:
    effort = {"persona": "", "judge": "high"}
    async with running("anthropic", effort=effort) as (models, server):
        await hear(models.persona)
        await models.judge.decide(ASKED, Pick, Deadline())
    plays, judges = (one.body for one in server.requests)
    assert "output_config" not in plays
    assert judges["output_config"]["effort"] == "high"
    assert judges["output_config"]["format"]["type"] == "json_schema"


async def test_roles_of_one_model_share_its_breaker() -> None:
    async with running("anthropic", models={"judge": "anthropic:claude-haiku-5-5"}) as (models, _):
        first, second = models.persona.links[0], models.judge.links[0]
    assert first.breaker is second.breaker
    assert len(models.keys) == len(set(models.keys)) == 1


async def test_who_takes_none_is_told_of_none() -> None:
    clients = Clients()
    async with vendor("anthropic") as server:
        access = Access(api_key="k", base_url=server.url)
        await hear(anthropic_model("claude-haiku-4-5", access, clients, effort="low"))
        await clients.aclose()
    [sent] = server.requests
    assert "output_config" not in sent.body


async def test_one_that_refuses_it_answers_and_is_never_told_again() -> None:
    clients = Clients()
    async with vendor("anthropic") as server:
        server.plan(REFUSED, Say(text="It is here."), Say(text="It is there."))
        access = Access(api_key="k", base_url=server.url)
        model = anthropic_model("claude-next-9", access, clients, effort="low")
        first, second = await hear(model), await hear(model, prompt(2))
        await clients.aclose()
    assert (first.text, second.text) == ("It is here.", "It is there.")
    assert [effort_in(one.body) for one in server.requests] == ["low", None, None]


async def test_what_else_is_refused_is_asked_once() -> None:
    clients = Clients()
    async with vendor("anthropic") as server:
        server.plan(Trouble(shape="status", status=400, said="messages: no"))
        access = Access(api_key="k", base_url=server.url)
        heard = await hear(anthropic_model("claude-next-9", access, clients, effort="low"))
        await clients.aclose()
    assert heard.failed is not None
    assert (heard.failed.reason, len(server.requests)) == ("misconfigured", 1)
