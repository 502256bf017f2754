"""What a sentence is made of, as far as matching looks: words, concepts, pairs, letters. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from engine.words import STOP_STEMS, normal, stems

GRAM = 4
STOP_SHARE = 0.2
"""How much of its weight a word keeps that carries little by itself."""

_WEIGHTS = {"w": 1.0, "b": 0.5, "c": 1.3, "p": 0.8, "g": 0.25}
"""Words, neighbours, concepts, concepts together, letters; set on the packs' own phrasings."""

Features = Mapping[str, float]


class Concepts:
    """Groups of words and phrases that mean the same in questions of a domain."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._words: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for number, group in enumerate(groups):
            for words in group:
                self._take(stems(words), f"c:{number}")
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def _take(self, words: tuple[str, ...], name: str) -> None:
        if len(words) == 1:
            self._words.setdefault(words[0], name)
        elif words:
            self._phrases.setdefault(words[0], []).append((words, name))

    def told(self) -> Iterator[str]:
        """All that they hold, in an order of its own: alike for those that mean alike."""
        yield from (f"{word}={name}" for word, name in sorted(self._words.items()))
        for first, phrases in sorted(self._phrases.items()):
            yield from (f"{first}: {' '.join(words)}={name}" for words, name in phrases)

    def of(self, words: Sequence[str]) -> Iterator[str]:
        """Each concept in order, and each word that belongs to none and carries meaning."""
        at = 0
        while at < len(words):
            found = next(
                (
                    (phrase, name)
                    for phrase, name in self._phrases.get(words[at], ())
                    if tuple(words[at : at + len(phrase)]) == phrase
                ),
                None,
            )
            if found is not None:
                yield found[1]
                at += len(found[0])
                continue
            if words[at] in self._words:
                yield self._words[words[at]]
            elif words[at] not in STOP_STEMS:
                yield f"w:{words[at]}"
            at += 1


def features_of(text: str, concepts: Concepts) -> Counter[str]:
    """A sentence's features and how often each stands in it."""
    words = stems(text)
    meant = list(concepts.of(words))
    found = Counter(f"w:{word}" for word in words)
    found.update(f"b:{left} {right}" for left, right in pairwise(words))
    found.update(name for name in meant if name.startswith("c:"))
    found.update(f"p:{left}|{right}" for left, right in combinations(sorted(set(meant)), 2))
    plain = f" {normal(text)} "
    found.update(f"g:{plain[at : at + GRAM]}" for at in range(len(plain) - GRAM + 1))
    return found


@lru_cache(maxsize=50_000)
def weight_of(feature: str) -> float:
    """How much a kind of feature counts."""
    kind, words = feature[0], feature[2:]
    weight = _WEIGHTS[kind]
    if kind == "w" and words in STOP_STEMS:
        return weight * STOP_SHARE
    if kind == "b" and STOP_STEMS.issuperset(words.split()):
        return weight * STOP_SHARE
    return weight


def weighed(counts: Counter[str], idf: Mapping[str, float], unseen: float) -> Features:
    """Features weighed by tf-idf (Salton and Buckley 1988) and scaled to length 1."""
    found = {
        name: (1 + math.log(count)) * idf.get(name, unseen) * weight_of(name)
        for name, count in counts.items()
    }
    length = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
    return {name: weight / length for name, weight in found.items()}


def idf_of(documents: Sequence[Counter[str]]) -> dict[str, float]:
    """Inverse document frequency of each feature."""
    seen = Counter(name for document in documents for name in document)
    return {name: math.log(1 + len(documents) / count) for name, count in seen.items()}
