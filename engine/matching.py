"""Which of many things a sentence asks for, learned from example sentences.

Two views of the same likeness to the examples, mixed: the nearest example of a thing, which never
misses its own words, and regularised least squares, one thing against the rest (Rifkin, Yeo and
Poggio 2003), which weighs all examples and so understands wordings that none of them has. Likeness
is a mean of two cosines: of what a sentence is made of (tf-idf, see `engine.features`) and of what
its words mean (see `engine.meaning`). Nothing is random: the same examples give the same scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, overload

from engine import columns
from engine.columns import Columns
from engine.features import Concepts, Features, features_of, idf_of, weighed
from engine.meaning.coverage import Vocabulary
from engine.meaning.table import along, table
from engine.shelf import Shelf, key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]
    Places = NDArray[np.intp]

RIDGE = 0.5
"""How much the learning distrusts single examples."""
NEAREST_SHARE = 0.35
"""How much the nearest example counts beside what was learned. Both set on the packs' phrasings."""
MEANING_SHARE = 0.4
"""How much what words mean counts beside how they are written."""
SAME = 0.7
"""What is so like an example is no example of anything else."""


@dataclass(frozen=True, slots=True)
class Match:
    """A thing and how well it fits: near 1 for its own example, near 0 for what is not meant.

    `meant` is the cosine of its meaning to the nearest example's.
    """

    id: str
    score: float
    meant: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranking(Sequence[Match]):
    """Matches, best first. Of hundreds few are looked at, so each is made when it is."""

    ids: Sequence[str]
    scores: Sequence[float]
    meant: Sequence[float]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> "Ranking": ...
    def __getitem__(self, at: int | slice) -> "Match | Ranking":
        if isinstance(at, slice):
            return Ranking(self.ids[at], self.scores[at], self.meant[at])
        return Match(self.ids[at], self.scores[at], self.meant[at])


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a sentence fits each thing, in the order of the matcher's `ids`; see `Match`."""

    ids: Sequence[str]
    scores: "Numbers"
    meant: "Numbers"

    def best(self, among: "Places") -> Iterator[Match]:
        """The things at some places, best first; ties in the order of the places."""
        for at in among[(-self.scores[among]).argsort(kind="stable")].tolist():
            yield Match(self.ids[at], float(self.scores[at]), float(self.meant[at]))

    def highest(self, among: "Places") -> float:
        """The best score at some places; 0 where none is above that."""
        return float(self.scores[among].max(initial=0.0))


class Matcher:
    """Ranks things by how well a sentence asks for them. Never changes."""

    def __init__(
        self,
        examples: Iterable[tuple[str, str]],
        concepts: Concepts,
        others: Iterable[tuple[str, str]] = (),
        shelf: Shelf | None = None,
    ) -> None:
        """Learn from (id, sentence) pairs; ids repeat. The learning waits for its use.

        `others` are sentences that ask for something else. They are ranked too; one that is as good
        as an example says nothing. What was learned is kept on `shelf`, and found there again.
        """
        self._shelf = shelf
        pairs = list(dict.fromkeys(examples))
        self._certain = len(pairs)
        pairs = list(dict.fromkeys((*pairs, *others)))
        self._concepts = concepts
        self._texts = [text for _, text in pairs]
        self.ids = tuple(dict.fromkeys(id_ for id_, _ in pairs))
        places = {id_: at for at, id_ in enumerate(self.ids)}
        self._labels = [places[id_] for id_, _ in pairs]
        self._vocabularies: dict[str, Vocabulary] = {}

    def learn(self) -> None:
        """Learn now rather than at the first `rank`."""
        if self.ids:
            if self._shelf is not None:
                self._recall(self._shelf)
            _ = self._learned, self._columns, self._idf
            self.__dict__.pop("_written", None)  # what it held is in these by now

    def _recall(self, shelf: Shelf) -> None:
        """Take what was learned from the same before off the shelf, or put it there."""
        given = (*self._texts, *map(str, self._labels), str(self._certain), *self._concepts.told())
        key, count = key_of(given), len(self._texts)
        shapes = {
            "meanings": (count, table().width),
            "weights": (count, len(self.ids)),
            "heard": (count,),
            **columns.SHAPES,
        }
        found = shelf.find(key, shapes)
        if found is None:
            weights, heard = self._learned
            learned = {"meanings": self._meanings, "weights": weights, "heard": heard}
            shelf.keep(key, {**learned, **self._columns.kept()})
            return
        self.__dict__["_columns"] = recalled = Columns.recalled(found)
        self.__dict__["_idf"] = recalled.idf(count)
        self.__dict__["_meanings"] = found["meanings"]
        self.__dict__["_learned"] = found["weights"], found["heard"]

    def rank(self, sentence: str) -> "Ranking":
        """Every thing, best first; ties in the order they were given."""
        if not self.ids:
            return Ranking((), (), ())
        found = self.scores(sentence)
        order = (-found.scores).argsort(kind="stable")
        ids = tuple(map(self.ids.__getitem__, order.tolist()))
        return Ranking(ids, found.scores[order].tolist(), found.meant[order].tolist())

    def scores(self, sentence: str) -> Scores:
        """How well every thing fits. There must be one."""
        meant = along(self._meanings, table().sentence(sentence))
        likeness = _mixed(self._likeness(self._weighed(sentence)), meant)
        weights, heard = self._learned
        scores = (1 - NEAREST_SHARE) * along(weights.T, likeness)
        scores += NEAREST_SHARE * self._nearest(likeness * heard)
        return Scores(self.ids, scores, self._nearest(meant * heard))

    def places(self, *prefixes: str, but: bool = False) -> "Places":
        """Where in `ids` those stand that begin with one of these; `but`: all the others."""
        import numpy as np

        return np.flatnonzero([one.startswith(prefixes) != but for one in self.ids])

    def nearest(self, sentence: str) -> Match | None:
        """The thing with the nearest example, by its words alone; None where nothing is shared."""
        if not self.ids:
            return None
        scores = self._nearest(self._likeness(self._weighed(sentence)))
        best = int(scores.argmax())
        return Match(self.ids[best], float(scores[best])) if scores[best] > 0 else None

    def covered(self, sentence: str, id_: str) -> float:
        """How much of a sentence the examples of a thing know."""
        if id_ not in self._vocabularies:
            place = self.ids.index(id_)
            self._vocabularies[id_] = Vocabulary(
                (text for text, at in zip(self._texts, self._labels, strict=True) if at == place),
                self._concepts,
            )
        return self._vocabularies[id_].covers(sentence, self._idf, self._unseen)

    def _weighed(self, sentence: str) -> Features:
        return weighed(features_of(sentence, self._concepts), self._idf, self._unseen)

    def _nearest(self, likeness: "Numbers") -> "Numbers":
        import numpy as np

        grouped, begins = self._groups
        found: Numbers = np.maximum.reduceat(likeness[grouped], begins)
        return np.maximum(found, np.float32(0))

    def _likeness(self, features: Features) -> "Numbers":
        """Cosine similarity of a sentence to each example."""
        return self._columns.likeness(features, len(self._labels))

    @cached_property
    def _idf(self) -> dict[str, float]:
        return self._written[0]

    @cached_property
    def _unseen(self) -> float:
        """What a feature weighs that no example has."""
        return max(self._idf.values(), default=1.0)

    @cached_property
    def _written(self) -> tuple[dict[str, float], list[Features]]:
        """How rare each feature is, and what each example is made of."""
        counts = [features_of(text, self._concepts) for text in self._texts]
        idf = idf_of(counts)
        unseen = max(idf.values(), default=1.0)
        return idf, [weighed(count, idf, unseen) for count in counts]

    @cached_property
    def _groups(self) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """The examples thing by thing, and where each thing begins."""
        import numpy as np

        labels = np.array(self._labels)
        grouped = np.argsort(labels, kind="stable")
        return grouped, np.searchsorted(labels[grouped], np.arange(len(self.ids)))

    @cached_property
    def _columns(self) -> Columns:
        """For each feature, the examples that have it, and how much."""
        return Columns.of(self._written[1])

    @cached_property
    def _meanings(self) -> "Numbers":
        """What each example means, one row each."""
        import numpy as np

        return np.stack([table().sentence(text) for text in self._texts])

    @cached_property
    def _learned(self) -> "tuple[Numbers, Numbers]":
        """How much each example speaks for each thing; and 1 for each that is heard, else 0."""
        import numpy as np

        kernel = _mixed(
            np.stack([self._likeness(row) for row in self._written[1]]),
            self._meanings @ self._meanings.T,
        )
        heard = np.ones(len(kernel), dtype=bool)
        if 0 < self._certain < len(kernel):
            likest = kernel[self._certain :, : self._certain].max(axis=1)
            heard[self._certain :] = likest < SAME
        kernel = kernel[np.ix_(heard, heard)]
        kernel[np.diag_indices_from(kernel)] += RIDGE
        truth = _indicator(self._labels, len(self.ids))
        weights = np.zeros_like(truth)
        weights[heard] = np.linalg.solve(kernel, truth[heard])
        return weights, heard.astype(np.float32)


def _mixed(written: "Numbers", meant: "Numbers") -> "Numbers":
    return (1 - MEANING_SHARE) * written + MEANING_SHARE * meant


def _indicator(labels: Sequence[int], width: int) -> "Numbers":
    """One row an example, 1 where its thing stands."""
    import numpy as np

    found = np.zeros((len(labels), width), dtype=np.float32)
    found[np.arange(len(labels)), labels] = 1.0
    return found
