"""Character cards V2 and V3 as scenarios with one character. Pure.

What a card says to a model (its system prompt and the like) is never taken over: it is left out,
and the notes say so.
"""

import re
from collections.abc import Iterator, Mapping

from engine.importers.asking import asks_about_own
from engine.importers.drafts import one_phase, opening_with, persona_named, safe_trials
from engine.importers.facts import Facts
from engine.importers.lorebook import Lorebook
from engine.importers.macros import Macros
from engine.importers.result import CannotImport, Imported
from engine.importers.values import LABEL, Sifter, first_of, keyed, label, line, slug, tidy
from engine.scenario import Brief, BriefContext, Domain, Provenance, Scenario, Source
from engine.scenario.people import Seat
from engine.scenario.rubric import Criterion, Evidence, Rubric

SPECS = ("chara_card_v2", "chara_card_v3")
PROMPTS = ("system_prompt", "post_history_instructions")
UNUSED = ("creator_notes", "alternate_greetings", "group_only_greetings", "tags", "assets")
BACKGROUND = 3_000
SPEECH = 10
TRAINEE, YOU = "the trainee", "you"

_TOLD = re.compile(r"^\W*([A-Za-z][A-Za-z _-]{1,30}?)\s*[:=]\s*(\S.*)$")
_START = re.compile(r"<START>", re.IGNORECASE)


def card_scenario(card: object, domain: Domain) -> Imported:
    """A card as a scenario of a domain; a card names none.

    Raises:
        CannotImport: it is no card of version 2 or 3, or its character has no name.
    """
    outer = keyed(card, "the card")
    spec = outer.get("spec")
    if spec not in SPECS:
        told = f"`spec` is {line(str(spec), 40)}" if spec else "it has no `spec`"
        raise CannotImport(f"{told}: save the card as version 2 or 3 in a card editor")
    return _Card(keyed(outer.get("data"), "the card's `data`"), str(spec), domain).imported()


class _Card:
    """One card on its way."""

    def __init__(self, data: Mapping[str, object], spec: str, domain: Domain) -> None:
        self._data, self._spec, self._domain = data, spec, domain
        self._sifter = Sifter()
        self.name = self._named("name")
        if not self.name:
            raise CannotImport("the character has no `name`: give it one in a card editor")
        self._macros = Macros(self._named("nickname") or self.name)
        self._facts = Facts()
        self._lorebook = Lorebook(self._facts, self._macros, self._sifter)

    def _raw(self, key: str) -> str:
        value = self._data.get(key)
        return value if isinstance(value, str) else ""

    def _named(self, key: str) -> str:
        return self._sifter.text(self._raw(key).replace("{", "").replace("}", ""), LABEL)

    def _text(self, key: str, user: str, limit: int) -> str:
        return self._sifter.text(self._macros.text(self._raw(key), user), limit)

    def imported(self) -> Imported:
        """The scenario, and what is left to write."""
        self._lorebook.add(self._data.get("character_book"))
        background = self._background()
        made = self._scenario(background)
        return Imported(scenario=made, notes=tuple(self._notes(made)))

    def _background(self) -> str:
        """Description and personality; lines such as `Age: 34` become facts as well."""
        text = self._macros.text(self._raw("description"), TRAINEE)
        for row in tidy(text, limit=20_000).splitlines():
            told = _TOLD.match(row)
            if told and len(told[1].split()) <= 3:
                self._told(told[1], told[2])
        personality = self._text("personality", TRAINEE, BACKGROUND // 3)
        about = self._sifter.text(text, BACKGROUND)
        return tidy(f"{about} {personality}", BACKGROUND)

    def _told(self, name: str, value: str) -> None:
        said = self._sifter.text(value, 300)
        field = label(name)
        if said:
            self._facts.add(
                field,
                f"{field}: {said.rstrip('.')}.",
                asks=asks_about_own(field),
                topic=field.lower(),
                section="description",
            )

    def _speech(self) -> tuple[str, ...]:
        """What the character says in the card's examples."""
        found: list[str] = []
        for block in _START.split(self._raw("mes_example")):
            for row in block.splitlines():
                who, colon, said = row.partition(":")
                if colon and who.strip().lower() in ("{{char}}", "<bot>", self.name.lower()):
                    found.append(self._sifter.text(self._macros.text(said, YOU), 300))
        return tuple(dict.fromkeys(one for one in found if one))[:SPEECH]

    def _scenario(self, background: str) -> Scenario:
        opening = self._text("first_mes", YOU, 1_500)
        situation = self._text("scenario", TRAINEE, 1_500)
        situation = f"{situation[:1].upper()}{situation[1:]}"
        criteria = tuple(self._criteria())
        return Scenario(
            format="dressrun/1",
            id=slug(self.name, "character"),
            version="0.1.0",
            title=f"A conversation with {self.name}",
            domain=self._domain,
            level="novice",
            minutes=15,
            license="unknown: see provenance, and ask whoever made the card",
            provenance=self._provenance(),
            brief=Brief(
                task=f"You meet {self.name}. Find out what matters to them.",
                context=BriefContext(situation=situation),
                goals=tuple(one.id for one in criteria),
            ),
            cast={
                "trainee": Seat(role="trainee", played_by="human"),
                "character": Seat(role="character", played_by="ai", persona="character"),
            },
            personas={"character": persona_named(self.name, {}, background, self._speech())},
            facts=tuple(self._facts),
            opening=opening_with(opening, self.name),
            phases=one_phase("The conversation", 15),
            rubric=Rubric(criteria=criteria),
            tests=safe_trials(),
        )

    def _provenance(self) -> Provenance:
        maker = line(self._raw("creator"), LABEL) or "somebody who is not named"
        version = line(self._raw("character_version"), LABEL)
        title = f"Character card {self.name}, by {maker}" + (
            f", version {version}" if version else ""
        )
        return Provenance(
            sources=(Source(title=title, pages=self._spec),), generator="dressrun import card"
        )

    def _criteria(self) -> Iterator[Criterion]:
        asked = tuple(fact.id for fact in self._facts if fact.asks)[:5]
        if asked:
            yield Criterion(
                id="asks",
                label="Asks about this person",
                kind="checklist",
                weight=60,
                evidence=Evidence(asked_any=asked),
            )
        yield Criterion(
            id="overall",
            label="The conversation as a whole",
            kind="human",
            weight=40 if asked else 100,
        )

    def _notes(self, made: Scenario) -> Iterator[str]:
        for key in PROMPTS:
            if self._raw(key).strip():
                yield f"the card's `{key}` is left out: a card never gives orders to the machine"
        extensions = self._data.get("extensions")
        if isinstance(extensions, dict) and first_of(extensions, "depth_prompt"):
            yield "the card's `depth_prompt` is left out: a card never gives orders to the machine"
        unused = [key for key in UNUSED if self._data.get(key) not in (None, "", [])]
        if unused:
            yield f"not taken over: {', '.join(unused)}"
        if self._macros.dropped:
            yield f"macros taken out because they mean nothing here: {self._macros.dropped}"
        yield from self._lorebook.notes()
        yield from self._sifter.notes()
        yield f"the card names no domain, so it is {self._domain}: change it if it is another"
        yield "rewrite the brief: what the trainee is there for, and what they should reach"
        yield "rewrite each `say` as this person would say it, and give it `asks`"
        if not made.facts:
            yield "there are no facts: write what this person can tell, as `facts`"
        if self._facts.left_out:
            yield f"facts left out because there were too many: {self._facts.left_out}"
        yield "decide what has to be earned: move it from `background` into a sealed fact"
        yield "the rubric is a draft: say what counts; add a test of kind `expert`"
        yield "settle the `license` with whoever made the card, then set `status: published`"
