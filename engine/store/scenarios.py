"""Queries over the scenarios that sessions were played with."""

from hashlib import sha256

from pydantic import ValidationError
from sqlalchemy import func, select

from engine.errors import SimulationError
from engine.scenario import Scenario
from engine.store import Transaction
from engine.store.tables import ScenarioVersionRow
from engine.store.upsert import insert_new


class NoScenarioVersion(SimulationError):
    """No scenario with this hash was ever played here."""

    code = "no_scenario_version"

    def __init__(self, hash_: str) -> None:
        super().__init__(f"no scenario version {hash_}")
        self.hash = hash_


class UnreadableScenario(SimulationError):
    """A stored scenario that this release cannot read; another one wrote it."""

    code = "unreadable_scenario"

    def __init__(self, hash_: str, problems: int) -> None:
        super().__init__(f"scenario version {hash_}: {problems} problem(s)")
        self.hash = hash_


async def put(tx: Transaction, scenario: Scenario) -> str:
    """Keep a scenario as it is now; its hash. Keeping the same one again changes nothing."""
    written = _written(scenario)
    hash_ = _hash_of(written)
    values = {
        "hash": hash_,
        "scenario_id": scenario.id,
        "version": scenario.version,
        "body": written,
        "created_at": func.now(),
    }
    await insert_new(tx, ScenarioVersionRow, values, key=("hash",))
    return hash_


async def body(tx: Transaction, hash_: str) -> Scenario:
    """A scenario as it was when it was kept.

    Raises:
        NoScenarioVersion: it was never kept.
        UnreadableScenario: another release wrote it, and this one does not understand it.
    """
    found = await tx.scalar(select(ScenarioVersionRow.body).where(ScenarioVersionRow.hash == hash_))
    if found is None:
        raise NoScenarioVersion(hash_)
    try:
        return Scenario.model_validate_json(found)
    except ValidationError as error:
        raise UnreadableScenario(hash_, error.error_count()) from None


def hash_of(scenario: Scenario) -> str:
    """The hash under which `put` keeps a scenario."""
    return _hash_of(_written(scenario))


def _written(scenario: Scenario) -> str:
    # Defaults included, so that a later release with others still plays it as it was. Keys keep
    # their order, since the order of seats and personas means something.
    return scenario.model_dump_json(by_alias=True)


def _hash_of(written: str) -> str:
    return sha256(written.encode()).hexdigest()
