"""OpenAI's Responses, from the other side."""

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

PATH = "/v1/responses"


def model(name: str) -> Mapping[str, Any]:
    """What is told of a model."""
    return {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "openai"}


def error(status: int, kind: str, said: str) -> Mapping[str, Any]:
    """The body of a failure."""
    kinds = {429: "rate_limit_exceeded", 401: "invalid_api_key"}
    code = kind or kinds.get(status, "server_error" if status >= 500 else "invalid_request")
    usual = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": said or "No.", "type": usual, "code": code, "param": None}}


def parts(body: Mapping[str, Any]) -> Sequence[Part]:
    """A request as its cache sees it. Every beginning is kept there, without marks."""
    found = [Part(text=text_of(tool), kept=True) for tool in body.get("tools", [])]
    found.append(Part(text=body.get("instructions", ""), kept=True))
    return [*found, *(Part(text=text_of(item), kept=True) for item in body.get("input", []))]


class _Stream:
    """One answer on its way."""

    def __init__(self, peer: Peer, body: Mapping[str, Any], account: Account, number: str) -> None:
        self.peer = peer
        self.number = number
        self.output: list[dict[str, Any]] = []
        self.written = 0
        self._body = body
        self._account = account
        self._numbers = count()

    async def event(self, kind: str, **fields: Any) -> None:
        data = {"type": kind, "sequence_number": next(self._numbers), **fields}
        await self.peer.event(json.dumps(data), kind)

    async def item(self, item: dict[str, Any]) -> None:
        place = len(self.output)
        self.output.append(item)
        await self.event("response.output_item.added", output_index=place, item=item)
        await self.event("response.output_item.done", output_index=place, item=item)

    def response(self, status: str, **fields: Any) -> Mapping[str, Any]:
        return {
            "id": f"resp_{self.number}",
            "object": "response",
            "created_at": 1_767_225_600,
            "model": self._body.get("model", ""),
            "status": status,
            "output": self.output,
            "error": None,
            "incomplete_details": None,
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
            "usage": None if status == "in_progress" else self._usage(),
            **fields,
        }

    def _usage(self) -> Mapping[str, Any]:
        account = self._account
        return {
            "input_tokens": account.input,
            "input_tokens_details": {
                "cached_tokens": account.read,
                "cache_write_tokens": account.written,
                "cache_write_tokens_details": {
                    "ttl_30m_tokens": account.written,
                    "ttl_12h_tokens": 0,
                },
            },
            "output_tokens": self.written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": account.input + self.written,
        }


async def tell(
    peer: Peer, body: Mapping[str, Any], answer: Answer, account: Account, number: str
) -> None:
    """Answer as a stream of events."""
    stream = _Stream(peer, body, account, number)
    await peer.begin_stream({"x-request-id": f"req_{number}"})
    if isinstance(answer, Trouble) and answer.shape == "garbage":
        await peer.event('{"type":"response.completed"}', "response.completed")
        await peer.event("{not json", "response.output_text.delta")
        await peer.end_stream()
        return
    await stream.event("response.created", response=stream.response("in_progress"))
    if await _items(stream, answer):
        return
    await _end(stream, answer)
    if isinstance(answer, Trouble) and answer.shape == "cut_after_end":
        peer.cut()
        return
    await peer.end_stream()


async def _items(stream: _Stream, answer: Answer) -> bool:
    """Say the answer item by item; whether it broke off."""
    if isinstance(answer, Trouble) and answer.shape == "refusal":
        part = {"type": "refusal", "refusal": "I can't help with that."}
        await stream.item(_message(stream.number, part))
        return False
    if isinstance(answer, Trouble) and answer.shape == "empty":
        return False
    say = answer if isinstance(answer, Say) else Say(text=answer.text)
    stream.written = ceil(len(say.text + say.thought + str(say.args or "")) / 3.5)
    if say.thought:
        hidden = {"encrypted_content": f"enc-{stream.number}", "summary": []}
        await stream.item({"type": "reasoning", "id": f"rs_{stream.number}", **hidden})
    if say.text and await _text(stream, say, answer):
        return True
    if say.tool:
        call = {
            "type": "function_call",
            "id": f"fc_{stream.number}",
            "call_id": f"call_{stream.number}",
            "name": say.tool,
            "arguments": json.dumps(say.args or {}),
            "status": "completed",
        }
        await stream.item(call)
    return False


async def _text(stream: _Stream, say: Say, answer: Answer) -> bool:
    place = len(stream.output)
    for piece in pieces_of(say.text):
        await asyncio.sleep(say.pause)
        await stream.event(
            "response.output_text.delta",
            output_index=place,
            content_index=0,
            item_id=f"msg_{stream.number}",
            delta=piece,
            logprobs=[],
        )
        if isinstance(answer, Trouble) and await _broke_off(stream, answer):
            return True
    part = {"type": "output_text", "text": say.text, "annotations": []}
    await stream.item(_message(stream.number, part))
    return False


def _message(number: str, part: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"msg_{number}",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


async def _broke_off(stream: _Stream, trouble: Trouble) -> bool:
    """Fail after the first piece of text, if it is a failure of that sort."""
    if trouble.shape == "stall":
        await stream.peer.wait_until_left()
    elif trouble.shape == "cut":
        stream.peer.cut()
    elif trouble.shape == "no_end":
        await stream.peer.end_stream()
    elif trouble.shape == "overload":
        kind = trouble.kind or "server_is_overloaded"
        await stream.event("error", code=kind, message=trouble.said or "No.", param=None)
        await stream.peer.end_stream()
    else:
        return False
    return True


async def _end(stream: _Stream, answer: Answer) -> None:
    limited = isinstance(answer, Say) and answer.limit
    if limited or (isinstance(answer, Trouble) and answer.shape == "window_full"):
        details = {"reason": "max_output_tokens"}
        incomplete = stream.response("incomplete", incomplete_details=details)
        await stream.event("response.incomplete", response=incomplete)
        return
    await stream.event("response.completed", response=stream.response("completed"))
