"""Loading: text stays text, everything wrong is told at its place, and nothing ever raises."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.loader import Loaded, body_of, from_body, hash_of, load, load_bytes
from engine.scenario import Scenario
from tests.unit.engine.small_scenario import TEXT, broken, loaded, told


def test_a_scenario_without_a_fault_has_no_problems() -> None:
    assert told(TEXT) == []
    assert loaded(TEXT).ok


def test_scalars_stay_as_written_and_only_unquoted_cells_become_numbers() -> None:
    scenario = loaded(TEXT).scenario
    assert scenario is not None
    assert scenario.world is not None
    rule = scenario.world.schedule.availability[0]
    assert (rule.from_, rule.to) == ("13:00", "17:00")
    assert scenario.world.schedule.overrides[0].closed is True
    pulse, costs = scenario.model_dump()["exhibits"][:2]
    assert [row["value"] for row in pulse["rows"]] == [72, "0072"]
    assert costs["rows"] == (("Visits", 10, 12.5), ("Share", "40%", "41%"))
    assert costs["columns"] == ("Line", "2024", "2025")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("007", "007"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("-4", -4),
        ("No", "No"),
        ("9" * 19, "9" * 19),
        ("2026-01-02", "2026-01-02"),
        ("12.", 12.0),
    ],
)
def test_cells(written: str, value: object) -> None:
    scenario = loaded(broken("value: 72", f"value: {written}")).scenario
    assert scenario is not None
    assert scenario.model_dump()["exhibits"][0]["rows"][0]["value"] == value


PROBLEMS = [
    ("title: A sore knee", "titel: A sore knee", "titel", "unknown key `titel`; did you mean"),
    ("title: A sore knee", "titel: A sore knee", "format", "`title` is missing: add it"),
    ("title: A sore knee", "title:", "title", "`title` has no value: write one"),
    ("title: A sore knee", "title: ~", "title", "`title` has no value"),
    ("title: A sore knee", "title: ''", "''", "`title` is empty"),
    ("title: A sore knee", "title: [A]", "[A]", "text is wanted, not a list"),
    ("title: A sore knee", "title: !!str A", "!!str", "tag"),
    ("minutes: 10\nlang", "minutes: ten\nlang", "ten", "a whole number is wanted, not `ten`"),
    ("minutes: 10\nlang", "minutes: 0\nlang", "0\nlang", "must be at least 1, not `0`"),
    ("version: 1.0.0", "version: 1.0", "1.0\n", "is not a version"),
    ("level: novice", "level: novise", "novise", "did you mean `novice`?"),
    ("id: torn", "id: Torn Meniscus", "Torn Meniscus", "`Torn Meniscus` is not an id"),
    ("trust: 5", "trust: high", "high", "`trust`: a whole number is wanted"),
    ("knows: [shift]", "knows: shift", "shift\n", "write `all` or a list of ids"),
    ("knows: [shift]", "knows: [Shift]", "Shift]", "`Shift` is not an id"),
    ("kind: vitals", "kind: vitels", "id: pulse", "did you mean `vitals`?"),
    ("    kind: vitals\n", "", "id: pulse", "`kind` is missing"),
    ("values: [3, 4]", "values: [3, x]", "x]", "`values` number 2: a number is wanted"),
    ("values: [3, 4]", "values: [3, nan]", "nan]", "a finite number"),
    ("values: [3, 4]", "valeus: [3, 4]", "valeus", "did you mean `values`?"),
    ("value: 72", "value: [72]", "[72]", "text is wanted, not a list"),
    ("from: 13:00, to: 17", "from: 25:00, to: 17", "25:00", "is not a time"),
    ('{say: "What happened?"}', "{says: What}", "says", "did you mean `say`?"),
    ("{1: brushes aside", "{9: brushes aside", "9:", "must be at most 5, not `9`"),
    ("say: I fell", "say: Well: I fell", "Well:", "not YAML: text with `: ` in it needs quotes"),
    ("text: Hi.,", "text: Hi, you.,", "you.", "put the value of `text` in quotes"),
    ("  goals: [story]", "  goals:", "goals", "no value"),
    ("[fall, bike, br", "[fall, , br", ", br", "not YAML"),
    ("unknown: [Ask him.,", "unknown: [~, Ask.,", "~", "an empty list item"),
    ("level: novice", "level: novice\nlevel: novice", "level: novice\nmin", "given twice"),
    ("level: novice", "level: novice\n<<: {}", "<<", "merge keys"),
    ("level: novice", "level: novice\n? [a]\n: b", "[a]", "a key must be a word"),
    ("level: novice", "level: *novice", "*novice", "quote a leading `*`"),
    ("level: novice", "level: @novice", "@", "put it in quotes"),
    ("say: Ignore your", 'say: "Ignore your', '"', "not YAML: this quote is never closed"),
    ("title: A sore knee", "title: A\tsore\x07 knee", "\x07", "control character U+0007"),
    ("title: A sore knee", "title: Bay #4", "Bay", "which begins a comment"),
]


@pytest.mark.parametrize(("old", "new", "at", "words"), PROBLEMS)
def test_what_is_wrong_is_told_at_its_place(old: str, new: str, at: str, words: str) -> None:
    text = broken(old, new)
    # The last of what stands there: keys that are missing are told where their owner begins.
    offset = text.index(new) + new.rindex(at) if at in new else text.find(at)
    if at == "level: novice\nmin":
        offset = text.index(at)
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    problems = told(text)
    assert any(words in problem for problem in problems), problems
    if at != "''" and "not YAML" not in words:
        assert any(
            problem.startswith(f"small.yaml:{line}:{column}: ") and words in problem
            for problem in problems
        ), (line, column, problems)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace("level: novice", "level: easy").replace("trust: 5", "trust: high")
    problems = loaded(text.replace("minutes: 10\nlang", "minutes: ten\nlang")).problems
    assert [problem.text.split(":")[0] for problem in problems] == [
        "`level`",
        "`minutes`",
        "`trust`",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_value_that_is_missing_is_told_once() -> None:
    assert len(told(broken("text: Hi.,", "text: Hi, you.,"))) == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a: b\n---\nc: d", "a second document"),
        (b"- a\n", "keys with values are wanted"),
        (b"hello", "keys with values are wanted"),
        (b"[" * 5000, "nested deeper"),
        (b"a: " + b"{b: " * 40, "nested deeper"),
        (b"a: &x [" + b"1," * 9 + b"]\n" + b"b: [" + b"*x," * 60 + b"]", "more than 50 aliases"),
        (b"a: &a [*a]", "no `&a` before this alias"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b"a: [" + b"1," * 30_000 + b"]", "more than 20000 values"),
    ],
)
def test_files_that_are_no_scenario(raw: bytes, words: str) -> None:
    found = load_bytes(raw)
    assert found.scenario is None
    assert any(words in problem.text for problem in found.problems), found.problems


def test_an_alias_bomb_is_refused_soon() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x]"]
    rows += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 6)}]" for at in range(1, 9)]
    begun = time.perf_counter()
    problems = load_bytes("\n".join(rows).encode()).problems
    assert any("more than 20000 values" in problem.text for problem in problems)
    assert time.perf_counter() - begun < 5


def test_a_file_or_its_folder_is_loaded_and_its_media_are_looked_up(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(TEXT, encoding="utf-8")
    found = load(tmp_path)
    assert found == load(tmp_path / "scenario.yaml")
    assert [problem.text for problem in found.problems] == [
        f"`{name}` is not in media/: add the file"
        for name in ("omar.png", "note.txt", "omar.png", "film.png")
    ]
    (tmp_path / "media").mkdir()
    for name in ("omar.png", "note.txt", "film.png"):
        (tmp_path / "media" / name).write_bytes(b"x")
    assert load(tmp_path).ok


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    found = load(tmp_path / "none.yaml")
    assert not found.ok
    assert "cannot be read: No such file" in str(found.problems[0])


def test_a_body_gives_back_the_same_scenario() -> None:
    found = loaded(TEXT)
    assert found.scenario is not None
    assert from_body(found.body) == found.scenario
    assert body_of(from_body(found.body)) == found.body
    assert list(from_body(found.body).modes) == ["practice", "turned"]


def test_the_hash_changes_with_what_is_played_and_not_with_how_it_is_written() -> None:
    def hashed(text: str) -> str:
        scenario = loaded(text).scenario
        assert isinstance(scenario, Scenario)
        return hash_of(scenario)

    assert hashed(TEXT) == hashed("# A comment.\n" + TEXT)
    assert hashed(TEXT) != hashed(broken("trust: 5", "trust: 6"))
    turned = TEXT.replace("  practice: {label: Practice}\n", "").replace(
        "    tools_for: trainee\n", "    tools_for: trainee\n  practice: {label: Practice}\n"
    )
    assert hashed(TEXT) != hashed(turned), "the first mode is the default"


def test_loading_is_fast() -> None:
    asks = "".join(f"      - is it number {at} or the one after it\n" for at in range(900))
    text = broken("    asks: [what did they tell you,", f"    asks:\n{asks}    tells: [")
    assert loaded(text).scenario is not None
    begun = time.perf_counter()
    loaded(text)
    assert time.perf_counter() - begun < 1, "expected about 0.05 s"


def _survives(raw: bytes) -> None:
    found = load_bytes(raw)
    assert isinstance(found, Loaded)
    assert found.scenario is not None or found.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found.problems)
    assert all("\n" not in str(problem) for problem in found.problems)


@given(st.binary(max_size=300))
def test_any_bytes_give_problems(raw: bytes) -> None:
    _survives(raw)


@given(st.text("abf:-[]{}&*!|>'\"%@`#,?~ \n\t0.<", max_size=80))
def test_any_text_gives_problems(text: str) -> None:
    _survives(text.encode())


_LINES = TEXT.splitlines()
_BITS = ("", "null", "{}", "[]", "[1, {a: b}]", "{a: {b: c}}", "-1", "1e400", "'", "x: y", "&a b")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(_LINES) - 1),
            st.sampled_from(("drop", "double", "indent", "cut", *_BITS)),
            st.integers(0, 80),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_file_changed_anyhow_gives_problems_or_a_scenario(
    changes: list[tuple[int, str, int]],
) -> None:
    lines = list(_LINES)
    for at, how, column in changes:
        line = lines[at]
        lines[at] = {
            "drop": "",
            "double": f"{line}\n{line}",
            "indent": f"  {line}",
            "cut": line[:column],
        }.get(how, line.partition(": ")[0] + ": " + how)
    _survives("\n".join(lines).encode())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.binary(min_size=1, max_size=3))
def test_a_file_damaged_anywhere_gives_problems_or_a_scenario(at: int, noise: bytes) -> None:
    raw = TEXT.encode()
    _survives(raw[:at] + noise + raw[at + len(noise) :])
