"""Stored events: every kind round trips, old versions fold, unknown ones are refused quietly."""

import json
import traceback
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import events as ev
from engine.events import UnreadableEvent, from_body, to_body
from engine.session import fold
from tests.unit.engine.rules_scene import scenario

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
ANY = st.text(st.characters(codec="utf-8"), max_size=60)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: ANY,
    int: st.integers(-5, 10**6),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    str | None: st.none() | ANY,
    int | None: st.none() | st.integers(1, 999),
    tuple[str, ...]: st.lists(ANY, max_size=3).map(tuple),
    tuple[int, ...]: st.lists(st.integers(1, 99), max_size=3).map(tuple),
    tuple[tuple[str, str], ...]: st.lists(st.tuples(ANY, ANY), max_size=3).map(tuple),
}


def filled(kind: type[ev.Event]) -> st.SearchStrategy[ev.Event]:
    hints = get_type_hints(kind)
    named = {one.name: VALUES.get(hints[one.name]) for one in fields(kind)}
    return st.builds(kind, **{name: how for name, how in named.items() if how is not None})


@given(st.sampled_from(sorted(ev.KINDS)).flatmap(lambda kind: filled(ev.KINDS[kind])))
def test_every_kind_comes_back_from_json_as_it_was(event: ev.Event) -> None:
    body = json.loads(json.dumps(to_body(event)))
    assert "at" not in body
    assert from_body(event.kind, ev.VERSION, event.at, body) == event


def test_each_kind_has_a_name_of_its_own_and_a_time() -> None:
    assert {one.__name__ for one in ev.KINDS.values()} == {
        one.__name__ for one in ev.Event.__subclasses__()
    }
    assert all(kind in vars(ev).values() for kind in ev.KINDS.values())
    assert all("at" in ev.fields_of(kind) for kind in ev.KINDS.values())


def _with_seat(body: ev.Body) -> ev.Body:
    return {**body, "seat": "trainee"}


def _words_to_text(body: ev.Body) -> ev.Body:
    rest = {name: value for name, value in body.items() if name != "words"}
    return {**rest, "text": body["words"]}


UPCASTS = {("trainee_said", -1): _words_to_text, ("trainee_said", 0): _with_seat}


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (-1, {"person": "p1", "words": "It hurts."}),
        (0, {"person": "p1", "text": "It hurts."}),
        (1, {"person": "p1", "text": "It hurts.", "seat": "trainee"}),
    ],
)
def test_an_old_body_is_brought_up_one_version_after_another(version: int, body: ev.Body) -> None:
    read = from_body("trainee_said", version, AT, body, UPCASTS)
    assert read == ev.TraineeSaid(at=AT, seat="trainee", person="p1", text="It hurts.")


def test_a_log_of_mixed_versions_folds_like_a_new_one() -> None:
    began = ev.Started(at=AT, scenario_hash="h", mode="standard")
    old = from_body("trainee_said", 0, AT, {"person": "p1", "text": "Hm."}, UPCASTS)
    new = ev.TraineeSaid(at=AT, seat="trainee", person="p1", text="Hm.")
    made = scenario()
    assert fold(made, [began, old, new]).turns == 2
    assert fold(made, [began, old]) == fold(made, [began, new])


def test_a_version_without_an_upcast_reads_as_it_is() -> None:
    body = {"seat": "trainee", "person": "p1", "text": "Hm."}
    assert from_body("trainee_said", 0, AT, body, {}).kind == "trainee_said"


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("whispered", 1, {"text": "my own secret"}),
        ("trainee_said", ev.VERSION + 1, {"text": "my own secret"}),
        ("trainee_said", 1, {"text": "my own secret"}),
        ("trainee_said", 1, {"text": {"my own secret": 1}, "seat": "s", "person": "p"}),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_word_of_it(
    kind: str, version: int, body: ev.Body
) -> None:
    with pytest.raises(UnreadableEvent) as caught:
        from_body(kind, version, AT, body)
    assert "secret" not in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value))
    assert "secret" not in shown.partition("UnreadableEvent")[2]
    assert "During handling" not in shown


def test_new_fields_have_defaults_so_that_older_bodies_stay_readable() -> None:
    """A field added later without a default would need an upcast; these are the first ones."""
    needed = {
        kind.kind: {one.name for one in fields(kind) if one.default is MISSING} - {"at"}
        for kind in (ev.Started, ev.TraineeSaid, ev.CharacterSaid, ev.ActionTaken)
    }
    assert needed == {
        "started": {"scenario_hash", "mode"},
        "trainee_said": {"seat", "person", "text"},
        "character_said": {"seat", "text"},
        "action_taken": {"action", "seat", "person"},
    }
