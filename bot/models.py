"""Which models play here: settings in, a chain of models for each role out."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, get_args
from uuid import uuid4

import structlog

from bot.observability import METRICS
from bot.settings import PREFIX, Settings
from engine.errors import ModelUnavailable
from engine.llm.access import Access
from engine.llm.breaker import Breaker, Shelf
from engine.llm.budget import Budgets
from engine.llm.caching import CacheMissed
from engine.llm.chain import Chain
from engine.llm.clients import Clients
from engine.llm.families import Effort
from engine.llm.link import Link
from engine.llm.select import BadModelChoice, ModelChoice, build, parse_choice

log = structlog.get_logger(__name__)

Role = Literal["persona", "classify", "judge", "coach", "author"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

PROFILES: Final[Mapping[str, Mapping[str, str]]] = {
    "test": {"anthropic": "claude-haiku-5-5", "openai": "gpt-6-luna"},
    "prod": {"anthropic": "claude-sonnet-5-5", "openai": "gpt-6.1-terra"},
}
"""What plays where nothing is named, by profile and provider; the first provider with a key."""

BY_PATTERNS: Final = frozenset({"classify"})
"""Roles that no model takes unless one is named for them."""

EMBEDDED: Final = ModelChoice(provider="embedded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The choices of every role, in the order in which they are asked."""

    roles: Mapping[Role, tuple[ModelChoice, ...]]
    access: Mapping[str, Access]
    efforts: Mapping[Role, Effort] = field(default_factory=dict)

    @property
    def used(self) -> tuple[ModelChoice, ...]:
        """Every choice once."""
        return tuple(dict.fromkeys(one for choices in self.roles.values() for one in choices))


def chosen_of(settings: Settings) -> Chosen:
    """What is set, with the profile's models for what is not.

    Raises:
        ValueError: something is wrong or half set; a line for each, without any value.
    """
    access = _access(settings)
    problems = _half(settings)
    named = settings.models.model_dump()
    try:
        fallbacks = _fallbacks(settings, access)
    except ValueError as error:
        fallbacks = ()
        problems.append(str(error))
    roles: dict[Role, tuple[ModelChoice, ...]] = {}
    for role in ROLES:
        try:
            first = _named(role, named[role]) or _usual(settings, access, role, roles)
        except ValueError as error:
            problems.append(str(error))
            continue
        roles[role] = _chain(role, first, _apart(settings, role, fallbacks, roles))
    problems += _unreachable(roles, access)
    if problems:
        raise ValueError("\n".join(dict.fromkeys(problems)))
    efforts: dict[Role, Effort] = {role: getattr(settings.effort, role) for role in ROLES}
    return Chosen(roles=roles, access=access, efforts=efforts)


def filled(settings: Settings) -> Settings:
    """Settings that name every model which the profile stands for; wrong ones as they are."""
    try:
        roles = chosen_of(settings).roles
    except ValueError:
        return settings
    first: dict[str, str] = {role: str(choices[0]) for role, choices in roles.items()}
    models = settings.models.model_copy(update=first)
    return settings.model_copy(update={"models": models})


def _access(settings: Settings) -> dict[str, Access]:
    found: dict[str, Access] = {}
    for name, section in (("anthropic", settings.anthropic), ("openai", settings.openai)):
        if section.key:
            found[name] = Access(api_key=section.key, base_url=section.base_url)
    local = settings.local_model
    if local.base_url:
        found["local"] = Access(
            api_key=local.key, base_url=local.base_url, window=local.context_tokens
        )
    return found


def _half(settings: Settings) -> list[str]:
    found: list[str] = []
    for name, section in (("ANTHROPIC", settings.anthropic), ("OPENAI", settings.openai)):
        if section.base_url and not section.key:
            found.append(f"{PREFIX}{name}__BASE_URL needs a key; set {PREFIX}{name}__API_KEY")
    if settings.local_model.key and not settings.local_model.base_url:
        address = f"{PREFIX}LOCAL_MODEL__BASE_URL"
        found.append(f"{PREFIX}LOCAL_MODEL__API_KEY needs an address; set {address}")
    return found


def _named(role: str, text: str) -> ModelChoice | None:
    if not text.strip():
        return None
    try:
        return parse_choice(text)
    except BadModelChoice as error:
        raise ValueError(f"{PREFIX}MODELS__{role.upper()}: {error}") from None


def _usual(
    settings: Settings,
    access: Mapping[str, Access],
    role: Role,
    roles: Mapping[Role, Sequence[ModelChoice]],
) -> ModelChoice:
    """The profile's model. Who plays does not judge, so the judge is another one.

    That is the second provider's, else the one that the other profile has.
    """
    keyed = () if role in BY_PATTERNS else _of_profile(settings.profile, access)
    if role == "judge":
        other = [one for name in PROFILES for one in _of_profile(name, access)]
        player = roles.get("persona", (EMBEDDED,))[0]
        keyed = tuple(one for one in (*keyed, *other) if one != player)
    return keyed[0] if keyed else EMBEDDED


def _apart(
    settings: Settings,
    role: Role,
    fallbacks: Sequence[ModelChoice],
    roles: Mapping[Role, Sequence[ModelChoice]],
) -> Sequence[ModelChoice]:
    """The fallbacks of a role; the judge's leave out who plays, unless they were named."""
    if role != "judge" or settings.models.fallbacks.strip():
        return fallbacks
    return [one for one in fallbacks if one not in roles.get("persona", ())[:1]]


def _of_profile(profile: str, access: Mapping[str, Access]) -> tuple[ModelChoice, ...]:
    models = PROFILES[profile]
    return tuple(
        ModelChoice(provider=provider, model=models[provider])
        for provider in ("anthropic", "openai")
        if provider in access
    )


def _fallbacks(settings: Settings, access: Mapping[str, Access]) -> tuple[ModelChoice, ...]:
    texts = [one for one in settings.models.fallbacks.split(",") if one.strip()]
    if not texts:
        return _of_profile(settings.profile, access)
    found = [_named("fallbacks", text) for text in texts]
    return tuple(one for one in found if one is not None)


def _chain(
    role: Role, first: ModelChoice, fallbacks: Sequence[ModelChoice]
) -> tuple[ModelChoice, ...]:
    """One that is not embedded is followed by others; a character's ends with the embedded one."""
    if first == EMBEDDED:
        return (EMBEDDED,)
    others = [one for one in fallbacks if one not in (first, EMBEDDED)]
    last = [EMBEDDED] if role == "persona" else []
    return (first, *dict.fromkeys(others), *last)


def _unreachable(
    roles: Mapping[Role, Sequence[ModelChoice]], access: Mapping[str, Access]
) -> list[str]:
    needed = {"local": "LOCAL_MODEL__BASE_URL"}
    return [
        f"{PREFIX}MODELS names {one.provider}: set "
        f"{PREFIX}{needed.get(one.provider, f'{one.provider.upper()}__API_KEY')}"
        for choices in roles.values()
        for one in choices
        if one != EMBEDDED and one.provider not in access
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of every role, each a chain. What has no model decides nothing."""

    persona: Chain
    classify: Chain
    judge: Chain
    coach: Chain
    author: Chain
    clients: Clients
    keys: tuple[str, ...] = ()
    """The breakers' keys."""

    @property
    def heard_by(self) -> tuple[str, ...]:
        """The names of the models outside that what people write may go to; empty: none."""
        chains = (self.persona, self.classify, self.judge, self.coach)
        links = (link for chain in chains for link in chain.links if not link.is_ours)
        return tuple(dict.fromkeys(link.name for link in links))


def embedded_models() -> Models:
    """Nothing but the embedded persona."""
    own = Chain([Link(model=build(EMBEDDED), provider="embedded", named="embedded")])
    return Models(persona=own, classify=own, judge=own, coach=own, author=own, clients=Clients())


def models_of(chosen: Chosen, shelf: Shelf, now: Callable[[], datetime]) -> Models:
    """The models of every role; those with the same name share one breaker."""
    clients = Clients(missed=_missed)
    breakers = {
        one: _breaker(one, chosen.access.get(one.provider, Access()), shelf, now)
        for one in chosen.used
        if one != EMBEDDED
    }
    chains = {
        role: Chain(
            [_link(one, chosen, role, clients, breakers.get(one)) for one in choices], tell=_told
        )
        for role, choices in chosen.roles.items()
    }
    keys = tuple(one.key for one in breakers.values())
    return Models(
        persona=chains["persona"],
        classify=chains["classify"],
        judge=chains["judge"],
        coach=chains["coach"],
        author=chains["author"],
        clients=clients,
        keys=keys,
    )


def _link(
    choice: ModelChoice, chosen: Chosen, role: Role, clients: Clients, breaker: Breaker | None
) -> Link:
    if breaker is None:
        return Link(model=build(EMBEDDED), provider="embedded", named="embedded")
    access = chosen.access.get(choice.provider, Access())
    model = build(choice, access, clients, chosen.efforts.get(role, ""))
    return Link(model=model, provider=choice.provider, named=choice.model, breaker=breaker)


def _breaker(
    choice: ModelChoice, access: Access, shelf: Shelf, now: Callable[[], datetime]
) -> Breaker:
    return Breaker(
        f"{choice}#{_mark(access)}",
        str(choice),
        shelf,
        now=now,
        random=random.random,
        token_of=lambda: uuid4().hex,
    )


def _mark(access: Access) -> str:
    """Tells one key at one address from another, and nothing about it."""
    return sha256(f"{access.api_key}\x1f{access.base_url}".encode()).hexdigest()[:16]


def _told(error: ModelUnavailable) -> None:
    """Count and log that a model failed. Nothing of what was said is in it."""
    METRICS.model_failures.labels(error.model, error.reason).inc()
    if error.reason in ("resting", "spent", "no_time"):
        return
    told = log.error if error.needs_operator else log.warning
    told(
        "model_failed",
        model=error.model,
        reason=error.reason,
        status=error.status,
        request_id=error.request_id,
        advice="run: dressrun doctor" if error.needs_operator else None,
    )


def _missed(found: CacheMissed) -> None:
    """Raise the alarm: a prompt that should come from the provider's cache did not."""
    METRICS.cache_missed.labels(found.model).inc()
    log.warning(
        "model_cache_missed",
        model=found.model,
        turn=found.turn,
        share=found.share,
        tokens=found.tokens,
    )


def budgets_of(settings: Settings) -> Budgets:
    """What may be spent, in micro-USD."""
    given = settings.budgets
    return Budgets(
        conversation=_micro(given.conversation_usd),
        person=_micro(given.person_day_usd),
        workspace=_micro(given.workspace_day_usd),
        warn_at=given.warn_at,
        alert_at=given.alert_at,
        stop_at=given.stop_at,
    )


def _micro(usd: float) -> int:
    return round(usd * 1_000_000)
