"""The workspace's pure parts: what comes in, what goes out, who may."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from adapters.local import parse, pictures, render
from adapters.local.access import Asking, Gate, NoAccess
from adapters.local.page import part_of
from adapters.local.parse import BadRequest, Stamp
from adapters.local.rows import Place
from adapters.port import (
    Card,
    Chart,
    Choice,
    ChoiceField,
    CommandCalled,
    File,
    Form,
    Message,
    MessagePosted,
    MessageRef,
    NumberField,
    PersonField,
    Platform,
    Speaker,
    Table,
    TextField,
    ThreadRef,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = Stamp(event_id="trainee-1:e1", seq=7, at=NOW, person="trainee-1", place="clinical")
PNG = File(name="scan.png", media_type="image/png", content=b"\x89PNG")


def place(kind: str = "channel") -> Place:
    return Place(
        key="clinical",
        kind=kind,
        title="clinical",
        parent=None,
        state="active",
        private=False,
        born=1,
        seq=1,
        created_at=NOW,
    )


def written(text: str, kind: str = "channel") -> Any:
    return parse.written(text, STAMP, place(kind), (), "m1")


# --- what comes in ------------------------------------------------------------------------------


def test_words_become_a_message() -> None:
    event = written("I hear\u200b you.")
    assert isinstance(event, MessagePosted)
    assert (event.text, event.addressed, event.order) == ("I hear you.", False, f"{7:020d}")
    assert event.ref == MessageRef(event.thread, "m1")


def test_the_bot_is_addressed_by_name_and_in_its_own_messages() -> None:
    assert (written("@dressrun, help me").text, written("<@dressrun> hi").addressed) == (
        "help me",
        True,
    )
    assert written("hello", kind="dm").addressed


@pytest.mark.parametrize(
    ("line", "shown"), [("/sim list", False), ("!hint", True), ("hello", True), ("// aside", True)]
)
def test_only_slash_commands_leave_no_trace(line: str, shown: bool) -> None:
    assert parse.is_shown(line) is shown
    assert isinstance(written(line), CommandCalled) is line.startswith(("/sim", "!"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "a b"),
        ("event_id", 5),
        ("event_id", "x" * 200),
        ("files", ["../../etc/passwd"]),
        ("files", "all"),
        ("text", ["x"]),
        ("text", "x" * 20_000),
        ("options", [1]),
        ("options", {"a": 1}),
    ],
)
def test_what_cannot_be_read_is_named(field: str, value: object) -> None:
    readers = {
        "event_id": lambda body: parse.event_id(body, "trainee-1", made="made"),
        "files": lambda body: parse.ids_of(body, "files"),
        "text": lambda body: parse.text_of(body, "text"),
        "options": lambda body: parse.pairs_of(body, "options"),
    }
    with pytest.raises(BadRequest) as caught:
        readers[field]({field: value})
    assert caught.value.what == field


def test_the_client_names_only_what_its_own_person_does() -> None:
    assert parse.event_id({"event_id": "e1"}, "trainee-2", made="x") == "trainee-2:e1"
    assert parse.event_id({}, "trainee-2", made="x") == "trainee-2:x"


def test_a_form_is_read_by_the_kinds_of_its_fields() -> None:
    form = Form(
        id="f",
        title="F",
        fields=(
            PersonField(name="who", label="Who?", many=True),
            TextField(name="why", label="Why?", optional=True),
            NumberField(name="times", label="How often?"),
        ),
    )
    body = {"values": {"times": "3", "who": ["trainee-1", "trainee-2"], "why": "", "extra": "x"}}
    assert parse.values(form, body, {}) == (
        ("who", parse.user_ref("trainee-1")),
        ("who", parse.user_ref("trainee-2")),
        ("times", "3"),
    )


def test_orders_are_read_back() -> None:
    assert parse.seq_of(parse.order_of(42)) == 42
    assert parse.seq_of("") == parse.seq_of("nonsense") == 0


# --- what goes out ------------------------------------------------------------------------------


def test_files_have_addresses_that_stay_and_cannot_be_guessed() -> None:
    message = Message(text="Look", files=(PNG,), blocks=(Card("A", picture=PNG),))
    once, again = render.rendered(message, "m1"), render.rendered(message, "m1")
    other = render.rendered(message, "m2")
    assert once == again
    assert once.body["files"][0]["url"] != other.body["files"][0]["url"]
    assert len(once.files) == 1


def test_links_lead_into_the_page_or_to_the_web() -> None:
    here = parse.thread_ref("dm:a:b")
    away = ThreadRef(Platform("slack"), "T1", "C1")
    links = ["https://example.org/x", "javascript:alert(1)", here, MessageRef(here, "m 1"), away]
    choices = tuple(Choice("c", "Go", link=link) for link in links)  # type: ignore[arg-type]
    shown = render.rendered(Message(text="", choices=choices), "m1").body["choices"]
    assert [one["link"] for one in shown] == [
        "https://example.org/x",
        None,
        "#/dm%3Aa%3Ab",
        "#/dm%3Aa%3Ab/m%201",
        None,
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/maria.png", "https://example.org/maria.png"),
        ("http://127.0.0.1:8000/api/documents/x/maria.png", "/api/documents/x/maria.png"),
        ("http://example.org/maria.png", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_pictures_of_speakers(url: str | None, shown: str | None) -> None:
    assert render.speaker(Speaker("Maria", url))["picture"] == shown


def test_a_table_as_csv_holds_no_formulas() -> None:
    table = Table(("Name", "Value"), (("=SUM(A1)", "-3.5"), ("@x", 'say "a", b')))
    [block] = render.rendered(Message(text="", blocks=(table,)), "m1").body["blocks"]
    assert block["csv"] == "/local/tables/m1/0.csv"
    assert render.csv_of(block) == ('Name,Value\r\n\'=SUM(A1),-3.5\r\n\'@x,"say ""a"", b"\r\n')
    [chart] = render.rendered(
        Message(text="", blocks=(Chart("Progress", "bar", table, unit="points"),)), "m1"
    ).body["blocks"]
    assert render.csv_of(chart) == render.csv_of(block)


def test_a_form_goes_out_with_all_its_limits() -> None:
    form = Form(
        id="f",
        title="F",
        fields=(
            ChoiceField(name="a", label="A", options=(("x", "X"),), many=True),
            NumberField(name="n", label="N", least=1, most=5, whole=True, optional=True),
        ),
    )
    choice, number = render.form(form)["fields"]
    assert (choice["choices"], choice["many"], choice["required"]) == ([["x", "X"]], True, True)
    assert (number["min"], number["max"], number["whole"], number["required"]) == (
        1,
        5,
        True,
        False,
    )


# --- files --------------------------------------------------------------------------------------


def photo(kind: str, size: tuple[int, int] = (800, 400)) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 12 Main Street"
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, format=kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_pictures_lose_what_hides_in_them(kind: str, ending: str) -> None:
    taken = pictures.taken(f"C:\\me\\photo.{kind.lower()}", photo(kind))
    assert b"Main Street" not in taken.content
    assert taken.name in {f"photo.{ending}", "photo.jpeg"}
    assert taken.thumb is not None
    with Image.open(BytesIO(taken.thumb)) as small:
        assert max(small.size) == 320


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>"),
        ("drawing.svg", b"<svg onload='x()'/>"),
        ("broken.png", b"\x89PNG\r\n\x1a\n broken"),
        ("text.txt", b"a\0b"),
        ("sound.mp3", b"MZ program"),
        ("noname", b"hello"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(pictures.WrongType):
        pictures.taken(name, content)


def test_a_file_is_found_in_a_form() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--y\r\n--x--\r\n"
    )
    assert part_of("multipart/form-data; boundary=x", body) == ("a.txt", b"hello\r\n--y")
    assert part_of("image/png", b"raw") == ("", b"raw")


# --- who may ------------------------------------------------------------------------------------


def asking(*, acts: bool = True, peer: str = "127.0.0.1", **headers: str) -> Asking:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asking(headers={"host": "127.0.0.1:8000", **named}, peer=peer, acts=acts)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "app.localhost"])
def test_demo_people_are_open_on_this_machine(host: str) -> None:
    Gate(demo=True).require_this_machine(asking(host=host))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (asking(host="evil.example"), "host_refused"),
        (asking(host="127.0.0.1.evil.example"), "host_refused"),
        (asking(host=""), "host_refused"),
        (asking(peer="203.0.113.9"), "login_needed"),
        (asking(x_forwarded_for="::1"), "forwarded"),
        (asking(x_forwarded_anything=""), "forwarded"),
        (asking(via="1.1 x"), "forwarded"),
    ],
)
def test_demo_people_are_closed_to_all_others(asked: Asking, code: str) -> None:
    with pytest.raises(NoAccess) as caught:
        Gate(demo=True).require_this_machine(asked)
    assert caught.value.code == code


def test_only_the_page_itself_acts() -> None:
    gate = Gate(demo=True)
    gate.require_own_page(asking(origin="http://127.0.0.1:8000"))
    gate.require_own_page(asking())
    for origin in ("http://127.0.0.1:9000", "https://evil.example", "null", "http://localhost"):
        with pytest.raises(NoAccess):
            gate.require_own_page(asking(origin=origin))
    public = Gate(demo=False, public_url="https://dressrun.example.org")
    public.require_own_page(asking(origin="https://dressrun.example.org"))
    with pytest.raises(NoAccess):
        public.require_own_page(asking(origin="http://dressrun.example.org"))
