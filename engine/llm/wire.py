"""What is particular to one vendor: its protocol, spoken with its own library."""

import json
import logging
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from engine.llm.access import Access, Patience
from engine.llm.clients import Client, Clients
from engine.llm.families import Effort
from engine.llm.port import Deadline, Failure, ToolCall, Usage
from engine.llm.render import Layout

Ending = Literal["end", "length", "tool", "refusal", "overflow"]


@dataclass(slots=True, kw_only=True)
class Reply:
    """One call's answer as it comes in; a wire fills it. `ending` None: not complete."""

    text: str = ""
    tool: ToolCall | None = None
    ending: Ending | None = None
    usage: Usage | None = None
    response_id: str = ""
    request_id: str = ""
    model: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a call failed, without a word of what the vendor said."""

    reason: Failure
    status: int | None = None
    request_id: str = ""
    retry_after: float | None = None
    hurried: bool = False
    """Whether whoever asked granted it too little time to say anything of its health."""


LONGEST_PAUSE = 86_400.0
"""Seconds: whatever a provider asks for beyond that means the same."""


class Garbled(Exception):
    """What came is no event of the protocol, or one without its parts."""


GARBAGE = (json.JSONDecodeError, UnicodeDecodeError, Garbled)
"""What comes through where a server sends what is no protocol."""


@contextmanager
def reading() -> Iterator[None]:
    """Around whatever reads what a vendor sent, and nothing else: its mistakes are not ours.

    Raises:
        Garbled: what came has not the parts that it should have.
    """
    try:
        yield
    except (AttributeError, TypeError):
        pass
    else:
        return
    raise Garbled("not the protocol")


def hush() -> None:
    """Let the libraries log warnings alone: below, they print what they send.

    Call it after one was imported: they let variables of the environment decide.
    """
    for name in ("anthropic", "openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Wire(ABC):
    """One vendor's protocol, to one address."""

    provider: str
    silent_end: bool = False
    """Whether a stream that ends cleanly without saying so is complete: some servers do that."""

    def __init__(
        self,
        model: str,
        access: Access,
        clients: Clients,
        patience: Patience,
        effort: Effort = "",
    ) -> None:
        self.model = model
        self.patience = patience
        self.effort: Effort = effort
        self.missed = clients.missed
        self._access = access
        self._clients = clients

    @property
    def name(self) -> str:
        """The model as settings name it."""
        return f"{self.provider}:{self.model}"

    def place(self, deadline: Deadline) -> AbstractAsyncContextManager[None]:
        """A place among the calls that run at once; see `Clients.place`."""
        return self._clients.place(self.name, self.provider, self._access, deadline)

    async def prepare(self) -> Any:
        """The client; the first time the library is loaded for it."""
        return await self._clients.get(self.provider, self._access, self._make)

    @abstractmethod
    def _make(self, access: Access) -> Client:
        """Make a client that never repeats a call by itself. Runs in a thread."""

    @abstractmethod
    def pieces(self, layout: Layout, room: int, reply: Reply) -> AsyncGenerator[str]:
        """Call, and yield the text in pieces; "" is a sign of life. Fills `reply` on the way.

        It holds a connection, which is freed when it is closed, at whichever piece.
        """

    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """What `pieces` raises when a call fails."""

    @abstractmethod
    def fault(self, error: Exception) -> Fault:
        """What such an exception means."""


def fault_of_status(
    status: int, headers: Mapping[str, str], *, kind: str, overflow: bool, request_id: str
) -> Fault:
    """What an HTTP status means; `kind` is the vendor's own word, which wins over the status."""
    reason: Failure
    if "insufficient_quota" in kind:
        reason = "auth"  # as a 429, but no waiting helps: somebody has to pay
    elif "overloaded" in kind:
        reason = "overloaded"
    elif "rate_limit" in kind or status == 429:
        reason = "rate_limited"
    elif overflow or status == 413:
        reason = "overflow"
    elif status in (401, 402, 403):
        reason = "auth"
    elif status in (503, 529):
        reason = "overloaded"
    elif status in (408, 409) or status >= 500 or status < 400:
        reason = "server"
    else:
        reason = "misconfigured"
    return Fault(
        reason=reason, status=status, request_id=request_id, retry_after=_retry_after(headers)
    )


def transport_errors() -> tuple[type[Exception], ...]:
    """What the transport below the libraries raises, and what they let through."""
    import httpx2

    own = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
    return (*own, UnicodeEncodeError, *GARBAGE)


def fault_of_transport(error: BaseException) -> Fault:
    """What a failure below the protocol means: before a connection stood, nothing can have run."""
    import httpx2

    never = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
    # An address that is none, a key that no header can hold.
    unusable = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL)
    for one in (error, error.__cause__, error.__context__):
        if isinstance(one, (*unusable, UnicodeEncodeError)):
            return Fault(reason="misconfigured")
        # A group is what trying several addresses at once leaves behind.
        if isinstance(one, (*never, BaseExceptionGroup)):
            return Fault(reason="connect")
    return Fault(reason="server" if isinstance(error, GARBAGE) else "cut")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the header says them, or as the moment that it names."""
    in_ms, said = headers.get("retry-after-ms"), headers.get("retry-after")
    if in_ms is None and said is None:
        return None
    try:
        seconds = float(said or "") if in_ms is None else float(in_ms) / 1000
    except ValueError:
        try:
            until = parsedate_to_datetime(str(said))
        except ValueError:
            return None
        if until.tzinfo is None:
            return None
        seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_PAUSE) if math.isfinite(seconds) else None


def arguments_in(text: str) -> Mapping[str, str] | None:
    """The arguments of a tool call, all as text; None where they are no object."""
    try:
        given = json.loads(text or "{}")
    except ValueError:
        return None
    if not isinstance(given, dict):
        return None
    return {str(name): _as_text(value) for name, value in given.items() if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def trail_in(text: str, provider: str) -> list[dict[str, Any]]:
    """What a provider left for itself with a tool call; nothing where another one left it."""
    try:
        left = json.loads(text) if text else {}
    except ValueError:
        return []
    items = left.get(provider) if isinstance(left, dict) else None
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def trail_of(provider: str, items: list[dict[str, Any]]) -> str:
    """What a provider leaves for itself; `trail_in` reads it."""
    return json.dumps({provider: items}, ensure_ascii=False)


def whole(raw: Mapping[str, Any], name: str) -> int:
    """A figure of a vendor's account; 0 where it has none."""
    value = raw.get(name)
    return value if isinstance(value, int) else 0
