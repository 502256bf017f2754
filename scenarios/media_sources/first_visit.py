"""Draws the portrait and sets the referral letter of `social_work/first-visit`.

Run it from the repository's root: `python -m scenarios.media_sources.first_visit`. The letter is a
one-page PDF with real text, so that it can be searched and read aloud.
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from scenarios.media_sources.portraits import Face, draw_portrait

MEDIA = Path(__file__).parents[1] / "social_work" / "first-visit" / "media"

LETTER = """\
Northfield Homes
Tenancy support, 2 Canal Row, Northfield

To: Adult services, first contact team
Re: Mr Raymond Pollard, 63, 14 Lock Cottages, Northfield


Dear colleagues,

I would like to ask you to visit Mr Pollard, a tenant of ours for twenty-two years.
He drove the buses here until he retired, and many people know him.

His wife Maureen died in March. Since then he has not answered our letters, and he
has missed two appointments at our office. Last week I called at the door. He was
polite, said that everything was in hand, and did not ask me in. He has become thin.
The curtains were drawn at noon. There is an old dog, well looked after.

His neighbour says she hardly sees him, except with the dog early in the morning.
There is a daughter, I believe, who lives away.

I am not sure what is wrong, but this is not the man I know. He has agreed that
somebody may come by. He did not say that he would talk to them.

With kind regards,

Denise Calder
Housing officer


This letter and everyone in it are made up for training."""


def set_letter(file: Path) -> None:
    """Write the letter as a one-page A4 PDF, the same bytes on every run."""
    mpl.rcParams["pdf.fonttype"] = 42
    page = Figure(figsize=(8.27, 11.69))
    page.text(0.11, 0.93, LETTER, fontsize=10.5, va="top", linespacing=1.55, family="DejaVu Serif")
    about = {"Title": "Referral letter (made up for training)", "CreationDate": None}
    with PdfPages(file, metadata=about) as pdf:
        pdf.savefig(page)


def main() -> None:
    """Draw everything into the scenario's media folder."""
    set_letter(MEDIA / "referral-letter.pdf")
    ray = Face(skin="#e3b79c", hair="#b9b6b0", shirt="#6d7a5c", bald_top=True, glasses=True, brow=4)
    draw_portrait(ray, MEDIA / "ray.png")


if __name__ == "__main__":
    main()
