"""Failures carry codes, never words."""

import pytest

from adapters import errors
from adapters.errors import AdapterError, DeliveryFailed, Gone, Refused, Unknown, Unreachable


@pytest.mark.parametrize("kind", [DeliveryFailed, Gone, Refused, Unknown, Unreachable])
def test_a_reason_with_words_in_it_is_left_out(kind: type[DeliveryFailed]) -> None:
    assert "knee" not in str(kind("no block for 'my knee hurts'"))
    assert "channel_not_found" in str(kind("channel_not_found"))


def test_codes_differ() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = [one.code for one in kinds if issubclass(one, AdapterError)]
    assert len(codes) == len(set(codes)) >= 10
