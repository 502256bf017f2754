"""A table as a CSV file."""

import csv
import io
import re

from adapters.messages import Table

_NUMBER = re.compile(
    r"[+-]?(?=\.?\d)(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?(?:[eE][+-]?\d+)?\s?%?", re.ASCII
)
# The full-width forms count as well: spreadsheets in East Asian settings read them the same.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")


def csv_bytes(table: Table) -> bytes:
    """The table as RFC 4180: a header line, CRLF after each line, quotes where needed.

    UTF-8; with a byte order mark only when a character needs it, because a spreadsheet otherwise
    reads such a file in the wrong encoding. A cell that a spreadsheet would run as a formula gets
    a `'` in front; numbers, negative ones included, stay as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (table.columns, *table.rows):
        writer.writerow([_harmless(cell) for cell in row])
    text = out.getvalue()
    return text.encode("ascii" if text.isascii() else "utf-8-sig")


def _harmless(cell: str) -> str:
    runs = cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA[:8])
    return f"'{cell}" if runs and not _NUMBER.fullmatch(cell) else cell
