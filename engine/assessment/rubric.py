"""What the log says about each thing that a criterion names. Pure.

Every key of an evidence rule becomes a `Finding`: how many of its parts hold, and the seqs that
show it. A key has one part, except those that can naturally be had in part: `asked_all` and
`disclosed` have one a fact, `signal` one a time it is needed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.assessment.begging import begs
from engine.assessment.metrics import figure
from engine.assessment.record import Record, Seqs
from engine.reckoning import comes_to, mentions
from engine.scenario.rubric import Evidence as Rule
from engine.scenario.rubric import Metric, Rubric
from engine.words import says, sentences
from engine.world import matches

_UNSEEN = "A person played a character for a while, so what was asked then was not read."
_LOST = "The answer was cut off or lost to a connection problem, so this cannot be judged."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How far one key holds. `doubt`: the parts that are missing cannot be judged."""

    have: int
    of: int = 1
    seqs: Seqs = ()
    quotes: Mapping[int, str] | None = None
    reason: str
    doubt: bool = False


Check = Callable[[Rule, Record], Finding]


def findings(rule: Rule, record: Record) -> tuple[Finding, ...]:
    """One finding for each key that the rule names; none for a rule that names nothing."""
    return tuple(_CHECKS[key](rule, record) for key in _named(rule))


def parts_of(rule: Rule | None) -> int:
    """How many points a rule gives at most; 1 for none."""
    if rule is None:
        return 1
    sizes = {
        "asked_all": len(set(rule.asked_all)),
        "disclosed": len(set(rule.disclosed)),
        "signal": rule.at_least,
    }
    return sum(sizes.get(key, 1) for key in _named(rule)) or 1


def hash_of(rubric: Rubric) -> str:
    """The SHA-256 of a rubric, whatever the order of keys it was written in."""
    body = json.dumps(rubric.model_dump(mode="json", by_alias=True), sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _named(rule: Rule) -> Iterator[str]:
    return (key for key in _CHECKS if getattr(rule, key))


def _in_time(rule: Rule, record: Record, seqs: Seqs) -> Seqs:
    limit = rule.before_minutes
    if limit is None:
        return seqs
    return tuple(seq for seq in seqs if record.minutes.get(seq, 0.0) <= limit)


def _asked_any(rule: Rule, record: Record) -> Finding:
    hits = {seq for fact in rule.asked_any for seq in record.asked.get(fact, ())}
    found = _in_time(rule, record, tuple(sorted(hits)))
    if found:
        return Finding(have=1, seqs=found[:1], reason="Asked for.")
    reason = "Asked for too late." if hits else "Not asked for."
    return _not_asked(record, Finding(have=0, seqs=tuple(sorted(hits))[:1], reason=reason))


def _asked_all(rule: Rule, record: Record) -> Finding:
    facts = dict.fromkeys(rule.asked_all)
    hits = [_in_time(rule, record, record.asked.get(fact, ())) for fact in facts]
    found = [seqs[0] for seqs in hits if seqs]
    return _not_asked(
        record,
        Finding(
            have=len(found),
            of=len(facts),
            seqs=tuple(sorted(set(found))),
            reason=f"Asked for {len(found)} of {len(facts)}.",
        ),
    )


def _learned(found: int, facts: int) -> str:
    if facts == 1:
        return "Learned by asking." if found else "Not learned by asking."
    return f"Learned {found} of {facts} things by asking."


def _disclosed(rule: Rule, record: Record) -> Finding:
    facts = dict.fromkeys(rule.disclosed)
    earned = {fact: _earned(fact, rule, record) for fact in facts}
    found = [seq for seq in earned.values() if seq]
    finding = Finding(
        have=len(found),
        of=len(facts),
        seqs=tuple(sorted(set(found))),
        reason=_learned(len(found), len(facts)),
    )
    if any(_is_lost(fact, record) for fact, seq in earned.items() if not seq):
        return Finding(have=finding.have, of=finding.of, reason=_LOST, doubt=True)
    return _not_asked(record, finding)


def _earned(fact: str, rule: Rule, record: Record) -> int:
    """The utterance that brought the fact out, or 0: it was not told, or told before it was asked.

    Only the first time it was told counts, or else asking again would earn what was volunteered.
    """
    told = record.told.get(fact, ())
    asked = _in_time(rule, record, record.asked.get(fact, ()))
    return max((seq for seq in asked if seq < told[0]), default=0) if told else 0


def _is_lost(fact: str, record: Record) -> bool:
    """Whether the trainee asked, and the answer never came through in full."""
    asked = record.asked.get(fact, ())
    if not asked or fact in record.told:
        return False
    unheard = any(seq in record.unanswered for seq in asked)
    silent = not any(line > asked[0] for line in record.heard)  # it ended before a word came
    answered = any(seq in record.answered for seq in asked)
    return fact in record.lost or ((unheard or silent) and not answered)


def _not_asked(record: Record, finding: Finding) -> Finding:
    if finding.have < finding.of and record.asking_unseen:
        return Finding(have=finding.have, of=finding.of, reason=_UNSEEN, doubt=True)
    return finding


def _when(minute: float) -> str:
    """When something was done, as people say it."""
    return f"after {minute:.1f} minutes" if minute >= 1 else "within the first minute"


def _action(rule: Rule, record: Record) -> Finding:
    taken = record.actions.get(rule.action or "", ())
    if not taken:
        return Finding(have=0, reason="Not done.")
    minute = record.minutes.get(taken[0], 0.0)
    if _in_time(rule, record, taken):
        return Finding(have=1, seqs=taken[:1], reason=f"Done {_when(minute)}.")
    late = f"Done {_when(minute)}; it was due by minute {rule.before_minutes:g}."
    return Finding(have=0, seqs=taken[:1], reason=late)


def _fields(rule: Rule) -> str:
    """Which fields the end state is about, as "ticket (category)"; no value, it may be a fact."""
    return "; ".join(
        f"{table.removesuffix('s')} ({', '.join(name.replace('_', ' ') for name in row)})"
        for table, rows in rule.world.items()
        for row in rows
    )


def _world(rule: Rule, record: Record) -> Finding:
    """The end state, with the write that made it so."""
    if record.world is None:
        return Finding(have=0, reason="There are no records to look at.", doubt=True)
    if not matches(record.world, rule.world):
        return Finding(have=0, reason=f"Not right in the records: {_fields(rule)}.")
    made = tuple(
        one.seq
        for one in record.writes
        if matches(one.after, rule.world) and not matches(one.before, rule.world)
    )
    if not made:
        # Nobody did anything for it, so there is no deed to cite.
        return Finding(have=0, reason="The records stood like this from the start.", doubt=True)
    if not _in_time(rule, record, made[-1:]):
        return Finding(have=0, seqs=made[-1:], reason="The records were put right too late.")
    return Finding(have=1, seqs=made[-1:], reason="The records stand as they should.")


def _phrase(rule: Rule, record: Record) -> Finding:
    for seq in _in_time(rule, record, tuple(record.said)):
        text = record.said[seq]
        if begs(text):
            continue
        if any(says(text, phrase) for phrase in rule.phrase):
            return Finding(
                have=1, seqs=(seq,), quotes={seq: _sentence(rule, text)}, reason="Said so."
            )
    return Finding(have=0, reason="Not said.")


def _number(rule: Rule, record: Record) -> Finding:
    """A number that the trainee worked out: said by them, and by no character before."""
    late = False
    for seq in _in_time(rule, record, tuple(record.said)):
        text = record.said[seq]
        said = frozenset() if begs(text) else _numbers_in(rule, text, record)
        told = {
            one
            for at, line in record.heard.items()
            if at < seq
            for one in (_numbers_in(rule, line, record) if said else ())
        }
        if own := said - told:
            holding = (one for one in sentences(text) if _numbers_in(rule, one, record) & own)
            quote = next(holding, text)
            return Finding(have=1, seqs=(seq,), quotes={seq: quote}, reason="Worked out and said.")
        late = late or bool(said)
    told_first = "This number was told before it was worked out."
    return Finding(have=0, reason=told_first if late else "The number was not said.")


def _numbers_in(rule: Rule, text: str, record: Record) -> frozenset[str]:
    """The formulas of a rule whose value stands in a text."""
    return frozenset(
        formula
        for one in mentions(text)
        for wanted in rule.number
        for formula in wanted.is_
        if comes_to(one, record.values[formula], unit=wanted.unit, within=wanted.within)
    )


def _sentence(rule: Rule, text: str) -> str:
    """The sentence that holds a phrase; the whole text where one spans two."""
    holding = (one for one in sentences(text) if any(says(one, each) for each in rule.phrase))
    return next(holding, text)


def _times_shown(shown: int, wanted: int) -> str:
    if wanted == 1:
        return "Shown." if shown else "Not shown."
    return (
        f"Shown {shown} times; {wanted} were wanted."
        if shown != 1
        else (f"Shown once; {wanted} times were wanted.")
    )


def _signal(rule: Rule, record: Record) -> Finding:
    shown = _in_time(rule, record, record.signals.get(rule.signal or "", ()))[: rule.at_least]
    return Finding(
        have=len(shown),
        of=rule.at_least,
        seqs=shown,
        reason=_times_shown(len(shown), rule.at_least),
    )


def _metric(rule: Rule, record: Record) -> Finding:
    wanted = rule.metric
    if wanted is None:
        raise ValueError("the rule names no metric")
    found = figure(wanted.name, record)
    if found.value is None:
        return Finding(have=0, reason=found.why, doubt=True)
    return Finding(
        have=int(wanted.holds(found.value)),
        seqs=found.cites,
        reason=f"{_NAMES[wanted.name]}: {_value(wanted, found.value)}; wanted {_bounds(wanted)}.",
    )


def _bounds(wanted: Metric) -> str:
    ends = (("at least", wanted.at_least), ("at most", wanted.at_most))
    return (
        " and ".join(f"{name} {_value(wanted, end)}" for name, end in ends if end is not None)
        or "any"
    )


def _value(wanted: Metric, value: float) -> str:
    """A figure as people read it: shares as percentages."""
    if wanted.name in ("talk_share", "open_question_share", "adherent_share"):
        return f"{100 * value:.3g}%"
    return f"{value:.3g}"


_NAMES: Mapping[str, str] = {
    "talk_share": "Share of all words",
    "open_question_share": "Share of open questions",
    "questions": "Questions",
    "words_a_turn": "Words a turn",
    "reading_grade": "Reading grade",
    "reflection_ratio": "Reflections a question",
    "adherent_share": "Share of working with rather than against",
    "jargon": "Turns with technical terms",
    "turns": "Turns",
    "minutes": "Minutes",
}

_CHECKS: Mapping[str, Check] = {
    "asked_any": _asked_any,
    "asked_all": _asked_all,
    "disclosed": _disclosed,
    "action": _action,
    "world": _world,
    "phrase": _phrase,
    "number": _number,
    "signal": _signal,
    "metric": _metric,
}
