"""How much of a question the words known for a thing cover. Pure."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.features import Concepts
from engine.meaning.table import along, table
from engine.words import STOP_STEMS, normal, stem, stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]


class Vocabulary:
    """The words of all examples of a thing, and the concepts of a domain that stand in them."""

    def __init__(self, examples: Iterable[str], concepts: Concepts) -> None:
        """Collect the words."""
        import numpy as np

        texts = tuple(examples)
        words = sorted({word for text in texts for word in normal(text).split()})
        self._concepts = concepts
        self._stems = frozenset(stem(word) for word in words)
        self._names = frozenset(name for text in texts for name in concepts.of(stems(text)))
        self._vectors: Numbers = np.stack([table().word(word) for word in words or [""]])

    def covers(self, text: str, weights: Mapping[str, float], unseen: float) -> float:
        """The share of `text` that stands in these words, or in words that mean nearly the same.

        1 where it has no words that carry meaning. A word's stem without a weight counts `unseen`.
        """
        total = covered = 0.0
        for word in normal(text).split():
            root = stem(word)
            if root in STOP_STEMS:
                continue
            weight = weights.get(f"w:{root}", unseen)
            total += weight
            known = root in self._stems or not self._names.isdisjoint(self._concepts.of((root,)))
            covered += weight * (1.0 if known else self._nearness(word))
        return covered / total if total else 1.0

    def _nearness(self, word: str) -> float:
        return float(along(self._vectors, table().word(word)).max())
