"""Chat Completions, from the other side: as servers on one's own machine speak it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from bot.bench.vendors.cached import Account, Part, text_of
from bot.bench.vendors.http import Peer
from bot.bench.vendors.pieces import pieces_of
from bot.bench.vendors.script import Answer, Say, Trouble

PATH = "/v1/chat/completions"
_BLOCK = 56
"""Characters: 16 tokens, as all stand-ins count them."""


def model(name: str) -> Mapping[str, Any]:
    """What is told of a model."""
    return {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "library"}


def error(status: int, kind: str, said: str) -> Mapping[str, Any]:
    """The body of a failure."""
    usual = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": said or "No.", "type": kind or usual, "code": None, "param": None}}


def parts(body: Mapping[str, Any]) -> Sequence[Part]:
    """A request as its cache sees it: blocks from the beginning on; one that is not full is lost.

    So do servers of this protocol: vLLM in blocks of 16 tokens, llama.cpp token by token.
    """
    text = "".join(text_of(one) for one in (*body.get("tools", []), *body.get("messages", [])))
    blocks = [text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK)]
    return [Part(text=one, kept=len(one) == _BLOCK) for one in blocks]


class _Stream:
    """One answer on its way."""

    def __init__(self, peer: Peer, body: Mapping[str, Any], number: str) -> None:
        self.peer = peer
        self._body = body
        self._number = number

    async def chunk(self, delta: Mapping[str, Any], why: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": why}
        await self._send({"choices": [choice]})

    async def usage(self, account: Account, written: int) -> None:
        usage = {
            "prompt_tokens": account.input,
            "completion_tokens": written,
            "total_tokens": account.input + written,
            "prompt_tokens_details": {"cached_tokens": account.read},
        }
        await self._send({"choices": [], "usage": usage})

    async def _send(self, fields: Mapping[str, Any]) -> None:
        head = {
            "id": f"chatcmpl-{self._number}",
            "object": "chat.completion.chunk",
            "created": 1_767_225_600,
            "model": self._body.get("model", ""),
        }
        await self.peer.event(json.dumps({**head, **fields}))


async def tell(
    peer: Peer, body: Mapping[str, Any], answer: Answer, account: Account, number: str
) -> None:
    """Answer as a stream of chunks."""
    stream = _Stream(peer, body, number)
    await peer.begin_stream({"x-request-id": f"req_{number}"})
    if isinstance(answer, Trouble) and answer.shape == "garbage":
        await peer.event('{"choices":[{"delta":3}]}')
        await peer.event("{not json")
        await peer.end_stream()
        return
    say = answer if isinstance(answer, Say) else Say(text=answer.text)
    if isinstance(answer, Trouble) and answer.shape in ("empty", "refusal"):
        say = Say(text="")
    await stream.chunk({"role": "assistant", "content": "" if say.text else None})
    if await _pieces(stream, say, answer, number):
        return
    await stream.chunk({}, _why(answer))
    written = ceil(len(say.text + say.thought + str(say.args or "")) / 3.5)
    await stream.usage(account, written)
    await peer.event("[DONE]")
    if isinstance(answer, Trouble) and answer.shape == "cut_after_end":
        peer.cut()
        return
    await peer.end_stream()


async def _pieces(stream: _Stream, say: Say, answer: Answer, number: str) -> bool:
    """Say the answer piece by piece; whether it broke off."""
    if say.thought:
        await stream.chunk({"reasoning_content": say.thought})
    if isinstance(answer, Trouble) and answer.shape == "refusal":
        await stream.chunk({"refusal": "I can't help with that."})
    for piece in pieces_of(say.text):
        await asyncio.sleep(say.pause)
        await stream.chunk({"content": piece})
        if isinstance(answer, Trouble) and await _broke_off(stream, answer):
            return True
    if say.tool:
        args = json.dumps(say.args or {})
        call = {"index": 0, "id": f"call_{number}", "type": "function"}
        first = {"name": say.tool, "arguments": args[: len(args) // 2]}
        await stream.chunk({"tool_calls": [{**call, "function": first}]})
        rest = {"index": 0, "function": {"arguments": args[len(args) // 2 :]}}
        await stream.chunk({"tool_calls": [rest]})
    return False


async def _broke_off(stream: _Stream, trouble: Trouble) -> bool:
    """Fail after the first piece of text, if it is a failure of that sort."""
    if trouble.shape == "stall":
        await stream.peer.wait_until_left()
    elif trouble.shape == "cut":
        stream.peer.cut()
    elif trouble.shape == "no_end":
        await stream.peer.end_stream()
    elif trouble.shape == "overload":
        failure = error(503, trouble.kind or "overloaded_error", trouble.said)
        await stream.peer.event(json.dumps(failure))
        await stream.peer.end_stream()
    else:
        return False
    return True


def _why(answer: Answer) -> str:
    if isinstance(answer, Trouble):
        return "length" if answer.shape == "window_full" else "stop"
    if answer.limit:
        return "length"
    return "tool_calls" if answer.tool else "stop"
