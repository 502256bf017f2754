"""OpenAI's Responses. Nothing is stored there."""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from engine.llm.access import Access, Patience
from engine.llm.clients import Client, Clients
from engine.llm.families import OPENAI, Effort, family_of
from engine.llm.payload import without_words
from engine.llm.port import ToolCall, Usage
from engine.llm.render import Layout, Line, parameters_of
from engine.llm.vendor import VendorModel
from engine.llm.wire import (
    Fault,
    Reply,
    Wire,
    arguments_in,
    fault_of_status,
    fault_of_transport,
    hush,
    reading,
    trail_in,
    trail_of,
    transport_errors,
    whole,
)
from engine.prompting import ToolUsed

if TYPE_CHECKING:
    import openai
    from openai.types.responses import Response, ResponseStreamEvent

ADDRESS = "https://api.openai.com/v1"
_TOO_LONG = ("context length", "context size", "context window", "context_length", "context_size")
_DECLINED = ("content_filter", "content_policy", "bio_policy", "misalignment_policy")


def openai_model(
    model: str,
    access: Access,
    clients: Clients,
    patience: Patience | None = None,
    effort: Effort = "",
) -> VendorModel:
    """A model of OpenAI by its name there. Loads no library before its first call.

    `effort` is told to those that think.
    """
    wire = ResponsesWire(model, access, clients, patience or Patience(), effort)
    return VendorModel(wire, family_of(model, OPENAI))


class OpenAIWire(Wire):
    """What both protocols of the library have in common."""

    address: str

    def _make(self, access: Access) -> Client:
        import httpx2
        import openai

        hush()
        return openai.AsyncOpenAI(
            api_key=access.api_key or "none",
            base_url=access.base_url or self.address,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=self.patience.connect),
        )

    def errors(self) -> tuple[type[Exception], ...]:
        """Its own errors, and those of its transport, should one come through."""
        import openai

        return (openai.OpenAIError, StreamFailed, *transport_errors())

    def fault(self, error: Exception) -> Fault:
        """What an exception means; nothing of its text is kept."""
        import openai

        if isinstance(error, openai.APIStatusError):
            return fault_of_status(
                error.status_code,
                error.response.headers,
                kind=f"{error.code} {error.type}",
                overflow=error.status_code == 400 and _is_overflow(error),
                request_id=error.request_id or "",
            )
        if isinstance(error, StreamFailed):
            return _fault_in_stream(error.kind)
        if type(error) is openai.APIError:
            return _fault_in_stream(f"{error.code} {error.type}")
        if isinstance(error, openai.OpenAIError) and not isinstance(
            error, openai.APIConnectionError
        ):
            return Fault(reason="server")
        return fault_of_transport(error)


class StreamFailed(Exception):
    """An event of a stream that told of a failure; `kind` is the vendor's word for it."""

    def __init__(self, kind: str) -> None:
        super().__init__("failed in its stream")
        self.kind = kind


def _is_overflow(error: "openai.APIStatusError") -> bool:
    said = f"{error.code} {error.type} {error.message}".lower()
    return any(one in said for one in _TOO_LONG)


def _fault_in_stream(kind: str) -> Fault:
    if any(one in kind for one in _DECLINED):
        return Fault(reason="refusal", status=200)
    if any(one in kind for one in _TOO_LONG):
        return Fault(reason="overflow", status=200)
    if "invalid" in kind:
        return Fault(reason="misconfigured", status=200)
    return fault_of_status(200, {}, kind=kind, overflow=False, request_id="")


class ResponsesWire(OpenAIWire):
    """Responses, streamed as raw events."""

    provider = "openai"
    address = ADDRESS

    async def pieces(self, layout: Layout, room: int, reply: Reply) -> AsyncGenerator[str]:
        """Call; see `Wire.pieces`."""
        client = await self.prepare()
        async with await client.responses.create(
            model=self.model,
            max_output_tokens=room,
            store=False,
            stream=True,
            **thinking_of(self.model, layout, self.effort),
            **request_of(layout),
        ) as events:
            reply.request_id = events.response.headers.get("x-request-id", "")
            with reading():
                async for event in events:
                    piece = read(event, reply)
                    if piece is not None:
                        reply.text += piece
                        yield piece


def request_of(layout: Layout) -> Mapping[str, Any]:
    """A layout as parameters. The cache of OpenAI goes by the beginning of a request, and by a key.

    The volatile tail is a developer's message, whose word weighs more than that of the talk.
    """
    items = [_message(line) for line in (*layout.stored, *layout.now)]
    if layout.tail:
        items.append({"role": "developer", "content": layout.tail})
    for one in layout.used:
        items += _used(one)
    items += [_message(line) for line in layout.mended]
    made: dict[str, Any] = {
        "instructions": layout.static,
        "input": items,
        "prompt_cache_key": layout.key,
    }
    if layout.tools:
        made["tools"] = [
            {
                "type": "function",
                "name": tool.id,
                "description": tool.summary,
                "parameters": parameters_of(tool),
                "strict": False,  # there, strict means that no argument may be left out
            }
            for tool in layout.tools
        ]
        made["parallel_tool_calls"] = False
    if layout.schema is not None:
        shape = {"type": "json_schema", "name": "answer", "schema": layout.schema, "strict": True}
        made["text"] = {"format": shape}
    return made


def thinking_of(model: str, layout: Layout, effort: Effort) -> Mapping[str, Any]:
    """What a model that thinks is told of it; any other would refuse to hear of it.

    The thoughts that lead to a tool call are to come along, for else they could not be given back.
    """
    if not family_of(model, OPENAI).thinks:
        return {}
    made: dict[str, Any] = {}
    if effort:
        made["reasoning"] = {"effort": effort}
    if layout.tools:
        made["include"] = ["reasoning.encrypted_content"]
    return made


def _message(line: Line) -> dict[str, Any]:
    return {"role": "assistant" if line.mine else "user", "content": line.text}


def _used(one: ToolUsed) -> list[dict[str, Any]]:
    """A tool call as the model made it, thoughts included, and its result."""
    made = trail_in(one.trail, "openai") or [
        *([{"role": "assistant", "content": one.said}] if one.said else []),
        {
            "type": "function_call",
            "call_id": one.id,
            "name": one.tool,
            "arguments": json.dumps(dict(one.args)),
        },
    ]
    return [*made, {"type": "function_call_output", "call_id": one.id, "output": one.result}]


def read(event: "ResponseStreamEvent", reply: Reply) -> str | None:
    """The text that an event brings, "" for another sign of life, None for none.

    Raises:
        StreamFailed: it tells of a failure.
    """
    if event.type == "response.output_text.delta":
        return event.delta
    if event.type == "response.created":
        reply.response_id, reply.model = event.response.id, str(event.response.model)
        reply.raw = without_words(event.response.to_dict(warnings=False))
    elif event.type in ("response.completed", "response.incomplete", "response.failed"):
        return _end(event.response, reply)
    elif event.type == "error":
        raise StreamFailed(event.code or "")
    elif event.type not in ("response.in_progress", "response.queued"):
        return ""
    return None


def _end(response: "Response", reply: Reply) -> str | None:
    """What the whole answer was; its text, where none came before."""
    reply.response_id, reply.model = response.id, str(response.model)
    reply.raw = without_words(response.to_dict(warnings=False))
    if response.usage is not None:
        reply.usage = usage_of(response.usage.to_dict())
    if response.status == "failed":
        raise StreamFailed(response.error.code if response.error else "")
    why = response.incomplete_details.reason if response.incomplete_details else None
    reply.ending = "length" if why == "max_output_tokens" else "end"
    if why == "content_filter" or _declined(response):
        reply.ending = "refusal"
        return None
    if why is None:
        _call(response, reply)
    return None if reply.text else response.output_text


def _declined(response: "Response") -> bool:
    messages = [one for one in response.output if one.type == "message"]
    return any(part.type == "refusal" for one in messages for part in one.content)


def _call(response: "Response", reply: Reply) -> None:
    """The first tool that the model calls."""
    for at, item in enumerate(response.output):
        if item.type == "function_call":
            reply.ending = "tool"
            made = [one.to_dict(exclude_none=True) for one in response.output[: at + 1]]
            reply.tool = ToolCall(
                id=item.call_id,
                tool=item.name,
                args=arguments_in(item.arguments) or {},
                trail=trail_of("openai", made),
            )
            return


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """Their account in our terms."""
    cached = raw.get("input_tokens_details") or {}
    return Usage(
        input=whole(raw, "input_tokens"),
        output=whole(raw, "output_tokens"),
        reasoning=whole(raw.get("output_tokens_details") or {}, "reasoning_tokens"),
        cache_read=whole(cached, "cached_tokens"),
        cache_write=whole(cached, "cache_write_tokens"),
        cache_write_long=whole(cached.get("cache_write_tokens_details") or {}, "ttl_12h_tokens"),
    )
