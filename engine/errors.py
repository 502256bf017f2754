"""How a simulation can fail."""

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.usage import Failure, Spent, Usage

_SICK = frozenset({"connect", "first_token", "idle", "deadline", "cut", "overloaded", "server"})
_NOT_RUN = frozenset({"connect", "overloaded", "rate_limited"})
SHORT_RETRY = 5.0
"""Seconds: a provider that asks for no longer pause than this is busy, not sick."""


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


class LogRewritten(SequenceTaken):
    """What was read of a session's log was changed in place meanwhile; who said what, above all.

    So not even its reader's own name may be what it was: what led here is to be looked at anew.
    """


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
    """A model failed or was cut; whoever asked decides what to do instead.

    `status` is the HTTP status, None where there was none; overload inside a stream has 200.
    `request_id` and `response_id` are the provider's, "" where it gave none. `retry_after` is in
    seconds, as the provider asked for, not capped. `billed` is what the provider counted, or may
    count (then `estimated`); None where nothing ran. `earlier` are calls that were paid before it.
    `hurried`: whoever asked granted so little time that nothing can be told from its end. `raw` is
    what came of an answer, without a word of it.
    """

    code = "model_unavailable"
    retryable = True

    def __init__(
        self,
        model: str,
        reason: Failure,
        *,
        status: int | None = None,
        request_id: str = "",
        response_id: str = "",
        retry_after: float | None = None,
        billed: Usage | None = None,
        earlier: tuple[Spent, ...] = (),
        hurried: bool = False,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{model}: {reason}" + (f" ({status})" if status else ""))
        self.model = model
        self.reason: Failure = reason
        self.status = status
        self.request_id = request_id
        self.response_id = response_id
        self.retry_after = retry_after
        self.billed = billed
        self.earlier = earlier
        self.hurried = hurried
        self.raw: Mapping[str, Any] = raw or {}

    @property
    def counts_against_breaker(self) -> bool:
        """Whether it says that the provider is sick, rather than this request or our settings."""
        if self.reason == "rate_limited":
            return self.retry_after is None or self.retry_after > SHORT_RETRY
        return self.reason in _SICK and not self.hurried

    @property
    def needs_operator(self) -> bool:
        """Whether it stays so until somebody changes a setting: never ask again by itself."""
        return self.reason in ("auth", "misconfigured")

    @property
    def may_repeat(self) -> bool:
        """Whether the same request did not run, so that sending it again pays nothing twice."""
        return self.reason in _NOT_RUN and self.billed is None


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
