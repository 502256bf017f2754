"""What was learned before, kept in files so that a start need not learn it anew.

Each file is named for a hash of all that it was learned from, the code included, so one that does
not fit is never found. A file that cannot be read counts as none: then it is learned again.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[np.float32]]

_CODE: Final = ("shelf.py", "matching.py", "features.py", "words.py", "meaning/table.py")
_DATA: Final = "meaning/words.npz"
MOST: Final = 64
"""So many files are kept, the newest."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of such files, made at the first `keep`."""

    folder: Path

    def find(self, key: str, shapes: Mapping[str, tuple[int, ...]]) -> "Arrays | None":
        """What was kept under a key; None unless all of it is there in these shapes."""
        import numpy as np

        try:
            with (
                self._file(key).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                found = {name: stored[name] for name in shapes}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        fits = all(
            one.shape == shapes[name] and one.dtype == np.float32 for name, one in found.items()
        )
        return found if fits else None

    def keep(self, key: str, arrays: "Arrays") -> None:
        """Keep arrays under a key, whole or not at all; a full disk costs only the time saved."""
        import numpy as np

        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                try:
                    np.savez(file, allow_pickle=False, **arrays)
                    file.close()
                    Path(file.name).replace(self._file(key))
                finally:
                    Path(file.name).unlink(missing_ok=True)
            self._tidy()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _tidy(self) -> None:
        files = sorted(self.folder.glob("*.npz"), key=os.path.getmtime, reverse=True)
        for old in files[MOST:]:
            old.unlink(missing_ok=True)


def key_of(given: Iterable[str]) -> str:
    """The name of what is learned from `given` by this very code."""
    total = hashlib.sha256(_code().encode())
    for one in given:
        words = one.encode("utf-8", "surrogatepass")
        total.update(len(words).to_bytes(8, "big"))
        total.update(words)
    return total.hexdigest()


@cache
def _code() -> str:
    import numpy as np

    here, total = Path(__file__).parent, hashlib.sha256(np.__version__.encode())
    for name in (*_CODE, _DATA):
        total.update(hashlib.sha256((here / name).read_bytes()).digest())
    return total.hexdigest()
