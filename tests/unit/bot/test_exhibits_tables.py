"""Exhibits as tables, as words and as CSV."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.messages import Table
from bot.exhibits.csv_file import csv_bytes
from bot.exhibits.tables import alt_text, column_text, table_of
from engine.scenario.exhibits import BarChart, Exhibit, TableChart

EXHIBIT: TypeAdapter[Exhibit] = TypeAdapter(Exhibit)


def exhibit(**fields: object) -> Exhibit:
    return EXHIBIT.validate_python({"id": "one", "title": "The title"} | fields)


LAB = exhibit(
    kind="lab",
    rows=[
        {"name": "Troponin I", "value": 0.62, "unit": "ng/mL", "ref": "<0.04", "flag": "H"},
        {"name": "Sodium", "value": 139, "unit": "mmol/L"},
    ],
)
VITALS = exhibit(kind="vitals", rows=[{"name": "Alertness", "value": "Alert"}])
TABLE = exhibit(
    kind="chart",
    chart="table",
    columns=["Line", "2024", "Growth (%)"],
    rows=[["Sales", 44.0, 12.5], ["Costs, all", 9.65, -3]],
    unit="$M",
)
BAR = exhibit(kind="chart", chart="bar", labels=["Cafés", "Web"], values=[5600.5, 12], unit="$K")
PIE = exhibit(kind="chart", chart="pie", labels=["A", "B"], values=[60, 40], total="$48M revenue")
XRAY = exhibit(
    kind="radiology", file="chest.png", report="Left lower lobe shadow.", withhold_report=True
)
IMAGE = exhibit(kind="image", file="ecg.png")
EVERY = [LAB, VITALS, TABLE, BAR, PIE, XRAY, IMAGE]


def test_measured_values_have_unit_reference_and_flag() -> None:
    assert table_of(LAB) == Table(
        columns=("Test", "Value", "Unit", "Reference", "Flag"),
        rows=(
            ("Troponin I", "0.62", "ng/mL", "<0.04", "H (high)"),
            ("Sodium", "139", "mmol/L", "", ""),
        ),
        title="The title",
    )


def test_columns_that_are_empty_all_the_way_are_left_out() -> None:
    assert table_of(VITALS).columns == ("Sign", "Value")


def test_a_table_has_its_unit_in_the_heads_of_figures_and_even_decimals() -> None:
    table = table_of(TABLE)
    assert table.columns == ("Line", "2024 ($M)", "Growth (%)")
    assert table.rows == (("Sales", "44.00", "12.5"), ("Costs, all", "9.65", "-3.0"))


def test_bars_and_slices_are_labels_and_numbers() -> None:
    assert table_of(BAR).columns == ("Label", "Value ($K)")
    assert table_of(BAR).rows == (("Cafés", "5600.5"), ("Web", "12.0"))
    assert table_of(BAR, grouped=True).rows[0] == ("Cafés", "5,600.5")


def test_a_pie_says_what_its_total_is() -> None:
    assert table_of(PIE).columns == ("Label", "Share (% of $48M revenue)")
    assert "$48M revenue" in alt_text(PIE)


def test_a_withheld_report_is_nowhere() -> None:
    for shown in (str(table_of(XRAY)), alt_text(XRAY), csv_bytes(table_of(XRAY)).decode()):
        assert "shadow" not in shown


@pytest.mark.parametrize("one", EVERY)
def test_every_exhibit_has_a_table_and_a_description(one: Exhibit) -> None:
    table = table_of(one)
    assert table.rows
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert alt_text(one).endswith(".")
    assert "The title" in alt_text(one)


def test_the_authors_description_is_kept() -> None:
    assert alt_text(exhibit(kind="image", file="a.png", alt="  Two\n lines ")) == "Two lines"


def test_our_description_says_what_is_there() -> None:
    assert alt_text(LAB) == (
        "Laboratory results, The title: Troponin I 0.62 ng/mL (high), Sodium 139 mmol/L."
    )
    assert alt_text(BAR) == "Bar chart, The title. Value ($K): Cafés 5,600.5, Web 12.0."
    assert alt_text(TABLE) == (
        "Table, The title: Line, 2024, Growth (%); 2 rows: Sales, Costs, all."
    )


def test_a_description_is_at_most_a_thousand_characters() -> None:
    long = exhibit(kind="chart", chart="bar", labels=["word " * 100] * 12, values=range(12))
    assert 900 < len(alt_text(long)) <= 1000


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ((1, 2.5), ("1.0", "2.5")),
        ((-0.0, "n/a"), ("0", "n/a")),
        ((1e15, 2e-9), ("1e+15", "2e-9")),
        ((10**400,), ("1e+400",)),
        ((1234567,), ("1234567",)),
        ((0.1 + 0.2,), ("0.300000",)),
    ],
)
def test_figures_as_text(cells: tuple[float | str, ...], texts: tuple[str, ...]) -> None:
    assert column_text(cells) == texts


CELLS = st.one_of(
    st.text(max_size=8),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5))
def test_any_table_is_even_and_reads_back_from_csv(rows: list[list[str | int | float]]) -> None:
    chart = TableChart(
        id="one",
        title="T",
        kind="chart",
        chart="table",
        columns=("a", "b", "c"),
        rows=tuple(map(tuple, rows)),
    )
    table = table_of(chart)
    assert len(table.rows) == len(rows)
    assert all(len(row) == 3 and all(isinstance(cell, str) for cell in row) for row in table.rows)
    read = list(csv.reader(io.StringIO(csv_bytes(table).decode("utf-8-sig"), newline="")))
    assert len(read) == len(rows) + 1
    for written, back in zip(table.rows, read[1:], strict=True):
        assert all(b in (w, f"'{w}") for w, b in zip(written, back, strict=True))
    assert alt_text(chart)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_figures_of_a_chart_read_back_as_numbers(values: list[float]) -> None:
    chart = BarChart(
        id="one",
        title="T",
        kind="chart",
        chart="bar",
        labels=tuple(f"l{number}" for number in range(len(values))),
        values=tuple(values),
    )
    for (_label, text), value in zip(table_of(chart).rows, values, strict=True):
        assert float(text) == pytest.approx(value, rel=1e-5, abs=1e-6)


def lines_of(*cells: str) -> bytes:
    return csv_bytes(Table(columns=cells, rows=()))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
        ("-cmd|x", "'-cmd|x"),
        ("+44 20 7946", "'+44 20 7946"),
        (" =1+1", "' =1+1"),
        ("\t=1", "'\t=1"),
        ("\uff1d1", "'\uff1d1"),
        ("-3", "-3"),
        ("+2.5", "+2.5"),
        ("-1,234.5", "-1,234.5"),
        ("-12 %", "-12 %"),
        ("a=b", "a=b"),
        ("-", "'-"),
        ("+%", "'+%"),
        ("-.5", "-.5"),
        ("", ""),
    ],
)
def test_nothing_runs_as_a_formula(cell: str, written: str) -> None:
    (row,) = csv.reader(io.StringIO(lines_of(cell, "x").decode("utf-8-sig"), newline=""))
    assert row == [written, "x"]


def test_csv_is_what_the_standard_says() -> None:
    table = Table(columns=("a", 'say "b"'), rows=(("1,5", "two\nlines"),))
    assert csv_bytes(table) == b'a,"say ""b"""\r\n"1,5","two\nlines"\r\n'


def test_only_what_needs_it_has_a_byte_order_mark() -> None:
    assert lines_of("plain") == b"plain\r\n"
    assert lines_of("°C") == b"\xef\xbb\xbf\xc2\xb0C\r\n"
