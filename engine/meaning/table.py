"""The table of word vectors, and sentences as sums of them.

Numpy is imported where it is used, and the table is read at its first use: starting needs neither.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.words import normal, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

FILE = Path(__file__).parent / "words.npz"


class Table:
    """Words and their vectors. A vector's length is the word's weight in a sentence."""

    def __init__(
        self, words: Sequence[str], vectors: "NDArray[np.int8]", scales: "Numbers"
    ) -> None:
        """One row a word: small whole numbers, to be multiplied by the row's scale."""
        self._vectors = vectors
        self._scales = scales
        self._places = {word: at for at, word in enumerate(words)}
        self._by_stem: dict[str, int] = {}
        for at, word in enumerate(words):
            self._by_stem.setdefault(stem(word), at)
        self.width: int = vectors.shape[1]

    def sentence(self, text: str) -> "Numbers":
        """The direction a sentence points in, of length 1; zeros where no word is known.

        The weighted mean of its words after Arora, Liang and Ma (2017).
        """
        return self._unit(self._known(normal(text).split()))

    def word(self, word: str) -> "Numbers":
        """The direction of one normal word, of length 1; zeros where it is not known."""
        return self._unit(self._known([word]))

    def _known(self, words: Sequence[str]) -> list[int]:
        found = (self._places.get(word, self._by_stem.get(stem(word))) for word in words)
        return [at for at in found if at is not None]

    def _unit(self, rows: list[int]) -> "Numbers":
        import numpy as np

        total = along(self._vectors[rows].T.astype(np.float32), self._scales[rows])
        length = float(np.linalg.norm(total))
        return total / np.float32(length) if length > 0 else total


def along(rows: "Numbers", direction: "Numbers") -> "Numbers":
    """How far each row goes in a direction.

    Not `@`, which wakes the threads of the linear algebra library: where others keep the cores
    busy, waiting for those takes a hundred times as long as the sum.
    """
    import numpy as np

    total: Numbers = np.einsum("ij,j->i", rows, direction)
    return total


@lru_cache(maxsize=1)
def table() -> Table:
    """The shipped table."""
    import numpy as np

    with np.load(FILE) as stored:
        words = bytes(stored["words"]).decode("ascii").split("\n")
        return Table(words, stored["vectors"], stored["scales"].astype(np.float32))
