"""Which models play: by name, by profile, and what is said of settings that are half there."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.models import ROLES, budgets_of, chosen_of, embedded_models, filled, models_of
from bot.settings import Settings, shown
from engine.llm.breaker import OwnShelf

KEY = "sk-a-secret"


def made(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def chain(settings: Settings, role: str = "persona") -> list[str]:
    return [str(one) for one in {**chosen_of(settings).roles}[role]]


def test_without_a_key_everything_is_embedded_and_no_library_is_loaded() -> None:
    loaded = set(sys.modules)
    chosen = chosen_of(made())
    assert [chain(made(), role) for role in ROLES] == [["embedded"]] * 5
    models = models_of(chosen, OwnShelf(), now=lambda: datetime.now(UTC))
    assert models.persona.is_ours
    assert models.heard_by == ()
    assert models.keys == ()
    assert not models.judge.limits.decides
    assert not {"anthropic", "openai", "httpx2", "genai_prices"} & (set(sys.modules) - loaded)
    assert embedded_models().persona.name == "embedded"


@pytest.mark.parametrize(
    ("profile", "model"), [("test", "claude-haiku-5-5"), ("prod", "claude-sonnet-5-5")]
)
def test_a_key_alone_is_enough(profile: str, model: str) -> None:
    settings = made(profile=profile, anthropic={"api_key": KEY})
    assert chain(settings) == [f"anthropic:{model}", "embedded"]
    assert chain(settings, "coach") == [f"anthropic:{model}"]
    assert chain(settings, "classify") == ["embedded"]


@pytest.mark.parametrize("profile", ["test", "prod"])
def test_who_plays_does_not_judge_unless_told_so(profile: str) -> None:
    one = made(profile=profile, anthropic={"api_key": KEY})
    assert chain(one)[0] not in chain(one, "judge")
    assert chain(one, "judge")[0].startswith("anthropic:")
    two = made(profile=profile, anthropic={"api_key": KEY}, openai={"api_key": KEY})
    assert chain(two)[0] not in chain(two, "judge")
    assert chain(two, "judge")[0].startswith("openai:")
    told = made(models={"judge": chain(one)[0]}, profile=profile, anthropic={"api_key": KEY})
    assert chain(told, "judge")[0] == chain(told)[0]


def test_a_second_provider_stands_in_for_the_first() -> None:
    settings = made(anthropic={"api_key": KEY}, openai={"api_key": KEY})
    assert chain(settings) == ["anthropic:claude-haiku-5-5", "openai:gpt-6-luna", "embedded"]
    models = models_of(chosen_of(settings), OwnShelf(), now=lambda: datetime.now(UTC))
    assert models.heard_by == ("anthropic:claude-haiku-5-5", "openai:gpt-6-luna")
    assert len(models.keys) == 2
    assert KEY not in "".join(models.keys)


def test_what_is_named_is_taken() -> None:
    settings = made(
        models={
            "persona": "local:mine",
            "classify": "openai:small",
            "coach": "embedded",
            "fallbacks": "anthropic:other, embedded",
        },
        anthropic={"api_key": KEY},
        openai={"api_key": KEY},
        local_model={"base_url": "http://127.0.0.1:11434/v1/"},
    )
    assert chain(settings) == ["local:mine", "anthropic:other", "embedded"]
    assert chain(settings, "classify") == ["openai:small", "anthropic:other"]
    assert chain(settings, "coach") == ["embedded"]
    assert settings.local_model.base_url == "http://127.0.0.1:11434/v1"


def test_a_breaker_is_for_one_model_under_one_key_at_one_address() -> None:
    def keys(**section: str) -> tuple[str, ...]:
        chosen = chosen_of(made(anthropic=section))
        return models_of(chosen, OwnShelf(), now=lambda: datetime.now(UTC)).keys

    assert keys(api_key="a") == keys(api_key="a")
    assert keys(api_key="a") != keys(api_key="b")
    assert keys(api_key="a") != keys(api_key="a", base_url="https://gate.example")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"models": {"persona": "anthropic:m"}}, "set DRESSRUN_ANTHROPIC__API_KEY"),
        ({"models": {"judge": "openai:m"}}, "set DRESSRUN_OPENAI__API_KEY"),
        ({"models": {"persona": "local:m"}}, "set DRESSRUN_LOCAL_MODEL__BASE_URL"),
        (
            {"models": {"persona": "embedded", "fallbacks": "nobody"}},
            "DRESSRUN_MODELS__FALLBACKS: no such model provider",
        ),
        ({"anthropic": {"base_url": "http://127.0.0.1:1"}}, "set DRESSRUN_ANTHROPIC__API_KEY"),
        ({"local_model": {"api_key": KEY}}, "set DRESSRUN_LOCAL_MODEL__BASE_URL"),
        ({"anthropic": {"api_key": " "}, "models": {"persona": "anthropic:m"}}, "API_KEY"),
        ({"models": {"coach": KEY}}, "DRESSRUN_MODELS__COACH: no such model provider"),
    ],
)
def test_half_a_section_names_what_is_missing(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        chosen_of(made(**values))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "section",
    [
        {"anthropic": {"base_url": "http://elsewhere.example"}},
        {"openai": {"base_url": "ftp://127.0.0.1"}},
        {"openai": {"realtime_url": "ws://elsewhere.example"}},
        {"local_model": {"base_url": "localhost:11434"}},
    ],
)
def test_an_address_has_to_be_one_and_goes_encrypted_over_a_network(
    section: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="_url"):
        made(**section)


def test_this_machine_may_be_reached_in_the_plain() -> None:
    made(
        anthropic={"base_url": "http://127.0.0.1:9"},
        openai={"base_url": "http://localhost:9/v1", "realtime_url": "ws://[::1]:9"},
        local_model={"base_url": "http://gpu.lan:8000/v1"},
    )


def test_what_is_shown_names_the_models_and_no_key() -> None:
    lines = shown(filled(made(anthropic={"api_key": KEY})))
    assert "DRESSRUN_MODELS__PERSONA=anthropic:claude-haiku-5-5" in lines
    assert "DRESSRUN_MODELS__CLASSIFY=embedded" in lines
    assert "DRESSRUN_ANTHROPIC__API_KEY=(set)" in lines
    assert KEY not in "\n".join(lines)


def test_budgets_are_in_dollars_and_counted_in_millionths() -> None:
    budgets = budgets_of(made(budgets={"conversation_usd": 0.25, "stop_at": 2}))
    assert (budgets.conversation, budgets.person, budgets.workspace) == (
        250_000,
        500_000,
        10_000_000,
    )
    assert (budgets.warn_at, budgets.alert_at, budgets.stop_at) == (0.8, 1.0, 2.0)
