"""What doctor says of models, asked of stand-ins for their providers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from adapters.kit import Finding
from bot.bench.vendors import Vendor, vendor
from bot.examining import models_found
from bot.settings import Settings
from bot.wiring import catalog_of
from engine.llm.examining import beginning_of
from engine.scenario import Scenario

TODAY = date(2026, 11, 21)
KEY = "sk-a-secret"


async def findings(
    server: Vendor, scenarios: Sequence[Scenario] = (), **more: Any
) -> list[Finding]:
    section = {"api_key": KEY, "base_url": server.url}
    settings = Settings(_env_file=None, **{server.provider: section, **more})  # type: ignore[call-arg]
    found = await models_found(settings, TODAY, scenarios)
    assert KEY not in repr(found)
    return found


async def test_a_model_that_is_there() -> None:
    async with vendor("anthropic") as server:
        plays, haiku, judge = await findings(server)
    assert plays.text.startswith("persona anthropic:claude-haiku-5-5 > embedded, ")
    assert (haiku.level, haiku.text) == (
        "ok",
        "anthropic:claude-haiku-5-5 is there, caches prompts from 4096 tokens on",
    )
    assert (judge.level, judge.text.partition(" ")[0]) == ("ok", "anthropic:claude-sonnet-5-5")
    assert server.requests == []  # nothing that costs


async def test_what_is_too_short_for_a_cache_is_told_of_who_plays() -> None:
    shipped = catalog_of(Settings(_env_file=None)).published()
    lengths = {one.id: beginning_of(one) for one in shipped}
    longest = max(lengths, key=lambda one: (lengths[one], one))
    assert 500 < lengths[longest] < 4096
    async with vendor("anthropic") as server:
        *_, told = await findings(server, shipped)
        assert told.level == "ok"
        assert told.text.startswith("anthropic:claude-haiku-5-5 caches nothing of short sessions")
        assert f"in {len(shipped)} of {len(shipped)} scenarios" in told.text
        assert f"{lengths[longest]} tokens ({longest})" in told.text
        assert "from 4096 on" in told.text
        long = shipped[0].personas
        wordy = {
            name: one.model_copy(update={"background": "word " * 6000})
            for name, one in long.items()
        }
        *_, last = await findings(server, [shipped[0].model_copy(update={"personas": wordy})])
        assert "short sessions" not in last.text


@pytest.mark.parametrize(
    ("told", "level", "says"),
    [
        (
            {"lifecycle": "deprecated", "retires_at": "2026-11-30T00:00:00Z"},
            "warning",
            "2026-11-30",
        ),
        ({"lifecycle": "retired"}, "error", "is retired"),
        ({"retires_at": "2026-11-01T00:00:00Z"}, "error", "is retired"),
        ({"retires_at": "2027-11-01T00:00:00Z"}, "ok", "is there"),
    ],
)
async def test_a_model_that_is_about_to_go(told: dict[str, Any], level: str, says: str) -> None:
    async with vendor("anthropic") as server:
        server.models = {"claude-haiku-5-5": told}
        found = await findings(server)
    assert (found[1].level, says in found[1].text) == (level, True)


async def test_a_shutdown_of_openai() -> None:
    async with vendor("openai") as server:
        server.models = {"gpt-6-luna": {"shutdown_date": "2026-12-11"}}
        found = await findings(server)
    assert (found[1].level, "2026-12-11" in found[1].text) == ("warning", True)


async def test_a_model_that_is_not_there_and_one_without_a_price() -> None:
    async with vendor("anthropic") as server:
        server.models = {"mine": {}}
        found = await findings(
            server, models={"persona": "anthropic:mine", "judge": "anthropic:no"}
        )
    texts = [(one.level, one.text) for one in found]
    assert ("error", "anthropic:no is not there; name another in DRESSRUN_MODELS__*") in texts
    assert any("anthropic:mine has no known price" in text for _, text in texts)


async def test_settings_that_are_half_there() -> None:
    settings = Settings(_env_file=None, models={"persona": "openai:m", "judge": "local:m"})  # type: ignore[call-arg,arg-type]
    found = await models_found(settings, TODAY)
    assert [one.level for one in found] == ["error", "error"]
    assert "set DRESSRUN_OPENAI__API_KEY" in found[0].text


async def test_a_provider_that_cannot_be_reached() -> None:
    section = {"api_key": KEY, "base_url": "http://127.0.0.1:9"}
    settings = Settings(_env_file=None, anthropic=section)  # type: ignore[call-arg,arg-type]
    found = await models_found(settings, TODAY)
    assert (found[1].level, "cannot be asked (connect)" in found[1].text) == ("warning", True)


@pytest.mark.parametrize(
    ("lists", "level", "says"),
    [
        ("llama3.2:latest", "ok", "local:llama3.2 is there"),
        ("qwen3", "warning", "not on its server's list (qwen3)"),
    ],
)
async def test_a_local_server_that_only_lists_its_models(lists: str, level: str, says: str) -> None:
    async with vendor("local") as server:
        server.models = {lists: {}}
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            local_model={"base_url": server.url},  # type: ignore[arg-type]
            models={"persona": "local:llama3.2"},  # type: ignore[arg-type]
        )
        _, found = await models_found(settings, TODAY)
    assert (found.level, says in found.text) == (level, True)
