"""Plays a scenario with no store: for its own tests, for probing and for measuring.

The same rules, classifier, model and checks as a real session; only the log is kept in memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine import events as ev
from engine.casting import human_seats, mode_named
from engine.classify import Reader
from engine.decide import decide
from engine.inputs import Act, Input, Start, Step, UseTool
from engine.llm.port import Deadline, Model
from engine.loader import hash_of
from engine.prompting import Prompt
from engine.scenario import Scenario
from engine.session import State, fold
from engine.speaking import Speaker
from engine.store.sessions import SessionRecord
from engine.thinking import closing, readings, think
from engine.turns import OpenTurn, Said, Spoken, ThoughtTurn

PERSON = "rehearsal"
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TURN = timedelta(seconds=20)
"""So long a turn takes in a rehearsal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One turn: what the character was told, what it said, and what happened."""

    prompt: Prompt | None
    spoken: Spoken
    events: tuple[ev.Event, ...]


class Rehearsal:
    """One session in memory. Its clock moves by a fixed step a turn, and by `wait`."""

    def __init__(
        self,
        scenario: Scenario,
        model: Model,
        *,
        mode: str | None = None,
        seed: int = 0,
        reader: Reader | None = None,
        people: tuple[tuple[str, str], ...] = (),
        begin: datetime = BEGIN,
    ) -> None:
        """Begin. `people` are (seat, person), by default one person in the first human seat."""
        self.scenario = scenario
        self.mode = mode_named(scenario, mode)
        people = people or ((human_seats(scenario, self.mode)[0], PERSON),)
        self.seat, self.person = people[0]
        self.at = begin
        self.log: list[ev.Event] = []
        self.state = State()
        self._reader = reader or Reader(scenario)
        self._speaker = Speaker(model)
        self._do(
            Start(
                at=self.at,
                scenario_hash=hash_of(scenario),
                mode=self.mode,
                language=scenario.languages[0],
                seed=seed,
                seats=people,
            )
        )

    def _do(self, given: Input) -> tuple[ev.Event, ...]:
        return self._keep(decide(self.scenario, self.state, given))

    def _keep(self, events: Iterable[ev.Event]) -> tuple[ev.Event, ...]:
        kept = tuple(events)
        self.log.extend(kept)
        self.state = fold(self.scenario, kept, self.state)
        return kept

    def thought(self, text: str) -> ThoughtTurn:
        """What saying `text` would do next, and what the character would know; keeps nothing."""
        turn = OpenTurn(
            session=self._record(),
            scenario=self.scenario,
            state=self.state,
            said=Said(person=self.person, messages=((text, None),)),
            seat=self.seat,
        )
        return think(turn, readings(turn, self._reader), self.at + TURN)

    async def say(self, text: str) -> Exchange:
        """Say something and hear the answer."""
        thought = self.thought(text)
        self.at += TURN
        spoken = await self._speaker.speak(thought, Deadline())
        events = self._keep((*thought.happened, *closing(thought, spoken, self.at)))
        return Exchange(prompt=thought.prompt, spoken=spoken, events=events)

    def act(
        self, command: str, text: str, fields: Mapping[str, str] | None = None
    ) -> tuple[ev.Event, ...]:
        """Order or submit something, with the fields of its form.

        Raises:
            UnknownAction: nothing that can be ordered or submitted was recognised.
            NotAllowedNow: the session does not run.
        """
        self.at += TURN
        return self._do(
            Act(
                at=self.at,
                seat=self.seat,
                person=self.person,
                command=command,
                text=text,
                fields=tuple((fields or {}).items()),
            )
        )

    def use(self, tool: str, args: dict[str, str]) -> tuple[ev.Event, ...]:
        """Use a tool of the sandbox; raises as `act`."""
        self.at += TURN
        return self._do(UseTool(at=self.at, seat=self.seat, tool=tool, args=args))

    def step(self, verb: str) -> tuple[ev.Event, ...]:
        """Take a plain step: next, hint, pause, resume, end.

        Raises:
            NotAllowedNow: it is not possible as the session stands.
        """
        return self._do(Step(at=self.at, verb=verb))

    def wait(self, minutes: float) -> tuple[ev.Event, ...]:
        """Let time pass, minute by minute, as the tick would."""
        happened: list[ev.Event] = []
        until = self.at + timedelta(minutes=minutes)
        while self.at < until:
            self.at = min(until, self.at + timedelta(minutes=1))
            happened.extend(self._do(Step(at=self.at, verb="tick")))
        return tuple(happened)

    def _record(self) -> SessionRecord:
        return SessionRecord(
            id="rehearsal",
            scenario_id=self.scenario.id,
            scenario_hash="rehearsal",
            mode=self.mode,
            language=self.state.language,
            seed=self.state.seed,
            status=self.state.status,
            phase=self.state.phase,
            seq=self.state.seq,
            owner="",
            started_at=self.state.started_at,
            completed_at=None,
            created_at=BEGIN,
            updated_at=self.at,
            due=None,
        )
