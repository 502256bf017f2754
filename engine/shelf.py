"""What was learned before, kept in files so that a start need not learn it anew.

Each file is named for a hash of all that it was learned from, the code included, so one that does
not fit is never found. A file that is damaged counts as none: then it is learned again.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[np.generic]]

_CODE: Final = (
    "shelf.py",
    "matching.py",
    "columns.py",
    "lessons.py",
    "intents.py",
    "features.py",
    "words.py",
    "meaning/table.py",
)
_DATA: Final = "meaning/words.npz"
_NAMED: Final = ".learned"
_TOTAL: Final = hashlib.sha256().digest_size
"""So many bytes come first in a file: the total of those that follow, which numpy wrote."""

MOST: Final = 128
"""So many files are kept: those that were used last."""

_LEFT: Final = (f"{'[0-9a-f]' * 64}.npz", "tmp*.part")
"""What earlier versions named otherwise, and what somebody left who died while writing."""

_LEFT_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of such files, made at the first `keep`."""

    folder: Path

    def find(self, key: str, shapes: Mapping[str, tuple[int, ...]]) -> "Arrays | None":
        """What was kept under a key; None unless all of it is there in these shapes.

        A side of -1 may have any length.
        """
        import numpy as np

        try:
            kept = self._file(key).read_bytes()
            with suppress(OSError):
                os.utime(self._file(key))
            total, arrays = kept[:_TOTAL], kept[_TOTAL:]
            if hashlib.sha256(arrays).digest() != total:
                return None  # damaged: what numpy makes of it, nobody knows
            with np.load(BytesIO(arrays), allow_pickle=False) as stored:
                found = {name: stored[name] for name in shapes}
        except (OSError, ValueError, KeyError):
            return None
        return found if all(_fits(one.shape, shapes[name]) for name, one in found.items()) else None

    def keep(self, key: str, arrays: "Arrays") -> None:
        """Keep arrays under a key, whole or not at all; a full disk costs only the time saved."""
        import numpy as np

        whole = BytesIO()
        np.savez(whole, allow_pickle=False, **arrays)
        kept = whole.getvalue()
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                try:
                    file.write(hashlib.sha256(kept).digest() + kept)
                    file.close()
                    Path(file.name).replace(self._file(key))
                finally:
                    Path(file.name).unlink(missing_ok=True)
            self._tidy()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}{_NAMED}"

    def _tidy(self) -> None:
        files = sorted(self._aged(f"*{_NAMED}"))
        left = [old for name in _LEFT for old in self._aged(name) if old[0] > _LEFT_SECONDS]
        for _, old in (*files[MOST:], *left):
            old.unlink(missing_ok=True)

    def _aged(self, name: str) -> Iterator[tuple[float, Path]]:
        """Files, with seconds since they were used; other processes may remove some meanwhile."""
        now = time.time()
        for file in self.folder.glob(name):
            with suppress(FileNotFoundError):
                yield now - file.stat().st_mtime, file


def _fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    same = len(found) == len(wanted)
    return same and all(want in (-1, one) for one, want in zip(found, wanted, strict=True))


def key_of(given: Iterable[str]) -> str:
    """The name of what is learned from `given` by this very code."""
    total = hashlib.sha256(_code().encode())
    for one in given:
        words = one.encode("utf-8", "surrogatepass")
        total.update(len(words).to_bytes(8, "big"))
        total.update(words)
    return total.hexdigest()


def _total_of(names: Iterable[str]) -> bytes:
    total, here = hashlib.sha256(), Path(__file__).parent
    for name in names:
        total.update(hashlib.sha256((here / name).read_bytes()).digest())
    return total.digest()


_RUNS: Final = _total_of(_CODE)
"""Of the code that runs: taken as it is read, for its files may be others by the time it learns."""


@cache
def _code() -> str:
    import numpy as np

    return hashlib.sha256(np.__version__.encode() + _RUNS + _total_of([_DATA])).hexdigest()
