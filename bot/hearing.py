"""What people write in threads: turns of a session, asides, later changes of what was said."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.port import (
    BOT,
    Message,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    MessageRef,
    UserRef,
)
from bot import asides, doors, links, people
from bot.access import NotAllowed
from bot.arrival import ASIDE, PLAYED, UNHEARD, Arrival
from bot.dialogue import Answered, Dialogue, Unheard, is_aside
from bot.effects import Effect, Post, Result, Whisper
from bot.failures import error_message
from bot.services import Services
from bot.telling import told
from bot.views import seats as seat_views
from bot.views import session as session_views
from bot.views.scene import speaker
from engine import events as ev
from engine.casting import free_seats, speaker_name
from engine.inputs import Amend, SpeakAside, Stage
from engine.session import State
from engine.speaking import Show
from engine.store import Transaction
from engine.turns import Outcome, Said, ThoughtTurn


class Hearing:
    """Hears what people write. One a process; holds no state of its own."""

    def __init__(self, services: Services, dialogue: Dialogue) -> None:
        self._services = services
        self._dialogue = dialogue

    async def said(
        self, arrival: Arrival, session_id: str, events: Sequence[MessagePosted]
    ) -> Result:
        """Take messages that somebody wrote in a session's thread."""
        person_id = arrival.person
        if person_id is None:
            async with self._services.database.reading() as tx:
                found = await _writer(tx, events[0].user, session_id)
                if found is None or not found.seated:
                    return await self._unseated(arrival, session_id, events, found)
                _require_may_write(found)
                person_id = found.id
        whole = _put_together(events)
        heard = [one for one in whole if not is_aside(one.text)]
        beside = [one for one in whole if is_aside(one.text)]
        if not heard:
            async with self._services.database.transaction() as tx:
                await self._keep_asides(tx, session_id, person_id, beside)
                await arrival.commit(tx, Result())
            return Result()
        return await self._turn(arrival, session_id, person_id, heard, beside)

    async def _turn(
        self,
        arrival: Arrival,
        session_id: str,
        person_id: str,
        heard: Sequence[MessagePosted],
        beside: Sequence[MessagePosted],
    ) -> Result:
        result = Result()

        async def commit(tx: Transaction, outcome: Outcome) -> None:
            nonlocal result
            result = await self._led_to(tx, heard[0], outcome)
            await self._keep_asides(tx, session_id, person_id, beside)
            await links.keep(tx, session_id, heard)
            await arrival.commit(tx, result)

        async def begins(thought: ThoughtTurn) -> Show | None:
            scenario, state = thought.turn.scenario, thought.state
            seat = thought.speaker or next(iter(state.taken_over), "")
            if arrival.begins is None or not seat:
                return None
            who = speaker(scenario, state.mode, seat, self._services.picture)
            show = await arrival.begins(who)
            return show if thought.speaker else None

        said = Said(person=person_id, messages=tuple((one.text, one.event_id) for one in heard))
        take = self._dialogue.take
        outcome = await take(session_id, said, commit, begins, at_once=arrival.at_once)
        if isinstance(outcome, Answered | Unheard):
            if isinstance(outcome, Unheard):
                result = Result((Whisper(message=outcome.message),), code=UNHEARD)
            async with self._services.database.transaction() as tx:
                await arrival.commit(tx, result)
        return result

    async def _led_to(self, tx: Transaction, said: MessagePosted, outcome: Outcome) -> Result:
        """What happened in a turn, and what its writer alone is told about it."""
        shown = await told(tx, outcome, self._services)
        session_id, code = outcome.session.id, ""
        alone: list[Message] = []
        if outcome.cut_silent:
            alone, code = [session_views.cut_off()], UNHEARD
        elif (seat := _played(outcome)) and not await asides.came_before(
            tx, said, session_id, PLAYED
        ):
            name = speaker_name(outcome.scenario, outcome.state.mode, seat)
            alone, code = [seat_views.played(name)], PLAYED
        if outcome.too_long is not None:
            alone.append(error_message(outcome.too_long))
        effects = (*shown, *(Whisper(message=one) for one in alone))
        return Result(effects, session_id=session_id, code=code)

    async def nowhere(self, arrival: Arrival, event: MessagePosted) -> Result | None:
        """Words in a thread that leads to no session now; None where they are for the bot."""
        async with self._services.database.reading() as tx:
            moved = await doors.moved_to(tx, event.thread)
        if moved is None and event.addressed:
            return None
        # Whoever only writes where the bot happens to be is not remembered.
        effects = (Whisper(message=session_views.moved(moved)),) if moved else ()
        async with self._services.database.transaction() as tx:
            await arrival.commit(tx, Result(effects))
        return Result(effects)

    async def _unseated(
        self,
        arrival: Arrival,
        session_id: str,
        events: Sequence[MessagePosted],
        writer: people.Standing | None,
    ) -> Result:
        """Somebody without a seat: the line of a character they play, else an aside.

        Told once to each person in a thread. Their words are kept where they agreed to that.
        """
        async with self._services.database.transaction() as tx:
            _, scenario, state = await self._services.simulation.read(tx, session_id)
            plays = _plays(state, writer)
            spoken = [one for one in _put_together(events) if not is_aside(one.text)]
            if writer is not None and plays is not None and spoken:
                result = await self._as_character(tx, session_id, writer.id, plays, spoken)
            else:
                first = spoken and not await asides.came_before(tx, events[0], session_id, ASIDE)
                free = () if state.over else free_seats(scenario, state.mode, state.people)
                shown = seat_views.beside(scenario, state.mode, free)
                result = Result((Whisper(message=shown),) if first else (), code=ASIDE)
                if writer is not None and writer.active and writer.consented and not state.over:
                    await self._keep_asides(tx, session_id, writer.id, events)
            await arrival.commit(tx, result)
        return result

    async def _as_character(
        self,
        tx: Transaction,
        session_id: str,
        person_id: str,
        seat: str,
        spoken: Sequence[MessagePosted],
    ) -> Result:
        """Let a character say what whoever plays it wrote, under its own name, in every room."""
        effects: list[Effect] = []
        for one in spoken:
            given = one.text
            outcome = await self._services.simulation.apply(
                tx,
                session_id,
                lambda _state, at, text=given: Stage(  # type: ignore[misc]
                    at=at, verb="inject", person=person_id, seat=seat, text=text
                ),
            )
            shown = await told(tx, outcome, self._services)
            effects += (_instead(effect, one.ref) for effect in shown)
        return Result(tuple(effects), session_id=session_id)

    async def _keep_asides(
        self, tx: Transaction, session_id: str, person_id: str, events: Sequence[MessagePosted]
    ) -> None:
        for event in events:
            if await self._services.simulation.known(tx, session_id, event.event_id) is not None:
                continue
            await self._services.simulation.apply(
                tx,
                session_id,
                lambda _state, at, one=event: SpeakAside(  # type: ignore[misc]
                    at=at, person=person_id, text=one.text, event_id=one.event_id
                ),
            )

    async def changed(self, arrival: Arrival, event: MessageEdited | MessageDeleted) -> Result:
        """Note in the log that words were changed or taken back after they were answered.

        Words that were not heard yet were changed as this came in, by `bot.delivery.inbox.amend`.
        """
        async with self._services.database.transaction() as tx:
            if arrival.session_id is not None:
                await self._amend(tx, arrival.session_id, event)
            await arrival.commit(tx, Result())
        return Result()

    async def _amend(
        self, tx: Transaction, session_id: str, event: MessageEdited | MessageDeleted
    ) -> None:
        original = await asides.event_of(tx, event.ref)
        if original is None:
            return
        event_id, author = original
        seq = await self._services.simulation.known(tx, session_id, event_id)
        writer = await _writer(tx, author, session_id)
        if seq is None or writer is None:
            return
        if isinstance(event, MessageEdited) and author != event.user:
            return
        text = event.text if isinstance(event, MessageEdited) else None
        await self._services.simulation.apply(
            tx,
            session_id,
            lambda _state, at: Amend(at=at, person=writer.id, target=seq, text=text),
        )


def _instead(effect: Effect, ref: MessageRef | None) -> Effect:
    """The character's line stands in the place of what a person wrote for it."""
    if isinstance(effect, Post) and effect.message.speaker != BOT:
        return replace(effect, message=replace(effect.message, instead_of=ref))
    return effect


def _played(outcome: Outcome) -> str:
    """The character that a person plays and that is to answer; empty where none is."""
    state = outcome.state
    answered = any(isinstance(one, ev.CharacterSaid) for one in outcome.events)
    if answered or state.status != "in_progress":
        return ""
    return next((one for one in state.taken_over if one in state.present), "")


def _plays(state: State, writer: people.Standing | None) -> str | None:
    """The character that somebody plays in its stead, if any."""
    if writer is None or not writer.active:
        return None
    return next((seat for seat, who in state.taken_over.items() if who == writer.id), None)


async def _writer(tx: Transaction, user: UserRef, session_id: str) -> people.Standing | None:
    return await people.standing(tx, people.account_of(user), session_id)


def _require_may_write(person: people.Standing) -> None:
    """Go on with somebody who is let in and has agreed.

    Raises:
        NotAllowed: they were shut out, or have not agreed to the notice.
    """
    if not person.active:
        raise NotAllowed("deactivated")
    if not person.consented:
        raise NotAllowed("needs_consent")


def _put_together(events: Sequence[MessagePosted]) -> tuple[MessagePosted, ...]:
    """What the platform cut, as it was written: under the id of its first part."""
    found: list[MessagePosted] = []
    cut = False
    for event in events:
        if cut:
            found[-1] = replace(found[-1], text=found[-1].text + event.text)
        else:
            found.append(event)
        cut = event.maybe_cut
    return tuple(found)
