"""Draws the pictures of the language app, the late parcel, the moved call and the meeting.

Run from the repository's root: `python -m scenarios.media_sources.more_portraits`. The same figures
come out every time.
"""

from pathlib import Path

from scenarios.media_sources.avatars_service import Figure, draw
from scenarios.media_sources.portraits import Face, draw_portrait

SCENARIOS = Path(__file__).resolve().parent.parent

FIGURES = (
    Figure(
        path="service/customer-service-training/media/leila.png",
        backdrop="#f1e6ec",
        skin="#c99572",
        hair="#2a1c18",
        clothes="#3d6b8c",
        style="long",
    ),
    Figure(
        path="telephony/nurse-line-rescheduling/media/isla.png",
        backdrop="#dfe6f5",
        skin="#efc9a8",
        hair="#5b3a24",
        clothes="#41519b",
        style="bob",
        headset=True,
    ),
    Figure(
        path="clinical/discharge-family-meeting/media/agnes.png",
        backdrop="#e9efe2",
        skin="#f2d3bd",
        hair="#cfcdc9",
        clothes="#7a8f6a",
        style="curls",
        glasses=True,
    ),
    Figure(
        path="clinical/discharge-family-meeting/media/joanna.png",
        backdrop="#f3e9da",
        skin="#efcbb0",
        hair="#8a5a34",
        clothes="#8c4a52",
        style="bob",
    ),
)

FACES = {
    "interview/language-app-activation/media/mateo.png": Face(
        skin="#c68e66", hair="#2b2421", shirt="#2d5a54", background="#e3ecec", glasses=True
    ),
    "telephony/nurse-line-rescheduling/media/emmett.png": Face(
        skin="#e6b894",
        hair="#9a948c",
        shirt="#5a6f8f",
        background="#efe9dc",
        bald_top=True,
        stubble=True,
        brow=3,
    ),
}


def main() -> None:
    """Write every picture into its scenario's `media/` folder."""
    for figure in FIGURES:
        draw(figure).save(SCENARIOS / figure.path)
    for path, face in FACES.items():
        file = SCENARIOS / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draw_portrait(face, file)


if __name__ == "__main__":
    main()
