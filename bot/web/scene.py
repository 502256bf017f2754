"""What happened in a session, as frames. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.effects import Post
from bot.views.scene import effects_of
from bot.web import exhibits
from bot.web.commands import choices_of, text_of
from bot.web.frames import Frame
from bot.web.scenarios import document_url
from engine import events as ev
from engine.casting import persona_of, speaker_name
from engine.director import phase_named
from engine.scenario import Scenario
from engine.session import State, Utterance
from engine.store.sessions import SessionRecord
from engine.turns import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one reader stands: the session, and the ids that clients gave to what was said."""

    record: SessionRecord
    scenario: Scenario
    event_ids: Mapping[int, str]
    """Seq of an utterance -> the client's id of it."""


def frames_of(place: Place, state: State, event: ev.Event, reader: str | None) -> tuple[Frame, ...]:
    """An event's frames, `state` being the one after it. `reader` is the person who reads.

    What the reader said is not told again. A whisper, as a hint, goes to its caller another way.
    """
    view = _VIEWS.get(type(event))
    if view is not None:
        return view(place, state, event)
    last = state.utterances[-1] if state.utterances else None
    if last is None or last.seq != state.seq or not _is_for(place, state, last, reader):
        return ()
    return (said(place, state, last),)


def _is_for(place: Place, state: State, last: Utterance, reader: str | None) -> bool:
    if last.role == "trainee":
        return last.person != reader
    # A character's own tool: its next line says what came of it.
    return last.role != "tool" or bool(state.people.get(last.seat))


def said(place: Place, state: State, line: Utterance) -> Frame:
    """Something that was said, whenever it is told: the same frame each time."""
    answers = tuple(
        place.event_ids[seq] for seq in line.answers if place.event_ids.get(seq) is not None
    )
    replied = place.event_ids.get(line.in_reply_to or 0)
    persona = persona_of(place.scenario, state.mode, line.seat)
    picture = persona.picture if persona and line.role == "character" else None
    return Frame(
        type="assistant_message",
        content=line.text,
        message_id=line.seq,
        timestamp=line.at,
        metadata={
            "speaker": _speaker(place.scenario, state, line),
            "role": line.role,
            "seat": line.seat,
            "tokens": line.tokens,
            "in_reply_to": replied,
            "answers": answers,
            "event_id": replied or place.event_ids.get(line.seq),
            "answers_seq": line.answers,
            "outage": line.outage,
            "degraded": line.degraded,
            "cut": line.cut,
            "picture": document_url(place.scenario.id, picture) if picture else None,
        },
    )


def _speaker(scenario: Scenario, state: State, line: Utterance) -> str:
    if line.role in {"narrator", "tool"}:
        return line.role
    return speaker_name(scenario, state.mode, line.seat)


def _exhibit(place: Place, state: State, event: Any) -> tuple[Frame, ...]:
    """Exhibits in every state; figures only once it is shown."""
    exhibit = next(one for one in place.scenario.exhibits if one.id == event.exhibit)
    told = {"id": exhibit.id, "title": exhibit.title, "state": _STATES[type(event)]}
    if isinstance(event, ev.ExhibitScheduled):
        told["due"] = event.due.isoformat()
    if isinstance(event, ev.ExhibitReleased | ev.ReportReleased):
        view = exhibits.view(place.record.id, place.scenario, state, exhibit)
        told = {**view.model_dump(mode="json"), **told}
    return (
        Frame(
            type="exhibit",
            content=_words(place, state, event) or exhibit.title,
            message_id=state.seq,
            timestamp=event.at,
            metadata=told,
        ),
    )


def _phase(place: Place, state: State, event: ev.PhaseEntered) -> tuple[Frame, ...]:
    if event.because == "start":
        return ()  # `session_start` tells it.
    title = phase_named(place.scenario, event.phase).title
    told = {"phase": event.phase, "because": event.because, "status": state.status}
    return (
        Frame(
            type="phase",
            content=title,
            message_id=state.seq,
            timestamp=event.at,
            metadata=told,
        ),
    )


def _told(place: Place, state: State, event: ev.Event) -> tuple[Frame, ...]:
    """What the product itself says, in the words it has everywhere."""
    outcome = _outcome(place, state, event)
    posts = [one.message for one in effects_of(outcome, _no_picture) if isinstance(one, Post)]
    return tuple(
        Frame(
            type="assistant_message",
            content=text_of(message),
            message_id=state.seq,
            timestamp=event.at,
            metadata={
                "speaker": "",
                "role": "system",
                "tokens": 0,
                "in_reply_to": None,
                "answers": (),
                "status": state.status,
                "choices": [one.model_dump() for one in choices_of(message)],
            },
        )
        for message in posts
    )


def _turned(place: Place, state: State, event: ev.Event) -> tuple[Frame, ...]:
    """The session rests, goes on or is over: for programs, then in words where there are any."""
    told = {"phase": state.phase, "because": event.kind, "status": state.status}
    title = phase_named(place.scenario, state.phase).title
    turned = Frame(type="phase", content=title, timestamp=event.at, metadata=told)
    return (turned, *_told(place, state, event))


def _nothing(_place: Place, _state: State, _event: ev.Event) -> tuple[Frame, ...]:
    return ()


def _words(place: Place, state: State, event: ev.Event) -> str:
    outcome = _outcome(place, state, event)
    posts = [one.message for one in effects_of(outcome, _no_picture) if isinstance(one, Post)]
    return "\n".join(text_of(message) for message in posts)


def _outcome(place: Place, state: State, event: ev.Event) -> Outcome:
    return Outcome(session=place.record, scenario=place.scenario, events=(event,), state=state)


def _no_picture(_scenario_id: str, _filename: str) -> None:
    return None


_STATES = {
    ev.ExhibitReleased: "shown",
    ev.ReportReleased: "report",
    ev.ExhibitScheduled: "on_its_way",
    ev.ExhibitRefused: "refused",
}

_VIEWS: Mapping[type[ev.Event], Callable[[Place, State, Any], tuple[Frame, ...]]] = {
    ev.ExhibitReleased: _exhibit,
    ev.ReportReleased: _exhibit,
    ev.ExhibitScheduled: _exhibit,
    ev.ExhibitRefused: _exhibit,
    ev.PhaseEntered: _phase,
    ev.HintGiven: _nothing,
    ev.Joined: _told,
    ev.ToolProposed: _told,
    ev.Paused: _turned,
    ev.Resumed: _turned,
    ev.Ended: _turned,
}
