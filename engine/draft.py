"""A growing piece of a session's log, with the state it leads to. What `decide` works on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine import events as ev
from engine.casting import ai_seats, cast_of, persona_of
from engine.errors import NotAllowedNow
from engine.gate import opened_by_release
from engine.scenario import Scenario
from engine.scenario.base import Moves
from engine.scenario.exhibits import Exhibit
from engine.session import State, evolve


class Draft:
    """Events decided so far. `state` always is the fold of everything before and in it."""

    def __init__(self, scenario: Scenario, state: State, at: datetime) -> None:
        self.scenario = scenario
        self.state = state
        self.at = at
        self.events: list[ev.Event] = []

    def add(self, *events: ev.Event) -> int:
        """Append events; the seq of the last one."""
        for event in events:
            self.events.append(event)
            self.state = evolve(self.scenario, self.state, event)
        return self.state.seq

    def narrate(self, text: str, because: str) -> None:
        """Let the narrator say something, if there is anything to say."""
        if text:
            self.add(ev.Narrated(at=self.at, text=text, because=because))

    def say_as(self, seat: str, text: str, because: str) -> None:
        """Let a character in the room, or the narrator, say an authored line.

        The line falls away where the character is not in the room, or a person plays it now.
        """
        if not text:
            return
        if seat not in cast_of(self.scenario, self.state.mode):
            self.narrate(text, because)
        elif not self._voiceless(seat):
            self.add(ev.CharacterSaid(at=self.at, seat=seat, text=text, model="authored"))

    def require_voice(self, seat: str) -> None:
        """See that an authored line can be said as `seat`, a character's or the narrator's.

        Raises:
            NotAllowedNow: it is not in the room, or a person plays it now.
        """
        if why := self._voiceless(seat):
            raise NotAllowedNow(why)

    def _voiceless(self, seat: str) -> str:
        """Why no authored line can be said as `seat` now; empty where one can."""
        one = cast_of(self.scenario, self.state.mode).get(seat)
        if one is None:
            return ""
        if seat not in self.state.present:
            return f"seat {seat} is not in the room"
        person_there = one.played_by == "human" or bool(self.state.people.get(seat))
        if seat in self.state.taken_over or person_there:
            return f"seat {seat} is played by a person"
        return ""

    def move(self, seat: str, moves: Moves, because: str) -> None:
        """Move state variables of a seat's persona, within their bounds."""
        persona = persona_of(self.scenario, self.state.mode, seat)
        for name, by in moves.items():
            variable = persona.state.get(name) if persona else None
            if variable is None or (seat, name) not in self.state.values:
                continue
            now = self.state.values[seat, name]
            to = max(variable.min, min(variable.max, now + by))
            if to != now:
                self.add(
                    ev.Moved(
                        at=self.at, seat=seat, variable=name, by=to - now, to=to, because=because
                    )
                )

    def release(self, ids: Iterable[str], because: str) -> None:
        """Release exhibits and open facts named in an action's or a cue's `releases`."""
        wanted = tuple(ids)
        for exhibit in self.scenario.exhibits:
            if exhibit.id in wanted:
                self.hand_over(exhibit, because)
        for fact in opened_by_release(self.scenario, self.state, wanted):
            self.add(ev.FactOpened(at=self.at, fact=fact, because=because))

    def hand_over(self, exhibit: Exhibit, because: str) -> None:
        """Show an exhibit now, or after its delay; nothing for one shown or on its way."""
        if exhibit.id in self.state.released or exhibit.id in self.state.scheduled:
            return
        if exhibit.delay_s:
            due = self.at + timedelta(seconds=exhibit.delay_s)
            self.add(ev.ExhibitScheduled(at=self.at, exhibit=exhibit.id, due=due, because=because))
        else:
            self.add(ev.ExhibitReleased(at=self.at, exhibit=exhibit.id, because=because))

    def hand_over_asked(self, exhibit: Exhibit) -> None:
        """Show an exhibit that the trainee asked for, as far as the limit goes."""
        if exhibit.id in self.state.requested or exhibit.id in self.state.released:
            return
        if len(self.state.requested) >= self.scenario.limits.exhibits:
            self.add(ev.ExhibitRefused(at=self.at, exhibit=exhibit.id))
        else:
            self.hand_over(exhibit, "asked")

    def end(self, status: str, because: str) -> None:
        """End the session, once."""
        if not self.state.over:
            self.add(ev.Ended(at=self.at, status=status, because=because))

    def leading_seat(self) -> str | None:
        """The character that speaks for the scene: the last to speak, else the first at all."""
        seats = ai_seats(self.scenario, self.state.mode)
        if self.state.front in seats:
            return self.state.front
        always = (
            seat
            for seat in seats
            if seat in self.state.present
            and cast_of(self.scenario, self.state.mode)[seat].speaks == "always"
        )
        return next(always, None)
