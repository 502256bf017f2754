"""Who may do what: the one policy, pure.

A verb is allowed by a role in the thing's workspace, or by what somebody is to the thing: they
sit in the session, own the scenario, are the person. Everything else is refused, with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal, get_args

from bot.people import Person, Role

Kind = Literal["session", "scenario", "person", "workspace"]

Verb = Literal[
    "start",
    "join",
    "play",
    "watch",
    "see_transcript",
    "see_score",
    "export",
    "evaluate",
    "dispute",
    "release",
    "review",
    "pause",
    "end",
    "inject",
    "take_over",
    "see_cost",
    "assign",
    "set_role",
    "read_scenario",
    "write_scenario",
    "manage_library",
    "see_person",
    "forget",
    "see_health",
    "manage_keys",
]

Why = Literal[
    "allowed",
    "deactivated",
    "wrong_kind",
    "needs_consent",
    "elsewhere",
    "needs_role",
    "not_seated",
    "not_yours",
    "not_published",
    "shared",
]

Relation = Literal["seated", "alone", "own", "published"]

VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What somebody wants to do something to.

    `owner` is the workspace it belongs to, as in a session's record: never take the caller's own
    instead. `person` is the author of a scenario, or the person it is. `participants` are the ids
    of the people in a session's seats. `published` holds for scenarios that trainees of the
    workspace may play, `public` for those that everybody may.
    """

    kind: Kind
    owner: str = ""
    person: str = ""
    participants: frozenset[str] = frozenset()
    published: bool = True
    public: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is allowed, and a code that says why; views have the words."""

    allowed: bool
    why: Why


class NotAllowed(Exception):
    """This person may not do this. `why` is the code of the verdict."""

    code: ClassVar[str] = "not_allowed"
    retryable: ClassVar[bool] = False

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Way:
    """To be something to the thing, in any workspace, and to have one of `roles` where one is seen.

    Without `roles` the relation alone is enough.
    """

    relation: Relation
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one verb takes, for one kind of thing.

    Any of `roles` in the thing's own workspace is enough, and so is any of `ways`.
    """

    roles: frozenset[Role] = frozenset()
    ways: tuple[Way, ...] = ()
    consent: bool = False


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_STAFF: Final = _roles("instructor", "admin")
_ADMIN: Final = _roles("admin")
_WRITERS: Final = _roles("author", "instructor", "admin")
_PLAYERS: Final = _roles("trainee", "instructor", "author", "admin")
_WATCHERS: Final = _roles("observer", "instructor", "admin")

_SEATED: Final = (Way("seated"),)
_OWN: Final = (Way("own"),)
_AUTHORED: Final = (Way("own", _WRITERS),)

RULES: Final[Mapping[tuple[Verb, Kind], Rule]] = {
    ("start", "scenario"): Rule(
        roles=_STAFF, ways=(Way("published", _PLAYERS), Way("own", _PLAYERS)), consent=True
    ),
    ("join", "session"): Rule(roles=_PLAYERS, consent=True),
    ("play", "session"): Rule(ways=_SEATED, consent=True),
    ("watch", "session"): Rule(roles=_WATCHERS, ways=_SEATED),
    ("see_transcript", "session"): Rule(roles=_WATCHERS, ways=_SEATED),
    ("see_score", "session"): Rule(roles=_STAFF, ways=_SEATED),
    ("export", "session"): Rule(roles=_STAFF, ways=_SEATED),
    ("export", "person"): Rule(roles=_STAFF, ways=_OWN),
    ("export", "workspace"): Rule(roles=_STAFF),
    ("evaluate", "session"): Rule(roles=_STAFF, ways=_SEATED),
    ("dispute", "session"): Rule(ways=_SEATED),
    ("release", "session"): Rule(roles=_STAFF),
    ("review", "workspace"): Rule(roles=_STAFF),
    ("pause", "session"): Rule(roles=_STAFF, ways=_SEATED),
    ("end", "session"): Rule(roles=_STAFF, ways=_SEATED),
    ("inject", "session"): Rule(roles=_STAFF),
    ("take_over", "session"): Rule(roles=_STAFF),
    ("see_cost", "session"): Rule(roles=_STAFF),
    ("see_cost", "workspace"): Rule(roles=_STAFF),
    ("assign", "scenario"): Rule(roles=_STAFF),
    ("assign", "workspace"): Rule(roles=_STAFF),
    ("set_role", "workspace"): Rule(roles=_ADMIN),
    # A trainee who reads the scenario knows what they were to find out.
    ("read_scenario", "scenario"): Rule(
        roles=_STAFF, ways=(Way("own"), Way("published", _WRITERS))
    ),
    ("write_scenario", "scenario"): Rule(roles=_ADMIN, ways=_AUTHORED),
    ("write_scenario", "workspace"): Rule(roles=_WRITERS),
    ("manage_library", "scenario"): Rule(roles=_ADMIN, ways=_AUTHORED),
    ("manage_library", "workspace"): Rule(roles=_ADMIN),
    ("see_person", "person"): Rule(roles=_STAFF, ways=_OWN),
    # Whose words they are decides; a session that others share is not one person's to delete.
    ("forget", "session"): Rule(roles=_ADMIN, ways=(Way("alone"),)),
    ("forget", "person"): Rule(roles=_ADMIN, ways=_OWN),
    ("see_health", "workspace"): Rule(roles=_STAFF),
    ("manage_keys", "workspace"): Rule(roles=_ADMIN),
}
"""What is not here is refused."""


def may(person: Person, verb: Verb, thing: Thing) -> Verdict:
    """Whether a person may do this to that thing.

    Consent is looked at last, so that nobody is asked to agree to what they may not do anyway.
    Somebody who was deactivated may still be forgotten, and nothing else.
    """
    rule = RULES.get((verb, thing.kind))
    if rule is None:
        return Verdict(allowed=False, why="wrong_kind")
    if not person.active:
        if verb != "forget":
            return Verdict(allowed=False, why="deactivated")
        person = replace(person, roles=frozenset())
    refused = _refused(person, rule, thing)
    if refused is None and rule.consent and not person.consented:
        refused = "needs_consent"
    return Verdict(allowed=refused is None, why=refused or "allowed")


def require(person: Person, verb: Verb, thing: Thing) -> None:
    """Go on only where `may` allows it.

    Raises:
        NotAllowed: it does not; `why` has the verdict's code.
    """
    verdict = may(person, verb, thing)
    if not verdict.allowed:
        raise NotAllowed(verdict.why)


def _refused(person: Person, rule: Rule, thing: Thing) -> Why | None:
    """Why neither a role nor a way is enough, or None when one is."""
    here = person.workspace == thing.owner
    fits = bool(person.roles & rule.roles)
    if here and fits:
        return None
    reasons = [_blocked(person, way, thing, here=here) for way in rule.ways]
    if None in reasons:
        return None
    if fits:
        return "elsewhere"
    return reasons[0] if reasons else "needs_role"


def _blocked(person: Person, way: Way, thing: Thing, *, here: bool) -> Why | None:
    lacks = _lacks(person, way.relation, thing, here=here)
    if lacks is None and way.roles and not person.roles & way.roles:
        return "needs_role"
    return lacks


def _lacks(person: Person, relation: Relation, thing: Thing, *, here: bool) -> Why | None:
    """What a person lacks to be in a relation to the thing, or None when they are."""
    if relation == "published":
        if thing.public or (thing.published and here):
            return None
        return "not_published" if here else "elsewhere"
    if relation == "own":
        return None if thing.person == person.id else "not_yours"
    if person.id not in thing.participants:
        return "not_seated"
    return "shared" if relation == "alone" and len(thing.participants) > 1 else None
