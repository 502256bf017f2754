"""The local workspace's rig: its routes over HTTP in memory, its tables in a SQLite file."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from adapters.local import KIT
from adapters.local.access import Gate
from adapters.local.adapter import LocalAdapter
from adapters.local.parse import thread_ref, user_ref
from adapters.local.routes import routes_of
from adapters.local.seed import DEMO
from adapters.local.tables import METADATA
from adapters.port import FileRef, MessageRef, ThreadRef, UserRef
from bot.platforms import KitDatabase
from bot.store.database import Database, StoreAway, StoreRefused
from tests.contract.clocks import START, QuickClock
from tests.contract.rigs import SPECS, Rig, Seen

ROOM = "clinical"
ME, OTHER = DEMO[0].id, DEMO[1].id


class Breaking(Database):
    """A database that can be made to fail."""

    down = refusing = False

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        self._may_fail()
        if self.refusing:
            raise StoreRefused("it quotes my own words")
        async with super().transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        self._may_fail()
        async with super().reading() as tx:
            yield tx

    def _may_fail(self) -> None:
        if self.down:
            raise StoreAway("by the test")


class LocalRig(Rig):
    kit = KIT
    # What is posted twice with a key stands there once, so an answer that is lost is no question.
    lacks = frozenset({"lost answers", "throttling"})

    def __init__(self, folder: Path) -> None:
        # As the application does: at lower levels it prints what passes through it.
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)
        self.file = folder / "workspace.db"
        maker = create_engine(f"sqlite:///{self.file}")
        METADATA.create_all(maker)
        maker.dispose()
        self.database = Breaking(f"sqlite:///{self.file}")
        self.adapter: LocalAdapter = LocalAdapter(
            database=KitDatabase(self.database),
            clock=QuickClock(),
            gate=Gate(demo=True),
            specs=SPECS,
            root="https://workspace.test",
            answer_within=0.01,
        )
        self.web = Starlette(routes=routes_of(self.adapter))
        self.thread = thread_ref(ROOM)
        self.person = user_ref(ME)
        self.typing = asyncio.Lock()

    async def close(self) -> None:
        await self.database.close()

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.web, client=("127.0.0.1", 1))
        headers = {"X-Dressrun-As": ME}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers, **more)

    async def does(self, what: str, **body: Any) -> dict[str, Any]:
        """The person does something in the thread, one thing after the other."""
        async with self.typing:
            answer = await self.ask("POST", f"/local/api/places/{ROOM}/{what}", json=body)
        assert answer.status_code in {202, 422}, answer.text
        return cast("dict[str, Any]", answer.json())

    async def person_writes(self, text: str, *, deliveries: int = 1) -> None:
        await self.does("messages", text=text, event_id=uuid4().hex)
        for _ in range(deliveries - 1):
            # As when a process dies between the application's word and ours.
            await self.adapter.handover.idle()
            self.change("UPDATE local_events SET done = 0")
            self.adapter.handover.look(ROOM)

    async def bot_writes(self, text: str) -> None:
        return  # Only what people do is handed over; there is no echo.

    async def person_presses(self, ref: MessageRef, number: int, choice: str) -> None:
        await self.does("press", message=ref.id, choice=choice, event_id=uuid4().hex)

    async def person_completes(self, command: str, option: str, typed: str) -> Sequence[str]:
        asked = {"place": ROOM, "command": command, "option": option, "typed": typed}
        answer = await self.ask("POST", "/local/api/complete", json=asked)
        return [value for value, _label in answer.json()["items"]]

    async def person_fills(self, command: str, *tries: Mapping[str, str]) -> Sequence[str]:
        opened = await self.does("commands", name=command, text="", options={})
        if "form" not in opened:
            return ()
        complaints: list[str] = []
        values: dict[str, str] = {}
        for answers in tries:
            values |= answers
            sent = await self.does("forms", form=opened["form"]["id"], values=values)
            complaints += sent.get("errors", {}).values()
        return complaints

    def seen(self, thread: ThreadRef | None = None) -> Sequence[Seen]:
        where = (thread or self.thread).key
        rows = self.rows(
            "SELECT text, body, only_for FROM local_messages "
            "WHERE place = ? AND author IS NULL AND NOT deleted ORDER BY born",
            where,
        )
        return [self._seen(where, *row) for row in rows]

    def _seen(self, where: str, text: str, stored: str, only_for: str | None) -> Seen:
        body = json.loads(stored)
        cards = [one for one in body["blocks"] if one["kind"] == "card"]
        choices = [*body["choices"], *(one for card in cards for one in card["choices"])]
        shown = [body["title"], text, *_words(body["blocks"])]
        shown += [one["label"] for one in choices] + [one["name"] for one in body["files"]]
        everything = text + stored
        return Seen(
            text="\n".join(one for one in shown if one),
            thread=thread_ref(where),
            speaker=body["speaker"]["name"],
            only_for=user_ref(only_for) if only_for else None,
            pings=frozenset(
                id_ for id_ in (ME, OTHER, "U1", "U2", "everyone") if f"<@{id_}>" in everything
            ),
            choices=tuple(one["id"] for one in choices),
        )

    async def person_sends_file(self, content: bytes, *, padded_to: int = 0) -> None:
        if padded_to:
            # Nobody can upload so much; a file that is there all the same is not handed on.
            id_ = uuid4().hex
            self.change(
                "INSERT INTO local_uploads VALUES "
                "(?, ?, NULL, 'a.txt', 'text/plain', 1, ?, NULL, ?)",
                id_,
                ME,
                content.ljust(padded_to, b"\0"),
                START.replace(tzinfo=None).isoformat(" "),
            )
        else:
            sent = await self.ask("POST", "/local/api/uploads", files={"file": ("a.txt", content)})
            id_ = sent.json()["id"]
        await self.does("messages", text="Here.", files=[id_])

    def foreign_file(self) -> FileRef:
        return FileRef(
            platform=KIT.name,
            workspace="here",
            id="x",
            name="a.txt",
            media_type="text/plain",
            size=1,
            locator="https://elsewhere.example/steal",
        )

    async def person_edits_last(self, text: str) -> None:
        await self.does("edit", message=self._last(), text=text)

    async def person_deletes_last(self) -> None:
        await self.does("delete", message=self._last())

    def go_down(self, *, down: bool = True) -> None:
        self.database.down = down

    def refuse(self) -> None:
        self.database.refusing = True

    def block(self, user: UserRef) -> None:
        at = START.replace(tzinfo=None).isoformat(" ")
        self.change("INSERT INTO local_people VALUES (?, ?, 'trainee', 0, ?)", user.id, user.id, at)

    def remove(self, ref: MessageRef) -> None:
        self.change("UPDATE local_messages SET deleted = 1 WHERE id = ?", ref.id)

    def other(self) -> UserRef:
        return user_ref(OTHER)

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.file, timeout=10)) as connection:
            return connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.file, timeout=10)) as connection, connection:
            connection.execute(statement, values)

    def _last(self) -> str:
        [[id_]] = self.rows(
            "SELECT id FROM local_messages WHERE author IS NOT NULL ORDER BY born DESC LIMIT 1"
        )
        return str(id_)


def _words(blocks: Any) -> list[str]:
    """Every text in the blocks, as somebody reads them."""
    if isinstance(blocks, str):
        return [blocks]
    if isinstance(blocks, dict):
        inner = [value for key, value in blocks.items() if key not in ("kind", "csv", "choices")]
        return [one for value in inner for one in _words(value)]
    return [one for value in blocks or () if not isinstance(blocks, int) for one in _words(value)]


RIG = LocalRig
