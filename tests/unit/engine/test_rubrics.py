"""Rubric packs: criteria that scenarios take over by id."""

from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.loader import load, load_bytes
from engine.rubrics import BadRubricPack, Rubrics, load_rubrics

SHIPPED = Path("scenarios/rubrics")
PACK = """\
format: dressrun-rubric/1
id: calls
title: Calls
criteria:
  - id: greets
    label: Greets
    kind: checklist
    weight: 40
    evidence: {signal: greeting}
    advice: Say hello.
  - id: asks
    label: Asks
    kind: checklist
    weight: 60
"""
CRITERIA = """\
rubric:
  criteria:
    - {use: calls/greets, advice: Say good morning.}
    - {use: calls/asks, id: asks_onset, evidence: {asked_any: [onset]}}
"""


@pytest.fixture
def rubrics(tmp_path: Path) -> Rubrics:
    (tmp_path / "calls.yaml").write_text(PACK, encoding="utf-8")
    return load_rubrics(tmp_path)


def scenario(criteria: str) -> bytes:
    text = Path("tests/unit/engine/data/small.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition("rubric:\n")
    after = rest.split("\n\n", 1)[1] if "\n\n" in rest else ""
    return f"{before}{criteria}\n{after}".encode()


def test_a_criterion_takes_over_what_it_does_not_say(rubrics: Rubrics) -> None:
    loaded = load_bytes(scenario(CRITERIA), rubrics=rubrics)
    assert loaded.scenario is not None, loaded.problems
    greets, asks = loaded.scenario.rubric.criteria
    assert (greets.id, greets.label, greets.weight) == ("greets", "Greets", 40)
    assert (greets.advice, greets.use) == ("Say good morning.", "calls/greets")
    assert greets.evidence is not None
    assert greets.evidence.signal == "greeting"
    assert (asks.id, asks.label) == ("asks_onset", "Asks")
    assert "Say good morning." in loaded.body


def test_a_criterion_that_no_pack_has_is_told_with_its_place(rubrics: Rubrics) -> None:
    loaded = load_bytes(scenario(CRITERIA.replace("calls/greets", "calls/greet")), rubrics=rubrics)
    told = [str(one) for one in loaded.problems if "calls/greet" in one.text]
    assert len(told) == 1
    assert "calls/greets" in told[0]
    assert not loaded.ok


def test_packs_beside_or_above_a_scenario_are_found(tmp_path: Path) -> None:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "rubrics" / "calls.yaml").write_text(PACK, encoding="utf-8")
    folder = tmp_path / "mine" / "small"
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_bytes(scenario(CRITERIA))
    found = load(folder)
    assert found.scenario is not None, found.problems
    assert found.scenario.rubric.criteria[0].label == "Greets"


@pytest.mark.parametrize(
    "bad", ["format: other/1\n", PACK.replace("kind: checklist", "kind: guess"), "[", "criteria: 1"]
)
def test_a_file_that_is_no_pack_is_told(tmp_path: Path, bad: str) -> None:
    folder = tmp_path / "rubrics"
    folder.mkdir()
    (folder / "calls.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(BadRubricPack, match=r"calls\.yaml"):
        load_rubrics(folder)
    assert any("calls.yaml" in one.path for one in Catalog(tmp_path).problems())
    (tmp_path / "scenario.yaml").write_bytes(scenario(CRITERIA))
    assert any("calls.yaml" in one.text for one in load(tmp_path).problems)


def test_the_shipped_packs_are_used() -> None:
    packs = load_rubrics(SHIPPED).packs
    used = {
        criterion.use.partition("/")[0]
        for made in Catalog(Path("scenarios")).published()
        for criterion in made.rubric.criteria
        if criterion.use
    }
    assert used == set(packs)
    for pack in packs.values():
        assert sum(one.weight for one in pack.criteria) <= 100
        for one in pack.criteria:
            assert one.advice, one.id
            assert one.kind != "judged" or {1, 3, 5} <= one.anchors.keys()
