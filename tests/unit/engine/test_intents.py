"""Intent packs: what is shipped, and what facts are bound to."""

from collections import Counter
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.classify import Reader
from engine.intents import (
    FAR,
    NEAR,
    NO_INTENTS,
    OFF_TOPIC,
    PACKS,
    SMALL_TALK,
    BadPack,
    Intents,
    Pack,
    load_packs,
)
from engine.scenario import Scenario
from tests.unit.engine.rules_scene import Json, Play, scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SHIPPED = load_packs(SCENARIOS / "intents")
PUBLISHED = Catalog(SCENARIOS).published()
INTENTS = {
    "pain.site": ["where does it hurt", "show me the place", "where is the pain",
                  "which part is sore", "point to where it is"],
    "pain.onset": ["when did it start", "since when do you have it", "how long have you had it",
                   "when did you first notice it", "what day did it begin"],
    "habits.smoking": ["do you smoke", "are you a smoker", "how many cigarettes a day",
                       "have you ever smoked", "any tobacco"],
}  # fmt: skip


def pack(domain: str = "clinical", **changes: object) -> Pack:
    body: Json = {
        "format": "dressrun-intents/1",
        "domain": domain,
        "intents": [{"id": id_, "phrasings": lines} for id_, lines in INTENTS.items()],
    }
    return Pack.model_validate(body | changes)


SMALL = Intents({"clinical": pack()})


def fact(id_: str, *asks: str, **more: object) -> Json:
    return {"id": id_, "say": f"The answer of {id_}.", "asks": list(asks), **more}


def with_facts(*facts: Json, **changes: object) -> Scenario:
    """A scenario in which the one who answers knows all of these facts."""
    made = scenario(facts=list(facts), **changes)
    ruth = made.personas["ruth"].model_copy(update={"knows": "all"})
    return made.model_copy(update={"personas": {**made.personas, "ruth": ruth}})


def bound(*facts: Json) -> dict[str, str]:
    return dict(SMALL.bound(with_facts(*facts)))


def understood(made: Scenario, intents: Intents, text: str) -> tuple[str, ...]:
    reader = Reader(made, intents)
    return reader.read(Play(made, reader=reader).state, text).sure_facts


# What is shipped


def test_every_domain_has_its_packs_and_all_have_small_talk() -> None:
    needed = {SMALL_TALK, OFF_TOPIC, *(name for names in PACKS.values() for name in names)}
    assert set(SHIPPED.packs) == needed
    assert len(needed) == 7


@pytest.mark.parametrize("name", SHIPPED.packs)
def test_a_shipped_pack_is_sound(name: str) -> None:
    intents = SHIPPED.packs[name].intents
    assert [id_ for id_, count in Counter(one.id for one in intents).items() if count > 1] == []
    least = NEAR if name == OFF_TOPIC else 12  # nobody binds a fact to what is off topic
    assert [one.id for one in intents if not least <= len(one.phrasings) <= 20] == []
    lines = [line.lower() for one in intents for line in one.phrasings]
    assert [line for line, count in Counter(lines).items() if count > 1] == []


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.id)
def test_intents_that_shipped_scenarios_name_are_there(one: Scenario) -> None:
    named = {fact.intent for fact in one.facts if fact.intent}
    assert named - set(SHIPPED.by_id) == set()
    mine = tuple(f"{name}/" for name in PACKS[one.domain])
    assert [intent for intent in named if not intent.startswith(mine)] == []


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.id)
def test_no_binding_of_a_shipped_scenario_takes_what_another_fact_has(one: Scenario) -> None:
    written = {fact.id: fact.intent for fact in one.facts if fact.intent}
    found = SHIPPED.bound(one)
    assert {id_: found[id_] for id_ in written} == written
    taken = [intent for id_, intent in found.items() if id_ not in written]
    assert len(taken) == len(set(taken))
    assert not set(taken) & set(written.values())


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.id)
def test_what_no_fact_is_bound_to_is_something_else(one: Scenario) -> None:
    lines = Counter(id_ for id_, _ in SHIPPED.others(one))
    packs = {id_.partition("/")[0] for id_ in lines}
    own = {*PACKS[one.domain], SMALL_TALK, OFF_TOPIC}
    assert packs == set(SHIPPED.packs)
    assert not set(lines) & set(SHIPPED.bound(one).values())
    assert {lines[id_] for id_ in lines if id_.partition("/")[0] not in own} == {FAR}
    assert max(lines.values()) == NEAR


def test_what_a_fact_may_mean_is_nothing_else() -> None:
    asks = ("where does it hurt", "do you smoke", "when did it start")
    left = {id_ for id_, _ in SMALL.others(with_facts(fact("mixed", *asks)))}
    assert left == set()
    left = {id_ for id_, _ in SMALL.others(with_facts(fact("smoking", "do you smoke")))}
    assert left == {"clinical/pain.site", "clinical/pain.onset"}


# Binding


def test_a_fact_is_bound_where_its_examples_agree() -> None:
    found = bound(fact("began", "since when do you have it", "when did it begin", "what day"))
    assert found == {"began": "clinical/pain.onset"}


@pytest.mark.parametrize(
    "asks",
    [
        ("do you smoke", "where does it hurt", "when did it start"),
        ("do you smoke", "what is your dog called", "who painted that picture"),
        ("what is your dog called", "who painted that picture"),
    ],
)
def test_a_fact_is_left_alone_where_they_do_not(asks: tuple[str, ...]) -> None:
    assert bound(fact("mixed", *asks)) == {}


def test_half_of_the_examples_are_enough() -> None:
    asks = ("do you smoke", "are you a smoker", "who painted that", "what is your dog called")
    assert bound(fact("half", *asks)) == {"half": "clinical/habits.smoking"}


def test_binding_never_gives_one_intent_to_two_facts() -> None:
    asks = ("do you smoke", "are you a smoker")
    assert bound(fact("first", *asks), fact("second", *asks)) == {
        "first": "clinical/habits.smoking"
    }
    named = fact("named", "what about it", intent="clinical/habits.smoking")
    assert bound(fact("first", *asks), named) == {"named": "clinical/habits.smoking"}


def test_what_the_author_wrote_is_kept_and_what_no_pack_has_is_left_out() -> None:
    named = fact("named", "where does it hurt", intent="clinical/pain.onset")
    unknown = fact("unknown", "do you smoke", intent="clinical/habits.smokin")
    assert bound(named, unknown) == {"named": "clinical/pain.onset"}


def test_a_fact_without_examples_is_bound_to_nothing() -> None:
    assert bound(fact("silent", disclose="never")) == {}


# What it is good for


def test_a_bound_fact_is_understood_in_all_wordings_of_its_intent() -> None:
    asks = ("do you smoke", "are you a smoker")
    made = with_facts(fact("smoking", *asks), fact("garden", "do you have a garden"))
    text = "Any tobacco?"
    assert understood(made, NO_INTENTS, text) == ()
    assert understood(made, SMALL, text) == ("smoking",)


def test_what_an_author_wrote_for_one_fact_wins_over_anothers_phrasing() -> None:
    made = with_facts(
        fact("smoking", "do you smoke", intent="clinical/habits.smoking"),
        fact("pouch", "any tobacco", "what is in the pouch"),
    )
    assert understood(made, SMALL, "Any tobacco?") == ("pouch",)
    assert understood(made, SMALL, "How many cigarettes a day?") == ("smoking",)


def test_a_concept_of_a_pack_is_understood_in_its_domain_only() -> None:
    knowing = Intents({"clinical": pack(concepts=[["garden", "allotment"]])})
    facts = [fact("garden", "do you have a garden", "tell me about your garden")]
    text = "Do you have an allotment?"
    assert understood(with_facts(*facts), knowing, text) == ("garden",)
    assert "c:0" not in list(knowing.concepts("service").of(("garden",)))


def test_a_domain_without_a_pack_is_read_by_its_own_examples() -> None:
    made = with_facts(fact("smoking", "do you smoke", "are you a smoker"), domain="service")
    assert SMALL.bound(made) == {}
    assert understood(made, SMALL, "Do you smoke?") == ("smoking",)
    assert SHIPPED.bound(made) == {}


def test_without_packs_only_nothing_is_bound() -> None:
    assert NO_INTENTS.by_id == {}
    assert list(NO_INTENTS.others(with_facts(fact("smoking", "do you smoke")))) == []
    assert NO_INTENTS.bound(with_facts(fact("smoking", "do you smoke"))) == {}


# Files


def test_of_two_packs_of_a_domain_the_later_folder_counts(tmp_path: Path) -> None:
    lines = "".join(f"\n      - question {number}" for number in range(5))
    (tmp_path / "own.yaml").write_text(
        "format: dressrun-intents/1\ndomain: clinical\nintents:\n  - id: only.one\n"
        f"    phrasings:{lines}\n",
        encoding="utf-8",
    )
    found = load_packs(SCENARIOS / "intents", tmp_path)
    assert [id_ for id_ in found.by_id if id_.startswith("clinical/")] == ["clinical/only.one"]
    assert set(found.packs) == set(SHIPPED.packs)
    assert load_packs(tmp_path / "nowhere").packs == {}


@pytest.mark.parametrize(
    "text",
    [
        "intents: [",
        "just words",
        "format: dressrun-intents/2\ndomain: clinical\nintents: []\n",
        "format: dressrun-intents/1\ndomain: clinical\nintents:\n  - {id: a.b, phrasings: [one]}\n",
        "format: dressrun-intents/1\ndomain: clinical\nintents: []\nmore: 1\n",
        "!!python/object/apply:os.getcwd []",
    ],
)
def test_a_file_that_is_no_pack_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadPack) as caught:
        load_packs(tmp_path)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)
