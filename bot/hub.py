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
class Work:
    """What a process does in a session, from before it looks what that is.

    `reads`: the keys of the events that it takes up, once it knows them. `cut`: somebody wants that
    a turn it leads to ends at once, begun or not.
    """

    reads: frozenset[str] | None = None
    cut: bool = False


@dataclass(slots=True)
class Hub:
    """Wakes whoever waits for news of a session, and shows them replies that grow here."""

    _waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    _watching: dict[str, list[Grew]] = field(default_factory=dict)
    _turns: dict[str, Cut] = field(default_factory=dict)
    _hushed: Counter[str] = field(default_factory=Counter)
    _works: dict[str, Work] = field(default_factory=dict)

    @contextmanager
    def turning(self, session_id: str, *, hushed: bool = True) -> Generator[Cut]:
        """A turn of a session runs in this process while the block does; it can be cut short.

        Unless it is `hushed`, it is itself what others make way for.
        """
        cut = self._turns[session_id] = Cut()
        work = self._works.get(session_id)
        if hushed and (self._hushed[session_id] or (work is not None and work.cut)):
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

    @contextmanager
    def working(self, session_id: str) -> Generator[Work]:
        """Somebody here looks what waits in a session and does it while the block runs.

        A turn that this leads to can be cut from the beginning: who asks for that may have stored
        it after the look, and before the turn.
        """
        work = self._works[session_id] = Work()
        try:
            yield work
        finally:
            if self._works.get(session_id) is work:
                del self._works[session_id]

    @property
    def at_rest(self) -> bool:
        """Whether no turn runs in this process, or may be about to."""
        return not self._turns and not self._works

    def is_turning(self, session_id: str) -> bool:
        """Whether a turn of a session runs in this process, or may be about to."""
        return session_id in self._turns or session_id in self._works

    def passed_over(self, session_id: str, key: str) -> bool:
        """Whether what is done in a session here began without the event with this key."""
        work = self._works.get(session_id)
        return work is not None and work.reads is not None and key not in work.reads

    def cut(self, session_id: str) -> Cut | None:
        """End the turn of a session that runs in this process, if there is one or comes just now.

        Gives one that has begun.
        """
        work = self._works.get(session_id)
        if work is not None:
            work.cut = True
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
