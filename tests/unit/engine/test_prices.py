"""What calls cost, against figures worked out by hand from the price list."""

from datetime import UTC, datetime

import pytest

from engine.llm.prices import cost_of, is_priced
from engine.usage import Usage

AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("provider", "model", "usage", "micro_usd"),
    [
        # 210 new at 0.10, 6,000 read at 0.01, 90 written at 0.50 dollars a million
        ("anthropic", "claude-haiku-5-5", Usage(input=6210, cache_read=6000, output=90), 126),
        # 1,000 of the 1,210 are written to the cache, at 1.25 times the price
        ("anthropic", "claude-haiku-5-5", Usage(input=1210, cache_write=1000, output=0), 146),
        # kept for an hour: twice the price
        (
            "anthropic",
            "claude-haiku-5-5",
            Usage(input=1000, cache_write=1000, cache_write_long=1000),
            200,
        ),
        ("openai", "gpt-6-luna", Usage(input=6210, cache_read=6000, output=90), 126),
        ("anthropic", "claude-sonnet-5-5", Usage(input=6210, cache_read=6000, output=90), 1920),
        # past 100,000 tokens every one of them costs five times as much
        ("anthropic", "claude-haiku-5-5", Usage(input=100_000), 10_000),
        ("anthropic", "claude-haiku-5-5", Usage(input=120_000), 60_000),
        ("local", "whatever", Usage(input=1_000_000), 0),
        ("embedded", "embedded", Usage(input=1_000_000), 0),
        ("anthropic", "claude-of-another-day", Usage(input=1_000_000), 0),
    ],
)
def test_what_a_call_costs(provider: str, model: str, usage: Usage, micro_usd: int) -> None:
    assert cost_of(provider, model, usage, AT) == micro_usd


def test_reasoning_is_part_of_what_was_written_and_not_paid_twice() -> None:
    thought = Usage(input=10, output=1000, reasoning=900)
    assert cost_of("openai", "gpt-6-luna", thought, AT) == 501


def test_whether_a_price_is_known() -> None:
    assert is_priced("anthropic", "claude-haiku-5-5")
    assert is_priced("local", "llama")
    assert not is_priced("openai", "gpt-of-another-day")
