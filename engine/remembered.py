"""What sessions had led to when they were last stored, so that not all of a log is read again.

A log only grows, so a state that was stored stays true of its beginning. The one exception, what
forgetting a person changes, is counted in the session's head.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from engine.session import State
from engine.store.sessions import SessionRecord

MOST: Final = 500
"""So many sessions are remembered, those that were played last."""


@dataclass(slots=True)
class Remembered:
    """States of sessions, in this process's memory alone. Wrong ones are never given."""

    _states: OrderedDict[str, tuple[int, State]] = field(default_factory=OrderedDict)

    def of(self, session: SessionRecord) -> State:
        """The state that some beginning of the log led to; the empty one where none is known."""
        rewritten, state = self._states.get(session.id, (session.rewritten, State()))
        if rewritten != session.rewritten:
            del self._states[session.id]
            return State()
        return state if state.seq <= session.seq else State()

    def keep(self, session: SessionRecord, state: State) -> None:
        """Remember what is stored by now. What a transaction may still undo must not come here."""
        self._states[session.id] = (session.rewritten, state)
        self._states.move_to_end(session.id)
        if state.over:
            del self._states[session.id]  # nobody speaks there any more
        elif len(self._states) > MOST:
            self._states.popitem(last=False)
