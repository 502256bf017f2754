"""Says within this process that a session's log has grown, and how a reply grows before that.

Who listens reads the log from where it last stood, so a missed or doubled word of ours costs a look
and never a message.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.cutting import Cut

Grew = Callable[[str, str], None]
"""Called with the id of the event that is answered, and the reply so far. May not wait."""


@dataclass(slots=True)
class Hub:
    """Wakes whoever waits for news of a session, and shows them replies that grow here."""

    _waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    _watching: dict[str, list[Grew]] = field(default_factory=dict)
    _turns: dict[str, Cut] = field(default_factory=dict)
    _hushed: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def turning(self, session_id: str, *, hushed: bool = True) -> Generator[Cut]:
        """A turn of a session runs in this process while the block does; it can be cut short.

        Unless it is `hushed`, it is itself what others make way for.
        """
        cut = self._turns[session_id] = Cut()
        if hushed and self._hushed[session_id]:
            cut.now()
        try:
            yield cut
        finally:
            cut.ended.set()
            if self._turns.get(session_id) is cut:
                del self._turns[session_id]

    @contextmanager
    def hushed(self, session_id: str) -> Generator[None]:
        """Turns of a session that begin here while the block runs are cut before any answer."""
        self._hushed[session_id] += 1
        try:
            yield
        finally:
            self._hushed[session_id] -= 1
            if not self._hushed[session_id]:
                del self._hushed[session_id]

    def is_turning(self, session_id: str) -> bool:
        """Whether a turn of a session runs in this process."""
        return session_id in self._turns

    def cut(self, session_id: str) -> Cut | None:
        """End the turn of a session that runs in this process, if there is one."""
        cut = self._turns.get(session_id)
        if cut is not None:
            cut.now()
        return cut

    def grew(self, session_id: str, event_id: str, text: str) -> None:
        """A reply in a session goes on."""
        for watcher in self._watching.get(session_id, ()):
            watcher(event_id, text)

    @contextmanager
    def watching(self, session_id: str, watcher: Grew) -> Generator[None]:
        """Call `watcher` for replies that grow while the block runs."""
        watchers = self._watching.setdefault(session_id, [])
        watchers.append(watcher)
        try:
            yield
        finally:
            watchers.remove(watcher)
            if not watchers:
                self._watching.pop(session_id, None)

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
