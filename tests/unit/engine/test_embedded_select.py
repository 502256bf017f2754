"""Which model plays."""

import sys

import pytest

from engine.llm.access import Access
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.select import BadModelChoice, ModelChoice, ModelNotBuilt, build, parse_choice


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("embedded", ModelChoice(provider="embedded")),
        (" Embedded ", ModelChoice(provider="embedded")),
        ("anthropic:one-model", ModelChoice(provider="anthropic", model="one-model")),
        ("openai: other", ModelChoice(provider="openai", model="other")),
        ("local:name:7b", ModelChoice(provider="local", model="name:7b")),
    ],
)
def test_reads_a_choice(text: str, choice: ModelChoice) -> None:
    assert parse_choice(text) == choice
    assert parse_choice(str(choice)) == choice


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "set it to embedded, anthropic:<model>"),
        ("sk-secret", "set it to embedded, anthropic:<model>"),
        ("claude:x", "set it to embedded, anthropic:<model>"),
        ("anthropic", "set it to anthropic:<model>"),
        ("openai:", "set it to openai:<model>"),
        ("local:two words", "set it to local:<model>"),
        ("embedded:big", "set it to just embedded"),
    ],
)
def test_bad_text_is_answered_with_the_next_step(text: str, told: str) -> None:
    with pytest.raises(BadModelChoice) as caught:
        parse_choice(text)
    assert told in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_builds_the_embedded_persona_and_says_what_else_to_do() -> None:
    assert isinstance(build(parse_choice("embedded")), EmbeddedModel)
    loaded = set(sys.modules)
    for text in ("anthropic:m", "openai:m", "local:m"):
        with pytest.raises(ModelNotBuilt, match="needs clients"):
            build(parse_choice(text))
        assert build(parse_choice(text), Access(api_key="k"), Clients()).name == text
    assert not {"anthropic", "openai", "httpx2"} & (set(sys.modules) - loaded)
