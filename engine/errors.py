"""How a simulation can fail."""

from typing import ClassVar


class SimulationError(Exception):
    """Base of every failure the engine expects.

    `code` is what views, logs and the API share. `str(error)` is for the log: ids and numbers,
    never what anybody said. `retryable` says whether the same request may succeed if sent again.
    """

    code: ClassVar[str] = "failed"
    retryable: ClassVar[bool] = False


class SessionEnded(SimulationError):
    """The session is over, so it takes no more turns."""

    code = "session_ended"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"session {session_id} has ended")
        self.session_id = session_id


class SessionPaused(SimulationError):
    """The session rests; it has to be resumed first."""

    code = "session_paused"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"session {session_id} is paused")
        self.session_id = session_id


class NoSession(SimulationError):
    """There is no session with this id, or none that this person may see."""

    code = "no_session"

    def __init__(self, session_id: str = "") -> None:
        super().__init__(f"no session {session_id}".strip())
        self.session_id = session_id


class NotSeated(SimulationError):
    """This person has no seat in the session."""

    code = "not_seated"


class SequenceTaken(SimulationError):
    """Another worker wrote to this session meanwhile; read again and repeat."""

    code = "sequence_taken"
    retryable = True

    def __init__(self, session_id: str, seq: int) -> None:
        super().__init__(f"session {session_id} already holds seq {seq}")
        self.session_id = session_id
        self.seq = seq


class MessageTooLong(SimulationError):
    """The message is longer than the scenario takes; nothing was stored."""

    code = "message_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"message of {length} characters, limit {limit}")
        self.length = length
        self.limit = limit


class EmptyMessage(SimulationError):
    """Nothing readable was written."""

    code = "empty_message"


class UnknownAction(SimulationError):
    """Nothing that can be ordered or submitted here was recognised."""

    code = "unknown_action"

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__("no such action")
        self.known = known


class UnknownMode(SimulationError):
    """The scenario has no such mode."""

    code = "unknown_mode"

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__("no such mode")
        self.known = known


class UnknownLanguage(SimulationError):
    """The scenario has no text in that language."""

    code = "unknown_language"


class NotAllowedNow(SimulationError):
    """The step exists, but not at this point of the session."""

    code = "not_allowed_now"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MoreNeeded(SimulationError):
    """A submission says nothing yet; `wanted` are the labels of what it should hold."""

    code = "more_needed"

    def __init__(self, wanted: tuple[str, ...]) -> None:
        super().__init__("a submission without content")
        self.wanted = wanted


class ModelUnavailable(SimulationError):
    """A model failed or was cut; whoever asked decides what to do instead."""

    code = "model_unavailable"
    retryable = True

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"{model}: {reason}")
        self.model = model
        self.reason = reason


class UnknownScenario(SimulationError):
    """There is no such scenario; `suggestions` are the ids nearest to what was asked for."""

    code = "unknown_scenario"

    def __init__(self, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__("no such scenario")
        self.suggestions = suggestions


class UnknownMedia(SimulationError):
    """The scenario names no such file, or it is not there."""

    code = "unknown_media"

    def __init__(self, scenario_id: str) -> None:
        super().__init__(f"no such file in scenario {scenario_id}")
        self.scenario_id = scenario_id


class PackRefused(SimulationError):
    """A pack was not unpacked; `problems` say why, a line each."""

    code = "pack_refused"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems
