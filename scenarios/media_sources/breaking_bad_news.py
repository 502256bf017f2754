"""Draws the portraits and sets the biopsy report of `clinical/breaking-bad-news`.

Run it with `python breaking_bad_news.py`. The report is a one-page PDF with real text.
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from scenarios.media_sources.portraits import Face, draw_portrait

MEDIA = Path(__file__).parents[1] / "clinical" / "breaking-bad-news" / "media"

REPORT = """\
Northfield Hospital
Department of Pathology

Patient: Gwen Pryce, 58            Sample: needle biopsy, left breast, two o'clock
Received: nine days ago            Reported: yesterday


What was sent
Four slim cores, the longest 16 mm.

What was seen
Invasive carcinoma of no special type, grade 2, in three of four cores.
No invasion of vessels seen.

Receptors
Oestrogen: strongly positive.  Progesterone: positive.  HER2: negative.

From the imaging report
A single lump of 14 mm. The glands under the arm look normal on ultrasound.

Meeting of the team, this morning
Operation first, keeping the breast where she wishes, with a sample of the glands.
Then radiotherapy; tablets against the hormone. Whether more is needed can be said
after the operation, not before. The aim is cure.
Breast care nurse: Bronwen. First free date with the surgeon: Monday, eleven o'clock.


This report and everyone in it are made up for training."""


def set_report(file: Path) -> None:
    """Write the report as a one-page A4 PDF, the same bytes on every run."""
    mpl.rcParams["pdf.fonttype"] = 42
    page = Figure(figsize=(8.27, 11.69))
    page.text(0.11, 0.93, REPORT, fontsize=10.5, va="top", linespacing=1.55, family="DejaVu Serif")
    about = {"Title": "Biopsy report (made up for training)", "CreationDate": None}
    with PdfPages(file, metadata=about) as pdf:
        pdf.savefig(page)


def main() -> None:
    """Draw everything into the scenario's media folder."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    set_report(MEDIA / "biopsy-report.pdf")
    gwen = Face(skin="#ecc6ac", hair="#8a8178", shirt="#5d6b8a", background="#f1ece4",
                long_hair=True, brow=3)  # fmt: skip
    carys = Face(skin="#e8bd9e", hair="#a4502e", shirt="#b8322f", background="#ecefe8",
                 long_hair=True, glasses=True, brow=2)  # fmt: skip
    draw_portrait(gwen, MEDIA / "gwen.png")
    draw_portrait(carys, MEDIA / "carys.png")


if __name__ == "__main__":
    main()
