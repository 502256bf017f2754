"""Intent packs: questions that many scenarios share, and what words mean the same in them.

A fact names an intent and is understood in all its wordings; a fact that names none is bound to the
nearest one when its own examples agree.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from engine.features import Concepts
from engine.matching import Match, Matcher
from engine.scenario import Domain, Scenario
from engine.scenario.base import Line, Part, Slug

SMALL_TALK = "small_talk"
OFF_TOPIC = "off_topic"
PACKS: Mapping[Domain, tuple[str, ...]] = {
    "clinical": ("clinical",),
    "social_work": ("social",),
    "interview": ("interview",),
    "service": ("service",),
    "telephony": ("scheduling",),
}
"""The packs that a domain's scenarios are read with. Small talk and what is off topic are read with
in all."""

AGREE = 0.5
"""The share of a fact's own examples that must lead to one intent for it to be bound."""
CLOSE = 0.3
"""How well an example must fit an intent to count for it."""

MEANT = 0.6
"""How well any one example must fit an intent for it not to count as something else."""
NEAR, FAR = 8, 1
"""How many phrasings of an intent tell what is not asked: of packs read here, of other domains."""

IntentName = Annotated[str, Field(pattern=r"^[a-z0-9_.]+$", max_length=60)]


class Intent(Part):
    """A question in many wordings."""

    id: IntentName
    topic: str = ""
    phrasings: Annotated[tuple[Line, ...], Field(min_length=5)]


class Pack(Part):
    """The intents of one domain, and groups of words that mean the same there."""

    format: Literal["dressrun-intents/1"]
    domain: Slug
    intents: tuple[Intent, ...]
    concepts: tuple[tuple[Line, ...], ...] = ()


class BadPack(ValueError):
    """An intent pack that cannot be used; the text says which and where."""


@dataclass(frozen=True)
class Intents:
    """All packs. Built once; never changes."""

    packs: Mapping[str, Pack] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Intent]:
        """Every intent by its whole id, as `clinical/pain.radiation`."""
        return {
            f"{name}/{intent.id}": intent
            for name, pack in self.packs.items()
            for intent in pack.intents
        }

    def told(self) -> Iterator[str]:
        """All that they hold, in their order."""
        for name, pack in self.packs.items():
            yield name
            yield pack.model_dump_json()

    def concepts(self, domain: Domain) -> Concepts:
        """What means the same in a domain's questions."""
        packs = (self.packs[name] for name in (*PACKS[domain], SMALL_TALK) if name in self.packs)
        return Concepts(group for pack in packs for group in pack.concepts)

    def others(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        """(Intent id, question) of everything that no fact of a scenario is bound to.

        Of what is not asked here the likeliest is known best: small talk, what is off topic and
        what else is asked in the domain. An intent that a fact's own example fits well is left out;
        the fact may mean it.
        """
        taken = {*self.bound(scenario).values(), *self._meant(scenario)}
        own = PACKS[scenario.domain]
        for id_, intent in self.by_id.items():
            pack = id_.partition("/")[0]
            many = NEAR if pack in (*own, SMALL_TALK, OFF_TOPIC) else FAR
            if id_ not in taken:
                yield from ((id_, line) for line in intent.phrasings[:many])

    def _meant(self, scenario: Scenario) -> Iterator[str]:
        for fact in scenario.facts:
            for one in self._nearest(scenario.domain, fact.asks):
                if one.score >= MEANT:
                    yield one.id

    def bound(self, scenario: Scenario) -> Mapping[str, str]:
        """Fact id to intent id: as the author wrote, else the nearest where the examples agree."""
        named = {
            fact.id: fact.intent
            for fact in scenario.facts
            if fact.intent is not None and fact.intent in self.by_id
        }
        free = [fact for fact in scenario.facts if fact.intent is None and fact.asks]
        taken = set(named.values())
        for fact in free:
            nearest = _agreed(self._nearest(scenario.domain, fact.asks), len(fact.asks))
            if nearest is not None and nearest not in taken:
                named[fact.id] = nearest
                taken.add(nearest)
        return named

    def _nearest(self, domain: Domain, asks: Sequence[str]) -> list[Match]:
        """What in a domain each of these is closest to, where there is something."""
        matcher = self._matcher(domain)
        if matcher is None:
            return []
        found = self._found
        for ask in asks:
            if (domain, ask) not in found:
                found[domain, ask] = matcher.nearest(ask)
        return [one for ask in asks if (one := found[domain, ask]) is not None]

    @cached_property
    def _found(self) -> dict[tuple[Domain, str], Match | None]:
        """A start asks the same several times."""
        return {}

    def _matcher(self, domain: Domain) -> Matcher | None:
        """Tells the intents of a domain apart; None where it has no pack."""
        packs = tuple(f"{name}/" for name in PACKS[domain] if name in self.packs)
        if packs and domain not in self._matchers:
            examples = (
                (id_, line)
                for id_, intent in self.by_id.items()
                if id_.startswith(packs)
                for line in intent.phrasings
            )
            self._matchers[domain] = Matcher(examples, self.concepts(domain))
        return self._matchers.get(domain)

    @cached_property
    def _matchers(self) -> dict[str, Matcher]:
        return {}


NO_INTENTS = Intents()


def _agreed(best: Sequence[Match], of: int) -> str | None:
    """What most of so many lines are closest to."""
    votes = Counter(match.id for match in best if match.score >= CLOSE)
    if not votes:
        return None
    id_, count = votes.most_common(1)[0]
    return id_ if count >= AGREE * of else None


def load_packs(*folders: Path) -> Intents:
    """Every `*.yaml` of the folders; of two packs of one domain, the later folder's counts.

    Raises:
        BadPack: a file is no pack.
    """
    packs: dict[str, Pack] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            pack = _read(file)
            packs[pack.domain] = pack
    return Intents(packs)


def _read(file: Path) -> Pack:
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - base
        return Pack.model_validate(document)
    except (yaml.YAMLError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise BadPack(f"{file}: {first}; see docs/writing-a-scenario.md for the form") from None


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Reads every scalar as text and builds no objects."""
