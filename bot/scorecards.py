"""What somebody may see of a session's score, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from adapters.port import MessageRef
from adapters.text import literal
from bot import links, people
from bot.access import may, require
from bot.accounts import account_in
from bot.people import Person
from bot.services import Services
from bot.store.followups import SeenScoreRow
from bot.things import session_thing
from engine.assessment import Evaluation
from engine.assessment.comparing import Comparison, compare
from engine.assessment.debrief import Debrief
from engine.assessment.errors import NoEvaluation
from engine.assessment.evaluation import id_of
from engine.assessment.opinions import Opinion, ReleaseState
from engine.assessment.party import Party
from engine.assessment.scoring import CARE
from engine.errors import NotAllowedNow
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction, sessions
from engine.store.disputes import Dispute
from engine.store.origins import Origin
from engine.store.sessions import SessionRecord
from engine.store.upsert import insert_new

Step = Literal["running", "held", "rate_first", "silent", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard:
    """A session's score as one person is to see it.

    `step`: it still runs; an instructor looks first; they are asked to rate themselves first; of
    several they said nothing, so that there is no score of theirs; or here it is. `mine`: they
    played it. `staff`: they teach there. `links` are by seq. `earlier` is the session it was
    branched from or drills, set beside it; `again`: it was branched off, to replay a moment. `who`
    names those it is about, `of_one` of several alone; `group` all who played, where there were
    several; `names` are those of people whom it speaks of, by id; all are marked text. `zone` is
    the person's time zone.
    """

    record: SessionRecord
    scenario: Scenario
    state: State = field(repr=False)
    step: Step
    mine: bool
    staff: bool
    version: int
    evaluation: Evaluation = field(repr=False)
    debrief: Debrief = field(repr=False)
    release: ReleaseState
    opinions: Sequence[Opinion] = ()
    disputes: Sequence[Dispute] = field(default=(), repr=False)
    links: Mapping[int, MessageRef] = field(default_factory=dict)
    earlier: Comparison | None = None
    again: bool = False
    who: str = ""
    of_one: bool = False
    group: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    zone: str | None = None

    @property
    def is_held(self) -> bool:
        """Whether nothing of the score is to be known yet, also before they rate themselves."""
        return not (self.staff or self.release.visible)

    @property
    def evaluation_id(self) -> str:
        """The id of the evaluation it shows."""
        return id_of(self.record.id, self.version)


async def card_of(
    tx: Transaction,
    services: Services,
    session_id: str,
    person: Person,
    *,
    about: int = 0,
    reading: bool = False,
) -> ScoreCard:
    """Read a session's score for a person, without asking a model.

    Of several each sees their own, which is nothing for somebody who said nothing; who teaches sees
    that of the session as a whole, or with `about` that of the one with this number, from 1.
    `reading`: the transaction only reads, so the last score counts, and no views are looked up.

    Raises:
        NoSession: there is no such session.
        NotAllowed: this person may not see its score.
        NoEvaluation: `reading`, and it was never scored.
    """
    record, scenario, state = await services.simulation.read(tx, session_id)
    thing = session_thing(record, state)
    require(person, "see_score", thing)
    assessment = services.assessment
    mine = person.id in thing.participants
    party = await assessment.party(tx, session_id)
    whose = _whose(party, person.id if mine else "", about)
    version, evaluation = await _found(tx, services, session_id, whose, reading=reading)
    release = await assessment.release_state(tx, session_id, services.settings.release or None)
    staff = may(person, "release", thing).allowed
    grown = await assessment.origin(tx, session_id)
    asked = mine and not _is_branch(grown) and record.status == "completed"
    step = await _step(tx, services, record, state, person, release, asked=asked, staff=staff)
    card = ScoreCard(
        record=record,
        scenario=scenario,
        state=state,
        step="silent" if _was_silent(party, whose, state) else step,
        mine=mine,
        staff=staff,
        version=version,
        evaluation=evaluation,
        debrief=await assessment.debrief(tx, session_id, version),
        release=release,
        who="" if mine else await players(tx, record, whose),
        of_one=bool(whose),
        group=await _names_of(tx, record, party.played if party.several else ()),
        zone=person.preferences.time_zone,
    )
    return card if reading else await _filled(tx, services, card, whose or person.id, grown)


async def _found(
    tx: Transaction, services: Services, session_id: str, whose: str, *, reading: bool
) -> tuple[int, Evaluation]:
    assessment = services.assessment
    found = await (assessment.latest if reading else assessment.evaluate)(tx, session_id, whose)
    if found is None:
        raise NoEvaluation(session_id)
    return found


def _is_branch(grown: Origin | None) -> bool:
    """Whether a moment is replayed: nobody is asked to rate that first, they come to compare."""
    return grown is not None and grown.kind == "branch"


async def _filled(
    tx: Transaction, services: Services, card: ScoreCard, person: str, grown: Origin | None
) -> ScoreCard:
    """The card with all that stands beside the score; of several, about that one."""
    if card.step == "silent":
        return card
    assessment, record = services.assessment, card.record
    disputed = await assessment.disputes(tx, record.id)
    mine = tuple(one for one in disputed if one.by == person or not card.group)
    whose = person if card.mine or card.of_one else await _alone(tx, services, record.id)
    return replace(
        card,
        links=await _links(tx, record.id, grown),
        again=_is_branch(grown),
        earlier=await _earlier(tx, services, grown, card.evaluation, whose, staff=card.staff),
        opinions=await assessment.opinions(
            tx, record.id, person if card.mine or card.of_one else None
        ),
        disputes=mine,
        names=await _names(tx, record, card.release, mine),
    )


async def _names(
    tx: Transaction, record: SessionRecord, release: ReleaseState, disputed: Sequence[Dispute]
) -> Mapping[str, str]:
    """Of those who decided on something."""
    deciders = {one.resolver for one in disputed} | {release.released and release.released.by}
    return {one: await name_of(tx, one, record.owner) for one in deciders if one}


SOMEBODY = "somebody"
"""Who was forgotten."""


async def name_of(tx: Transaction, person: str, workspace: str) -> str:
    """What somebody is called, as marked text: by name, else by the id of their account."""
    try:
        name = (await people.get(tx, person, workspace)).name
    except people.NoPerson:
        return SOMEBODY
    account = None if name else await account_in(tx, person, workspace)
    return literal(name or (account.id if account else "")) or SOMEBODY


def _whose(party: Party, mine: str, about: int) -> str:
    """Whose score is shown, "" for that of the session as a whole."""
    others = not mine and 1 <= about <= len(party.played)
    return party.score_of(party.played[about - 1] if others else mine)


def _was_silent(party: Party, whose: str, state: State) -> bool:
    return whose in party.silent and state.over and state.ended_because not in CARE


async def _alone(tx: Transaction, services: Services, session_id: str) -> str:
    """Who was the only one in a session, "" where there were several."""
    party = await services.assessment.party(tx, session_id)
    return "" if party.several else "".join(party.seated)


async def _names_of(tx: Transaction, record: SessionRecord, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple([await name_of(tx, one, record.owner) for one in ids])


async def players(tx: Transaction, record: SessionRecord, whose: str = "") -> str:
    """The names of those who played, in the order they came, or of one of them; marked text."""
    played = [one.person for one in await sessions.participants(tx, record.id)]
    if whose:
        played = [whose]
    names = await _names_of(tx, record, tuple(dict.fromkeys(played)))
    return ", ".join(names) or SOMEBODY


async def _step(
    tx: Transaction,
    services: Services,
    record: SessionRecord,
    state: State,
    person: Person,
    release: ReleaseState,
    *,
    asked: bool,
    staff: bool,
) -> Step:
    if not state.over:
        return "running"
    if asked and not await rated_or_seen(tx, services, record.id, person.id):
        return "rate_first"
    return "shown" if staff or release.visible else "held"


HELD = "an instructor looks first"
"""Why a score is not shown yet, as `NotAllowedNow.why` has it."""
SILENT = "you said nothing"
"""Why there is no score of theirs, as `NotAllowedNow.why` has it."""


async def require_released(tx: Transaction, services: Services, session_id: str) -> None:
    """Go on only where whoever played may see the score.

    Raises:
        NoSession: there is no such session.
        NotAllowedNow: an instructor looks at it first.
    """
    policy = services.settings.release or None
    if not (await services.assessment.release_state(tx, session_id, policy)).visible:
        raise NotAllowedNow(HELD)


async def rated_or_seen(tx: Transaction, services: Services, session_id: str, person: str) -> bool:
    """Whether somebody rated themselves, or saw the score, so that it is too late for that."""
    given = await services.assessment.ratings(tx, session_id)
    if any(one.source == "self" and one.by == person for one in given):
        return True
    return await seen(tx, session_id, person)


async def seen(tx: Transaction, session_id: str, person: str) -> bool:
    """Whether somebody saw the score of a session."""
    mine = (SeenScoreRow.session_id == session_id, SeenScoreRow.person_id == person)
    return await tx.scalar(select(SeenScoreRow.at).where(*mine)) is not None


async def mark_seen(tx: Transaction, session_id: str, person: str, at: datetime) -> None:
    """Keep that somebody sees the score now, or did not want to rate themselves first."""
    values = {"session_id": session_id, "person_id": person, "at": at}
    await insert_new(tx, SeenScoreRow, values, key=("session_id", "person_id"))


async def _links(
    tx: Transaction, session_id: str, grown: Origin | None
) -> Mapping[int, MessageRef]:
    """Where its words stand; of a branch, those that it took over stand where they were said."""
    own = await links.of_session(tx, session_id)
    if grown is None or grown.origin is None or not _is_branch(grown):
        return own
    first = await links.of_session(tx, grown.origin)
    return {**{seq: ref for seq, ref in first.items() if seq <= grown.origin_seq}, **own}


async def _earlier(
    tx: Transaction,
    services: Services,
    grown: Origin | None,
    evaluation: Evaluation,
    whose: str,
    *,
    staff: bool,
) -> Comparison | None:
    """What this one changed against the session that it grew from, if that score is to be seen."""
    if grown is None or grown.origin is None:
        return None
    policy = services.settings.release or None
    first = await services.assessment.release_state(tx, grown.origin, policy)
    if not (staff or first.visible):
        return None
    before = await services.assessment.latest(tx, grown.origin, whose)
    return compare(before[1], evaluation, grown.criterion) if before else None
