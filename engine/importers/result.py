"""What an import leads to."""

from dataclasses import dataclass

from engine.scenario import Scenario


class CannotImport(ValueError):
    """A file that is not of the format. The text says what is wrong, and one thing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTurn:
    """One message of an imported session; `role` as in transcripts, `at` as it was written."""

    role: str
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSession:
    """A conversation that was held elsewhere; `status` is one of ours."""

    session_id: str
    scenario_id: str
    user_id: str
    status: str
    created_at: str
    completed_at: str
    turns: tuple[ImportedTurn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A scenario, and in `notes` what was left out and what its author still has to write."""

    scenario: Scenario
    notes: tuple[str, ...]
    sessions: tuple[ImportedSession, ...] = ()
