"""The sandbox world: what tools answer, refuse and write."""

from collections.abc import Mapping

import pytest
from pydantic import TypeAdapter

from engine.scenario.sandbox import Tool, World
from engine.world import Change, ToolResult, apply, matches, run, start_of, summary, unusable

# 2026-12-01 is a Tuesday.
WORLD = World.model_validate(
    {
        "now": "2026-11-30T10:00",
        "patients": [
            {"id": "omar", "name": "Omar Haddad", "phone": "555 0101", "conditions": ["ulcer"]},
            {"id": "rlee", "name": "Ruth Lee"},
            {"id": "rmarsh", "name": "Ruth Marsh", "born": "1950-02-03"},
        ],
        "schedule": {
            "nurses": [
                {
                    "id": "ann",
                    "name": "Ann Lee",
                    "specialization": "wound care",
                    "licence": "RN-1",
                    "licence_expires": "2026-12-01",
                },
                {
                    "id": "kai",
                    "specialization": "diabetes",
                    "licence": "RN-2",
                    "licence_expires": "2026-10-31",
                },
                {
                    "id": "bo",
                    "name": "Bo Park",
                    "specialization": "Wound care",
                    "licence": "RN-3",
                    "licence_expires": "2028-01-01",
                },
            ],
            "availability": [
                {"nurse": "ann", "day": "tue", "from": "13:00", "to": "17:00"},
                {"nurse": "kai", "day": "tue", "from": "09:00", "to": "17:00"},
                {"nurse": "bo", "day": "mon", "from": "09:00", "to": "12:00"},
                {"nurse": "bo", "day": "tue", "from": "15:00", "to": "16:00"},
            ],
            "overrides": [
                {
                    "nurse": "ann",
                    "date": "2026-12-01",
                    "from": "13:00",
                    "to": "15:30",
                    "closed": True,
                    "reason": "training",
                },
                {
                    "nurse": "bo",
                    "date": "2026-12-03",
                    "from": "10:00",
                    "to": "11:00",
                    "closed": False,
                },
            ],
            "appointments": [
                {"id": "appt-1", "nurse": "ann", "patient": "rlee", "start": "2026-12-01T16:00"},
                {"id": "appt-old", "nurse": "bo", "patient": "rmarsh", "start": "2026-11-30T09:00"},
            ],
        },
        "tickets": [{"id": "t1", "fields": {"customer": "Denise Okafor", "status": "closed"}}],
        "orders": [{"id": "o1", "fields": {"drug": "aspirin", "status": "open"}}],
    }
)
STATE = start_of(WORLD)

BOOK = Tool.model_validate(
    {
        "id": "book",
        "backend": "schedule",
        "args": {
            "nurse": "str",
            "patient": "str",
            "start": "str",
            "minutes": "int",
            "reason": "str",
        },
        "optional": ["minutes", "reason"],
    }
)
MOVE = Tool.model_validate(
    {
        "id": "move",
        "op": "reschedule",
        "backend": "schedule",
        "args": {"appointment": "str", "patient": "str", "nurse": "str", "start": "start"},
        "optional": ["appointment", "patient", "nurse"],
    }
)
CANCEL = Tool.model_validate(
    {
        "id": "cancel",
        "backend": "schedule",
        "args": {"appointment": "str", "patient": "str"},
        "optional": ["appointment", "patient"],
    }
)
FIND = Tool.model_validate(
    {
        "id": "find_slots",
        "backend": "schedule",
        "args": {
            "nurse": "str",
            "specialization": "str",
            "patient": "str",
            "date": "date",
            "from": "str",
            "to": "str",
        },
        "optional": ["nurse", "specialization", "patient", "date", "from", "to"],
    }
)


def record_tool(op: str, backend: str, *names: str, optional: bool = True) -> Tool:
    return Tool.model_validate(
        {
            "id": f"{op}_it",
            "op": op,
            "backend": backend,
            "args": dict.fromkeys(names, "str"),
            "optional": names if optional else (),
        }
    )


def book(nurse: str = "ann", patient: str = "omar", start: str = "2026-12-01T15:30") -> ToolResult:
    return run(BOOK, STATE, {"nurse": nurse, "patient": patient, "start": start})


def starts(result: ToolResult) -> list[tuple[str, str]]:
    return [(dict(one)["nurse"], dict(one)["start"]) for one in result.data]


def test_a_booking_is_one_change_that_the_log_can_keep() -> None:
    result = book(nurse="ANN lee", patient="Omar", start="2026-12-01 15:30")
    assert result.ok
    assert result.text == "Booked Omar Haddad with Ann Lee on Tue 1 Dec at 15:30, number appt-3."
    (change,) = result.changes
    assert (change.collection, change.id, change.kind) == ("appointments", "appt-3", "put")
    stored = TypeAdapter(Change).dump_json(change)
    assert TypeAdapter(Change).validate_json(stored) == change


def test_applying_changes_gives_the_new_state_and_leaves_the_old_one() -> None:
    after = apply(STATE, book().changes)
    wanted = {"appointments": ({"nurse": "ann", "start": "2026-12-01T15:30"},)}
    assert matches(after, wanted)
    assert not matches(STATE, wanted)
    assert run(BOOK, after, {"nurse": "ann", "patient": "omar", "start": "2026-12-01T15:30"}) == (
        run(BOOK, after, {"nurse": "ann", "patient": "omar", "start": "2026-12-01T15:30"})
    )


def test_a_dropped_record_is_gone() -> None:
    gone = Change(collection="tickets", id="t1", kind="drop")
    after = apply(STATE, (gone, gone))
    assert "t1" not in after.records["tickets"]
    assert "t1" in STATE.records["tickets"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"nurse": "nobody"}, "no_such_nurse"),
        ({"patient": "nobody"}, "no_such_patient"),
        ({"patient": "ruth m"}, "no_such_patient"),
        ({"nurse": "kai"}, "licence_expired"),
        ({"start": "2026-12-08T15:30"}, "licence_expired"),
        ({"start": "2026-11-30T09:59"}, "past"),
        ({"start": "2026-12-01T14:00"}, "closed_that_day"),
        ({"start": "2026-12-01T17:00"}, "not_available"),
        ({"start": "2026-12-01T16:45"}, "not_available"),
        ({"nurse": "bo", "start": "2026-12-02T10:00"}, "not_available"),
        ({"start": "2026-12-01T15:45"}, "off_grid"),
        ({"start": "2026-12-01T16:00"}, "slot_taken"),
        ({"start": "tomorrow"}, "bad_argument"),
        ({"start": "2026-02-30T10:00"}, "bad_argument"),
        ({"start": "9999-12-31T23:59"}, "bad_argument"),
        ({"start": ""}, "missing_argument"),
        ({"when": "2026-12-01T15:30"}, "unknown_argument"),
        ({"minutes": "long"}, "bad_argument"),
        ({"minutes": "1000"}, "bad_argument"),
    ],
)
def test_refusals_have_stable_codes_and_change_nothing(args: Mapping[str, str], code: str) -> None:
    usual = {"nurse": "ann", "patient": "omar", "start": "2026-12-01T15:30"}
    result = run(BOOK, STATE, usual | dict(args))
    assert (result.ok, result.error_code, result.changes) == (False, code, ())
    assert result.text.endswith(".")


def test_a_refusal_says_what_to_do_next() -> None:
    assert book(start="2026-12-01T14:00").text == (
        "Ann Lee is away on Tue 1 Dec from 13:00 to 15:30 (training). "
        "Free on Tue 1 Dec: 15:30 and 16:30."
    )
    assert book(nurse="bo", start="2026-12-02T10:00").text == (
        "Bo Park takes no calls on Wed 2 Dec. Usual days: Mon and Tue. "
        "Free on Thu 3 Dec: 10:00 and 10:30."
    )


def test_a_licence_holds_on_its_last_day() -> None:
    assert book(start="2026-12-01T15:30").ok


def test_a_patient_is_in_one_place_at_a_time() -> None:
    after = apply(STATE, book().changes)
    result = run(BOOK, after, {"nurse": "bo", "patient": "omar", "start": "2026-12-01T15:30"})
    assert result.error_code == "patient_busy"


def test_a_longer_appointment_needs_its_whole_time() -> None:
    args = {"nurse": "ann", "patient": "omar", "start": "2026-12-01T15:30", "minutes": "60"}
    assert run(BOOK, STATE, args).error_code == "slot_taken"


def test_two_of_the_same_name_have_to_be_told_apart() -> None:
    assert book(patient="Ruth").error_code == "ambiguous"
    assert book(patient="rmarsh").ok
    assert book(patient="Ruth Marsh").ok


def test_added_hours_can_be_booked() -> None:
    assert book(nurse="bo", start="2026-12-03T10:30").ok


def test_finding_offers_at_most_six_and_never_an_expired_nurse() -> None:
    result = run(FIND, STATE, {})
    assert result.ok
    assert len(result.data) == 6
    assert starts(result)[0] == ("bo", "2026-11-30T10:00")
    assert "kai" not in {nurse for nurse, _start in starts(result)}
    assert run(FIND, STATE, {"specialization": "DIABETES"}).data == ()


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ({"nurse": "ann"}, [("ann", "2026-12-01T15:30"), ("ann", "2026-12-01T16:30")]),
        (
            {"date": "2026-12-01", "to": "16:00", "specialization": "wound"},
            [("bo", "2026-12-01T15:00"), ("ann", "2026-12-01T15:30"), ("bo", "2026-12-01T15:30")],
        ),
        ({"from": "2026-12-03T10:30", "to": "2026-12-03"}, [("bo", "2026-12-03T10:30")]),
        ({"date": "2026-12-01", "from": "16:15"}, [("ann", "2026-12-01T16:30")]),
        ({"date": "2026-11-29"}, []),
        ({"nurse": "kai"}, []),
    ],
)
def test_finding_filters(args: Mapping[str, str], wanted: list[tuple[str, str]]) -> None:
    assert starts(run(FIND, STATE, args)) == wanted


def test_finding_for_a_patient_leaves_out_when_they_are_busy() -> None:
    after = apply(STATE, book().changes)
    found = starts(run(FIND, after, {"patient": "omar", "date": "2026-12-01"}))
    assert found == [("bo", "2026-12-01T15:00"), ("ann", "2026-12-01T16:30")]


def test_an_unknown_specialization_names_the_known_ones() -> None:
    result = run(FIND, STATE, {"specialization": "heart"})
    assert result.error_code == "no_such_specialization"
    assert "diabetes" in result.text


def test_moving_keeps_the_number_and_frees_the_old_time() -> None:
    result = run(MOVE, STATE, {"appointment": "appt-1", "start": "2026-12-01T16:30"})
    assert result.text == "Moved to Ruth Lee with Ann Lee on Tue 1 Dec at 16:30."
    after = apply(STATE, result.changes)
    assert list(after.records["appointments"]) == ["appt-1", "appt-old"]
    assert run(BOOK, after, {"nurse": "ann", "patient": "omar", "start": "2026-12-01T16:00"}).ok


def test_moving_to_another_nurse_by_the_appointments_number() -> None:
    args = {"appointment": "appt-1", "nurse": "Bo", "start": "2026-12-01T15:00"}
    assert summary(MOVE, args, STATE) == (
        "Move Ruth Lee's appointment on Tue 1 Dec at 16:00 with Ann Lee "
        "to Tue 1 Dec at 15:00 with Bo Park"
    )
    after = apply(STATE, run(MOVE, STATE, args).changes)
    assert matches(after, {"appointments": ({"nurse": "Bo Park", "patient": "rlee"},)})


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"patient": "rlee", "start": "2026-12-01T16:00"}, "no_change"),
        ({"patient": "omar", "start": "2026-12-01T16:30"}, "no_such_appointment"),
        ({"appointment": "appt-9", "start": "2026-12-01T16:30"}, "no_such_appointment"),
        ({"appointment": "appt-old", "start": "2026-12-01T16:30"}, "past"),
        ({"start": "2026-12-01T16:30"}, "missing_argument"),
    ],
)
def test_what_cannot_be_moved(args: Mapping[str, str], code: str) -> None:
    assert run(MOVE, STATE, args).error_code == code


def test_a_cancelled_appointment_no_longer_counts() -> None:
    result = run(CANCEL, STATE, {"patient": "Ruth Lee"})
    after = apply(STATE, result.changes)
    assert not matches(after, {"appointments": ({"patient": "rlee"},)})
    assert matches(after, {"appointments": ({"patient": "rlee", "status": "cancelled"},)})
    assert run(CANCEL, after, {"appointment": "appt-1"}).error_code == "already_cancelled"
    assert run(BOOK, after, {"nurse": "ann", "patient": "omar", "start": "2026-12-01T16:00"}).ok


def test_several_appointments_have_to_be_told_apart() -> None:
    args = {"nurse": "bo", "patient": "rlee", "start": "2026-12-03T10:00"}
    after = apply(STATE, run(BOOK, STATE, args).changes)
    result = run(CANCEL, after, {"patient": "rlee"})
    assert result.error_code == "ambiguous"
    assert "appt-1" in result.text
    assert "appt-3" in result.text


def test_looking_up_a_patient_by_name() -> None:
    result = run(record_tool("lookup", "patients", "patient"), STATE, {"patient": "haddad"})
    assert result.text == "omar: name Omar Haddad, phone 555 0101, conditions ulcer."
    assert dict(result.data[0])["id"] == "omar"


def test_looking_up_by_part_of_a_value_and_by_any_value() -> None:
    assert run(record_tool("lookup", "tickets", "customer"), STATE, {"customer": "denise"}).data
    assert run(record_tool("lookup", "orders", "query"), STATE, {"query": "ASPI"}).data
    nothing = run(record_tool("lookup", "tickets", "customer"), STATE, {"customer": "zoe"})
    assert (nothing.ok, nothing.data) == (True, ())
    unknown = run(record_tool("lookup", "tickets", "ticket"), STATE, {"ticket": "t9"})
    assert unknown.error_code == "no_such_ticket"


def test_looking_up_appointments_shows_booked_ones() -> None:
    tool = record_tool("lookup", "schedule", "patient", "nurse", "date", "status")
    result = run(tool, STATE, {"nurse": "Ann Lee", "date": "2026-12-01"})
    assert result.text == "appt-1: Ruth Lee with Ann Lee on Tue 1 Dec at 16:00, booked."
    assert run(tool, STATE, {"status": "cancelled"}).data == ()


def test_a_long_lookup_shows_six() -> None:
    state = STATE
    tool = record_tool("create", "tickets", "customer")
    for number in range(8):
        state = apply(state, run(tool, state, {"customer": f"c{number}"}).changes)
    result = run(record_tool("lookup", "tickets", "query"), state, {})
    assert len(result.data) == 6
    assert "9 fit" in result.text


def test_opening_and_changing_a_ticket() -> None:
    opens = record_tool("create", "tickets", "category", "priority", optional=False)
    args = {"category": "VPN  access", "priority": "p2"}
    assert summary(opens, args, STATE) == "Open a new ticket: category VPN access, priority p2"
    result = run(opens, STATE, args)
    after = apply(STATE, result.changes)
    assert result.changes[0].id == "ticket-2"
    assert matches(after, {"tickets": ({"category": "vpn access", "status": "open"},)})
    changes = record_tool("update", "tickets", "ticket", "priority")
    better = {"ticket": "ticket-2", "priority": "p1"}
    assert summary(changes, better, after) == "Change ticket ticket-2: priority p1"
    final = apply(after, run(changes, after, better).changes)
    assert matches(final, {"tickets": ({"priority": "p1", "category": "vpn access"},)})
    assert run(changes, final, better).error_code == "no_change"
    assert run(changes, final, {"priority": "p3"}).error_code == "missing_argument"


def test_an_order_can_be_cancelled_once() -> None:
    tool = record_tool("cancel", "orders", "order")
    after = apply(STATE, run(tool, STATE, {"order": "o1"}).changes)
    assert matches(after, {"orders": ({"drug": "aspirin", "status": "cancelled"},)})
    assert run(tool, after, {"order": "o1"}).error_code == "already_cancelled"


def test_every_wanted_record_must_be_there() -> None:
    assert matches(STATE, {})
    assert matches(STATE, {"tickets": ({"customer": "denise  okafor"},)})
    assert not matches(STATE, {"tickets": ({"customer": "denise"},)})
    assert not matches(STATE, {"tickets": ({"status": "closed"}, {"status": "open"})})
    assert not matches(STATE, {"tickets": ({"unheard_of": "x"},)})


def test_summaries_are_one_sentence_and_never_fail() -> None:
    args = {"nurse": "ann", "patient": "omar", "start": "2026-12-01T15:30"}
    assert summary(BOOK, args, STATE) == "Book Ann Lee for Omar Haddad on Tue 1 Dec at 15:30"
    assert summary(BOOK, args | {"minutes": "60"}, STATE).endswith(", for 60 minutes")
    assert summary(CANCEL, {"appointment": "appt-1"}, STATE) == (
        "Cancel Ruth Lee's appointment on Tue 1 Dec at 16:00 with Ann Lee"
    )
    assert summary(BOOK, {"nurse": "nobody"}, STATE) == "Use book"
    assert summary(FIND, {}, STATE) == "Use find_slots"


def test_a_tool_that_cannot_work_says_why() -> None:
    tool = record_tool("book", "tickets")
    assert unusable(tool) == "book_it: book does not work on tickets. Use schedule."
    assert run(tool, STATE, {}).error_code == "bad_tool"
    nameless = Tool.model_validate({"id": "magic", "backend": "schedule"})
    assert unusable(nameless).startswith("magic has no known op.")
    assert unusable(BOOK) == ""


def test_another_year_is_named() -> None:
    args = {"nurse": "bo", "patient": "omar", "start": "2027-01-05T15:00"}
    assert summary(BOOK, args, STATE).endswith("Tue 5 Jan 2027 at 15:00")


@pytest.mark.parametrize("kind", ["date", "start", "int", "bool", "str"])
def test_an_odd_type_in_the_scenario_never_raises(kind: str) -> None:
    for op in ("book", "find_slots", "reschedule"):
        tool = Tool.model_validate(
            {
                "id": "odd",
                "op": op,
                "backend": "schedule",
                "args": dict.fromkeys(
                    ("nurse", "patient", "start", "date", "minutes", "from"), kind
                ),
            }
        )
        for value in ("2026-12-01", "2026-12-01T15:30", "30", "yes", "ann"):
            args = dict.fromkeys(tool.args, value)
            assert not run(tool, STATE, args).changes


def test_a_day_outside_the_calendar_is_an_error_at_the_start() -> None:
    with pytest.raises(ValueError, match="day is out of range"):
        start_of(World(now="2026-02-30T10:00"))
