"""Queries over the scenarios that sessions were played with."""

from datetime import datetime

from sqlalchemy import select

from engine.errors import SimulationError
from engine.store import Transaction
from engine.store.tables import ScenarioVersionRow
from engine.store.upsert import insert_new


class NoScenarioVersion(SimulationError):
    """No scenario with this hash was ever played here."""

    code = "no_scenario_version"

    def __init__(self, hash_: str) -> None:
        super().__init__(f"no scenario version {hash_}")
        self.hash = hash_


async def put(
    tx: Transaction, *, hash_: str, scenario_id: str, version: str, body: str, at: datetime
) -> None:
    """Keep a scenario's body under its hash. Keeping the same one again changes nothing."""
    values = {
        "hash": hash_,
        "scenario_id": scenario_id,
        "version": version,
        "body": body,
        "created_at": at,
    }
    await insert_new(tx, ScenarioVersionRow, values, key=("hash",))


async def body(tx: Transaction, hash_: str) -> str:
    """A scenario's body as it was when it was kept.

    Raises:
        NoScenarioVersion: it was never kept.
    """
    found = await tx.scalar(select(ScenarioVersionRow.body).where(ScenarioVersionRow.hash == hash_))
    if found is None:
        raise NoScenarioVersion(hash_)
    return found
