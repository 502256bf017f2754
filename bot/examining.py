"""What `dressrun doctor` finds about the models that are set."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal

from adapters.kit import Finding
from bot.models import EMBEDDED, Chosen, chosen_of
from bot.settings import PREFIX, Settings
from engine.llm.access import Access
from engine.llm.clients import Clients
from engine.llm.examining import Examined, beginning_of, cached_from, examined
from engine.llm.prices import is_priced
from engine.llm.select import ModelChoice
from engine.scenario import Scenario

SOON: Final = timedelta(days=60)
"""A model that is gone within so many days is about to retire."""

MOST_NAMED: Final = 5
"""So many names of a server's list are told."""


async def models_found(
    settings: Settings, today: date, scenarios: Sequence[Scenario] = ()
) -> list[Finding]:
    """A line for what plays, and one for each model that has to be reached.

    Of those that play characters it is told as well how many `scenarios` are too short for their
    cache.
    """
    try:
        chosen = chosen_of(settings)
    except ValueError as error:
        return [_finding("error", line) for line in str(error).split("\n")]
    found = [_finding("ok", _line(chosen))]
    clients = Clients()
    try:
        for choice in chosen.used:
            if choice != EMBEDDED:
                found += await _about(choice, chosen.access[choice.provider], clients, today)
    finally:
        await clients.aclose()
    return [*found, *_too_short(chosen.roles["persona"], scenarios)]


def _too_short(choices: Sequence[ModelChoice], scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Which scenarios' prompts begin with less than a model keeps: short sessions cost in full."""
    lengths = sorted(((beginning_of(one), one.id) for one in scenarios), reverse=True)
    for choice in choices:
        least = cached_from(choice)
        below = [one for one in lengths if one[0] < least]
        if below:
            tokens, longest = below[0]
            text = f"{choice} caches nothing of short sessions in {len(below)} of {len(lengths)} "
            text += (
                f"scenarios: their prompts begin with up to {tokens} tokens ({longest}), and it "
            )
            text += f"keeps beginnings from {least} on, history included"
            yield _finding("ok", text)


async def _about(
    choice: ModelChoice, access: Access, clients: Clients, today: date
) -> list[Finding]:
    told = [_verdict(choice, await examined(choice, access, clients), today)]
    if not is_priced(choice.provider, choice.model):
        text = f"{choice} has no known price, so no budget stops it; choose another, or watch it"
        told.append(_finding("warning", text))
    return told


def _verdict(choice: ModelChoice, told: Examined, today: date) -> Finding:
    if told.status == 404 and choice.provider != "local":
        text = f"{choice} is not there; name another in {PREFIX}MODELS__*"
        return _finding("error", text)
    if told.status == 404:
        serves = ", ".join(told.serves[:MOST_NAMED]) or "nothing"
        text = f"{choice} is not on its server's list ({serves}); if it is not loaded under "
        text += f"another name, name one of the list in {PREFIX}MODELS__*"
        return _finding("warning", text)
    if told.failed == "auth":
        section = "LOCAL_MODEL" if choice.provider == "local" else choice.provider.upper()
        text = f"{choice}: the key is not accepted ({told.status}); set {PREFIX}{section}__API_KEY"
        return _finding("error", text)
    if told.failed is not None:
        text = f"{choice} cannot be asked ({told.failed}); check the address, then run this again"
        return _finding("error" if choice.provider == "local" else "warning", text)
    if told.retired or (told.retires and told.retires <= today):
        return _finding("error", f"{choice} is retired; name another in {PREFIX}MODELS__*")
    if told.deprecated or (told.retires and told.retires <= today + SOON):
        when = f" on {told.retires}" if told.retires else ""
        text = f"{choice} is about to retire{when}; name another in {PREFIX}MODELS__*"
        return _finding("warning", text)
    caches = f"caches prompts from {told.cached_from} tokens on" if told.cached_from else "no cache"
    return _finding("ok", f"{choice} is there, {caches}")


def _line(chosen: Chosen) -> str:
    roles = (
        f"{role} {' > '.join(str(one) for one in choices)}"
        for role, choices in chosen.roles.items()
    )
    return ", ".join(roles)


def _finding(level: Literal["ok", "warning", "error"], text: str) -> Finding:
    return Finding(level=level, code="models", text=text)
