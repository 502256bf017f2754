"""Messages as Slack's blocks: within its limits, with nothing lost."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.port import (
    Block,
    Card,
    Chart,
    Choice,
    ChoiceField,
    Fields,
    File,
    Form,
    Image,
    Message,
    MessageRef,
    NumberField,
    PersonField,
    Quote,
    Speaker,
    Table,
    Text,
    TextField,
    UserRef,
)
from adapters.slack import actions, charts, keys, views
from adapters.slack.actions import Kept
from adapters.slack.manifest import BOT_SCOPES, in_menus, manifest
from adapters.slack.places import thread_ref
from adapters.slack.render import Look, parts, smaller
from adapters.specs import CommandSpec, OptionSpec
from tests.slack.checks import check_blocks, check_view, pings, visible

LOOK = Look()
HERE = thread_ref("T1", "C1", "1.000001")
PNG = File(name="a.png", media_type="image/png", content=b"\x89PNG")
TABLE = Table(("Skill", "Points"), (("Listening", "7"), ("Structure", "12")))


def link(ref: MessageRef) -> str:
    return f"https://acme.slack.com/{ref.id or 'room'}"


def rendered(message: Message, look: Look = LOOK) -> str:
    shown = []
    for part in parts(message, look, link):
        check_blocks(list(part.blocks), 50, charts=True, tables=True)
        assert part.text.strip() or part.blocks
        shown.append(visible(part.text, list(part.blocks)))
    return "\n".join(shown)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=90)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, WORDS),
    st.builds(Quote, WORDS, WORDS),
    st.builds(Fields, st.lists(st.tuples(CELLS, CELLS), max_size=4).map(tuple)),
    st.builds(
        Table,
        st.just(("a", "b")),
        st.lists(st.tuples(CELLS, CELLS), max_size=4).map(tuple),
        title=CELLS,
    ),
    st.builds(
        lambda title, text, labels: Card(
            title, text, choices=tuple(Choice(f"c{n}", one) for n, one in enumerate(labels))
        ),
        WORDS,
        WORDS,
        st.lists(LABELS, max_size=3),
    ),
)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.lists(BLOCKS, max_size=8), st.lists(LABELS, max_size=30))
def test_anything_is_rendered_within_the_limits_and_pings_nobody(
    title: str, text: str, blocks: list[Block], labels: list[str]
) -> None:
    choices = tuple(Choice(f"c{number}", one) for number, one in enumerate(labels))
    message = Message(text=text, title=title, blocks=tuple(blocks), choices=choices)
    for part in parts(message, LOOK, link):
        check_blocks(list(part.blocks), 50, charts=True, tables=True)
        assert pings(part.text, list(part.blocks)) == frozenset()


def test_marks_are_shown_and_words_of_others_are_only_words() -> None:
    marked = "**bold** _soft_ `x` [here](https://x.org) \\*plain\\*"
    text = f"{marked}\n> quoted\n- one\n- two\n```\na < b\n```"
    [part] = parts(Message(text=text), LOOK, link)
    [block] = part.blocks
    kinds = [one["type"] for one in block["elements"]]
    assert kinds == [
        "rich_text_section",
        "rich_text_quote",
        "rich_text_list",
        "rich_text_preformatted",
    ]
    styles = [one.get("style") for one in block["elements"][0]["elements"]]
    assert {"bold": True} in styles
    assert {"italic": True} in styles
    assert {"code": True} in styles
    assert "*plain*" in visible(part.text, [block])


def test_only_mentions_ping_where_they_stand_or_first() -> None:
    one, two = UserRef(HERE.platform, "T1", "U1"), UserRef(HERE.platform, "T1", "U2")
    message = Message(text="Over to <@U1>, not <@U3>.", mentions=(one, two))
    [part] = parts(message, LOOK, link)
    assert pings("", list(part.blocks)) == {"U1", "U2"}
    assert visible(part.text, list(part.blocks)).startswith("<@U2> ")


def test_two_tables_are_two_messages_and_a_large_one_is_text() -> None:
    found = parts(Message(text="Look:", blocks=(TABLE, TABLE)), LOOK, link)
    assert len(found) == 2
    large = Table(("n", "m"), tuple((str(n), "x") for n in range(150)))
    shown = rendered(Message(text="Look:", blocks=(large,)))
    assert all(str(number) in shown for number in range(150))


def test_choices_say_what_a_press_does() -> None:
    choices = (
        Choice("go", "Go", style="primary", confirm="Sure?"),
        Choice("form", "Fill in", opens_form=True),
        Choice("room", "Continue", link=HERE),
    )
    [part] = parts(Message(text="So?", choices=choices), LOOK, link)
    go, form, room = part.blocks[-1]["elements"]
    assert go["action_id"].startswith("press")
    assert "confirm" in go
    assert form["action_id"].startswith("form")
    assert room["url"] == "https://acme.slack.com/room"


def test_uploads_stand_apart_from_a_name_of_ones_own() -> None:
    message = Message(text="Mine:", blocks=(Image(PNG, "A knee"),), speaker=Speaker("Maria"))
    words, picture = parts(message, LOOK, link)
    assert (words.speaker.name, words.files) == ("Maria", ())
    assert (picture.speaker.name, picture.files) == ("", (PNG,))


def test_a_part_that_is_too_long_is_cut_in_the_same_places_every_time() -> None:
    blocks = tuple(Text("x" * 2000) for _ in range(5))
    [part] = parts(Message(text="All:", blocks=blocks), LOOK, link)
    cut = smaller(part)
    assert cut == smaller(part)
    assert tuple(block for one in cut for block in one.blocks) == part.blocks
    [alone] = smaller(parts(Message(text="One."), LOOK, link)[0])
    assert len(alone.blocks) == 1


@pytest.mark.parametrize(
    ("chart", "fits"),
    [
        (Chart("Progress", "bar", TABLE), True),
        (Chart("Progress", "line", TABLE, unit="points"), True),
        (Chart("Share", "pie", TABLE), True),
        (Chart("Empty", "bar", Table(("a", "b"), ())), False),
        (Chart("Words", "bar", Table(("a", "b"), (("x", "none"),))), False),
        (Chart("Twice", "bar", Table(("a", "b"), (("x", "1"), ("x", "2")))), False),
        (Chart("Minus", "pie", Table(("a", "b"), (("x", "-1"),))), False),
    ],
)
def test_charts_that_slack_can_draw(chart: Chart, fits: bool) -> None:
    assert (charts.chart(chart) is not None) == fits


def test_forms_fit_into_views() -> None:
    form = Form(
        id="assign",
        title="Assign a simulation to somebody in here",
        text="Who is to play what?",
        fields=(
            TextField(name="why", label="Why?", lines=True, longest=9000, value="Practice"),
            ChoiceField(name="what", label="What?", options=(("a", "A"), ("b", "B")), value="b"),
            ChoiceField(
                name="many", label="Which?", options=tuple((str(n), str(n)) for n in range(130))
            ),
            NumberField(name="how", label="How many?", least=1, most=9, whole=True, value=2),
            PersonField(name="who", label="Who?", many=True, hint="Several, if you like."),
        ),
    )
    view = views.of_form(form, Kept(thread=HERE, text="x"))
    check_view(view)
    assert actions.load_kept(view) == Kept(thread=HERE, text="x")
    told = views.complaints((("why", "Too short."), ("other", "And late.")), view)
    assert '"why": "Too short. And late."' in told


def test_a_forged_place_is_no_place() -> None:
    for metadata in ("", "{}", '{"t": ["T1", "T2:C1:"]}', '{"t": ["T1", "nonsense"]}', "[]"):
        assert actions.load_kept({"private_metadata": metadata}) is None


def test_keys_tell_which_parts_stand() -> None:
    found = parts(Message(text="x " * 4000), LOOK, link)
    numbered = keys.numbered(found)
    sent: list[dict[str, Any]] = [
        {"ts": f"{number}.0", "metadata": one.metadata("k")} for number, one in enumerate(numbered)
    ]
    assert len(sent) > 2
    assert keys.standing(sent, "k").whole
    assert keys.standing(sent, "other").in_order == []
    assert not keys.standing(sent[1:], "k").whole
    assert keys.standing(sent[1:], "k").part(0) == []
    assert keys.growing([{"ts": "9.0"}, *sent]) == ["9.0"]


def test_the_manifest_has_every_command_in_reach() -> None:
    specs = (
        CommandSpec(name="hint", summary="A nudge."),
        CommandSpec(name="assign", summary="Assign.", roles=("instructor",)),
        CommandSpec(
            name="start", summary="Start.", options=(OptionSpec(name="what", description="What?"),)
        ),
    )
    assert [one.name for one in in_menus(specs)] == ["hint"]
    quiet = manifest(specs, "", rotates=False)
    assert '"socket_mode_enabled": true' in quiet
    assert "request_url" not in quiet
    loud = manifest(specs, "https://bot.test/", rotates=True)
    assert '"request_url": "https://bot.test/slack/events"' in loud
    assert "https://bot.test/slack/oauth_redirect" in loud
    assert all(scope in loud for scope in BOT_SCOPES)


def test_the_page_on_slack_gives_a_reason_for_every_scope() -> None:
    page = (Path(__file__).parents[4] / "docs" / "slack.md").read_text("utf-8")
    assert [one for one in BOT_SCOPES if f"`{one}`" not in page] == []
