"""The archive: transcript, export, replay."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine import replaying
from engine.casting import speaker_name
from engine.director import phase_named
from engine.errors import SimulationError
from engine.events import ActionTaken, Event, ExhibitReleased, PhaseEntered
from engine.replaying import Stored, log_problems
from engine.scenario import Scenario
from engine.session import Role, State
from engine.store import Transaction, evaluations, ledger, scenarios, seals, sessions, spending
from engine.store import events as event_rows
from engine.store.sessions import SessionRecord

Format = Literal["md", "json", "csv"]
FORMATS: tuple[Format, ...] = ("md", "json", "csv")
Read = Callable[[Transaction, str], Awaitable[tuple[SessionRecord, Scenario, State]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One line of a transcript. `in_reply_to` is the seq that it answers."""

    seq: int
    speaker: str
    role: Role
    text: str
    at: datetime
    in_reply_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What folding a log again gave. `problems` is empty when all agrees with what is stored.

    `folds`: it could be read. `sealed`: its events were compared with their seal.
    """

    session_id: str
    events: int
    folds: bool
    sealed: bool
    problems: tuple[str, ...]


def transcript_of(scenario: Scenario, state: State) -> tuple[Turn, ...]:
    """Everything readable in a session, first to last. Pure."""
    return tuple(
        Turn(
            seq=said.seq,
            speaker=_speaker(scenario, state, said.seat, said.role),
            role=said.role,
            text=said.text,
            at=said.at,
            in_reply_to=said.in_reply_to,
        )
        for said in state.utterances
    )


def _speaker(scenario: Scenario, state: State, seat: str, role: Role) -> str:
    return role if role in {"narrator", "tool"} else speaker_name(scenario, state.mode, seat)


class Archive:
    """Reads sessions back. Changes nothing."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def transcript(self, tx: Transaction, session_id: str) -> tuple[Turn, ...]:
        """Everything readable in a session, first to last; empty before anybody spoke.

        Raises:
            NoSession: there is no such session.
        """
        _, scenario, state = await self._read(tx, session_id)
        return transcript_of(scenario, state)

    async def export(self, tx: Transaction, session_id: str, format_: Format) -> str:
        """A session as a document; `tx` has to see one moment, as it is read in several steps.

        Raises:
            NoSession: there is no such session.
        """
        record, scenario, state = await self._read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        return _WRITERS[format_](record, scenario, state, log)

    async def replay(self, tx: Transaction, session_id: str) -> Replayed:
        """Fold the log again, and compare with all that is stored of what it leads to.

        `tx` has to see one moment: a session that goes on meanwhile would not agree with itself.

        Raises:
            NoSession: there is no such session.
        """
        stored = await self._stored(tx, session_id)
        problems = list(log_problems(stored))
        folds = True
        try:
            _, scenario, _ = await self._read(tx, session_id)
            log = await event_rows.of_session(tx, session_id)
            problems += replaying.problems(scenario, stored, log)
        except (SimulationError, LookupError, RuntimeError, ValueError) as error:
            # What is stored makes no sense any more; its text could quote it.
            folds = False
            problems.append(f"log: it cannot be folded ({type(error).__name__})")
        return Replayed(
            session_id=session_id,
            events=len(stored.rows),
            folds=folds,
            sealed=stored.has_seal,
            problems=tuple(problems),
        )

    async def _stored(self, tx: Transaction, session_id: str) -> Stored:
        record = await sessions.get(tx, session_id)
        return Stored(
            record=record,
            scenario=await scenarios.body(tx, record.scenario_hash),
            rows=await seals.rows_of(tx, session_id),
            seats=await sessions.participants(tx, session_id),
            evaluations=await evaluations.of_session(tx, session_id, None),
            spent=await spending.of_session(tx, session_id),
            cost=(await ledger.totals(tx, session_id)).cost_micro_usd,
        )


def _markdown(record: SessionRecord, scenario: Scenario, state: State, log: list[Event]) -> str:
    minutes = round(state.minutes(state.last_at)) if state.last_at else 0
    lines = [
        f"# {scenario.title}",
        "",
        f"Scenario `{scenario.id}` {scenario.version}, mode `{state.mode}`, {state.status}, "
        f"{minutes} minutes, {state.turns} turns.",
        "",
        *_degraded(state),
    ]
    by_seq = {turn.seq: turn for turn in transcript_of(scenario, state)}
    for seq, event in enumerate(log, 1):
        if turn := by_seq.get(seq):
            # Two blanks would be a line break in Markdown, which a speaker did not mean.
            lines += [f"**{turn.speaker}** ({turn.at:%H:%M}): {_quoted(turn.text)}", ""]
        elif note := _note(scenario, event):
            lines += [f"_{note}_", ""]
    return "\n".join(lines)


def _degraded(state: State) -> list[str]:
    lines = sum(one.degraded for one in state.utterances)
    return [f"Degraded: a stand-in spoke {lines} times.", ""] if lines else []


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")


def _note(scenario: Scenario, event: Event) -> str:
    if isinstance(event, PhaseEntered):
        return phase_named(scenario, event.phase).title
    if isinstance(event, ExhibitReleased):
        return "Shown: " + next(one.title for one in scenario.exhibits if one.id == event.exhibit)
    if isinstance(event, ActionTaken):
        return "Done: " + next(one.label for one in scenario.actions if one.id == event.action)
    return ""


def _json(record: SessionRecord, scenario: Scenario, state: State, log: list[Event]) -> str:
    body = {
        "session": {
            "id": record.id,
            "scenario_id": scenario.id,
            "scenario_version": scenario.version,
            "scenario_hash": record.scenario_hash,
            "mode": state.mode,
            "language": state.language,
            "seed": state.seed,
            "status": state.status,
            "started_at": state.started_at.isoformat() if state.started_at else None,
            "completed_at": state.ended_at.isoformat() if state.ended_at else None,
        },
        "turns": [
            {
                "seq": turn.seq,
                "speaker": turn.speaker,
                "role": turn.role,
                "text": turn.text,
                "at": turn.at.isoformat(),
                "in_reply_to": turn.in_reply_to,
            }
            for turn in transcript_of(scenario, state)
        ],
        "events": [
            {
                "seq": seq,
                "kind": event.kind,
                "at": event.at.isoformat(),
                "note": _note(scenario, event),
            }
            for seq, event in enumerate(log, 1)
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _event_body(scenario: Scenario, seq: int, event: Event) -> dict[str, str | int]:
    at = event.at.isoformat()
    return {"seq": seq, "kind": event.kind, "at": at, "note": _note(scenario, event)}


def _csv(record: SessionRecord, scenario: Scenario, state: State, log: list[Event]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["seq", "at", "role", "speaker", "text", "in_reply_to"])
    for turn in transcript_of(scenario, state):
        writer.writerow(
            [
                turn.seq,
                turn.at.isoformat(),
                turn.role,
                turn.speaker,
                _cell(turn.text),
                turn.in_reply_to,
            ]
        )
    return out.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet would run what begins like a formula (OWASP, CSV injection).
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


_WRITERS: dict[Format, Callable[[SessionRecord, Scenario, State, list[Event]], str]] = {
    "md": _markdown,
    "json": _json,
    "csv": _csv,
}
