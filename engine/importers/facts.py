"""Facts collected one by one, so that ids, intents and questions stay distinct. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from engine.importers.values import line, slug
from engine.scenario.knowledge import Disclosure, Fact
from engine.words import normal

MAX_FACTS = 150
MAX_SAY = 700


class Facts:
    """The facts of a scenario that is being made."""

    def __init__(self) -> None:
        self._found: list[Fact] = []
        self._ids: set[str] = set()
        self._intents: set[str] = set()
        self._asks: set[str] = set()
        self._says: set[str] = set()
        self.left_out = 0

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def free(self, intent: str) -> bool:
        """Whether no fact has this intent yet."""
        return intent not in self._intents

    def add(
        self,
        name: str,
        say: str,
        *,
        intent: str = "",
        asks: Iterable[str] = (),
        topic: str = "",
        section: str = "general",
        disclose: Disclosure = "on_ask",
        negative: bool = False,
        mentions: Sequence[str] = (),
    ) -> str:
        """Add a fact and return its id; nothing and "" for one that is there already.

        An intent that another fact has, and questions that already lead to one, are left out.
        """
        said = line(say, MAX_SAY)
        if not normal(said) or normal(said) in self._says:
            return ""
        if len(self._found) >= MAX_FACTS:
            self.left_out += 1
            return ""
        id_ = self._id(name)
        own = [ask for ask in dict.fromkeys(map(line, asks)) if normal(ask)]
        own = [ask for ask in own if normal(ask) not in self._asks]
        bound = intent if intent and self.free(intent) else ""
        self._found.append(
            Fact(
                id=id_,
                say=said,
                intent=bound or None,
                asks=tuple(own),
                topic=topic,
                section=slug(section, "general").replace("-", "_"),
                disclose=disclose,
                negative=negative,
                mentions=tuple(mentions),
            )
        )
        self._intents.add(bound)
        self._says.add(normal(said))
        self._asks.update(map(normal, own))
        return id_

    def taken(self) -> Sequence[str]:
        """The ids so far."""
        return tuple(self._ids)

    def _id(self, name: str) -> str:
        base = slug(name, "fact").replace("-", "_")[:40].strip("_")
        id_, number = base, 1
        while id_ in self._ids:
            number += 1
            id_ = f"{base}_{number}"
        self._ids.add(id_)
        return id_
