"""What was learned once is found again; whatever does not fit is learned anew."""

import hashlib
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.features import Concepts
from engine.matching import Match, Matcher
from engine.shelf import MOST, Shelf, key_of

NO_CONCEPTS = Concepts([])
EXAMPLES = [
    ("onset", "when did it start"),
    ("onset", "how long have you had it"),
    ("site", "where is the pain"),
]
OTHERS = [("~weather", "nice weather today")]


def learned(shelf: Shelf | None, examples: list[tuple[str, str]] = EXAMPLES) -> Matcher:
    """A matcher that has learned."""
    matcher = Matcher(examples, NO_CONCEPTS, OTHERS, shelf)
    matcher.learn()
    return matcher


def ranked(matcher: Matcher) -> list[Match]:
    """How it ranks a question."""
    return list(matcher.rank("since when do you have this pain?"))


def files(shelf: Shelf) -> list[Path]:
    """What lies on a shelf."""
    return sorted(shelf.folder.iterdir())


def read(file: Path) -> dict[str, NDArray[np.float32]]:
    """The arrays in a file, after the total that comes first."""
    with np.load(BytesIO(file.read_bytes()[hashlib.sha256().digest_size :])) as stored:
        return {name: stored[name] for name in stored.files}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    return Shelf(tmp_path / "learned")


def test_what_was_kept_ranks_exactly_as_what_is_learned(shelf: Shelf) -> None:
    first = ranked(learned(shelf))
    [file] = files(shelf)
    before = file.stat().st_ino  # another once it is written anew
    assert ranked(learned(shelf)) == first == ranked(learned(None))
    assert file.stat().st_ino == before


def test_it_is_taken_from_the_file(shelf: Shelf) -> None:
    learned(shelf)
    [file] = files(shelf)
    key = file.stem
    shapes = {name: one.shape for name, one in read(file).items()}
    kept = shelf.find(key, shapes)
    assert kept is not None
    shelf.keep(key, {**kept, "weights": -kept["weights"]})
    assert ranked(learned(shelf)) != ranked(learned(None))


def test_other_examples_are_other_knowledge(shelf: Shelf) -> None:
    learned(shelf)
    more = [*EXAMPLES, ("site", "does it hurt here")]
    assert ranked(learned(shelf, more)) == ranked(learned(None, more))
    assert len(files(shelf)) == 2


def test_the_same_sentences_for_other_things_are_other_knowledge(shelf: Shelf) -> None:
    learned(shelf)
    moved = [EXAMPLES[0], ("site", EXAMPLES[1][1]), EXAMPLES[2]]
    assert ranked(learned(shelf, moved)) == ranked(learned(None, moved))


def test_concepts_are_part_of_the_name() -> None:
    assert list(Concepts([("ache", "pain")]).told()) != list(Concepts([("ache", "sore")]).told())


@pytest.mark.parametrize("rubbish", [b"", b"PK\x03\x04 and nothing that follows", b"\x93NUMPY"])
def test_a_broken_file_is_learned_anew(shelf: Shelf, rubbish: bytes) -> None:
    learned(shelf)
    [file] = files(shelf)
    file.write_bytes(rubbish)
    assert ranked(learned(shelf)) == ranked(learned(None))
    assert file.read_bytes() != rubbish


def test_whatever_is_damaged_in_a_file_it_is_not_taken(shelf: Shelf) -> None:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, dtype=np.float32)}
    shapes = {name: one.shape for name, one in arrays.items()}
    shelf.keep("k", arrays)
    [file] = files(shelf)
    whole = file.read_bytes()
    for place in range(len(whole)):
        for mask in (1, 8, 255):
            damaged = bytearray(whole)
            damaged[place] ^= mask
            file.write_bytes(bytes(damaged))
            assert shelf.find("k", shapes) is None
    file.write_bytes(whole[:-1])
    assert shelf.find("k", shapes) is None
    file.write_bytes(whole)
    assert shelf.find("k", shapes) is not None


@pytest.mark.parametrize("name", ["one array", "bare zip"])
def test_a_file_of_another_make_is_not_taken(shelf: Shelf, name: str) -> None:
    shelf.keep("k", {"a": np.zeros(3, dtype=np.float32)})
    [file] = files(shelf)
    if name == "one array":
        with file.open("wb") as opened:
            np.save(opened, np.zeros(3, dtype=np.float32))
    else:
        file.write_bytes(file.read_bytes()[hashlib.sha256().digest_size :])
    assert shelf.find("k", {"a": (3,)}) is None


def test_arrays_of_another_shape_are_not_taken(shelf: Shelf) -> None:
    shelf.keep("k", {"a": np.zeros(3, dtype=np.float32)})
    assert shelf.find("k", {"a": (3,)}) is not None
    assert shelf.find("k", {"a": (4,)}) is None
    assert shelf.find("k", {"a": (3,), "b": (1,)}) is None


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert ranked(learned(Shelf(tmp_path / "file" / "learned"))) == ranked(learned(None))


def test_old_files_go(shelf: Shelf) -> None:
    for number in range(MOST + 3):
        shelf.keep(f"k{number}", {"a": np.zeros(1, dtype=np.float32)})
    assert len(files(shelf)) == MOST


def test_what_is_used_stays(shelf: Shelf) -> None:
    one = {"a": np.zeros(1, dtype=np.float32)}
    shelf.keep("used", one)
    shelf.keep("unused", one)
    for file in files(shelf):
        os.utime(file, (0, 0))
    assert shelf.find("used", {"a": (1,)}) is not None
    for number in range(MOST - 1):
        shelf.keep(f"k{number}", one)
    assert shelf.find("used", {"a": (1,)}) is not None
    assert shelf.find("unused", {"a": (1,)}) is None


def test_what_others_left_goes_once_it_is_old(shelf: Shelf) -> None:
    one = {"a": np.zeros(1, dtype=np.float32)}
    shelf.keep("k", one)
    old = [shelf.folder / name for name in (f"{'0a' * 32}.npz", "tmp1.part")]
    new, foreign = shelf.folder / "tmp2.part", shelf.folder / "mine.npz"
    for file in (*old, new, foreign):
        file.write_bytes(b"")
    for file in (*old, foreign):
        os.utime(file, (0, 0))
    shelf.keep("other", one)
    assert not any(file.exists() for file in old)
    assert new.exists()
    assert foreign.exists()
    assert shelf.find("k", {"a": (1,)}) is not None


def test_a_name_tells_where_one_text_ends_and_the_next_begins() -> None:
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])
