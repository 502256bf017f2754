"""Any message as plain text."""

from adapters.plain import plain, width
from adapters.port import (
    Card,
    Chart,
    Choice,
    Fields,
    File,
    Image,
    Message,
    MessageRef,
    Platform,
    Quote,
    Table,
    ThreadRef,
)

REF = MessageRef(ThreadRef(Platform("x"), "w", "k"), "7")
FILE = File(name="a.png", media_type="image/png", content=b"")


def test_tables_are_aligned_and_figures_to_the_right() -> None:
    table = Table(("Skill", "Points"), (("Zuhören", "7 / 10"), ("構造", "12 / 20")), title="Scores")
    text = plain(Message(text="Look.", blocks=(table,)))
    assert text == (
        "Look.\n\nScores\nSkill     Points\n-------  -------\nZuhören   7 / 10\n構造     12 / 20"
    )
    assert {width(line) for line in text.split("\n")[3:]} == {16}


def test_everything_is_there_and_choices_are_numbered() -> None:
    message = Message(
        title="Debrief",
        text="Well **done**.",
        blocks=(
            Fields((("Level", "easy"),)),
            Image(FILE, "A scan", "Scan"),
            Chart("Progress", "line", Table(("Day", "Points"), (("Mon", "3"),)), unit="points"),
            Card("Chest pain", "Worried.", choices=(Choice("s", "Start"),)),
            Quote("It hurts\nhere", "Ada", REF),
        ),
        choices=(Choice("a", "Again"), Choice("b", "There", link=REF)),
        files=(FILE,),
    )
    assert plain(message, lambda ref: f"https://x/{ref.id}") == (
        "Debrief\n\nWell done.\n\nLevel: easy\n\nScan\n[picture: A scan]\n\n"
        "Progress (points)\nDay  Points\n---  ------\nMon       3\n\n"
        "Chest pain\nWorried.\n[1] Start\n\n> It hurts\n> here\n- Ada (https://x/7)\n\n"
        "[file: a.png]\n\n[1] Again\n[2] There: https://x/7"
    )


def test_nothing_in_it_pings() -> None:
    assert "@everyone" not in plain(Message(text="@everyone", blocks=(Quote("@everyone"),)))
