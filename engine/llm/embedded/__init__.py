"""The embedded persona: a model that needs no key, no network and no weights."""

from engine.llm.embedded.model import EmbeddedModel

__all__ = ["EmbeddedModel"]
