"""What people do on the page: stored first, then handed over. Knows nothing of HTTP."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.asking import ask
from adapters.local import heard, offers, parse, pictures, render, seed, store
from adapters.local.adapter import LocalAdapter, dm_of
from adapters.local.limits import BOT_ID, LIMITS, PAGE
from adapters.local.parse import BadRequest, Stamp
from adapters.local.rows import Body, Person, Place, Posted, Upload
from adapters.port import Completions, Event, FieldErrors, Form, FormChecked, FormWanted

_MOST_FORMS: Final = 1000


class NotThere(Exception):
    """There is no such thing, or this person does not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Something a person does in a place, inside a transaction."""

    tx: AsyncSession
    place: Place
    stamp: Stamp


class Desk:
    """The people's side of a workspace."""

    def __init__(self, adapter: LocalAdapter) -> None:
        self._adapter = adapter
        self._forms: dict[tuple[str, str], Form] = {}

    # --- what stands there ---------------------------------------------------------------------

    async def start(self, me: Person) -> Body:
        """All that a page needs to begin."""
        adapter = self._adapter
        await self._came_home(me)
        async with adapter.database.reading() as tx:
            seq = await store.top(tx)
            everybody = await store.people(tx)
            places = await store.shown_places(tx, me.id)
        demo = {one.id for one in seed.DEMO} if adapter.gate.demo else set()
        return {
            "me": me.shown,
            "people": [one.shown for one in everybody],
            "identities": [one.shown for one in everybody if one.id in demo],
            "demo": adapter.gate.demo,
            "places": places,
            "seq": seq,
            "bot": BOT_ID,
            "commands": [render.command(one) for one in adapter.specs],
            "limits": {"text": LIMITS.text, "upload_bytes": LIMITS.upload_bytes},
            "upload_types": list(pictures.ENDINGS),
        }

    async def history(self, me: Person, key: str, before: int | None, limit: int) -> Body:
        """A page of a place's messages."""
        async with self._adapter.database.reading() as tx:
            await _seen(tx, key, me)
            most = max(1, min(limit, 2 * PAGE))
            found, more = await store.history(tx, key, me.id, before, most)
        return {"messages": [one.shown for one in found], "more": more}

    async def search(self, me: Person, words: str, key: str | None) -> Body:
        """Messages that hold these words."""
        found: list[Posted] = []
        if words.strip():
            async with self._adapter.database.reading() as tx:
                found = await store.search(tx, words.strip()[:200], me.id, key)
        return {"messages": [one.shown for one in found]}

    async def file(self, me: Person, id_: str, *, small: bool) -> tuple[Upload, bytes]:
        """A file that stands in a message this person sees, or that is theirs."""
        async with self._adapter.database.reading() as tx:
            found = await heard.uploads(tx, [id_])
            if not found:
                raise NotThere
            if found[0].message is not None:
                await _message_seen(tx, found[0].message, me)
            elif found[0].owner != me.id:
                raise NotThere
            content = await heard.content(tx, id_, small=small and found[0].has_thumb)
        return found[0], content or b""

    async def table(self, me: Person, message: str, at: int) -> str:
        """A table of a message as CSV."""
        async with self._adapter.database.reading() as tx:
            posted = await _message_seen(tx, message, me)
        blocks = posted.body.get("blocks", [])
        if posted.deleted or at >= len(blocks) or "csv" not in blocks[at]:
            raise NotThere
        return render.csv_of(blocks[at])

    # --- what people do ------------------------------------------------------------------------

    async def say(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Write something."""
        text, files = parse.text_of(body, "text"), parse.ids_of(body, "files")
        if not text.strip() and not files:
            raise BadRequest("text")
        async with self._doing(me, key, body) as doing:
            uploads = await _own_files(doing.tx, files, me)
            id_ = uuid4().hex
            event = parse.written(text, doing.stamp, doing.place, uploads, id_)
            if parse.is_shown(text):
                await store.add_message(
                    doing.tx,
                    store.Draft(
                        id=id_,
                        place=key,
                        text=text,
                        body=render.written(me, uploads),
                        at=doing.stamp.at,
                        author=me.id,
                        key=doing.stamp.event_id,
                        event_id=str(body.get("event_id") or ""),
                    ),
                )
                await heard.attach(doing.tx, files, id_)
            await self._keep(doing, event)
        return {"event_id": body.get("event_id")}

    async def edit(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Change what one wrote."""
        text, id_ = parse.text_of(body, "text"), parse.id_of(body, "message")
        if not text.strip():
            raise BadRequest("text")
        async with self._doing(me, key, body) as doing:
            await _own_message(doing, id_, me)
            await store.change_message(doing.tx, id_, text=text, edited=True)
            await self._keep(doing, parse.edited(text, doing.stamp, id_))
        return {}

    async def delete(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Take back what one wrote; the words are gone from here."""
        id_ = parse.id_of(body, "message")
        async with self._doing(me, key, body) as doing:
            posted = await _own_message(doing, id_, me)
            left = {"speaker": posted.body["speaker"]}
            await store.change_message(doing.tx, id_, text="", body=left, deleted=True)
            await self._keep(doing, parse.deleted(doing.stamp, id_))
        return {}

    async def command(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Call a command, or get its form."""
        name = parse.command_name(body)
        spec = next((one for one in self._adapter.specs if one.name == name), None)
        bare = not body.get("options") and not str(body.get("text") or "").strip()
        if spec is not None and spec.opens_form and bare:
            form = await self._form(me, key, parse.form_of_command(body, me.id, key))
            if form is not None:
                return {"form": form}
        options = dict(parse.pairs_of(body, "options"))
        wanted = {one.name for one in spec.options if one.kind == "file"} if spec else set()
        files = parse.ids_of({"files": [options[one] for one in wanted & set(options)]}, "files")
        async with self._doing(me, key, body) as doing:
            uploads = await _own_files(doing.tx, files, me)
            await self._keep(doing, parse.called(body, doing.stamp, uploads))
        return {}

    async def press(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Press a choice, or get its form."""
        id_, choice = parse.id_of(body, "message"), parse.text_of(body, "choice", 100)
        async with self._adapter.database.reading() as tx:
            posted = await _message_seen(tx, id_, me)
            if posted.place != key:
                raise NotThere
            posted, offered = await offers.pressed(tx, posted, choice, me.id)
        if offered["link"]:
            raise NotThere
        if offered["opens_form"]:
            wanted = parse.form_of_choice(me.id, key, posted.id, choice)
            form = await self._form(me, key, wanted)
            if form is not None:
                return {"form": form}
        async with self._doing(me, key, body) as doing:
            await self._keep(doing, parse.pressed(doing.stamp, posted.id, choice))
        return {}

    async def send_form(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Send a form, or get what is wrong with it as `errors`."""
        id_ = parse.text_of(body, "form", 100)
        form = self._forms.get((me.id, id_))
        ids = parse.files_in(form, body)
        async with self._adapter.database.reading() as tx:
            files = {one.id: one for one in await _own_files(tx, ids, me)}
        values = parse.values(form, body, files)
        wrong = await self._asked(parse.form_checked(me.id, key, id_, values), FieldErrors)
        if wrong is not None and wrong.errors:
            return {"errors": dict(wrong.errors)}
        async with self._doing(me, key, body) as doing:
            await self._keep(doing, parse.form_sent(doing.stamp, id_, values))
        self._forms.pop((me.id, id_), None)
        return {}

    async def stop(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Press Stop."""
        async with self._doing(me, key, body) as doing:
            await self._keep(doing, parse.stopped(doing.stamp))
        return {}

    async def complete(self, me: Person, body: Mapping[str, Any]) -> Body:
        """What could stand in an option."""
        query = parse.completing(body, me.id)
        found = await ask(
            self._adapter.answer, query, Completions, within=self._adapter.answer_within
        )
        return {"items": [list(pair) for pair in found.items] if found else []}

    async def read(self, me: Person, key: str, body: Mapping[str, Any]) -> Body:
        """Remember how far somebody has read."""
        seq = body.get("seq")
        if not isinstance(seq, int) or seq < 0:
            raise BadRequest("seq")
        adapter = self._adapter
        async with adapter.database.transaction() as tx:
            place = await _seen(tx, key, me)
            first = await store.mark_read(tx, key, me.id, seq)
            if first and place.kind != "dm":
                stamp = await self._stamp(tx, f"{me.id}:joined:{uuid4().hex}", key, me)
                await heard.add(tx, parse.joined(stamp), key, stamp.seq)
        if first:
            adapter.handover.look(key)
        adapter.feed.tell({"type": "read", "place": key, "seq": seq}, only_for=me.id)
        return {}

    async def dm(self, me: Person, body: Mapping[str, Any]) -> Body:
        """The direct message with somebody, or with the bot."""
        other = parse.id_of(body, "person")
        async with self._adapter.database.transaction() as tx:
            if other == me.id or (other != BOT_ID and await store.person(tx, other) is None):
                raise NotThere
            key = await dm_of(tx, (me.id, other), self._adapter.clock.now())
            shown = await store.shown_places(tx, me.id)
        self._adapter.feed.ring()
        return {"place": next(one for one in shown if one["key"] == key)}

    async def upload(self, me: Person, name: str, content: bytes) -> Body:
        """Keep a file until it is sent with something."""
        taken = await asyncio.to_thread(pictures.taken, name, content)
        file = Upload(
            id=secrets.token_hex(16),
            owner=me.id,
            message=None,
            name=taken.name,
            media_type=taken.media_type,
            size=len(taken.content),
            has_thumb=taken.thumb is not None,
        )
        now = self._adapter.clock.now()
        async with self._adapter.database.transaction() as tx:
            await heard.add_upload(tx, file, taken.content, taken.thumb, now)
        return file.shown

    # --- bookkeeping ---------------------------------------------------------------------------

    async def _came_home(self, me: Person) -> None:
        key = f"home:{me.id}"
        async with self._adapter.database.transaction() as tx:
            stamp = await self._stamp(tx, f"{key}:{uuid4().hex}", key, me)
            await heard.add(tx, parse.home_opened(stamp), key, stamp.seq)
        self._adapter.handover.look(key)

    async def _stamp(self, tx: AsyncSession, event_id: str, key: str, me: Person) -> Stamp:
        seq, now = await store.next_seq(tx), self._adapter.clock.now()
        return Stamp(event_id=event_id, seq=seq, at=now, person=me.id, place=key)

    @asynccontextmanager
    async def _doing(self, me: Person, key: str, body: Mapping[str, Any]) -> AsyncGenerator[Doing]:
        """Do something once; whoever sends it again hears the same."""
        event_id = parse.event_id(body, me.id, made=uuid4().hex)
        adapter = self._adapter
        adapter.require_running()
        async with adapter.database.transaction() as tx:
            place = await _seen(tx, key, me)
            seq = await store.next_seq(tx)
            if await heard.is_known(tx, event_id) or await store.keyed(tx, key, event_id):
                raise AlreadyDone
            stamp = Stamp(
                event_id=event_id,
                seq=seq,
                at=adapter.clock.now(),
                person=me.id,
                place=key,
                direct=place.members == {me.id, BOT_ID},
            )
            yield Doing(tx=tx, place=place, stamp=stamp)
            if place.kind == "thread" and me.id not in place.members:
                await store.join(tx, key, [me.id])
        adapter.feed.ring()
        adapter.handover.look(key)

    async def _keep(self, doing: Doing, event: Event) -> None:
        """Keep an event for the bot, unless it is between people only."""
        if doing.place.kind == "dm" and BOT_ID not in doing.place.members:
            return
        await heard.add(doing.tx, event, doing.place.key, doing.stamp.seq)

    async def _form(self, me: Person, key: str, query: FormWanted) -> Body | None:
        async with self._adapter.database.reading() as tx:
            await _seen(tx, key, me)
        form = await self._asked(query, Form)
        if form is None:
            return None
        self._forms[(me.id, form.id)] = form
        while len(self._forms) > _MOST_FORMS:
            del self._forms[next(iter(self._forms))]
        return render.form(form)

    async def _asked(self, query: FormWanted | FormChecked, expected: type[Any]) -> Any:
        adapter = self._adapter
        return await ask(adapter.answer, query, expected, within=adapter.answer_within)


class AlreadyDone(Exception):
    """The same came before, and was stored."""


async def _seen(tx: AsyncSession, key: str, me: Person) -> Place:
    place = await store.place(tx, key)
    if place is None or not place.seen_by(me.id):
        raise NotThere
    return place


async def _message_seen(tx: AsyncSession, id_: str, me: Person) -> Posted:
    posted = await store.message(tx, id_)
    if posted is None or not posted.seen_by(me.id):
        raise NotThere
    await _seen(tx, posted.place, me)
    return posted


async def _own_message(doing: Doing, id_: str, me: Person) -> Posted:
    posted = await store.message(doing.tx, id_)
    mine = posted is not None and posted.author == me.id and posted.place == doing.place.key
    if posted is None or not mine or posted.deleted:
        raise NotThere
    return posted


async def _own_files(tx: AsyncSession, ids: Sequence[str], me: Person) -> list[Upload]:
    found = await heard.uploads(tx, ids)
    if len(found) != len(ids) or any(one.owner != me.id for one in found):
        raise BadRequest("files")
    return found
