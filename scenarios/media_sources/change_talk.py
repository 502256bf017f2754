"""Draws the portrait of `social_work/change-talk`. Run it with `python change_talk.py`."""

from pathlib import Path

from scenarios.media_sources.portraits import Face, draw_portrait

MEDIA = Path(__file__).parents[1] / "social_work" / "change-talk" / "media"


def main() -> None:
    """Draw everything into the scenario's media folder."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    danny = Face(skin="#dba986", hair="#6b4a2f", shirt="#3f5a4c", background="#eae6dc",
                 stubble=True, badge=True, brow=1)  # fmt: skip
    draw_portrait(danny, MEDIA / "danny.png")


if __name__ == "__main__":
    main()
