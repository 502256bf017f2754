"""The catalog and its packs: what is found, what is left out, and that no path leads outside."""

import zipfile
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import PackRefused, UnknownMedia, UnknownScenario
from engine.loader import from_body, hash_of
from engine.packs import unpack
from tests.unit.engine.small_scenario import TEXT


def write(folder: Path, text: str = TEXT, id_: str = "sore-knee") -> Path:
    (folder / "media").mkdir(parents=True)
    (folder / "scenario.yaml").write_text(text.replace("sore-knee", id_), encoding="utf-8")
    for name in ("omar.png", "note.txt", "film.png", "secret.txt"):
        (folder / "media" / name).write_text(name, encoding="utf-8")
    return folder


@pytest.fixture
def knee(tmp_path: Path) -> Path:
    return write(tmp_path / "packs" / "clinical" / "knee")


def test_every_scenario_at_any_depth_is_found(tmp_path: Path, knee: Path) -> None:
    write(tmp_path / "packs" / "deep" / "er" / "hip", id_="hip")
    write(tmp_path / "packs" / ".hidden" / "x", id_="hidden")
    write(tmp_path / "more" / "a", TEXT.replace("published", "draft"), id_="ankle")
    catalog = Catalog(tmp_path / "packs", tmp_path / "more", tmp_path / "none")
    assert [one.id for one in catalog.all()] == ["ankle", "hip", "sore-knee"]
    assert [one.id for one in catalog.published()] == ["hip", "sore-knee"]
    assert catalog.problems() == ()
    hash_, body = catalog.stored("hip")
    assert from_body(body) == catalog.get("hip")
    assert hash_ == hash_of(catalog.get("hip"))


def test_scenarios_with_errors_are_left_out_and_told(tmp_path: Path, knee: Path) -> None:
    bad = write(tmp_path / "packs" / "bad", TEXT.replace("level: novice", "level: easy"))
    catalog = Catalog(tmp_path / "packs")
    assert [one.id for one in catalog.all()] == ["sore-knee"]
    (problem,) = catalog.problems()
    assert problem.path == str(bad / "scenario.yaml")


def test_the_first_of_two_with_one_id_is_kept(tmp_path: Path, knee: Path) -> None:
    write(tmp_path / "other", TEXT.replace("A sore knee", "Another"))
    catalog = Catalog(tmp_path / "packs", tmp_path / "other")
    assert catalog.get("sore-knee").title == "A sore knee"
    assert "is taken by" in str(catalog.problems()[0])


@pytest.mark.parametrize(
    ("asked", "nearest"), [("sore-kne", ("sore-knee",)), ("knee", ("sore-knee",)), ("", ())]
)
def test_an_unknown_id_brings_the_nearest(knee: Path, asked: str, nearest: tuple[str, ...]) -> None:
    with pytest.raises(UnknownScenario) as caught:
        Catalog(knee).get(asked)
    assert caught.value.suggestions == nearest


def test_media_are_only_files_that_the_scenario_names(knee: Path) -> None:
    catalog = Catalog(knee)
    assert catalog.media("sore-knee", "film.png").read_text(encoding="utf-8") == "film.png"
    ((document, file),) = catalog.documents("sore-knee")
    assert (document.title, file.name) == ("The note", "note.txt")
    for name in ("secret.txt", "../scenario.yaml", "/etc/passwd", "", ".", "none.png"):
        with pytest.raises(UnknownMedia):
            catalog.media("sore-knee", name)


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path, knee: Path) -> None:
    (tmp_path / "outside.txt").write_text("private", encoding="utf-8")
    (knee / "media" / "film.png").unlink()
    (knee / "media" / "film.png").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(UnknownMedia):
        Catalog(knee).media("sore-knee", "film.png")


def test_a_media_folder_that_is_a_link_outside_is_not_followed(tmp_path: Path, knee: Path) -> None:
    (knee / "media").rename(tmp_path / "elsewhere")
    (knee / "media").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnknownMedia):
        Catalog(knee).media("sore-knee", "film.png")


def pack(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return path


GOOD = {
    "scenario.yaml": TEXT,
    "media/omar.png": "x",
    "media/note.txt": "x",
    "media/film.png": "x",
}


@pytest.mark.parametrize("top", ["", "knee/"])
def test_a_pack_is_unpacked_under_its_id(tmp_path: Path, top: str) -> None:
    packed = pack(tmp_path / "p.zip", {top + name: text for name, text in GOOD.items()})
    folder = unpack(packed, tmp_path / "into")
    assert folder == tmp_path / "into" / "sore-knee"
    assert Catalog(folder).problems() == ()
    assert [one.name for one in (tmp_path / "into").iterdir()] == ["sore-knee"]
    with pytest.raises(PackRefused, match="1 problems"):
        unpack(packed, tmp_path / "into")


@pytest.mark.parametrize(
    "files",
    [
        {**GOOD, "../evil.txt": "x"},
        {**GOOD, "/evil.txt": "x"},
        {**GOOD, "media/../../evil": "x"},
        {**GOOD, "media/deep/er.png": "x"},
        {**GOOD, "run.py": "x"},
        {"scenario.yaml": "a: b"},
        {"media/x.png": "x"},
        {name: text for name, text in GOOD.items() if name != "media/film.png"},
        {**GOOD, **{f"media/{at}.png": "x" for at in range(200)}},
    ],
)
def test_a_pack_with_anything_else_is_refused_whole(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(PackRefused) as caught:
        unpack(pack(tmp_path / "p.zip", files), tmp_path / "into")
    assert caught.value.problems
    assert list((tmp_path / "into").iterdir()) == []
    assert not (tmp_path / "evil.txt").exists()


def test_a_damaged_or_linking_or_huge_pack_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = pack(tmp_path / "p.zip", GOOD)
    raw = bytearray(good.read_bytes())
    raw[80:90] = b"\xff" * 10
    (tmp_path / "damaged.zip").write_bytes(raw)
    (tmp_path / "noise.zip").write_bytes(b"PK" + b"x" * 100)
    linking = tmp_path / "linking.zip"
    with zipfile.ZipFile(linking, "w") as opened:
        link = zipfile.ZipInfo("media/omar.png")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, "/etc/passwd")
    for one in (tmp_path / "damaged.zip", tmp_path / "noise.zip", linking, tmp_path / "none.zip"):
        with pytest.raises(PackRefused):
            unpack(one, tmp_path / "into")
    monkeypatch.setattr("engine.packs.MAX_BYTES", 100)
    with pytest.raises(PackRefused) as caught:
        unpack(good, tmp_path / "into")
    assert "larger than" in caught.value.problems[0]
