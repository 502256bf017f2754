"""Says within this process that a session's log has grown. Carries no content.

Who listens reads the log from where it last stood, so a missed or doubled word of ours costs a look
and never a message.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Hub:
    """Wakes whoever waits for news of a session."""

    _waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict)

    def changed(self, session_id: str) -> None:
        """The log of a session has grown; call it after the transaction."""
        for news in self._waiting.get(session_id, ()):
            news.set()

    @contextmanager
    def listening(self, session_id: str) -> Generator[asyncio.Event]:
        """An event that is set at each news; the listener clears it before it reads the log."""
        news = asyncio.Event()
        waiting = self._waiting.setdefault(session_id, set())
        waiting.add(news)
        try:
            yield news
        finally:
            waiting.discard(news)
            if not waiting and self._waiting.get(session_id) is waiting:
                del self._waiting[session_id]
