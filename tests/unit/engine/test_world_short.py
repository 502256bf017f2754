"""What a character reads of a lookup."""

import pytest

from engine import world
from engine.scenario.sandbox import Tool, World

STATE = world.start_of(
    World.model_validate(
        {
            "now": "2026-11-30T09:00",
            "patients": [
                {"id": "p1", "name": "Omar Haddad", "born": "1961-05-03", "phone": "01632 960719",
                 "conditions": ["asthma"], "notes": "Lives alone."},
            ],
            "tickets": [{"id": "t1", "fields": {"customer": "Ann"}}],
        }
    )
)  # fmt: skip
PATIENTS = Tool(id="lookup", backend="patients", args={"name": "str", "born": "date"})
TICKETS = Tool(id="find", op="lookup", backend="tickets", args={"customer": "str"})


def test_of_a_patient_only_what_makes_sure_who_it_is() -> None:
    args = {"name": "Omar Haddad", "born": "1961-05-03"}
    told = "p1: name Omar Haddad, born 1961-05-03."
    assert world.in_short(PATIENTS, STATE, args) == told
    assert "asthma" in world.run(PATIENTS, STATE, args).text


@pytest.mark.parametrize("args", [{"name": "Omar Haddad"}, {"born": "1961-05-03"}, {},
                                  {"name": "Omar", "born": "1961-05-03"}])  # fmt: skip
def test_no_record_opens_before_name_and_birth_are_given(args: dict[str, str]) -> None:
    loose = PATIENTS.model_copy(update={"optional": ("name", "born")})
    assert world.in_short(loose, STATE, args).startswith("Ask for the full name")


def test_other_answers_stay_as_they_are() -> None:
    assert world.in_short(TICKETS, STATE, {"customer": "Ann"}) == ""
    nobody = {"name": "Omar Haddad", "born": "1961-05-04"}
    assert world.in_short(PATIENTS, STATE, nobody) == ""
