"""What an input does to a session: events, by the scenario's rules. Pure.

Every input carries its time. `decide` never looks at a clock, a store or a model.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from engine import events as ev
from engine.acting import act, may_take, require_running, run_tool, take_action, use_tool
from engine.casting import ai_seats, human_seats, opening_of, persona_of
from engine.conditions import Moment
from engine.director import advance, call_cue, lead_on, pass_time, settle
from engine.draft import Draft
from engine.errors import MoreNeeded, NotAllowedNow
from engine.gate import opened_by_asking
from engine.hints import hints_left, next_hint
from engine.inputs import (
    Act,
    Amend,
    Hear,
    Input,
    Settle,
    Sit,
    Speak,
    SpeakAside,
    Stage,
    Start,
    Step,
    UseTool,
    Words,
)
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR
from engine.session import State
from engine.signals import is_distress, is_stop
from engine.words import normal

_YES_WORDS = (
    "yes|y|yes please|please do|confirm|confirmed|ok|okay|go ahead|do it|sure|correct|"
    "that is right|yes go ahead|yes that is right|yes that works|yep|yeah|perfect|"
    "book it|yes book it|yes thanks|yes thank you|yes that is fine|that is fine|that works|"
    "yes that is correct|yes correct|that is correct|sounds good|yes that is great|yes do"
)
_NO_WORDS = "no|n|no thanks|no thank you|cancel|stop|do not|wait|not yet|nope"
_YES, _NO = frozenset(_YES_WORDS.split("|")), frozenset(_NO_WORDS.split("|"))


def decide(scenario: Scenario, state: State, given: Input) -> tuple[ev.Event, ...]:
    """The events that `given` leads to; none where it changes nothing.

    Raises:
        NotAllowedNow: the step is known, but not possible as the session stands.
        UnknownAction: nothing that can be ordered or submitted was recognised.
    """
    draft = Draft(scenario, state, given.at)
    _DECISIONS[type(given)](draft, given)
    return tuple(draft.events)


def _start(draft: Draft, given: Start) -> None:
    if draft.state.seq:
        raise NotAllowedNow("started already")
    draft.add(
        ev.Started(
            at=given.at,
            scenario_hash=given.scenario_hash,
            mode=given.mode,
            language=given.language,
            seed=given.seed,
            model=given.model,
            platform=given.platform,
        ),
        *(ev.Seated(at=given.at, seat=seat, person=person) for seat, person in given.seats),
        ev.PhaseEntered(at=given.at, phase=draft.scenario.phases[0].id, because="start"),
    )
    opening = opening_of(draft.scenario, given.mode)
    draft.say_as(opening.say_as, opening.text, because="opening")
    at_start = [one.id for one in draft.scenario.exhibits if one.release == "at_start"]
    draft.release(at_start, because="start")


def _hear(draft: Draft, given: Hear) -> None:
    require_running(draft)
    for words in given.words:
        if words.reading.stop or words.reading.distress:
            sign = "stop word" if words.reading.stop else "distress"
            _care(draft, given.person, sign, words.event_id)
            return
    waiting = draft.state.proposed
    for words in given.words:
        _take_in(draft, given, words)
    own = waiting is not None and bool(draft.state.people.get(waiting.seat))
    asked = waiting is not None and (not own or given.seat == waiting.seat)
    if waiting is not None and asked and draft.state.proposed == waiting:
        _answer_proposal(draft, given, waiting)
    last = given.words[-1].reading
    judged = tuple(one for words in given.words for one in words.reading.judged)
    said = " ".join(words.reading.words for words in given.words)
    advance(draft, Moment(at=given.at, words=said, judged=judged or last.judged))


def _take_in(draft: Draft, given: Hear, words: Words) -> None:
    reading = words.reading
    seq = draft.add(
        ev.TraineeSaid(
            at=given.at,
            seat=given.seat,
            person=given.person,
            text=words.text,
            event_id=words.event_id,
        )
    )
    if draft.state.over:  # an earlier message of the same turn ended the session
        return
    for signal in reading.signals:
        _signal(draft, signal, reading.addressed, seq)
    by_seat = reading.sure_facts
    for seat in reading.addressed:
        if by_seat:
            draft.add(ev.Asked(at=given.at, seat=seat, facts=by_seat, in_seq=seq))
        for fact, because in opened_by_asking(draft.scenario, draft.state, seat, by_seat):
            draft.add(ev.FactOpened(at=given.at, fact=fact, because=because))
    for exhibit in draft.scenario.exhibits:
        if exhibit.id in reading.exhibits:
            draft.hand_over_asked(exhibit)
    _order(draft, given, words)


def _order(draft: Draft, given: Hear, words: Words) -> None:
    """Orders in plain talk; one that is for another seat is only talk."""
    order = Act(at=given.at, seat=given.seat, person=given.person, command="order", text=words.text)
    for action in words.reading.actions:
        if not draft.state.over and may_take(draft.scenario, given.seat, action):
            with suppress(NotAllowedNow, MoreNeeded):  # in plain talk, that is only talk
                take_action(draft, order, action)


def _signal(draft: Draft, signal: str, seats: tuple[str, ...], seq: int) -> None:
    rule = draft.scenario.signals.get(signal)
    counted = draft.state.signals.get(signal, 0)
    draft.add(ev.Signalled(at=draft.at, signal=signal, in_seq=seq))
    if rule is None or (rule.at_most is not None and counted >= rule.at_most):
        return
    for seat in seats:
        draft.move(seat, rule.moves, because=signal)


def _act(draft: Draft, given: Act) -> None:
    """An order or a submission, unless what was written is a cry for help or the stop word."""
    safety = draft.scenario.safety
    for text in (given.text, *(value for _, value in given.fields)):
        stop = is_stop(text, safety.stop_word)
        if stop or is_distress(text, safety.distress):
            _care(draft, given.person, "stop word" if stop else "distress")
            return
    act(draft, given)


def _care(draft: Draft, person: str, sign: str, event_id: str | None = None) -> None:
    """End at once, out of character; the words that showed it are not kept."""
    safety = draft.scenario.safety
    draft.add(ev.Cared(at=draft.at, person=person, sign=sign, event_id=event_id))
    draft.narrate("\n".join((safety.exit_text, *safety.help)), because="care")
    draft.end("abandoned", sign)


def _answer_proposal(draft: Draft, given: Hear, waiting: ev.ToolProposed) -> None:
    """Let a yes run the tool that waits for one. Anything else takes the proposal back."""
    said = normal(given.words[-1].text)
    if said in _YES:
        run_tool(draft, waiting.seat, waiting.tool, dict(waiting.args))
        return
    draft.add(ev.ToolDropped(at=draft.at, tool=waiting.tool, seat=waiting.seat))
    if said in _NO:
        draft.narrate("Nothing was changed.", because=f"tool {waiting.tool}")


def _speak(draft: Draft, given: Speak) -> None:
    draft.add(*given.ran)
    seq = draft.add(
        ev.CharacterSaid(
            at=given.at,
            seat=given.seat,
            text=given.text,
            in_reply_to=given.answers[-1] if given.answers else None,
            answers=given.answers,
            cut=given.cut,
            outage=given.outage,
            degraded=given.degraded,
            model=given.model,
            tokens=given.tokens,
        )
    )
    for fact in given.facts:
        if fact not in draft.state.said:
            draft.add(ev.FactSaid(at=given.at, fact=fact, seat=given.seat, in_seq=seq))


def _settle(draft: Draft, given: Settle) -> None:
    moment = Moment(at=given.at, words=given.words, judged=given.judged)
    settle(draft, moment, entered=given.entered)


_Known = ev.Cared | ev.Ended | ev.HintGiven | ev.Paused | ev.PhaseEntered | ev.Resumed


def _step(draft: Draft, given: Step) -> None:
    _STEPS[given.verb](draft, given)
    first = draft.events[0] if draft.events else None
    if given.event_id is not None and isinstance(first, _Known):
        # It stands for the whole step: by it the log knows that the step was taken.
        draft.events[0] = replace(first, event_id=given.event_id)


def _next(draft: Draft, given: Step) -> None:
    require_running(draft)
    lead_on(draft, Moment(at=given.at, command="next"), because="command")


def _hint(draft: Draft, given: Step) -> None:
    require_running(draft)
    if not hints_left(draft.scenario, draft.state):
        raise NotAllowedNow("no hints left")
    hint = next_hint(draft.scenario, draft.state)
    draft.add(ev.HintGiven(at=given.at, text=hint.text, criterion=hint.criterion))


def _pause(draft: Draft, given: Step) -> None:
    require_running(draft)
    draft.add(ev.Paused(at=given.at, because=given.because or "command"))


def _resume(draft: Draft, given: Step) -> None:
    if draft.state.status == "completed" or not draft.state.seq:
        raise NotAllowedNow("session is completed")
    if draft.state.status != "in_progress":
        draft.add(ev.Resumed(at=given.at))


def _end(draft: Draft, given: Step) -> None:
    if draft.state.over:
        raise NotAllowedNow("session is over")
    draft.end("completed", given.because or "command")


def _abandon(draft: Draft, given: Step) -> None:
    draft.end("abandoned", given.because or "command")


def _stop(draft: Draft, given: Step) -> None:
    if not draft.state.over:
        _care(draft, given.because, "stop word")


def _tick(draft: Draft, given: Step) -> None:
    pass_time(draft)


def _stage(draft: Draft, given: Stage) -> None:
    require_running(draft)
    step = _STAGED.get(given.verb)
    if step is None:
        raise NotAllowedNow("no such step of an instructor")
    step(draft, given)


def _inject(draft: Draft, given: Stage) -> None:
    """A line as a character or the narrator; of one taken over, by whoever plays it."""
    if draft.state.taken_over.get(given.seat) != given.person:
        if given.seat != NARRATOR:
            _require_character(draft, given.seat)
        draft.require_voice(given.seat)
    draft.add(ev.Injected(at=given.at, seat=given.seat, person=given.person, text=given.text))


def _take_over(draft: Draft, given: Stage) -> None:
    _require_character(draft, given.seat)
    draft.add(ev.TakenOver(at=given.at, seat=given.seat, person=given.person))


def _hand_back(draft: Draft, given: Stage) -> None:
    draft.add(ev.HandedBack(at=given.at, seat=given.seat))


def _release(draft: Draft, given: Stage) -> None:
    draft.release([given.text], because="instructor")


def _next_phase(draft: Draft, given: Stage) -> None:
    lead_on(draft, Moment(at=given.at, instructor=True), because="instructor")


def _cue(draft: Draft, given: Stage) -> None:
    call_cue(draft, given.text)


def _require_character(draft: Draft, seat: str) -> None:
    if seat not in ai_seats(draft.scenario, draft.state.mode) or not persona_of(
        draft.scenario, draft.state.mode, seat
    ):
        raise NotAllowedNow(f"no character in seat {seat}")


def _sit(draft: Draft, given: Sit) -> None:
    if draft.state.over:
        raise NotAllowedNow("session is over")
    if given.leave:
        if given.person in draft.state.people.get(given.seat, ()):
            draft.add(ev.Unseated(at=given.at, seat=given.seat, person=given.person))
        return
    taken = len(draft.state.people.get(given.seat, ()))
    if given.seat not in human_seats(draft.scenario, draft.state.mode):
        raise NotAllowedNow(f"seat {given.seat} is not for people")
    if draft.state.seat_of(given.person) or taken >= draft.scenario.cast[given.seat].max:
        raise NotAllowedNow(f"seat {given.seat} is taken")
    draft.add(ev.Seated(at=given.at, seat=given.seat, person=given.person))


def _aside(draft: Draft, given: SpeakAside) -> None:
    seat = draft.state.seat_of(given.person) or ""
    draft.add(
        ev.Aside(
            at=given.at, seat=seat, person=given.person, text=given.text, event_id=given.event_id
        )
    )


def _amend(draft: Draft, given: Amend) -> None:
    """A change of one's own words; what was answered and judged is what was said first."""
    said = next((one for one in draft.state.utterances if one.seq == given.target), None)
    if said is None or said.role != "trainee" or said.person != given.person:
        return
    if given.text is None:
        draft.add(ev.Deleted(at=given.at, target=given.target))
    elif given.text != said.text:
        draft.add(ev.Edited(at=given.at, target=given.target, text=given.text))


_STAGED: Mapping[str, Callable[[Draft, Stage], None]] = {
    "inject": _inject,
    "take_over": _take_over,
    "hand_back": _hand_back,
    "release": _release,
    "cue": _cue,
    "next_phase": _next_phase,
}

_STEPS: Mapping[str, Callable[[Draft, Step], None]] = {
    "next": _next,
    "hint": _hint,
    "pause": _pause,
    "resume": _resume,
    "end": _end,
    "abandon": _abandon,
    "stop": _stop,
    "tick": _tick,
}

_DECISIONS: Mapping[type[Input], Callable[[Draft, Any], None]] = {
    Start: _start,
    Hear: _hear,
    Speak: _speak,
    Settle: _settle,
    Act: _act,
    UseTool: use_tool,
    Step: _step,
    Stage: _stage,
    Sit: _sit,
    SpeakAside: _aside,
    Amend: _amend,
}
