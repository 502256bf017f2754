"""Whole sessions of shipped scenarios through a provider's library."""

from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalog import Catalog
from engine.rehearsal import Rehearsal
from tests.contract.models.anthropic import Rig

if TYPE_CHECKING:
    from engine.llm.caching import CacheMissed

SCENARIOS = Catalog(Path(__file__).parents[3] / "scenarios").published()


async def test_a_session_of_a_scenario_comes_from_the_cache_and_raises_no_alarm() -> None:
    (scenario,) = [one for one in SCENARIOS if one.id == "chest-pain"]
    missed: list[CacheMissed] = []
    async with Rig().over(missed=missed.append) as (model, server, _):
        rehearsal = Rehearsal(scenario, model)
        for fact in [one for one in scenario.facts if one.asks][:30]:
            if not rehearsal.state.over:
                exchange = await rehearsal.say(fact.asks[0])
                assert not exchange.spoken.outage
        last = server.requests[-5:]
    assert rehearsal.state.turns >= 20
    assert len(rehearsal.state.said) >= 10
    assert sum(one.account.read for one in last) > 0.85 * sum(one.account.input for one in last)
    assert missed == []
