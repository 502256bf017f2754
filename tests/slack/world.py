"""What there is in the fake: teams, people, channels, messages, files, installations."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """What a method answers instead of a result."""

    def __init__(self, code: str, *, status: int = 200, retry_after: float = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after


@dataclass
class Team:
    """A workspace with the app in it. `whole`: installed for the enterprise."""

    id: str
    token: str
    bot_user: str
    bot_id: str
    app_token: str = "xapp-1"  # noqa: S105
    enterprise: str = ""
    whole: bool = False
    scopes: str = "chat:write,chat:write.customize,files:write,files:read,channels:history,commands"
    url: str = "https://acme.slack.com/"
    refresh_token: str = ""
    dead_tokens: set[str] = field(default_factory=set)


@dataclass
class Message:
    """One message. `only_for`: whom it was whispered to."""

    ts: str
    channel: str
    user: str
    text: str
    thread_ts: str = ""
    bot_id: str = ""
    username: str = ""
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    only_for: str = ""
    streaming: bool = False
    deleted: bool = False
    files: list[Json] = field(default_factory=list)
    edits: int = 0

    def shown(self) -> Json:
        """As the API gives it."""
        made: Json = {"type": "message", "ts": self.ts, "text": self.text, "user": self.user}
        if self.bot_id:
            made["bot_id"] = self.bot_id
        if self.thread_ts:
            made["thread_ts"] = self.thread_ts
        if self.blocks:
            made["blocks"] = self.blocks
        if self.metadata:
            made["metadata"] = self.metadata
        if self.files:
            made["files"] = self.files
        if self.edits:
            made["edited"] = {"user": self.user, "ts": self.ts}
        return made


@dataclass
class Channel:
    """A channel, or a direct message."""

    id: str
    members: set[str]
    messages: dict[str, Message] = field(default_factory=dict)
    private: bool = False

    def thread(self, root: str) -> Iterator[Message]:
        """The messages of a thread with its first, or those at the top."""
        for one in self.messages.values():
            inside = one.thread_ts or one.ts
            if not one.deleted and inside == (root or one.ts):
                yield one


class World:
    """Everything. `begins` is the time of the first message; None takes the machine's clock.

    `ahead`: so many seconds is that clock put forward.
    """

    def __init__(self, *teams: Team, begins: float | None = None) -> None:
        self.teams = {one.id: one for one in teams}
        self.channels: dict[tuple[str, str], Channel] = {}
        self.people: dict[str, Json] = {}
        self.groups: dict[str, list[str]] = {}
        self.files: dict[str, Json] = {}
        self.contents: dict[str, bytes] = {}
        self.blocked: set[str] = set()
        self.views: list[Json] = []
        self.homes: dict[str, Json] = {}
        self.statuses: list[Json] = []
        self.prompts: list[Json] = []
        self.pins: list[tuple[str, str]] = []
        self.codes: dict[str, str] = {}
        self.pressed: dict[str, Message] = {}
        self.ahead = 0.0
        self._begins = begins
        self._last = 0.0
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number that nothing else has."""
        return next(self._numbers)

    def stamp(self) -> str:
        """A time stamp later than all before."""
        if self._begins is not None:
            return f"{self._begins + self.number():.6f}"
        self._last = max(time.time() + self.ahead, self._last + 0.000_01)
        return f"{self._last:.6f}"

    def team_of(self, token: str) -> Team:
        """Whose a token is."""
        for one in self.teams.values():
            if token in one.dead_tokens:
                raise SlackError("token_expired")
            if token and token == one.token:
                return one
        raise SlackError("invalid_auth")

    def channel(self, team: Team, id_: str, *, member: bool = True) -> Channel:
        """A channel that the app can see."""
        found = self.channels.get((team.id, id_))
        if found is None:
            raise SlackError("channel_not_found")
        if member and team.bot_user not in found.members:
            raise SlackError("channel_not_found" if found.private else "not_in_channel")
        return found

    def add_channel(self, team: Team, id_: str, *members: str, bot: bool = True) -> Channel:
        """A channel with these people."""
        inside = {*members, *([team.bot_user] if bot else [])}
        made = self.channels[team.id, id_] = Channel(id_, inside)
        return made

    def write(
        self, team: Team, channel: str, user: str, text: str, thread: str = "", **more: Any
    ) -> Json:
        """Somebody writes; the inner event that tells of it."""
        place = self.channels[team.id, channel]
        said = Message(self.stamp(), channel, user, text, thread, **more)
        place.messages[said.ts] = said
        return self.event_of(team, said)

    def event_of(self, team: Team, said: Message) -> Json:
        """The event about a message."""
        kind = "im" if said.channel.startswith("D") else "channel"
        made = {**said.shown(), "channel": said.channel, "channel_type": kind}
        made["event_ts"] = said.ts
        if said.thread_ts and said.thread_ts != said.ts:
            parent = self.channels[team.id, said.channel].messages.get(said.thread_ts)
            if parent is not None:
                made["parent_user_id"] = parent.user
        if said.files:
            made["subtype"] = "file_share"
        return made


Check = Callable[[Json], None]
