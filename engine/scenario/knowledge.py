"""Facts: what characters know, and what opens it."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import IntentId, Line, Lines, Part, Slug

Disclosure = Literal["volunteered", "on_ask", "on_trust", "after_fact", "on_action", "never"]
"""When a fact may be told.

`volunteered` any time; `on_ask` when asked; `on_trust` when asked and trust has reached `trust`;
`after_fact` when asked and every fact in `after` was said; `on_action` when asked after an action
that releases it; `never` stays sealed.
"""


class FactText(Part):
    """A fact in another language."""

    say: Line
    variants: Lines = ()
    asks: Lines = ()
    cover: str = ""


class Fact(Part):
    """One thing a character can tell."""

    id: Slug
    say: Line
    variants: Lines = ()
    section: Slug = "general"
    intent: IntentId | None = None
    asks: Lines = Field(default=(), description="Example questions, in trainees' own words.")
    mentions: Lines = Field(
        default=(),
        description="Asked only when one of these is said: for what must be asked directly.",
    )
    disclose: Disclosure = "on_ask"
    trust: Annotated[int, Field(ge=0, le=10)] | None = None
    after: tuple[Slug, ...] = ()
    cover: str = Field(default="", description="What to say when asked while the fact is sealed.")
    tells: Lines = Field(default=(), description="Harmless hints that there is more.")
    topic: str = Field(
        default="", description="A few words for it in a clarifying line, as `the pain`."
    )
    negative: bool = False
    sensitive: bool = False
    known_by: tuple[Slug, ...] = Field(
        default=(), description="Persona ids; empty for all who know it."
    )
    texts: dict[str, FactText] = Field(default={}, description="By language code, as `de`.")

    def in_language(self, language: str) -> FactText:
        """The fact's words in `language`, or in the scenario's own where it has none."""
        own = FactText(say=self.say, variants=self.variants, asks=self.asks, cover=self.cover)
        return self.texts.get(language, own)


UnknownPolicy = Literal["say_dont_know", "normal_negative", "ask_instructor"]
