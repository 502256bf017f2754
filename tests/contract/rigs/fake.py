"""The fake platform's rig."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.kit import KitContext
from adapters.port import FileRef, MessageRef, ThreadRef, UserRef
from tests.contract.clocks import QuickClock
from tests.contract.fake_platform import KIT, FakeSettings, parse
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.contract.fake_platform.server import Server
from tests.contract.rigs import SPECS, Rig, Seen


class FakeRig(Rig):
    kit = KIT

    def __init__(self, folder: Path) -> None:
        self.server = Server(
            people={"U1": {"name": "Ada", "time_zone": "Europe/Vienna"}, "U2": {"name": "Ben"}},
            groups={"instructors": ["U2"]},
            threads={"C1": {"key": "", "title": "", "state": "", "members": ["U1", "U2", "bot"]}},
        )
        context = KitContext(
            settings=FakeSettings(token="t"),
            specs=SPECS,
            data_dir=folder,
            clock=QuickClock(),
            answer_within=0.01,
        )
        self.adapter = FakeAdapter(
            self.server, clock=context.clock, answer_within=context.answer_within
        )
        self.thread = parse.thread_ref("C1")
        self.person = parse.user_ref("U1")

    async def person_writes(self, text: str, *, deliveries: int = 1) -> None:
        payload = self.server.write("C1", "U1", text)
        for _ in range(deliveries):
            await self.server.deliver(payload)

    async def bot_writes(self, text: str) -> None:
        await self.server.deliver(self.server.write("C1", "bot", text))

    async def person_presses(self, ref: MessageRef, number: int, choice: str) -> None:
        press = self.server.happening("press", "U1", "C1", message=ref.id, button=choice)
        await self.server.deliver(press)

    async def person_completes(self, command: str, option: str, typed: str) -> Sequence[str]:
        asked = self.server.happening(
            "complete", "U1", "C1", name=command, option=option, typed=typed
        )
        return [value for value, _label in (await self.server.deliver(asked))["items"]]

    async def person_fills(self, command: str, *tries: Mapping[str, str]) -> Sequence[str]:
        called = self.server.happening("command", "U1", "C1", name=command, form=True)
        opened = await self.server.deliver(called)
        if "form" not in opened:
            return ()
        complaints: list[str] = []
        values: dict[str, str] = {}
        for answers in tries:
            values |= answers
            sent = self.server.happening("form", "U1", "C1", form=opened["form"].id, values=values)
            complaints += (await self.server.deliver(sent)).get("errors", {}).values()
        return complaints

    def seen(self, thread: ThreadRef | None = None) -> Sequence[Seen]:
        name = parse.thread_name(thread or self.thread)
        return [
            Seen(
                text="\n".join(
                    [one.body["text"]]
                    + [block["shown"] for block in one.body.get("blocks", ())]
                    + [button["label"] for button in one.body.get("buttons", ())]
                    + list(one.body.get("files", ()))
                ),
                thread=parse.thread_ref(one.thread),
                speaker=one.body["as"],
                only_for=parse.user_ref(one.only_for) if one.only_for else None,
                pings=one.pings,
                choices=tuple(button["id"] for button in one.body["buttons"]),
            )
            for one in self.server.posted.values()
            if one.thread == name and one.author == "bot" and not one.deleted and "as" in one.body
        ]

    async def person_sends_file(self, content: bytes, *, padded_to: int = 0) -> None:
        url = f"https://files.fake.test/{len(self.server.files)}"
        self.server.files[url] = content.ljust(padded_to, b"\0")
        # The claimed size is a lie: what arrives is what counts.
        file = {"url": url, "name": "a.txt", "type": "text/plain", "size": 1}
        await self.server.deliver({**self.server.write("C1", "U1", "Here."), "files": [file]})

    def foreign_file(self) -> FileRef:
        url = "https://files.fake.test.example/steal"
        self.server.files[url] = b"secret"
        return parse.file_ref({"url": url, "name": "a.txt", "type": "text/plain"})

    async def person_edits_last(self, text: str) -> None:
        last = max(self.server.posted)
        await self.server.deliver(
            self.server.happening("edited", "U1", "C1", message=last, text=text)
        )

    async def person_deletes_last(self) -> None:
        last = max(self.server.posted)
        await self.server.deliver(self.server.happening("deleted", "U1", "C1", message=last))

    def asked_places(self) -> Sequence[str]:
        return self.server.requested

    def throttle(self, seconds: float) -> None:
        self.server.throttled = seconds

    def lose_answer(self, after: int = 1) -> None:
        self.server.answers_to_lose.append(after)

    def go_down(self, *, down: bool = True) -> None:
        self.server.down = down

    def refuse(self) -> None:
        self.server.refusing = True

    def block(self, user: UserRef) -> None:
        self.server.blocked.add(user.id)

    def remove(self, ref: MessageRef) -> None:
        for id_ in ref.id.split(","):
            self.server.posted[int(id_)].deleted = True

    def other(self) -> UserRef:
        return parse.user_ref("U2")

    def edits_made(self) -> int:
        return self.server.edits


RIG = FakeRig
