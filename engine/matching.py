"""Which of many things a sentence asks for: lexical matching over example questions. Pure.

Cosine similarity of tf-idf vectors (Salton and Buckley 1988) over stems and pairs of stems, mixed
with one over character 4-grams, which forgive typos. The best example of a thing is its score.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.words import STOP_STEMS, normal, stems

WORD_SHARE = 0.75
STOP_WEIGHT = 0.15
PAIR_WEIGHT = 0.6

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Match:
    """A thing and how well it fits, 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class _Example:
    id: str
    words: Vector
    grams: Vector


def _word_features(text: str) -> Counter[str]:
    found = stems(text)
    singles = Counter(found)
    pairs = Counter(f"{left} {right}" for left, right in itertools.pairwise(found))
    return singles + pairs


def _gram_features(text: str) -> Counter[str]:
    plain = f" {normal(text)} "
    return Counter(plain[at : at + 4] for at in range(max(0, len(plain) - 3)))


class Matcher:
    """Ranks things by how well a sentence asks for them. Built once, used often; never changes."""

    def __init__(self, examples: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Take (id, example sentences) pairs; ids may repeat."""
        pairs = [(id_, text) for id_, texts in examples for text in texts]
        words = [_word_features(text) for _, text in pairs]
        grams = [_gram_features(text) for _, text in pairs]
        self._word_idf = _idf(words)
        self._gram_idf = _idf(grams)
        self._unseen = math.log(1 + max(1, len(pairs)))
        self._examples = tuple(
            _Example(
                id_,
                self._weighed(word, self._word_idf, _kind_weight),
                self._weighed(gram, self._gram_idf, _even),
            )
            for (id_, _), word, gram in zip(pairs, words, grams, strict=True)
        )

    def _weighed(
        self, features: Counter[str], idf: Mapping[str, float], kind: Callable[[str], float]
    ) -> Vector:
        weighed = {
            name: count * idf.get(name, self._unseen) * kind(name)
            for name, count in features.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
        return {name: weight / length for name, weight in weighed.items()}

    def rank(self, sentence: str) -> tuple[Match, ...]:
        """Every thing with a score above 0, best first; ties in the order they were given."""
        words = self._weighed(_word_features(sentence), self._word_idf, _kind_weight)
        grams = self._weighed(_gram_features(sentence), self._gram_idf, _even)
        best: dict[str, float] = {}
        for example in self._examples:
            score = WORD_SHARE * _dot(words, example.words)
            score += (1 - WORD_SHARE) * _dot(grams, example.grams)
            if score > best.get(example.id, 0.0):
                best[example.id] = score
        ranked = sorted(best.items(), key=lambda item: -item[1])
        return tuple(Match(id_, min(1.0, score)) for id_, score in ranked)


def _kind_weight(name: str) -> float:
    words = name.split()
    if len(words) > 1:
        return PAIR_WEIGHT * (STOP_WEIGHT if STOP_STEMS.issuperset(words) else 1.0)
    return STOP_WEIGHT if name in STOP_STEMS else 1.0


def _even(_name: str) -> float:
    return 1.0


def _idf(documents: Sequence[Counter[str]]) -> Mapping[str, float]:
    seen = Counter(name for document in documents for name in document)
    return {name: math.log(1 + len(documents) / count) for name, count in seen.items()}


def _dot(left: Vector, right: Vector) -> float:
    if len(left) > len(right):
        left, right = right, left
    return sum(weight * right[name] for name, weight in left.items() if name in right)
