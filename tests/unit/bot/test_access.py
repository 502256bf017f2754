"""The policy, as a table: who gets what, for every verb."""

from itertools import product

import pytest

from bot.access import (
    KINDS,
    RULES,
    VERBS,
    NotAllowed,
    Thing,
    Verb,
    Verdict,
    may,
    require,
)
from bot.people import ROLES, Person, Role

HERE, ELSEWHERE = "w1", "w2"


def somebody(
    *roles: Role, workspace: str = HERE, consented: bool = True, active: bool = True
) -> Person:
    return Person(
        id="me",
        name="",
        workspace=workspace,
        roles=frozenset(roles),
        consented=consented,
        active=active,
    )


MINE = Thing(kind="session", owner=HERE, participants=frozenset({"me"}))
OURS = Thing(kind="session", owner=HERE, participants=frozenset({"me", "you"}))
YOURS = Thing(kind="session", owner=HERE, participants=frozenset({"you"}))
PUBLISHED = Thing(kind="scenario", owner=HERE, person="you")
DRAFT = Thing(kind="scenario", owner=HERE, person="you", published=False)
MY_DRAFT = Thing(kind="scenario", owner=HERE, person="me", published=False)
ME = Thing(kind="person", owner=HERE, person="me")
YOU = Thing(kind="person", owner=HERE, person="you")
HOUSE = Thing(kind="workspace", owner=HERE)

T, O, I, A, M = "trainee", "observer", "instructor", "author", "admin"  # noqa: E741
EVERYBODY = {T, O, I, A, M}

# Which single role is enough, in the thing's workspace, with consent.
TABLE: list[tuple[Verb, Thing, set[str]]] = [
    ("start", PUBLISHED, {T, I, A, M}),
    ("start", DRAFT, {I, M}),
    ("start", MY_DRAFT, {T, I, A, M}),
    ("join", YOURS, {T, I, A, M}),
    ("play", MINE, EVERYBODY),
    ("play", OURS, EVERYBODY),
    ("play", YOURS, set()),
    ("watch", OURS, EVERYBODY),
    ("watch", YOURS, {O, I, M}),
    ("see_transcript", OURS, EVERYBODY),
    ("see_transcript", YOURS, {O, I, M}),
    ("see_score", OURS, EVERYBODY),
    ("see_score", YOURS, {I, M}),
    ("export", OURS, EVERYBODY),
    ("export", YOURS, {I, M}),
    ("export", ME, EVERYBODY),
    ("export", YOU, {I, M}),
    ("export", HOUSE, {I, M}),
    ("evaluate", OURS, EVERYBODY),
    ("evaluate", YOURS, {I, M}),
    ("dispute", OURS, EVERYBODY),
    ("dispute", YOURS, set()),
    ("release", MINE, {I, M}),
    ("release", YOURS, {I, M}),
    ("review", HOUSE, {I, M}),
    ("pause", OURS, EVERYBODY),
    ("pause", YOURS, {I, M}),
    ("end", OURS, EVERYBODY),
    ("end", YOURS, {I, M}),
    ("inject", MINE, {I, M}),
    ("inject", YOURS, {I, M}),
    ("take_over", MINE, {I, M}),
    ("take_over", YOURS, {I, M}),
    ("see_cost", MINE, {I, M}),
    ("see_cost", YOURS, {I, M}),
    ("see_cost", HOUSE, {I, M}),
    ("assign", PUBLISHED, {I, M}),
    ("assign", HOUSE, {I, M}),
    ("set_role", HOUSE, {M}),
    ("read_scenario", PUBLISHED, {I, A, M}),
    ("read_scenario", DRAFT, {I, M}),
    ("read_scenario", MY_DRAFT, EVERYBODY),
    ("write_scenario", PUBLISHED, {M}),
    ("write_scenario", MY_DRAFT, {I, A, M}),
    ("write_scenario", HOUSE, {I, A, M}),
    ("manage_library", DRAFT, {M}),
    ("manage_library", MY_DRAFT, {I, A, M}),
    ("manage_library", HOUSE, {M}),
    ("see_person", ME, EVERYBODY),
    ("see_person", YOU, {I, M}),
    ("forget", MINE, EVERYBODY),
    ("forget", OURS, {M}),
    ("forget", YOURS, {M}),
    ("forget", ME, EVERYBODY),
    ("forget", YOU, {M}),
    ("see_health", HOUSE, {I, M}),
    ("manage_keys", HOUSE, {M}),
]


@pytest.mark.parametrize(("verb", "thing", "enough"), TABLE)
def test_each_role(verb: Verb, thing: Thing, enough: set[str]) -> None:
    allowed = {role for role in ROLES if may(somebody(role), verb, thing).allowed}
    assert allowed == enough


def test_every_verb_and_kind_with_a_rule_is_in_the_table() -> None:
    assert {(verb, thing.kind) for verb, thing, _ in TABLE} == set(RULES)
    assert {verb for verb, _ in RULES} == set(VERBS)


@pytest.mark.parametrize(("verb", "thing", "enough"), TABLE)
def test_roles_add_up_and_never_take_away(verb: Verb, thing: Thing, enough: set[str]) -> None:
    for one, two in product(ROLES, ROLES):
        assert may(somebody(one, two), verb, thing).allowed == bool({one, two} & enough)


@pytest.mark.parametrize(("verb", "thing", "enough"), TABLE)
def test_a_role_elsewhere_is_worth_nothing(verb: Verb, thing: Thing, enough: set[str]) -> None:
    """Only what somebody is to a thing counts across workspaces."""
    related = may(somebody(*ROLES, workspace=ELSEWHERE), verb, thing).allowed
    own = "me" in {thing.person, *thing.participants}
    assert not related or own


@pytest.mark.parametrize(("verb", "thing", "enough"), TABLE)
def test_whoever_is_out_may_only_be_forgotten(verb: Verb, thing: Thing, enough: set[str]) -> None:
    verdict = may(somebody(*ROLES, active=False), verb, thing)
    assert verdict.allowed == (verb == "forget" and thing in (ME, MINE))


@pytest.mark.parametrize(("verb", "thing", "enough"), TABLE)
def test_consent_is_needed_to_play_and_for_nothing_else(
    verb: Verb, thing: Thing, enough: set[str]
) -> None:
    agreed = may(somebody(*ROLES), verb, thing)
    not_yet = may(somebody(*ROLES, consented=False), verb, thing)
    if agreed.allowed and verb in ("start", "join", "play"):
        assert not_yet == Verdict(allowed=False, why="needs_consent")
    else:
        assert not_yet == agreed


def test_everything_else_is_refused() -> None:
    everybody = somebody(*ROLES)
    for verb, kind in product(VERBS, KINDS):
        if (verb, kind) not in RULES:
            thing = Thing(kind=kind, owner=HERE, person="me", participants=frozenset({"me"}))
            assert may(everybody, verb, thing) == Verdict(allowed=False, why="wrong_kind")


@pytest.mark.parametrize(
    ("person", "verb", "thing", "why"),
    [
        (somebody("trainee"), "play", YOURS, "not_seated"),
        (somebody("trainee"), "see_transcript", YOURS, "not_seated"),
        (somebody("trainee"), "inject", MINE, "needs_role"),
        (somebody("admin", workspace=ELSEWHERE), "inject", MINE, "elsewhere"),
        (somebody("instructor", workspace=ELSEWHERE), "see_transcript", YOURS, "elsewhere"),
        (somebody("trainee"), "start", DRAFT, "not_published"),
        (somebody("observer"), "start", PUBLISHED, "needs_role"),
        (somebody("trainee", workspace=ELSEWHERE), "start", PUBLISHED, "elsewhere"),
        (somebody("trainee"), "forget", OURS, "shared"),
        (somebody("trainee"), "forget", YOU, "not_yours"),
        (somebody("trainee", consented=False), "inject", MINE, "needs_role"),
        (somebody("admin", active=False), "see_health", HOUSE, "deactivated"),
        (somebody(), "play", MINE, "allowed"),
    ],
)
def test_the_reason(person: Person, verb: Verb, thing: Thing, why: str) -> None:
    assert may(person, verb, thing).why == why


def test_a_public_scenario_is_played_everywhere() -> None:
    public = Thing(kind="scenario", owner=ELSEWHERE, person="you", public=True)
    assert may(somebody("trainee"), "start", public).allowed
    assert not may(somebody("trainee"), "read_scenario", public).allowed


def test_require_raises_what_may_says() -> None:
    require(somebody("admin"), "see_health", HOUSE)
    with pytest.raises(NotAllowed) as caught:
        require(somebody("trainee"), "see_health", HOUSE)
    assert caught.value.why == "needs_role"
