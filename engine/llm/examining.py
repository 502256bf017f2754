"""What a provider says of a model, for `dressrun doctor`: is it there, how long, is it cached."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.casting import ai_seats, mode_names, persona_of
from engine.llm.access import Access, Patience
from engine.llm.clients import Clients
from engine.llm.families import ANTHROPIC, LOCAL, OPENAI, Family, family_of
from engine.llm.port import estimated_tokens
from engine.llm.render import parameters_of
from engine.llm.select import ModelChoice
from engine.llm.wire import Fault, Wire, reading
from engine.prompting import PromptTool, static_part, tools_of
from engine.scenario import Scenario
from engine.usage import Failure

PATIENCE = Patience(connect=5.0, first=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A model as its provider describes it. `failed` is why nothing can be said of it.

    `retires` is the day after which it is gone, where that is known. `cached_from` is how long in
    tokens a prompt's beginning has to be to be kept; 0: this provider keeps none that we know of.
    `serves` are the names that a local server lists, where it lists any.
    """

    failed: Failure | None = None
    status: int | None = None
    retired: bool = False
    deprecated: bool = False
    retires: date | None = None
    cached_from: int = 0
    serves: tuple[str, ...] = ()


async def examined(choice: ModelChoice, access: Access, clients: Clients) -> Examined:
    """Ask the provider about a model. It costs nothing, and no words are sent. Never raises."""
    wire, family, read = _side(choice, access, clients)
    try:
        asked = (await wire.prepare()).models
        with reading():
            found = await asked.retrieve(choice.model, timeout=PATIENCE.first)
    except wire.errors() as error:
        fault: Fault = wire.fault(error)
        if choice.provider == "local" and fault.reason == "misconfigured":
            return await _listed(wire, choice.model)
        return Examined(failed=fault.reason, status=fault.status)
    told = read(found)
    return Examined(
        retired=told.retired,
        deprecated=told.deprecated,
        retires=told.retires,
        cached_from=family.cached_from,
    )


def cached_from(choice: ModelChoice) -> int:
    """How many tokens a prompt's beginning needs for its provider to keep it; 0: not known."""
    families = {"anthropic": ANTHROPIC, "openai": OPENAI}
    default = families.get(choice.provider)
    return family_of(choice.model, default).cached_from if default else 0


def beginning_of(scenario: Scenario) -> int:
    """Tokens, estimated, of the longest beginning that all sessions of a scenario share."""
    return max(
        (
            estimated_tokens(static_part(scenario, mode, seat, language))
            + sum(map(_length, tools_of(scenario, mode, seat)))
            for mode in mode_names(scenario)
            for seat in ai_seats(scenario, mode)
            if persona_of(scenario, mode, seat) is not None
            for language in scenario.languages
        ),
        default=0,
    )


def _length(tool: PromptTool) -> int:
    return estimated_tokens(json.dumps([tool.id, tool.summary, parameters_of(tool)]))


async def _listed(wire: Wire, model: str) -> Examined:
    """What a server says that has no page for a model, but a list: many local ones."""
    try:
        asked = (await wire.prepare()).models
        with reading():
            page = await asked.list(timeout=PATIENCE.first)
            names = tuple(str(one.id) for one in page.data or ())
    except wire.errors() as error:
        fault = wire.fault(error)
        return Examined(failed=fault.reason, status=fault.status)
    if model in names or f"{model}:latest" in names:
        return Examined(serves=names)
    return Examined(failed="misconfigured", status=404, serves=names)


def _side(
    choice: ModelChoice, access: Access, clients: Clients
) -> tuple[Wire, Family, Callable[[Any], Examined]]:
    if choice.provider == "anthropic":
        from engine.llm.anthropic import MessagesWire

        one: Wire = MessagesWire(choice.model, access, clients, PATIENCE)
        return one, family_of(choice.model, ANTHROPIC), _anthropic
    if choice.provider == "openai":
        from engine.llm.openai import ResponsesWire

        one = ResponsesWire(choice.model, access, clients, PATIENCE)
        return one, family_of(choice.model, OPENAI), _openai
    from engine.llm.local import ChatWire

    return ChatWire(choice.model, access, clients, PATIENCE), LOCAL, _openai


def _anthropic(found: Any) -> Examined:
    # A gateway may say less than the provider does.
    retires: datetime | None = getattr(found, "retires_at", None)
    lifecycle = getattr(found, "lifecycle", "")
    return Examined(
        retired=lifecycle == "retired",
        deprecated=lifecycle == "deprecated",
        retires=retires.astimezone(UTC).date() if retires else None,
    )


def _openai(found: Any) -> Examined:
    try:
        retires = date.fromisoformat(str(found.shutdown_date)[:10])
    except (AttributeError, ValueError):
        return Examined()
    return Examined(deprecated=True, retires=retires)
