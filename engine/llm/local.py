"""Local servers that speak OpenAI's Chat Completions: Ollama, vLLM, llama.cpp."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.llm.access import Access, Patience
from engine.llm.clients import Clients
from engine.llm.families import LOCAL, family_of, in_window
from engine.llm.openai import OpenAIWire, StreamFailed
from engine.llm.payload import without_words
from engine.llm.port import ToolCall, Usage
from engine.llm.render import Layout, parameters_of
from engine.llm.vendor import ROOM, VendorModel
from engine.llm.wire import Ending, Reply, arguments_in, reading, whole

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

ADDRESS = "http://127.0.0.1:11434/v1"
_ENDINGS: Mapping[str, Ending] = {
    "length": "length",
    "content_filter": "refusal",
}
PATIENCE = Patience(first=30.0)
"""A server on a small machine reads the whole prompt before its first word."""


def local_model(
    model: str, access: Access, clients: Clients, patience: Patience | None = None
) -> VendorModel:
    """A model of a local server by its name there. Loads no library before its first call."""
    wire = ChatWire(model, access, clients, patience or PATIENCE)
    return VendorModel(wire, in_window(family_of(model, LOCAL), access.window, ROOM))


class ChatWire(OpenAIWire):
    """Chat Completions, streamed as raw chunks."""

    provider = "local"
    address = ADDRESS
    silent_end = True

    async def pieces(self, layout: Layout, room: int, reply: Reply) -> AsyncGenerator[str]:
        """Call; see `Wire.pieces`."""
        client = await self.prepare()
        asked: dict[int, _Asked] = {}
        async with await client.chat.completions.create(
            model=self.model,
            max_tokens=room,
            stream=True,
            stream_options={"include_usage": True},
            **request_of(layout),
        ) as chunks:
            reply.request_id = chunks.response.headers.get("x-request-id", "")
            with reading():
                async for chunk in chunks:
                    piece = _read(chunk, reply, asked)
                    if piece is not None:
                        reply.text += piece
                        yield piece
        if reply.tool is None and asked and reply.ending != "refusal":
            _call(reply, asked)


def request_of(layout: Layout) -> Mapping[str, Any]:
    """A layout as parameters. Roles take turns, as the templates of many models want it."""
    lines = [("assistant" if one.mine else "user", one.text) for one in layout.stored]
    lines += [("assistant" if one.mine else "user", one.text) for one in layout.now]
    if layout.tail:
        lines.append(("user", layout.tail))
    after = [("assistant" if one.mine else "user", one.text) for one in layout.mended]
    messages: list[dict[str, Any]] = [{"role": "system", "content": layout.static}]
    messages += _merged(lines)
    for one in layout.used:
        messages += [
            {
                "role": "assistant",
                "content": one.said,
                "tool_calls": [_call_made(one.id, one.tool, dict(one.args))],
            },
            {"role": "tool", "tool_call_id": one.id, "content": one.result},
        ]
    messages += _merged(after)
    made: dict[str, Any] = {"messages": messages}
    if layout.tools:
        made["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.id,
                    "description": tool.summary,
                    "parameters": parameters_of(tool),
                },
            }
            for tool in layout.tools
        ]
    if layout.schema is not None:
        shape = {"name": "answer", "schema": layout.schema, "strict": True}
        made["response_format"] = {"type": "json_schema", "json_schema": shape}
        # Some servers drop the format without a word, so the prompt says it as well.
        messages[0]["content"] += (
            f"\n\nAnswer with JSON of this schema: {json.dumps(layout.schema)}"
        )
    return made


def _merged(lines: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    merged: list[dict[str, Any]] = []
    for role, text in lines:
        if merged and merged[-1]["role"] == role:
            merged[-1]["content"] += f"\n\n{text}"
        else:
            merged.append({"role": role, "content": text})
    return merged


def _call_made(id_: str, tool: str, args: Mapping[str, str]) -> dict[str, Any]:
    function = {"name": tool, "arguments": json.dumps(args)}
    return {"id": id_, "type": "function", "function": function}


@dataclass(slots=True)
class _Asked:
    """A tool call as it comes in."""

    id: str = ""
    tool: str = ""
    args: list[str] = field(default_factory=list)


def _read(chunk: "ChatCompletionChunk", reply: Reply, asked: dict[int, _Asked]) -> str | None:
    """The text that a chunk brings, "" for another sign of life, None for none."""
    _keep(chunk, reply)
    if not reply.response_id and chunk.id:
        # Some servers count from a small random number; the second makes the id one of a kind.
        reply.response_id, reply.model = f"{chunk.id}:{chunk.created}", chunk.model
    if chunk.usage is not None:
        reply.usage = usage_of(chunk.usage.to_dict(exclude_none=True))
    if not chunk.choices:
        return None
    choice = chunk.choices[0]
    piece = _delta(choice.delta, reply, asked)
    if choice.finish_reason == "error":  # type: ignore[comparison-overlap]  # of some proxies
        raise StreamFailed("server_error")
    if choice.finish_reason is not None:
        if asked and reply.ending is None:
            _call(reply, asked)
        elif reply.ending is None:
            reply.ending = _ENDINGS.get(choice.finish_reason, "end")
    return piece


def _keep(chunk: "ChatCompletionChunk", reply: Reply) -> None:
    """Note what the first chunk and those of the end say of the answer."""
    ends = any(one.finish_reason for one in chunk.choices)
    if not reply.raw or ends or chunk.usage is not None:
        reply.raw |= without_words(chunk.to_dict(exclude_none=True, warnings=False))


def _delta(delta: "ChoiceDelta", reply: Reply, asked: dict[int, _Asked]) -> str | None:
    if delta.refusal:
        reply.ending = "refusal"
        return None
    for one in delta.tool_calls or ():
        call = asked.setdefault(one.index, _Asked())
        call.id = one.id or call.id
        if one.function is not None:
            call.tool = one.function.name or call.tool
            call.args.append(one.function.arguments or "")
    if delta.content:
        return delta.content
    thinks = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    return "" if delta.tool_calls or thinks else None


def _call(reply: Reply, asked: Mapping[int, _Asked]) -> None:
    """The first tool that the model calls."""
    first = asked[min(asked)]
    reply.ending = "tool"
    reply.raw["tool_calls"] = [without_words({"name": one.tool}) for one in asked.values()]
    reply.tool = ToolCall(
        id=first.id or "call", tool=first.tool, args=arguments_in("".join(first.args)) or {}
    )


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """Their account in our terms."""
    cached = raw.get("prompt_tokens_details") or {}
    return Usage(
        input=whole(raw, "prompt_tokens"),
        output=whole(raw, "completion_tokens"),
        reasoning=whole(raw.get("completion_tokens_details") or {}, "reasoning_tokens"),
        cache_read=whole(cached, "cached_tokens"),
        cache_write=whole(cached, "cache_write_tokens"),
    )
