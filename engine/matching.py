"""Which of many things a sentence asks for, learned from example sentences.

Two views of the same cosine similarities to the examples (tf-idf, see `engine.features`), mixed:
the nearest example of a thing, which never misses its own words, and regularised least squares, one
thing against the rest (Rifkin, Yeo and Poggio 2003), which weighs all examples and so understands
wordings that none of them has. Nothing is random: the same examples give the same scores.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.features import Concepts, Features, features_of, idf_of, weighed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

RIDGE = 0.5
"""How much the learning distrusts single examples."""
NEAREST_SHARE = 0.35
"""How much the nearest example counts beside what was learned. Both set on the packs' phrasings."""


@dataclass(frozen=True, slots=True)
class Match:
    """A thing and how well it fits: near 1 for its own example, near 0 for what is not meant."""

    id: str
    score: float


class Matcher:
    """Ranks things by how well a sentence asks for them. Never changes."""

    def __init__(self, examples: Iterable[tuple[str, str]], concepts: Concepts) -> None:
        """Learn from (id, example sentence) pairs; ids repeat. The learning waits for its use."""
        pairs = list(dict.fromkeys(examples))
        self._concepts = concepts
        counts = [features_of(text, concepts) for _, text in pairs]
        self._idf = idf_of(counts)
        self._unseen = max(self._idf.values(), default=1.0)
        self._rows = [weighed(count, self._idf, self._unseen) for count in counts]
        self.ids = tuple(dict.fromkeys(id_ for id_, _ in pairs))
        places = {id_: at for at, id_ in enumerate(self.ids)}
        self._labels = [places[id_] for id_, _ in pairs]

    def learn(self) -> None:
        """Learn now rather than at the first `rank`."""
        if self.ids:
            _ = self._learned
            self._rows.clear()  # what they held is in the columns by now

    def rank(self, sentence: str) -> tuple[Match, ...]:
        """Every thing, best first; ties in the order they were given."""
        import numpy as np

        if not self.ids:
            return ()
        likeness = self._likeness(self._weighed(sentence))
        learned = likeness @ self._learned
        nearest = self._nearest(likeness)
        scores = (1 - NEAREST_SHARE) * learned + NEAREST_SHARE * nearest
        order = np.argsort(-scores, kind="stable")
        return tuple(Match(self.ids[at], float(scores[at])) for at in order)

    def nearest(self, sentence: str) -> Match | None:
        """The thing with the nearest example, by cosine alone; None where nothing is shared."""
        if not self.ids:
            return None
        scores = self._nearest(self._likeness(self._weighed(sentence)))
        best = int(scores.argmax())
        return Match(self.ids[best], float(scores[best])) if scores[best] > 0 else None

    def _weighed(self, sentence: str) -> Features:
        return weighed(features_of(sentence, self._concepts), self._idf, self._unseen)

    def _nearest(self, likeness: "Numbers") -> "Numbers":
        import numpy as np

        found = np.zeros(len(self.ids), dtype=np.float32)
        np.maximum.at(found, self._labels, likeness)
        return found

    def _likeness(self, features: Features) -> "Numbers":
        """Cosine similarity of a sentence to each example."""
        import numpy as np

        total = np.zeros(len(self._labels), dtype=np.float32)
        for name, weight in features.items():
            column = self._columns.get(name)
            if column is not None:
                total[column[0]] += weight * column[1]
        return total

    @cached_property
    def _columns(self) -> "dict[str, tuple[NDArray[np.int32], Numbers]]":
        """For each feature, the examples that have it, and how much."""
        import numpy as np

        found: dict[str, tuple[list[int], list[float]]] = {}
        for at, row in enumerate(self._rows):
            for name, weight in row.items():
                places, weights = found.setdefault(name, ([], []))
                places.append(at)
                weights.append(weight)
        return {
            name: (np.array(places, dtype=np.int32), np.array(weights, dtype=np.float32))
            for name, (places, weights) in found.items()
        }

    @cached_property
    def _learned(self) -> "Numbers":
        """How much each example speaks for each thing."""
        import numpy as np

        kernel = np.stack([self._likeness(row) for row in self._rows])
        kernel[np.diag_indices_from(kernel)] += RIDGE
        return np.linalg.solve(kernel, _indicator(self._labels, len(self.ids))).astype(np.float32)


def _indicator(labels: Sequence[int], width: int) -> "Numbers":
    """One row an example, 1 where its thing stands."""
    import numpy as np

    found = np.zeros((len(labels), width), dtype=np.float32)
    found[np.arange(len(labels)), labels] = 1.0
    return found
