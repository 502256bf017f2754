"""What a person does beside talking: orders, submissions, tools of the sandbox. Pure."""

from collections.abc import Mapping

from engine import events as ev
from engine import world
from engine.actions import (
    matched_action,
    matched_orders,
    missing_content,
    offered,
    typed_fields,
    written_args,
)
from engine.casting import tools_seats
from engine.conditions import Moment
from engine.director import advance, enter_next, settle
from engine.draft import Draft
from engine.errors import MoreNeeded, NotAllowedNow, UnknownAction
from engine.inputs import Act, UseTool
from engine.scenario import Scenario
from engine.scenario.sandbox import Tool
from engine.words import normal

_SAYS = 4
"""So many words are what somebody hands in, and no name of it."""


def act(draft: Draft, given: Act) -> None:
    """Order or submit what the words name.

    Raises:
        NotAllowedNow: the session does not run, or the action is not for this seat.
        UnknownAction: nothing offered here was recognised.
    """
    require_running(draft)
    actions = _named(draft.scenario, given)
    if not actions:
        tool = given.text.split(maxsplit=1)[0] if given.text.strip() else ""
        if any(one.id == tool for one in draft.scenario.tools):
            use_tool(
                draft,
                UseTool(at=given.at, seat=given.seat, tool=tool, args=written_args(given.text)),
            )
            return
        actions = _only_submission(draft, given)
    if not actions:
        raise UnknownAction(offered(draft.scenario, given.command))
    phase = draft.state.phase
    for action in actions:
        if not draft.state.over:
            take_action(draft, given, action)
    entered = draft.state.phase if draft.state.phase != phase else None
    settle(draft, Moment(at=given.at), entered=entered)


def _named(scenario: Scenario, given: Act) -> tuple[str, ...]:
    """One submission holds all that is written in it; an order may name several things."""
    if given.command == "order":
        return matched_orders(scenario, given.text)
    action = matched_action(scenario, given.command, given.text)
    return (action,) if action else ()


def _only_submission(draft: Draft, given: Act) -> tuple[str, ...]:
    """The only thing there is to hand in, where what was written names none but says enough.

    A word or two are more likely a name that was mistyped.
    """
    written = any(value.strip() for _, value in given.fields) or written_args(given.text)
    if given.command != "submit" or not (written or len(normal(given.text).split()) >= _SAYS):
        return ()
    offers = [
        one.id
        for one in draft.scenario.actions
        if one.command == "submit" and may_take(draft.scenario, given.seat, one.id)
    ]
    return tuple(offers) if len(offers) == 1 else ()


def may_take(scenario: Scenario, seat: str, action_id: str) -> bool:
    """Whether an action is for whoever sits in `seat`."""
    action = next(one for one in scenario.actions if one.id == action_id)
    return not action.by or seat in action.by


def take_action(draft: Draft, given: Act, action_id: str) -> None:
    """Take one action: what it releases, the report it earns, the phase it ends."""
    action = next(one for one in draft.scenario.actions if one.id == action_id)
    if not may_take(draft.scenario, given.seat, action_id):
        raise NotAllowedNow(f"action {action.id} is not for seat {given.seat}")
    fields = given.fields or typed_fields(action, given.text)
    if wanted := missing_content(action, given.text, fields):
        raise MoreNeeded(wanted)
    if action.reads and action.reads not in draft.state.released:
        raise NotAllowedNow(f"exhibit {action.reads} is not here yet")
    draft.add(
        ev.ActionTaken(
            at=given.at,
            action=action.id,
            seat=given.seat,
            person=given.person,
            text=given.text,
            fields=fields,
            event_id=given.event_id,
        )
    )
    draft.narrate(action.text, because=f"action {action.id}")
    draft.release(action.releases, because=f"action {action.id}")
    if action.reads and action.reads not in draft.state.reports:
        draft.add(ev.ReportReleased(at=given.at, exhibit=action.reads))
    moment = Moment(at=given.at)
    phase = draft.state.phase
    advance(draft, moment)
    if action.ends_phase and draft.state.phase == phase and not draft.state.over:
        enter_next(draft, moment, because=f"action {action.id}")


def use_tool(draft: Draft, given: UseTool) -> None:
    """Use a tool of the sandbox; the same call twice counts as its own yes."""
    require_running(draft)
    tool = _tool(draft.scenario, given.tool)
    if given.seat not in tools_seats(draft.scenario, draft.state.mode):
        raise NotAllowedNow(f"tool {tool.id} is not for seat {given.seat}")
    waiting = draft.state.proposed
    if waiting and (waiting.tool, dict(waiting.args)) == (tool.id, dict(given.args)):
        run_tool(draft, given.seat, tool.id, given.args)  # asked twice: that is a yes
    else:
        propose_or_run(draft, given.seat, tool, given.args)
    settle(draft, Moment(at=given.at), entered=None)


def propose_or_run(draft: Draft, seat: str, tool: Tool, args: Mapping[str, str]) -> None:
    """Run a tool, or ask first where it writes. A call that would fail never asks."""
    if draft.state.world is None:
        raise NotAllowedNow("no sandbox world")
    trial = world.run(tool, draft.state.world, args)
    if not (tool.confirm and trial.ok and trial.changes):
        run_tool(draft, seat, tool.id, args)
        return
    if draft.state.proposed:
        draft.add(
            ev.ToolDropped(
                at=draft.at, tool=draft.state.proposed.tool, seat=draft.state.proposed.seat
            )
        )
    summary = world.summary(tool, args, draft.state.world)
    draft.add(
        ev.ToolProposed(
            at=draft.at, tool=tool.id, args=tuple(args.items()), seat=seat, summary=summary
        )
    )


def run_tool(draft: Draft, seat: str, tool_id: str, args: Mapping[str, str]) -> None:
    """Run a tool and log what it did, refusals included."""
    if draft.state.world is None:
        raise NotAllowedNow("no sandbox world")
    done = world.run(_tool(draft.scenario, tool_id), draft.state.world, args)
    draft.add(
        ev.ToolDone(
            at=draft.at,
            tool=tool_id,
            args=tuple(args.items()),
            seat=seat,
            ok=done.ok,
            text=done.text,
            error=done.error_code,
            changes=done.changes,
        )
    )


def _tool(scenario: Scenario, tool_id: str) -> Tool:
    for tool in scenario.tools:
        if tool.id == tool_id:
            return tool
    raise UnknownAction(tuple(tool.id for tool in scenario.tools))


def require_running(draft: Draft) -> None:
    """Raise `NotAllowedNow` unless the session is in progress."""
    if draft.state.status != "in_progress":
        raise NotAllowedNow(f"session is {draft.state.status}")
