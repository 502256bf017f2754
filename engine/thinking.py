"""The thinking part of a turn: what words did, who answers with what, what follows. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from engine import events as ev
from engine.calls import Call
from engine.classify import Reader
from engine.decide import decide
from engine.draft import Draft
from engine.inputs import Hear, Settle, Speak, Words
from engine.prompting import character_prompt
from engine.reading import Reading
from engine.session import fold
from engine.turns import OpenTurn, Spoken, ThoughtTurn


def readings(turn: OpenTurn, reader: Reader) -> list[Reading]:
    """What the patterns of a reader make of each message."""
    return [reader.read(turn.state, text) for text, _ in turn.said.messages]


def think(
    turn: OpenTurn, read: Sequence[Reading], at: datetime, calls: Sequence[Call] = ()
) -> ThoughtTurn:
    """Decide what the words did, and what the speaking character is to know.

    `read` says it of each message; `calls` is what that took.
    """
    given = Hear(
        at=at,
        seat=turn.seat,
        person=turn.said.person,
        words=tuple(
            Words(text=text, event_id=event_id, reading=reading)
            for (text, event_id), reading in zip(turn.said.messages, read, strict=True)
        ),
    )
    happened = decide(turn.scenario, turn.state, given)
    state = fold(turn.scenario, happened, turn.state)
    thought = ThoughtTurn(
        turn=turn,
        at=at,
        happened=happened,
        state=state,
        answers=tuple(
            said.seq
            for said in state.utterances
            if said.seq > turn.state.seq and said.role == "trainee"
        ),
        words=" ".join(reading.words for reading in read),
        calls=tuple(calls),
    )
    return with_speaker(thought, read)


def closing(thought: ThoughtTurn, spoken: Spoken, at: datetime) -> tuple[ev.Event, ...]:
    """What the log gains once the reply stands, after what `think` found."""
    draft = Draft(thought.turn.scenario, thought.state, at)
    if spoken.text:
        given = _speak_input(at, thought, spoken)
        draft.add(*decide(thought.turn.scenario, draft.state, given))
    entered = [one.phase for one in thought.happened if isinstance(one, ev.PhaseEntered)]
    settle = Settle(at=at, words=thought.words, entered=entered[-1] if entered else None)
    draft.add(*decide(thought.turn.scenario, draft.state, settle))
    return tuple(draft.events)


def with_speaker(thought: ThoughtTurn, readings: Sequence[Reading]) -> ThoughtTurn:
    """Who answers, and with what: a prompt, an authored line, or nobody."""
    state, scenario = thought.state, thought.turn.scenario
    speaker = next((seat for reading in reversed(readings) for seat in reading.addressed), "")
    if state.over or not speaker or not thought.answers:
        return thought
    asked = [one for reading in readings for one in reading.asked]
    requested = {exhibit for reading in readings for exhibit in reading.exhibits}
    if not asked and (requested or _only_acted(thought)):
        return replace(thought, speaker=speaker, canned=_about_exhibits(thought, requested))
    prompt = character_prompt(
        scenario,
        state,
        speaker,
        asked=asked,
        acts=tuple(dict.fromkeys(act for reading in readings for act in reading.acts)),
        parts=sum(reading.parts for reading in readings),
        answers=thought.answers,
    )
    return replace(thought, speaker=speaker, prompt=prompt)


def _about_exhibits(thought: ThoughtTurn, requested: Collection[str]) -> str:
    """What the character says when it was asked for exhibits and nothing else."""
    exhibits = thought.turn.scenario.exhibits
    new = _named(thought, ev.ExhibitReleased) & set(requested)
    titles = " and ".join(one.title for one in exhibits if one.id in (new or requested))
    if new:
        return f"Here you are: {titles}."
    if _named(thought, ev.ExhibitScheduled) & set(requested):
        return f"I'll get that for you: {titles}."
    if set(requested) & set(thought.state.scheduled):
        return f"That is still on its way: {titles}."
    if _named(thought, ev.ExhibitRefused):
        return "That's all the material I can share."
    return f"You have that already: {titles}." if requested else ""


def _named(
    thought: ThoughtTurn,
    kind: type[ev.ExhibitReleased] | type[ev.ExhibitScheduled] | type[ev.ExhibitRefused],
) -> set[str]:
    return {one.exhibit for one in thought.happened if isinstance(one, kind)}


def _only_acted(thought: ThoughtTurn) -> bool:
    """Whether the words were an order or a yes to a tool, which the narrator already answered."""
    quiet = (ev.ActionTaken, ev.ToolDone, ev.ToolDropped)
    if not any(isinstance(one, quiet) for one in thought.happened):
        return False
    by_person = {one.seat for one in thought.happened if isinstance(one, quiet)}
    return by_person == {thought.turn.seat}


def _speak_input(at: datetime, thought: ThoughtTurn, spoken: Spoken) -> Speak:
    return Speak(
        at=at,
        seat=thought.speaker,
        text=spoken.text,
        facts=spoken.facts,
        answers=thought.answers,
        cut=spoken.cut,
        outage=spoken.outage,
        degraded=spoken.degraded,
        model=spoken.model,
        tokens=spoken.tokens,
        ran=spoken.ran,
    )
