"""Anthropic's Messages, from the other side."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from itertools import count
from math import ceil
from typing import Any

from bot.bench.vendors.cached import Account, Part, text_of
from bot.bench.vendors.http import Peer
from bot.bench.vendors.pieces import pieces_of
from bot.bench.vendors.script import Answer, Say, Trouble

PATH = "/v1/messages"


def model(name: str) -> Mapping[str, Any]:
    """What is told of a model."""
    return {
        "id": name,
        "type": "model",
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "retires_at": None,
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
    }


def error(status: int, kind: str, said: str) -> Mapping[str, Any]:
    """The body of a failure."""
    kinds = {429: "rate_limit_error", 529: "overloaded_error", 401: "authentication_error"}
    usual = kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind or usual, "message": said or "No."}}


def parts(body: Mapping[str, Any]) -> Sequence[Part]:
    """A request as its cache sees it: tools, system, messages block by block."""
    found = [Part(text=text_of(tool)) for tool in body.get("tools", [])]
    found += [_part("", block) for block in body.get("system", [])]
    for message in body.get("messages", []):
        found += [_part(message["role"], block) for block in message["content"]]
    return found


def _part(role: str, block: Mapping[str, Any]) -> Part:
    return Part(text=role + text_of(block), kept="cache_control" in block)


async def tell(
    peer: Peer, body: Mapping[str, Any], answer: Answer, account: Account, number: str
) -> None:
    """Answer as a stream of events."""
    await peer.begin_stream({"request-id": f"req_{number}"})
    if isinstance(answer, Trouble) and answer.shape == "garbage":
        await peer.event('{"type":"content_block_delta"}', "content_block_delta")
        await peer.event("{not json", "content_block_delta")
        await peer.end_stream()
        return
    await _event(peer, "message_start", message=_begun(body, account, number))
    say = answer if isinstance(answer, Say) else Say(text=answer.text)
    if isinstance(answer, Trouble) and answer.shape in ("empty", "refusal"):
        say = Say(text="")
    written = await _blocks(peer, say, answer, number)
    if written is None:
        return
    await _event(
        peer,
        "message_delta",
        delta={"stop_reason": _why(answer), "stop_sequence": None},
        usage={"output_tokens": written},
    )
    await _event(peer, "message_stop")
    if isinstance(answer, Trouble) and answer.shape == "cut_after_end":
        peer.cut()
        return
    await peer.end_stream()


async def _blocks(peer: Peer, say: Say, answer: Answer, number: str) -> int | None:
    """Say the answer block by block; how many tokens it took, None where it broke off."""
    places = count()
    if say.thought:
        await _block(peer, next(places), {"type": "thinking", "thinking": "", "signature": ""}, [
            {"type": "thinking_delta", "thinking": say.thought},
            {"type": "signature_delta", "signature": f"sig-{number}"},
        ])  # fmt: skip
    if say.text:
        place = next(places)
        start = {"type": "text", "text": ""}
        await _event(peer, "content_block_start", index=place, content_block=start)
        for piece in pieces_of(say.text):
            await asyncio.sleep(say.pause)
            delta = {"type": "text_delta", "text": piece}
            await _event(peer, "content_block_delta", index=place, delta=delta)
            if isinstance(answer, Trouble) and await _broke_off(peer, answer):
                return None
        await _event(peer, "content_block_stop", index=place)
    if say.tool:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": say.tool, "input": {}}
        args = json.dumps(say.args or {})
        await _block(peer, next(places), block, [
            {"type": "input_json_delta", "partial_json": args[: len(args) // 2]},
            {"type": "input_json_delta", "partial_json": args[len(args) // 2 :]},
        ])  # fmt: skip
    return ceil(len(say.text + say.thought + str(say.args or "")) / 3.5)


async def _block(
    peer: Peer, place: int, block: Mapping[str, Any], deltas: Sequence[Mapping[str, Any]]
) -> None:
    await _event(peer, "content_block_start", index=place, content_block=block)
    for delta in deltas:
        await _event(peer, "content_block_delta", index=place, delta=delta)
    await _event(peer, "content_block_stop", index=place)


async def _broke_off(peer: Peer, trouble: Trouble) -> bool:
    """Fail after the first piece of text, if it is a failure of that sort."""
    if trouble.shape == "stall":
        await peer.wait_until_left()
    elif trouble.shape == "cut":
        peer.cut()
    elif trouble.shape == "no_end":
        await peer.end_stream()
    elif trouble.shape == "overload":
        await peer.event(
            json.dumps(error(200, trouble.kind or "overloaded_error", trouble.said)), "error"
        )
        await peer.end_stream()
    else:
        return False
    return True


def _begun(body: Mapping[str, Any], account: Account, number: str) -> Mapping[str, Any]:
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": account.input - account.read - account.written,
            "cache_read_input_tokens": account.read,
            "cache_creation_input_tokens": account.written,
            "cache_creation": {
                "ephemeral_1h_input_tokens": account.written,
                "ephemeral_5m_input_tokens": 0,
            },
            "output_tokens": 1,
        },
    }


def _why(answer: Answer) -> str:
    if isinstance(answer, Trouble):
        return {"refusal": "refusal", "window_full": "model_context_window_exceeded"}.get(
            answer.shape, "end_turn"
        )
    if answer.limit:
        return "max_tokens"
    return "tool_use" if answer.tool else "end_turn"


async def _event(peer: Peer, kind: str, **fields: Any) -> None:
    await peer.event(json.dumps({"type": kind, **fields}), kind)
