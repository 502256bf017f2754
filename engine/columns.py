"""What many sentences are made of, feature by feature: how a new one is compared with each of them.

Numpy is imported where it is used, so that starting does not need it.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from engine.features import Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

SHAPES: Final = {"features": (-1,), "begins": (-1,), "places": (-1,), "shares": (-1,)}
"""What `kept` gives, each a row of any length."""


class Columns:
    """For each feature of some sentences, which of them have it, and how much. Never changes."""

    def __init__(
        self,
        names: Sequence[str],
        begins: Sequence[int],
        places: "NDArray[np.int32]",
        shares: "Numbers",
    ) -> None:
        """The features; where each begins in the other two, and where the last ends."""
        self._names = names
        self._spans = dict(zip(names, pairwise(begins), strict=True))
        self._places = places
        self._shares = shares

    @classmethod
    def of(cls, rows: Sequence[Features]) -> "Columns":
        """Turn sentences with their features into features with their sentences."""
        import numpy as np

        found: dict[str, tuple[list[int], list[float]]] = {}
        for at, row in enumerate(rows):
            for name, weight in row.items():
                places, shares = found.setdefault(name, ([], []))
                places.append(at)
                shares.append(weight)
        begins = [0]
        for places, _ in found.values():
            begins.append(begins[-1] + len(places))
        return cls(
            list(found),
            begins,
            np.array([at for places, _ in found.values() for at in places], dtype=np.int32),
            np.array([one for _, shares in found.values() for one in shares], dtype=np.float32),
        )

    @classmethod
    def recalled(cls, kept: "Mapping[str, NDArray[np.generic]]") -> "Columns":
        """Those that `kept` gave."""
        import numpy as np

        text = kept["features"].tobytes().decode("utf-8", "surrogatepass")
        return cls(
            text.split("\n") if text else [],
            kept["begins"].tolist(),
            kept["places"].astype(np.int32, copy=False),
            kept["shares"].astype(np.float32, copy=False),
        )

    def kept(self) -> "dict[str, NDArray[np.generic]]":
        """All of it as arrays, which a shelf keeps."""
        import numpy as np

        text = "\n".join(self._names).encode("utf-8", "surrogatepass")
        ends = [end for _, end in self._spans.values()]
        return {
            "features": np.frombuffer(text, dtype=np.uint8),
            "begins": np.array([0, *ends], dtype=np.int32),
            "places": self._places,
            "shares": self._shares,
        }

    def idf(self, count: int) -> dict[str, float]:
        """Inverse document frequency of each feature; `count` is how many sentences there are."""
        return {
            name: math.log(1 + count / (end - begin)) for name, (begin, end) in self._spans.items()
        }

    def likeness(self, features: Features, count: int) -> "Numbers":
        """Cosine similarity of a sentence to each of `count` sentences."""
        import numpy as np

        total = np.zeros(count, dtype=np.float32)
        spans, places, shares = self._spans, self._places, self._shares
        for name, weight in features.items():
            if (span := spans.get(name)) is not None:
                at = slice(*span)
                total[places[at]] += weight * shares[at]
        return total
