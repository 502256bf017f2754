"""The debrief: what went well, what would have earned more, and the ways on from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.port import Block, Choice, Message
from adapters.text import literal
from bot.exhibits.scores import ScorePicture
from bot.scorecards import SOMEBODY, ScoreCard
from bot.views import score
from bot.views.practice import replayed
from bot.views.text import counted, joined, when
from engine.assessment.comparing import Comparison
from engine.assessment.debrief import TEMPLATES
from engine.assessment.opinions import Opinion
from engine.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message, and the picture to draw for it on the way out."""

    message: Message
    picture: ScorePicture | None = None


def debrief(card: ScoreCard) -> Shown:
    """The card as the person is to see it now."""
    if card.step == "running":
        return Shown(message=score.not_yet(card.scenario))
    if card.step == "silent":
        return Shown(message=silent(card.scenario))
    if card.step == "rate_first":
        return Shown(message=rate_first(card))
    if card.step == "held":
        return Shown(message=held(card.scenario))
    if score.is_empty(card.evaluation):
        return Shown(message=score.unscored(card.scenario))
    return _whole(card)


def brief(card: ScoreCard) -> Shown:
    """The points alone, with the way to the whole."""
    found = debrief(card)
    if found.picture is None:
        return found
    text = "\n".join((score.headline(card.evaluation), "", *score.lines(card.evaluation)))
    blocks = (score.chart(found.picture),)
    whole = Choice(f"debrief:{card.record.id}", "The whole debrief", style="primary")
    title = f"Score: {card.scenario.title}"
    message = Message(title=title, text=text, blocks=blocks, choices=(whole,))
    return Shown(message=message, picture=found.picture)


def rate_first(card: ScoreCard) -> Message:
    """Asks for the own view before the score could colour it."""
    after = (
        "Your score is there once your instructor has looked at it."
        if not card.release.visible
        else "Then you see both side by side."
    )
    return Message(
        title=f"Before the score: {card.scenario.title}",
        text=f"How do you think it went? Rate yourself first; it takes a minute and changes no "
        f"score. {after}",
        choices=(
            Choice(
                f"rate:simulation={card.record.id}", "Rate myself", style="primary", opens_form=True
            ),
            Choice(f"debrief:{card.record.id}:now", "Skip this"),
        ),
    )


def silent(scenario: Scenario) -> Message:
    """To somebody who sat in a group's session and said nothing: nobody else's score is theirs."""
    return Message(
        title=f"How it went: {scenario.title}",
        text="You were there and did not write, so there is nothing to score for you, and it does "
        "not count against you. Next: try it again with others, or play it alone.",
        choices=(Choice(f"start:{scenario.id}", "Try again", style="primary"),),
    )


def held(scenario: Scenario) -> Message:
    """An instructor looks first."""
    return Message(
        title=f"How it went: {scenario.title}",
        text="Your instructor looks at this one before you see the score. "
        "You get a direct message once it is there.",
    )


def _whose(card: ScoreCard) -> Iterator[str]:
    """To whoever teaches: who played and when, and whether the score was released."""
    if card.mine:
        return
    ended = card.record.completed_at
    at = f", ended {when(ended, card.zone)}" if ended else ""
    yield f"**{card.who}**{at}."
    if (released := card.release.released) is not None:
        by = card.names.get(released.by, SOMEBODY)
        yield f"Released by {by}, {when(released.at, card.zone)}."
    elif not card.release.visible:
        yield "Not released yet: whoever played does not see this."
    yield ""


def _together(card: ScoreCard) -> Iterator[str]:
    """Whose score it is, where several played."""
    if card.of_one:
        whose = "you" if card.mine else card.who
        several = f"{len(card.group)} people played. " if len(card.group) > 1 else ""
        yield (
            f"{several}This is about what {whose} said; what the team did together counts for all "
            "of them."
        )
    elif len(card.group) == 1:
        yield f"Of the group {card.group[0]} alone played. This is about all that was said."
    elif card.group:
        yield f"{joined(tuple(card.group))} played. This is about all of them together."


def _degraded(card: ScoreCard) -> Iterator[str]:
    """For whoever teaches: how much of it was not played by the model that should have."""
    replies = [one for one in card.state.utterances if one.role == "character"]
    lines = sum(one.degraded for one in replies)
    if card.staff and lines:
        yield (
            f"Degraded: {lines} of {counted(len(replies), 'reply', 'replies')} came from a "
            "stand-in, because a model was away or a budget was spent."
        )


def _whole(card: ScoreCard) -> Shown:
    if card.mine and card.again and card.earlier is not None:
        return Shown(message=_replayed(card, card.earlier))
    drawn = score.picture(card.evaluation)
    text = "\n".join(
        (
            *_whose(card),
            score.headline(card.evaluation),
            *_together(card),
            *since(card.earlier),
            *_degraded(card),
            "",
            *score.lines(card.evaluation),
            *_words(card),
            *_opinions(card),
            *_disputes(card),
        )
    )
    blocks: tuple[Block, ...] = (
        *((score.chart(drawn),) if drawn else ()),
        *score.quotes(card.evaluation.criteria, card.links),
    )
    what = "What the new try changed" if card.again and card.earlier else "How it went"
    title = f"{what}: {card.scenario.title}"
    message = Message(title=title, text=text, blocks=blocks, choices=_ways_on(card))
    return Shown(message=message, picture=drawn)


def _replayed(card: ScoreCard, earlier: Comparison) -> Message:
    """To whoever replayed a moment: what it was for, what got better, and nothing as a loss."""
    better = [one for one in earlier.changes if (one.change or 0) > 0]
    shown = {earlier.sought, *(one.criterion for one in better)}
    scores = tuple(one for one in card.evaluation.criteria if one.id in shown)
    text = "\n".join((*replayed(earlier), *_opinions(card), *_disputes(card)))
    return Message(
        title=f"What the new try changed: {card.scenario.title}",
        text=text,
        blocks=score.quotes(scores, card.links),
        choices=_ways_on(card),
    )


def since(earlier: Comparison | None) -> Iterator[str]:
    """What changed against the session that this one grew from."""
    if earlier is None:
        return
    if earlier.same_rubric and earlier.change is not None:
        yield f"Before, it was {earlier.before} of 100."
    changed = [one for one in earlier.changes if one.change]
    if changed:
        yield from ("", "**What changed since then**")
    else:
        yield "No line of the score changed since then."
    for one in changed:
        if not one.after:  # the way was cut short, or another one was taken
            yield f"- {one.label}: not reached this time ({one.before} of {one.max} before)"
        else:
            better = "up" if (one.change or 0) > 0 else "down"
            yield f"- {one.label}: {better} from {one.before} to {one.after} of {one.max}"


def _words(card: ScoreCard) -> Iterator[str]:
    found = card.debrief
    coached = found.by != TEMPLATES  # what templates say of these stands above already
    if coached and found.summary:
        yield from ("", literal(found.summary))
    if found.plus:
        yield from ("", "**What went well**")
        yield from (
            f"- {one.label}: {literal(one.text)}" if coached and one.text else f"- {one.label}"
            for one in found.plus
        )
    if found.delta:
        yield from ("", "**What would have earned more**")
        yield from (
            f"- {one.label}: {literal(one.text) if coached else one.text}"
            for one in found.delta
            if one.text
        )
    if found.phrasings:
        yield from ("", "**Another way to say it**")
    for one in found.phrasings:
        said = literal(one.evidence.quote)
        why = literal(one.why) if coached else one.why
        yield f"- “{said}” could be “{literal(one.better)}” {why}".rstrip()
    if found.next_steps:
        yield from ("", "**Next**")
        yield from (f"- {one}" for one in found.next_steps)


def _opinions(card: ScoreCard) -> Iterator[str]:
    """How people saw it, beside the score."""
    seen = [one for one in card.opinions if one.own is not None or one.instructor is not None]
    if not seen:
        return
    who = "you" if card.mine else "the trainee"
    yield from ("", "**How people saw it**", *_compared(card.opinions, who))
    for one in seen:
        views = [f"{who} {one.own}"] if one.own is not None else []
        views += [f"an instructor {one.instructor}"] if one.instructor is not None else []
        views.append("not scored" if one.scored is None else f"the score {one.scored}")
        gap = _gap(one) if card.mine else ""
        yield f"- {one.label}: {joined(views)}, of {one.max}{gap}"


def _compared(opinions: Sequence[Opinion], who: str) -> Iterator[str]:
    """How much of the score somebody rated, and how that sat with it."""
    own = [one for one in opinions if one.own is not None]
    if not own:
        return
    gaps = [one.gap for one in own if one.gap is not None]
    found = (
        (sum(not gap for gap in gaps), "the same as the score"),
        (sum(gap > 0 for gap in gaps), "above it"),
        (sum(gap < 0 for gap in gaps), "below it"),
        (len(own) - len(gaps), "where nothing was scored"),
    )
    parts = [f"{count} {how}" for count, how in found if count]
    yield (
        f"{who[:1].upper()}{who[1:]} rated {len(own)} of {counted(len(opinions), 'line')}: "
        f"{joined(parts)}."
    )


def _gap(one: Opinion) -> str:
    if not one.gap:
        return ""
    way = "above" if one.gap > 0 else "below"
    return f". You put yourself {counted(abs(one.gap), 'point')} {way} it"


_STANDS = {
    "open": "an instructor will look at it",
    "upheld": "the score stands",
    "changed": "the score was changed",
}


def _disputes(card: ScoreCard) -> Iterator[str]:
    if not card.disputes:
        return
    labels = {one.id: one.label for one in card.evaluation.criteria}
    yield from ("", "**Seen differently**")
    for one in card.disputes:
        note = f" “{literal(one.note)}”" if one.note else ""
        name = card.names.get(one.resolver or "", "")
        by = f", decided by {name}" if name else ""
        yield f"- {labels.get(one.criterion, one.criterion)}: {_STANDS[one.state]}{by}.{note}"


def _ways_on(card: ScoreCard) -> tuple[Choice, ...]:
    id_ = card.record.id
    found = [Choice(f"evidence:{id_}", "Show evidence")]
    if card.mine:
        found.append(Choice(f"dispute:simulation={id_}", "I see it differently", opens_form=True))
        found.append(Choice(f"start:{card.scenario.id}", "Try again", style="primary"))
        if any(one.drill for one in card.debrief.recommendations):
            found.append(Choice(f"drill:simulation={id_}", "Drill"))
        found.append(Choice(f"useful:simulation={id_}", "Was this useful?", opens_form=True))
    if card.staff and not card.mine:
        found += [
            Choice(f"debrief:simulation={id_}:who={number}", f"See {name}")
            for number, name in enumerate(card.group, 1)
        ]
        found.append(Choice(f"rate:simulation={id_}", "Rate", opens_form=True))
        if not card.release.visible:
            found.append(Choice(f"release:{id_}", "Release the score", style="primary"))
    return tuple(found)


def disputed(label: str) -> Message:
    """A dispute is kept."""
    return Message(
        text=f"Thank you. Your view of **{label}** is kept with the score, and an instructor will "
        "look at it. You get a direct message when they have."
    )


def rated(card: ScoreCard) -> Message:
    """A rating as instructor is kept."""
    return Message(
        text=f"Your rating of **{card.scenario.title}** is kept. " + score.headline(card.evaluation)
    )


def thanked() -> Message:
    """Somebody said whether this was useful."""
    return Message(text="Thank you, that helps to make this better.")
