"""Anthropic's Messages."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.llm.access import Access, Patience
from engine.llm.clients import Client, Clients
from engine.llm.families import ANTHROPIC, Effort, family_of
from engine.llm.payload import without_words
from engine.llm.port import ToolCall, Usage
from engine.llm.render import Layout, Line, parameters_of
from engine.llm.vendor import VendorModel
from engine.llm.wire import (
    Ending,
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

if TYPE_CHECKING:
    from anthropic.types import RawMessageStreamEvent

ADDRESS = "https://api.anthropic.com"
CACHED = {"type": "ephemeral", "ttl": "1h"}
"""People pause for longer than five minutes, the default; a miss costs more than the hour does."""
_TOO_LONG = ("prompt is too long", "exceed context limit", "context window")
_ENDINGS: Mapping[str, Ending] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "pause_turn": "end",
    "max_tokens": "length",
    "tool_use": "tool",
    "refusal": "refusal",
    "model_context_window_exceeded": "overflow",
}


def anthropic_model(
    model: str,
    access: Access,
    clients: Clients,
    patience: Patience | None = None,
    effort: Effort = "",
) -> VendorModel:
    """A model of Anthropic by its name there. Loads no library before its first call.

    `effort` is told to those that are known to take it.
    """
    family = family_of(model, ANTHROPIC)
    wire = MessagesWire(
        model, access, clients, patience or Patience(), effort if family.thinks else ""
    )
    return VendorModel(wire, family)


class MessagesWire(Wire):
    """Messages, streamed as raw events: only they tell whether an answer is complete."""

    provider = "anthropic"

    def _make(self, access: Access) -> Client:
        import anthropic
        import httpx2

        hush()
        return anthropic.AsyncAnthropic(
            api_key=access.api_key or "none",
            base_url=access.base_url or ADDRESS,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=self.patience.connect),
            open_telemetry=False,
        )

    async def pieces(self, layout: Layout, room: int, reply: Reply) -> AsyncGenerator[str]:
        """Call; see `Wire.pieces`."""
        client = await self.prepare()
        blocks = _Blocks(reply)
        async with await self._asked(client, layout, room) as events:
            reply.request_id = events.response.headers.get("request-id", "")
            with reading():
                async for event in events:
                    piece = blocks.read(event)
                    if piece is not None:
                        reply.text += piece
                        yield piece

    async def _asked(self, client: Any, layout: Layout, room: int) -> Any:
        """The stream. A model that refuses to hear of effort is asked once more, and then never.

        Such a refusal is no answer, so nothing is paid twice.
        """
        import anthropic

        while True:
            effort = self.effort
            try:
                return await client.messages.create(
                    model=self.model, max_tokens=room, stream=True, **request_of(layout, effort)
                )
            except anthropic.BadRequestError as error:
                if not effort or "effort" not in str(error.api_message or "").lower():
                    raise
                self.effort = ""

    def errors(self) -> tuple[type[Exception], ...]:
        """Its own errors, and those of its transport, which it lets through."""
        import anthropic

        return (anthropic.AnthropicError, *transport_errors())

    def fault(self, error: Exception) -> Fault:
        """What an exception means; nothing of its text is kept."""
        import anthropic

        if isinstance(error, anthropic.APIStatusError):
            said = str(error.api_message or "").lower()
            return fault_of_status(
                error.status_code,
                error.response.headers,
                kind=str(error.type or ""),
                overflow=error.status_code == 400 and any(one in said for one in _TOO_LONG),
                request_id=error.request_id or "",
            )
        if isinstance(error, anthropic.AnthropicError) and not isinstance(
            error, anthropic.APIConnectionError
        ):
            return Fault(reason="server")
        return fault_of_transport(error)


def request_of(layout: Layout, effort: Effort = "") -> Mapping[str, Any]:
    """A layout as parameters: tools and static text, then the history, then what is volatile.

    The first breakpoint ends what is static, the second the stored history.
    """
    output: dict[str, Any] = {"effort": effort} if effort else {}
    made: dict[str, Any] = {
        "system": [{"type": "text", "text": layout.static, "cache_control": CACHED}],
        "messages": [*_dialogue(layout), *_used(layout), *map(_message, layout.mended)],
    }
    if layout.tools:
        made["tools"] = [
            {"name": tool.id, "description": tool.summary, "input_schema": parameters_of(tool)}
            for tool in layout.tools
        ]
        made["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
    if layout.schema is not None:
        output["format"] = {"type": "json_schema", "schema": layout.schema}
    if output:
        made["output_config"] = output
    return made


def _dialogue(layout: Layout) -> list[dict[str, Any]]:
    messages = [_message(line) for line in layout.stored]
    if messages:
        messages[-1]["content"][0]["cache_control"] = CACHED
    messages += map(_message, layout.now)
    if layout.tail:
        messages.append(_message(Line(mine=False, text=layout.tail)))
    return _merged(messages)


def _merged(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours of one role as one message of several blocks, as the API would read them."""
    merged: list[dict[str, Any]] = []
    for one in messages:
        if merged and merged[-1]["role"] == one["role"]:
            merged[-1]["content"].extend(one["content"])
        else:
            merged.append(one)
    return merged


def _message(line: Line) -> dict[str, Any]:
    role = "assistant" if line.mine else "user"
    return {"role": role, "content": [{"type": "text", "text": line.text}]}


def _used(layout: Layout) -> list[dict[str, Any]]:
    """Each tool call as the model made it, thinking included, and its result."""
    messages: list[dict[str, Any]] = []
    for one in layout.used:
        made = trail_in(one.trail, "anthropic") or [
            *([{"type": "text", "text": one.said}] if one.said else []),
            {"type": "tool_use", "id": one.id, "name": one.tool, "input": dict(one.args)},
        ]
        result = {"type": "tool_result", "tool_use_id": one.id, "content": one.result}
        messages.append({"role": "assistant", "content": made})
        messages.append({"role": "user", "content": [result]})
    return messages


class _Blocks:
    """Reads the events of one answer."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._blocks: dict[int, dict[str, Any]] = {}
        self._inputs: dict[int, str] = {}
        self._usage: dict[str, Any] = {}

    def read(self, event: "RawMessageStreamEvent") -> str | None:
        """The text that an event brings, "" for another sign of life, None for none."""
        if event.type == "message_start":
            self._reply.response_id = event.message.id
            self._reply.model = event.message.model
            self._reply.raw = without_words(event.message.to_dict(warnings=False))
            self._count(event.message.usage)
        elif event.type == "content_block_start":
            self._blocks[event.index] = event.content_block.to_dict()
            self._reply.raw["content"] = [without_words(one) for one in self._blocks.values()]
            if event.content_block.type == "text":
                return event.content_block.text or ""
            return ""
        elif event.type == "content_block_delta":
            return self._grow(event.index, event.delta)
        elif event.type == "message_delta":
            self._reply.raw |= without_words(event.delta.to_dict(warnings=False))
            self._count(event.usage)
            self._end(event.delta.stop_reason)
        return None

    def _grow(self, index: int, delta: Any) -> str:
        block = self._blocks.setdefault(index, {})
        if delta.type == "text_delta":
            block["text"] = block.get("text", "") + delta.text
            return str(delta.text)
        if delta.type == "input_json_delta":
            self._inputs[index] = self._inputs.get(index, "") + delta.partial_json
        elif delta.type == "thinking_delta":
            block["thinking"] = block.get("thinking", "") + delta.thinking
        elif delta.type == "signature_delta":
            block["signature"] = delta.signature
        return ""

    def _end(self, why: str | None) -> None:
        if why is None:
            return
        self._reply.ending = _ENDINGS.get(why, "end")
        for index, block in sorted(self._blocks.items()):
            if block.get("type") == "tool_use" and self._reply.ending == "tool":
                self._call(index, block)
                return

    def _call(self, index: int, block: dict[str, Any]) -> None:
        """The first tool that the model calls; what it says after that is not given back."""
        args = arguments_in(self._inputs.get(index, "") or json.dumps(block.get("input") or {}))
        block["input"] = args or {}
        before = [one for at, one in sorted(self._blocks.items()) if at <= index]
        self._reply.tool = ToolCall(
            id=str(block.get("id", "")),
            tool=str(block.get("name", "")),
            args=args or {},
            trail=trail_of("anthropic", [one for one in before if one.get("text") != ""]),
        )

    def _count(self, usage: Any) -> None:
        """What they count so far; the end says again only what has changed."""
        self._usage |= {name: one for name, one in usage.to_dict().items() if one is not None}
        self._reply.raw["usage"] = without_words(self._usage)
        self._reply.usage = usage_of(self._usage)


def usage_of(raw: Mapping[str, Any]) -> Usage:
    """Their account in our terms: what was read from and written to a cache is input as well."""
    read, written = (
        whole(raw, "cache_read_input_tokens"),
        whole(raw, "cache_creation_input_tokens"),
    )
    return Usage(
        input=whole(raw, "input_tokens") + read + written,
        output=whole(raw, "output_tokens"),
        reasoning=whole(raw.get("output_tokens_details") or {}, "thinking_tokens"),
        cache_read=read,
        cache_write=written,
        cache_write_long=whole(raw.get("cache_creation") or {}, "ephemeral_1h_input_tokens"),
    )
