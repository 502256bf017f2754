"""What is kept of a provider's answer: its whole account of it, and not a word of it. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

_TELLING: Final = frozenset(
    (
        "category",
        "code",
        "finish_reason",
        "id",
        "model",
        "name",
        "object",
        "reason",
        "role",
        "service_tier",
        "status",
        "stop_reason",
        "system_fingerprint",
        "type",
        "effort",
        "inference_geo",
        "call_id",
        "blocked",
        "severity",
    )
)
"""Fields whose short texts are a provider's own names for things."""
_WORDS: Final = frozenset(
    (
        "annotations",
        "arguments",
        "content_text",
        "data",
        "delta",
        "encrypted_content",
        "input",
        "instructions",
        "logprobs",
        "message",
        "metadata",
        "partial_json",
        "prompt",
        "prompt_cache_key",
        "reasoning_content",
        "refusal",
        "safety_identifier",
        "signature",
        "summary",
        "text",
        "thinking",
        "tools",
        "user",
    )
)
"""Fields that hold what somebody wrote, or what we sent; nothing below them is looked at."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/+-]{1,120}")
_MOST: Final = 50


def without_words(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload with its ids, figures, states and names of things; what somebody said is gone.

    A text is kept only where its field is known to hold a name, and where it looks like one. Empty
    parts are left out.
    """
    kept: dict[str, Any] = {}
    for field, value in list(payload.items())[:_MOST]:
        if field in _WORDS or not _NAME.fullmatch(str(field)):
            continue
        one = _kept(field, value)
        if one not in (None, {}, []):
            kept[str(field)] = one
    return kept


def _kept(field: str, value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if field in _TELLING and _NAME.fullmatch(value) else None
    if isinstance(value, Mapping):
        return without_words(value)
    if isinstance(value, list):
        found = [_kept(field, one) for one in value[:_MOST]]
        return [one for one in found if one not in (None, {}, [])]
    return None
