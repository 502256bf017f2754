"""What a scenario's reader learns from: sentences, each with what it asks for.

To find them asks a lot of the packs, so they are kept beside what was learned from them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.intents import Intents
from engine.scenario import Scenario
from engine.shelf import Shelf, key_of
from engine.words import normal

EXHIBIT = "exhibit:"
"""What the ids of exhibits begin with here."""
OTHER = "~"
"""What the ids of what no fact tells begin with here."""

Examples = tuple[tuple[str, str], ...]
"""(Id, sentence) pairs; ids repeat."""

_KEPT = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What asks for the facts of a scenario, for its exhibits, and for nothing in it."""

    facts: Examples
    exhibits: Examples
    others: Examples


def lesson_of(scenario: Scenario, intents: Intents, shelf: Shelf | None = None) -> Lesson:
    """The lesson of a scenario with these packs, from `shelf` where it was put there before."""
    exhibits = tuple(_exhibit_examples(scenario))
    key = key_of((_KEPT, *_given(scenario), *intents.told())) if shelf is not None else ""
    found = _found(shelf, key) if shelf is not None else None
    if found is None:
        facts = tuple(_fact_examples(scenario, intents))
        found = facts, tuple(_no_facts(scenario, intents, facts))
        if shelf is not None:
            _keep(shelf, key, found)
    facts, others = found
    return Lesson(facts=facts, exhibits=exhibits, others=others)


def _given(scenario: Scenario) -> Iterator[str]:
    """All of a scenario that its facts' questions, and those of others, depend on."""
    yield scenario.domain
    for fact in scenario.facts:
        others = [text.asks for text in fact.texts.values()]
        yield json.dumps([fact.id, fact.intent, fact.asks, others])


def _found(shelf: Shelf, key: str) -> tuple[Examples, Examples] | None:
    kept = shelf.find(key, {_KEPT: (-1,)})
    if kept is None:
        return None
    facts, others = json.loads(kept[_KEPT].tobytes())
    return _pairs(facts), _pairs(others)


def _keep(shelf: Shelf, key: str, found: tuple[Examples, Examples]) -> None:
    import numpy as np

    shelf.keep(key, {_KEPT: np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)})


def _pairs(given: Iterable[tuple[str, str]]) -> Examples:
    return tuple((id_, text) for id_, text in given)


def _fact_examples(scenario: Scenario, intents: Intents) -> Iterator[tuple[str, str]]:
    """Each fact's own questions, and those of its intent; what the author wrote for one wins."""
    own = [
        (fact.id, ask)
        for fact in scenario.facts
        for lines in (fact.asks, *(text.asks for text in fact.texts.values()))
        for ask in lines
    ]
    yield from own
    claimed = {normal(ask): fact_id for fact_id, ask in own}
    for fact_id, intent in intents.bound(scenario).items():
        for line in intents.by_id[intent].phrasings:
            if claimed.get(normal(line), fact_id) == fact_id:
                yield fact_id, line


def _exhibit_examples(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for one in scenario.exhibits:
        if one.release == "on_ask":
            asks_for = (one.title, f"show me the {one.title}", f"can i see the {one.title}")
            yield from ((f"{EXHIBIT}{one.id}", ask) for ask in (*one.asks, *asks_for))


def _no_facts(scenario: Scenario, intents: Intents, facts: Examples) -> Iterator[tuple[str, str]]:
    """What asks for no fact of this scenario: small talk, and questions of other scenarios."""
    own = {normal(text) for _, text in facts}
    for intent, line in intents.others(scenario):
        if normal(line) not in own:
            yield f"{OTHER}{intent}", line
