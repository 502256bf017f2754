"""Sessions and messages of the sample data as ours: statuses and roles mapped. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from engine.importers.result import CannotImport, ImportedSession, ImportedTurn
from engine.importers.values import first_of, keyed, line, tidy

MAX_SESSIONS = 5_000
MAX_MESSAGES = 100_000

STATUSES: Mapping[str, str] = {
    "active": "in_progress",
    "in_progress": "in_progress",
    "paused": "paused",
    "completed": "completed",
    "complete": "completed",
    "finished": "completed",
    "abandoned": "abandoned",
    "cancelled": "abandoned",
    "expired": "abandoned",
}
"""Their words for how a session stands, and ours. None given means `active`."""

ROLES: Mapping[str, str] = {
    "user": "trainee",
    "assistant": "character",
    "system": "system",
    "tool": "tool",
}
"""Their roles, and ours."""


def sessions_of(
    sessions: Sequence[object], messages: Sequence[object]
) -> tuple[ImportedSession, ...]:
    """Every session with its messages in order; those of unknown sessions are left out.

    Raises:
        CannotImport: there are too many, or one is not what it should be; the text says which.
    """
    if len(sessions) > MAX_SESSIONS or len(messages) > MAX_MESSAGES:
        told = f"more than {MAX_SESSIONS} sessions or {MAX_MESSAGES} messages"
        raise CannotImport(f"{told}: import them in parts")
    said: dict[str, list[tuple[str, int, ImportedTurn]]] = {}
    for number, record in enumerate(messages, 1):
        session, turn = _message(keyed(record, f"message {number}"), number)
        said.setdefault(session, []).append((turn.at, number, turn))
    return tuple(
        _session(keyed(record, f"session {number}"), number, said)
        for number, record in enumerate(sessions, 1)
    )


def _message(record: Mapping[str, object], number: int) -> tuple[str, ImportedTurn]:
    role = _word(record, "role").lower()
    if role not in ROLES:
        known = ", ".join(ROLES)
        raise CannotImport(f"message {number}: `role` is none of {known}: correct it")
    return _word(record, "session_id", "session"), ImportedTurn(
        role=ROLES[role],
        text=tidy(str(first_of(record, "content", "text") or ""), limit=20_000),
        at=_word(record, "timestamp", "created_at"),
    )


def _session(
    record: Mapping[str, object],
    number: int,
    said: Mapping[str, list[tuple[str, int, ImportedTurn]]],
) -> ImportedSession:
    id_ = _word(record, "id", "session_id")
    if not id_:
        raise CannotImport(f"session {number} has no `id`: look whether the file is whole")
    status = _word(record, "status").lower() or "active"
    if status not in STATUSES:
        known = ", ".join(STATUSES)
        raise CannotImport(f"session {number}: `status` is none of {known}: correct it")
    return ImportedSession(
        session_id=id_,
        scenario_id=_word(record, "scenario_id", "scenario"),
        user_id=_word(record, "user_id", "user"),
        status=STATUSES[status],
        created_at=_word(record, "created_at"),
        completed_at=_word(record, "completed_at"),
        turns=tuple(turn for _, _, turn in sorted(said.get(id_, ()), key=lambda one: one[:2])),
    )


def _word(record: Mapping[str, object], *names: str) -> str:
    value = first_of(record, *names)
    return line(str(value), 200) if value is not None else ""


def answered(sessions: Sequence[ImportedSession]) -> Iterator[tuple[str, str]]:
    """What was asked, and what was answered to it at once."""
    for session in sessions:
        turns = [one for one in session.turns if one.role in ("trainee", "character")]
        for asked, answer in pairwise(turns):
            if (asked.role, answer.role) == ("trainee", "character"):
                yield asked.text, answer.text
