"""How a platform can fail."""

import re
from typing import ClassVar

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


class AdapterError(Exception):
    """Base of every failure an adapter expects.

    `code` is what views, logs and health share. `str(error)` is for the log: codes, numbers and
    ids, never what anybody said. `retryable` says whether the same call may succeed later.
    """

    code: ClassVar[str] = "adapter_failed"
    retryable: ClassVar[bool] = False


class NotStored(AdapterError):
    """Raised by `accept`: the event was not stored, so the platform must deliver it again."""

    code = "not_stored"
    retryable = True

    def __init__(self, event_id: str = "") -> None:
        super().__init__(f"event {event_id} was not stored")
        self.event_id = event_id


class RateLimited(AdapterError):
    """Nothing was done; `retry_after` seconds from now it may be."""

    code = "rate_limited"
    retryable = True

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited for {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(AdapterError):
    """Nobody can be reached there any more. Final: do not retry."""

    code = "unreachable"

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("unreachable", reason))


class Unknown(AdapterError):
    """It may or may not have been done. Ask `find_posted` before doing it again."""

    code = "unknown"
    retryable = True

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("outcome unknown", reason))


class PlatformDown(AdapterError):
    """The platform did not answer before anything was sent: nothing was done, try later."""

    code = "platform_down"
    retryable = True

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("platform down", reason))


class DeliveryFailed(AdapterError):
    """The platform refused, and would refuse again. `reason` is its own code for why."""

    code = "delivery_failed"

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("delivery failed", reason))
        self.reason = _safe(reason)


class TooLarge(AdapterError):
    """A file is above the limit of `limit` bytes."""

    code = "too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


class Refused(AdapterError):
    """We will not do this: a file from a host that is not allowed, a ref of another platform."""

    code = "refused"

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("refused", reason))


class Gone(AdapterError):
    """What was asked for is no longer there."""

    code = "gone"

    def __init__(self, reason: str = "") -> None:
        super().__init__(_with("gone", reason))


class NotRunning(AdapterError):
    """The adapter is not connected: it works only inside `running`."""

    code = "not_running"
    retryable = True

    def __init__(self) -> None:
        super().__init__("the adapter is not running")


def _safe(reason: str) -> str:
    # A platform's error text may quote the message it refused; a code never does.
    return reason if _CODE.fullmatch(reason) else "other"


def _with(what: str, reason: str) -> str:
    return f"{what}: {_safe(reason)}" if reason else what
