"""The state is the fold of the log, whatever is done in whatever order."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.bench.leak import ATTACKS, WARM, Search
from engine import events as ev
from engine.casting import ai_seats, mode_names, persona_of
from engine.catalog import Catalog
from engine.classify import Reader
from engine.decide import decide
from engine.director import next_due
from engine.errors import SimulationError
from engine.gate import SEALABLE
from engine.inputs import Step
from engine.llm.embedded import EmbeddedModel
from engine.prompting import ASKABLE_LIMIT
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.session import State, fold
from tests.unit.engine.rules_scene import Play

SCENARIOS = Catalog(Path(__file__).parents[3] / "scenarios").published()
READERS = {one.id: Reader(one) for one in SCENARIOS}
SEARCHES = {one.id: Search(one) for one in SCENARIOS}
SMALL_TALK = (
    "Hello.", "Thanks.", "Goodbye.", "Hm.", "ok", "yes", "no", "Yes please", "the first one",
    "How are you?", "and why?", "Is that all?", "You are lying.", "Calm down, it is nothing.",
    "Ruth Amadi, 12 April 1965", "Tuesday after four", "What time is it? Who are you? Why?",
)  # fmt: skip
VERBS = ("next", "pause", "resume", "resume", "hint", "tick")
STAGE = ("inject", "take_over", "hand_back", "release", "next_phase")
JUNK = st.text(max_size=200).filter(lambda text: bool(text.strip()))


class Sessions(RuleBasedStateMachine):
    """Any scenario, any order of words, actions, tools, waiting and steps."""

    @initialize(which=st.integers(0, 10_000), seed=st.integers(0, 5))
    def begin(self, which: int, seed: int) -> None:
        kinds = [(one, mode) for one in SCENARIOS for mode in mode_names(one)]
        scenario, mode = kinds[which % len(kinds)]
        self.play = Play(scenario, mode=mode, seed=seed, reader=READERS[scenario.id])
        self.step_state, self.stepped = State(), 0

    @property
    def scenario(self) -> Scenario:
        return self.play.scenario

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        facts = [fact for fact in self.scenario.facts if fact.asks]
        fact = data.draw(st.sampled_from(facts))
        self._say(data.draw(st.sampled_from(fact.asks)))

    @rule(texts=st.lists(st.sampled_from((*SMALL_TALK, *WARM, *ATTACKS)), min_size=1, max_size=3))
    def talk(self, texts: list[str]) -> None:
        self._say(" ".join(texts))

    @rule(text=JUNK, times=st.integers(1, 30))
    def junk(self, text: str, times: int) -> None:
        self._say(text * times)

    def _say(self, text: str) -> None:
        if self.play.state.status != "in_progress":
            return
        thought = self.play.thought(text)
        found = SEARCHES[self.scenario.id].prompts(thought)
        assert found.found == ()
        before = self.play.state
        exchange = asyncio.run(self.play.say(text))
        if exchange.prompt is not None:
            asked = [one for one in exchange.prompt.facts if one.standing == "askable"]
            assert len(asked) <= ASKABLE_LIMIT
            told = {one.fact for one in exchange.events if isinstance(one, ev.FactSaid)}
            assert told <= {one.id for one in exchange.prompt.facts}
        assert self.play.state.seq > before.seq

    @rule(data=st.data())
    @precondition(lambda self: self.scenario.actions)
    def act(self, data: st.DataObject) -> None:
        action = data.draw(st.sampled_from(self.scenario.actions))
        self._try(lambda: self.play.act(action.command, action.match[0]))

    @rule(data=st.data(), args=st.dictionaries(st.sampled_from(("customer", "start")), st.text()))
    @precondition(lambda self: self.scenario.tools)
    def use(self, data: st.DataObject, args: dict[str, str]) -> None:
        tool = data.draw(st.sampled_from(self.scenario.tools))
        self._try(lambda: self.play.use(tool.id, args))

    @rule(verb=st.sampled_from(STAGE), data=st.data())
    def stage(self, verb: str, data: st.DataObject) -> None:
        seat = data.draw(st.sampled_from((*self.scenario.cast, "narrator")))
        things = (*self.scenario.facts, *self.scenario.exhibits)
        text = data.draw(st.sampled_from([one.id for one in things]))
        self._try(lambda: self.play.stage(verb, seat=seat, text=text))

    @rule(leave=st.booleans(), data=st.data())
    def sit(self, leave: bool, data: st.DataObject) -> None:
        seat = data.draw(st.sampled_from(sorted(self.scenario.cast)))
        self._try(lambda: self.play.sit(seat, "guest", leave=leave))

    @rule(verb=st.sampled_from(VERBS))
    def step(self, verb: str) -> None:
        self._try(lambda: self.play.step(verb))

    @rule(verb=st.sampled_from(("end", "stop", "abandon")), rarely=st.integers(0, 7))
    def leave(self, verb: str, rarely: int) -> None:
        if rarely == 0:
            self._try(lambda: self.play.step(verb))

    @rule(minutes=st.floats(0.01, 12))
    def wait(self, minutes: float) -> None:
        self.play.wait(minutes)

    @rule(share=st.floats(0, 0.999))
    def nothing_happens_before_it_is_due(self, share: float) -> None:
        state, at = self.play.state, self.play.at
        due = next_due(self.scenario, state)
        until = due if due is not None else at + timedelta(days=30)
        if state.last_at is None or until <= state.last_at:
            return
        moment = state.last_at + (until - state.last_at) * share - timedelta(milliseconds=1)
        assert decide(self.scenario, state, Step(at=moment, verb="tick")) == ()

    def _try(self, what: Any) -> None:
        try:
            what()
        except SimulationError:
            return

    @invariant()
    def the_state_is_the_fold_of_the_log(self) -> None:
        if not hasattr(self, "play"):
            return
        log, state = self.play.log, self.play.state
        assert state.seq == len(log)
        assert fold(self.scenario, log) == state
        for event in log[self.stepped :]:
            self.step_state = fold(self.scenario, (event,), self.step_state)
        self.stepped = len(log)
        assert self.step_state == state

    @invariant()
    def facts_and_values_keep_their_rules(self) -> None:
        if not hasattr(self, "play"):
            return
        state, scenario = self.play.state, self.scenario
        by_id = {fact.id: fact for fact in scenario.facts}
        assert all(by_id[one].disclose != "never" for one in state.opened)
        assert all(by_id[one].disclose in SEALABLE for one in state.opened)
        free = {one.id for one in scenario.facts if one.disclose not in SEALABLE}
        assert set(state.said) <= free | state.opened
        for seat in ai_seats(scenario, state.mode):
            persona = persona_of(scenario, state.mode, seat)
            for name, variable in (persona.state if persona else {}).items():
                assert variable.min <= state.values[seat, name] <= variable.max
        assert len(state.requested) <= scenario.limits.exhibits

    @invariant()
    def utterances_point_at_their_events(self) -> None:
        if not hasattr(self, "play"):
            return
        log = self.play.log
        for said in self.play.state.utterances:
            event = log[said.seq - 1]
            assert getattr(event, "text", None) == said.text
            assert event.at == said.at
            assert all(isinstance(log[seq - 1], ev.TraineeSaid) for seq in said.answers)

    @invariant()
    def nothing_follows_an_end_but_a_way_back(self) -> None:
        if not hasattr(self, "play"):
            return
        for event, following in zip(self.play.log, self.play.log[1:], strict=False):
            if isinstance(event, ev.Ended):
                assert isinstance(following, ev.Resumed)
                assert event.status == "abandoned"

    def teardown(self) -> None:
        if not hasattr(self, "play"):
            return
        read = [
            ev.from_body(one.kind, ev.VERSION, one.at, json.loads(json.dumps(ev.to_body(one))))
            for one in self.play.log
        ]
        assert read == self.play.log
        assert fold(self.scenario, read) == self.play.state


Sessions.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessions = Sessions.TestCase


def test_a_fold_can_go_on_from_any_point() -> None:
    scenario = SCENARIOS[0]
    play = Rehearsal(scenario, EmbeddedModel(), reader=READERS[scenario.id])
    for ask in (fact.asks[0] for fact in scenario.facts[:8] if fact.asks):
        asyncio.run(play.say(ask))
    for cut in range(len(play.log) + 1):
        first = fold(scenario, play.log[:cut])
        assert first.seq == cut
        assert fold(scenario, play.log[cut:], first) == play.state


def test_the_same_words_lead_to_the_same_log() -> None:
    scenario = SCENARIOS[0]
    logs = []
    for _ in range(2):
        play = Rehearsal(scenario, EmbeddedModel(), seed=7, reader=READERS[scenario.id])
        for text in ("Hello.", "When did it start?", *ATTACKS[:3], *WARM):
            asyncio.run(play.say(text))
        logs.append(play.log)
    assert logs[0] == logs[1]
