"""Examinations and tests of a case as exhibits, each with the order that brings it. Pure."""

import re
from collections.abc import Iterator, Mapping

from engine.importers.asking import plain_phrase
from engine.importers.hiding import LEFT_OUT, Hider
from engine.importers.values import LABEL, label, leaves, line, slug
from engine.scenario.exhibits import Lab, Value, Vitals
from engine.scenario.flow import Action

MAX_EXHIBITS = 40
MAX_ROWS = 60
CELL = 600

_VITAL = re.compile(r"vital", re.IGNORECASE)


class Findings:
    """Exhibits and actions that are being collected."""

    def __init__(self, hider: Hider, taken: frozenset[str]) -> None:
        """`taken` are ids that facts have already."""
        self.exhibits: list[Lab | Vitals] = []
        self.actions: list[Action] = []
        self.left_out = 0
        self._hider = hider
        self._ids = set(taken)
        self._words: set[str] = set()

    def add_all(self, verb: str, value: object, name: str) -> tuple[str, ...]:
        """One exhibit for each key of a value, or one for all of it; the ids of their actions."""
        groups: Mapping[str, object] = value if isinstance(value, dict) else {name: value}
        return tuple(id_ for key, inner in groups.items() if (id_ := self._add(verb, key, inner)))

    def _add(self, verb: str, key: str, value: object) -> str:
        title = self._hider.kept(label(str(key)), "the names of tests", "Results")
        rows = tuple(self._rows(value, title))
        if not rows:
            return ""
        if len(self.exhibits) >= MAX_EXHIBITS:
            self.left_out += 1
            return ""
        id_ = self._id(title)
        kind = Vitals if _VITAL.search(str(key)) else Lab
        made: Lab | Vitals
        if kind is Vitals:
            made = Vitals(id=id_, kind="vitals", title=title, release="on_action", rows=rows)
        else:
            made = Lab(id=id_, kind="lab", title=title, release="on_action", rows=rows)
        self.exhibits.append(made)
        action = Action(
            id=self._id(f"{verb} {title}"),
            command="order",
            label=title,
            match=(self._words_for(title, id_),),
            releases=(id_,),
        )
        self.actions.append(action)
        return action.id

    def _rows(self, value: object, title: str) -> Iterator[Value]:
        for number, (name, text) in enumerate(leaves(value)):
            if number >= MAX_ROWS:
                self.left_out += 1
                return
            shown = self._hider.kept(line(name or "Finding", LABEL), "test results", "Finding")
            yield Value(
                name=shown, value=self._hider.kept(line(text, CELL), "test results", LEFT_OUT)
            )

    def _words_for(self, title: str, id_: str) -> str:
        words = plain_phrase(title) or plain_phrase(id_.replace("_", " "))
        if words in self._words:
            words = plain_phrase(id_.replace("_", " "))
        self._words.add(words)
        return words

    def _id(self, name: str) -> str:
        base = slug(name, "results").replace("-", "_")[:40].strip("_")
        id_, number = base, 1
        while id_ in self._ids:
            number += 1
            id_ = f"{base}_{number}"
        self._ids.add(id_)
        return id_
