"""Engine values as the things that `bot.access` decides about."""

from bot.access import Thing
from engine.scenario import Scenario
from engine.session import State
from engine.store.sessions import SessionRecord


def session_thing(record: SessionRecord, state: State) -> Thing:
    """A session, with everybody who sits in it."""
    people = frozenset(person for seat in state.people.values() for person in seat)
    return Thing(kind="session", owner=record.owner, participants=people)


def scenario_thing(scenario: Scenario, workspace: str) -> Thing:
    """A scenario of the library, as seen in a workspace."""
    return Thing(kind="scenario", owner=workspace, published=scenario.status == "published")
