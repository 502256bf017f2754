"""Which model plays: a line of settings read, and the model built."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from engine.errors import SimulationError
from engine.llm.access import Access
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.families import Effort
from engine.llm.port import Model

Provider = Literal["embedded", "anthropic", "openai", "local"]

PROVIDERS: tuple[Provider, ...] = get_args(Provider)
_FORMS = "embedded, anthropic:<model>, openai:<model> or local:<model>"


class BadModelChoice(SimulationError):
    """A model setting that names no model."""

    code: ClassVar[str] = "bad_model_choice"


class ModelNotBuilt(SimulationError):
    """A provider that cannot be used here."""

    code: ClassVar[str] = "model_not_built"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A provider, and its name for the model; the embedded persona has none."""

    provider: Provider
    model: str = ""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" if self.model else self.provider


def parse_choice(text: str) -> ModelChoice:
    """A setting such as `embedded` or `anthropic:<model>` as a choice; blanks around it are fine.

    Raises:
        BadModelChoice: it is none of the forms. The text itself is not repeated, for a key may
            have been pasted in its place.
    """
    provider, colon, model = (part.strip() for part in text.strip().partition(":"))
    known = next((one for one in PROVIDERS if one == provider.lower()), None)
    if known is None:
        raise BadModelChoice(f"no such model provider; set it to {_FORMS}")
    if known == "embedded":
        if colon:
            raise BadModelChoice("embedded takes no model name; set it to just embedded")
        return ModelChoice(provider=known)
    if not model or any(mark.isspace() for mark in model):
        raise BadModelChoice(f"{known} needs a model name; set it to {known}:<model>")
    return ModelChoice(provider=known, model=model)


def build(
    choice: ModelChoice,
    access: Access | None = None,
    clients: Clients | None = None,
    effort: Effort = "",
) -> Model:
    """The model of a choice, reached by `access` through one of the process's `clients`.

    `effort` is told to vendors that have such a setting. Imports no vendor's library; that waits
    for the first call.

    Raises:
        ModelNotBuilt: there is no provider of this kind without clients.
    """
    if choice.provider == "embedded":
        return EmbeddedModel()
    if clients is None:
        raise ModelNotBuilt(f"{choice.provider} needs clients")
    reached = access or Access()
    if choice.provider == "anthropic":
        from engine.llm.anthropic import anthropic_model

        return anthropic_model(choice.model, reached, clients, effort=effort)
    if choice.provider == "openai":
        from engine.llm.openai import openai_model

        return openai_model(choice.model, reached, clients, effort=effort)
    from engine.llm.local import local_model

    return local_model(choice.model, reached, clients)
