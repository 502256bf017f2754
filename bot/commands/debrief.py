"""Commands about how it went: debrief, score, evidence, and whether this was useful."""

from collections.abc import Mapping

from adapters.port import FieldErrors, Form
from bot import scorecards
from bot.access import may
from bot.commands.forms import FORMS, Asking
from bot.commands.library import session_named
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Result, Whisper
from bot.scorecards import ScoreCard
from bot.store import following as rows
from bot.things import session_thing
from bot.views import debrief as views
from bot.views import evidence as evidence_views
from bot.views import feedback as form_views
from bot.views.debrief import Shown
from engine.store import Transaction

WHICH = Option("Which simulation, by ID; the one here if left out.", optional=True)


@REGISTRY.command(
    "debrief",
    "See how it went: score, quotes, what to try next.",
    simulation=WHICH,
    how=Option("Write now to skip rating yourself.", optional=True),
    who=Option("For instructors, of several: the number of the one it is about.", optional=True),
)
async def debrief(
    tx: Transaction,
    call: Call,
    simulation: str | None,
    how: str | None = None,
    who: str | None = None,
) -> Result:
    """The debrief, to the caller alone; before it, a chance to rate oneself."""
    session_id = await session_named(tx, call, simulation)
    if how == "now":
        await scorecards.mark_seen(tx, session_id, call.person.id, call.at)
    about = int(who) if who and who.isascii() and who.isdigit() else 0
    return _whispered(views.debrief(await shown_card(tx, call, session_id, about)))


@REGISTRY.command("score", "See the points alone.", simulation=WHICH)
async def score(tx: Transaction, call: Call, simulation: str | None) -> Result:
    """The points of each criterion, under the same conditions as the debrief."""
    session_id = await session_named(tx, call, simulation)
    return _whispered(views.brief(await shown_card(tx, call, session_id)))


@REGISTRY.command("evidence", "See the quotes that the points rest on.", simulation=WHICH)
async def evidence(tx: Transaction, call: Call, simulation: str | None) -> Result:
    """Every quote with a link to where it was said, and ways back to where points were lost."""
    session_id = await session_named(tx, call, simulation)
    card = await shown_card(tx, call, session_id)
    if card.step != "shown":
        return _whispered(views.debrief(card))
    shown = [Whisper(message=evidence_views.evidence(card))]
    if card.mine and may(call.person, "play", session_thing(card.record, card.state)).allowed:
        moments = await call.services.assessment.moments(
            tx, session_id, card.evaluation, call.person.id
        )
        if moments:
            shown.append(Whisper(message=evidence_views.replays(card, moments)))
    return Result(tuple(shown))


async def shown_card(tx: Transaction, call: Call, session_id: str, about: int = 0) -> ScoreCard:
    """The card for the caller; that they see the score is kept. `about` as in `card_of`.

    Raises:
        NoSession: there is no such session.
        NotAllowed: they may not see its score.
    """
    card = await scorecards.card_of(tx, call.services, session_id, call.person, about=about)
    if card.step == "shown" and card.mine:
        await scorecards.mark_seen(tx, session_id, call.person.id, call.at)
    return card


def _whispered(shown: Shown) -> Result:
    return Result((Whisper(message=shown.message, exhibit=shown.picture),))


@REGISTRY.command(
    "useful",
    "Say whether practising here helped you.",
    rating=Option("From 1, not at all, to 5, very much.", optional=True),
    words=Option("What would make it better.", optional=True, rest=True),
    simulation=WHICH,
)
async def useful(
    tx: Transaction,
    call: Call,
    rating: str | None,
    words: str | None,
    simulation: str | None,
) -> Result:
    """Keep what the caller thinks of the product; the latest about a session counts."""
    session_id = await session_named(tx, call, simulation)
    card = await scorecards.card_of(tx, call.services, session_id, call.person)
    if rating is None or rating not in form_views.USEFUL or not card.mine:
        raise BadCommand("rating", "/sim useful 1 to 5, and words if you like")
    await rows.keep_opinion(
        tx,
        {
            "person_id": call.person.id,
            "session_id": session_id,
            "useful": int(rating),
            "words": (words or "").strip(),
            "at": call.at,
        },
    )
    return Result((Whisper(message=views.thanked()),))


@FORMS.opens("useful")
async def useful_form(tx: Transaction, asking: Asking) -> Form | None:
    """One question and room for words."""
    session_id = asking.of("simulation") or asking.session_id
    return form_views.useful(session_id) if session_id else None


@FORMS.checks("useful")
async def useful_checked(tx: Transaction, asking: Asking, given: Mapping[str, str]) -> FieldErrors:
    """The form lets nothing wrong through."""
    return FieldErrors()
