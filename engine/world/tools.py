"""One entry for every tool: its operation on its backend."""

from collections.abc import Callable, Mapping
from functools import partial

from engine.scenario.sandbox import Tool
from engine.world import booking, records, slots
from engine.world.arguments import checked
from engine.world.state import Collection, Refusal, ToolResult, WorldState

_Run = Callable[[WorldState, Mapping[str, str]], ToolResult]
_Tell = Callable[[WorldState, Mapping[str, str]], str]


def run(tool: Tool, state: WorldState, args: Mapping[str, str]) -> ToolResult:
    """What the tool answers, and what it would write. Never raises; `state` is not touched.

    The same state and arguments give the same result, ids of new records included. Whether a
    write has to be confirmed first is the caller's business.
    """
    operation = _OPERATIONS.get((_op(tool), tool.backend))
    if operation is None:
        return ToolResult(ok=False, text=unusable(tool), error_code="bad_tool")
    try:
        return operation(state, checked(tool, args))
    except Refusal as refusal:
        return ToolResult(ok=False, text=refusal.text, error_code=refusal.code)


def summary(tool: Tool, args: Mapping[str, str], state: WorldState) -> str:
    """What a write is about to do, as one sentence without its full stop, for a yes or no.

    For a call that `run` would refuse, and for a tool that only reads, just the tool's name.
    """
    tell = _SUMMARIES.get((_op(tool), tool.backend))
    try:
        return tell(state, checked(tool, args)) if tell else f"Use {tool.id}"
    except Refusal:
        return f"Use {tool.id}"


def in_short(tool: Tool, state: WorldState, args: Mapping[str, str]) -> str:
    """What a character reads instead of a lookup's whole answer; "" where that is as it is."""
    collection = next((one for backend, one, _ in _ON_RECORDS if backend == tool.backend), None)
    if _op(tool) != "lookup" or collection is None:
        return ""
    return records.in_short(collection, args, run(tool, state, args))


def unusable(tool: Tool) -> str:
    """Why a tool can never work as it is declared, and how to mend it; empty when it can."""
    op = _op(tool)
    if (op, tool.backend) in _OPERATIONS:
        return ""
    backends = [backend for known, backend in _OPERATIONS if known == op]
    if backends:
        return f"{tool.id}: {op} does not work on {tool.backend}. Use {' or '.join(backends)}."
    known = sorted({known for known, _backend in _OPERATIONS})
    return f"{tool.id} has no known op. Set op to one of: {', '.join(known)}."


def _op(tool: Tool) -> str:
    return tool.op or tool.id


_ON_RECORDS: tuple[tuple[str, Collection, tuple[str, ...]], ...] = (
    ("schedule", "appointments", ("lookup",)),
    ("patients", "patients", ("lookup", "create", "update")),
    ("nurses", "nurses", ("lookup", "update")),
    ("orders", "orders", ("lookup", "create", "update", "cancel")),
    ("tickets", "tickets", ("lookup", "create", "update", "cancel")),
)
_BY_OP: Mapping[str, Callable[[Collection, WorldState, Mapping[str, str]], ToolResult]] = {
    "lookup": records.lookup,
    "create": records.create,
    "update": records.update,
    "cancel": records.cancel,
}
_OPERATIONS: Mapping[tuple[str, str], _Run] = {
    ("find_slots", "schedule"): slots.find_slots,
    ("find_slots", "nurses"): slots.find_slots,
    ("book", "schedule"): booking.book,
    ("reschedule", "schedule"): booking.reschedule,
    ("cancel", "schedule"): booking.cancel,
    **{
        (op, backend): partial(_BY_OP[op], collection)
        for backend, collection, ops in _ON_RECORDS
        for op in ops
    },
}
_SUMMARIES: Mapping[tuple[str, str], _Tell] = {
    **{
        (op, "schedule"): partial(booking.summary_of, op) for op in ("book", "reschedule", "cancel")
    },
    **{
        (op, backend): partial(records.summary_of, op, collection)
        for backend, collection, ops in _ON_RECORDS
        for op in ops
        if op != "lookup"
    },
}
