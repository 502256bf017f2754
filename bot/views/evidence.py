"""What the points rest on, and the ways back to where points were lost."""

from collections.abc import Sequence

from adapters.port import Card, Choice, Message, Quote, Text
from adapters.text import literal
from bot.scorecards import ScoreCard
from bot.views import score
from bot.views.text import counted
from engine.assessment import Score
from engine.assessment.moments import Moment

_MOST_QUOTES = 12
_EACH = 3
_LONGEST = 80
_LONGEST_ID = 80
_AGAIN = (
    "A new thread begins just before that message of yours, with everything before it as it was. "
    "What you have played stays as it is, and at the end you see what the new try changed."
)


def evidence(card: ScoreCard) -> Message:
    """The quotes, criterion by criterion, each with the way to where it was said or done."""
    proofs = [(one, proof) for one in card.evaluation.criteria for proof in one.evidence[:_EACH]]
    if not proofs:
        return Message(text="There are no quotes for this score: nothing that was said earned any.")
    more = len(proofs) - _MOST_QUOTES
    rest = f" {counted(more, 'more quote')} can be found in the transcript." if more > 0 else ""
    return Message(
        title=f"Evidence: {card.scenario.title}",
        text="What the points rest on, word for word. A link leads to where it was said or done."
        f"{rest}",
        blocks=tuple(
            Quote(text=proof.quote, who=one.label, link=card.links.get(proof.seq))
            for one, proof in proofs[:_MOST_QUOTES]
        ),
    )


def replays(card: ScoreCard, moments: Sequence[Moment]) -> Message:
    """A way back for each criterion that lost points, and what happens then."""
    scores = {one.id: one for one in card.evaluation.criteria}
    cards = (_replay(card.record.id, scores[one.criterion], one) for one in moments)
    return Message(
        title=f"Try a moment again: {card.scenario.title}",
        text="Where points were lost, you can go back and say it another way.",
        blocks=(Text(_AGAIN), *cards),
    )


def _replay(session_id: str, lost: Score, moment: Moment) -> Card:
    got = score.points(lost.points or 0, lost.max)
    words = literal(_short(moment.words))
    return Card(
        title=lost.label,
        text=f"{got}. Begins just before your message “{words}”.",
        choices=(Choice(_again(session_id, moment), "Replay this moment"),),
    )


def _again(session_id: str, moment: Moment) -> str:
    """The id of a choice; it names the line that it is for where it is not too long then."""
    way = f"rewind:{moment.turn}:{session_id}"
    named = f"{way}:{moment.criterion}"
    return named if len(named) <= _LONGEST_ID else way


def _short(words: str) -> str:
    """The beginning of what was said, on one line, cut between words."""
    line = " ".join(words.split())
    if len(line) <= _LONGEST:
        return line
    return f"{line[:_LONGEST].rsplit(' ', 1)[0]} …"
