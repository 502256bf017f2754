"""The methods of the Web API that are used."""

import json
from collections.abc import Callable
from typing import Any

from tests.slack.checks import check_blocks, check_view, texts
from tests.slack.world import Json, Message, SlackError, Team, World

Method = Callable[["Methods", Team, Json], Json]


class Methods:
    """Answers calls. `charts` and `tables`: whether this Slack draws them.

    `reading`: so often a message is refused because a picture that was uploaded is not read yet.
    """

    def __init__(self, world: World, root: Callable[[], str]) -> None:
        self.world = world
        self.root = root
        self.charts = True
        self.tables = True
        self.streams = {"D", "C"}
        self.longest = 13_200
        self.agents = True
        self.reading = 0

    def answer(self, name: str, team: Team, asked: Json) -> Json:
        """The result of a method."""
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method")
        return method(self, team, asked)

    # --- chat ----------------------------------------------------------------------------------

    def post(self, team: Team, asked: Json, only_for: str = "") -> Json:
        place = self.world.channel(team, asked["channel"])
        blocks = self._blocks(asked)
        if not asked.get("text") and not blocks:
            raise SlackError("no_text")
        named = asked.get("username", "")
        if named and "chat:write.customize" not in team.scopes:
            raise SlackError("missing_scope")
        files = [one for one in blocks if _uploads(one)]
        if named and files:
            raise AssertionError("Slack shows no uploads under a name of one's own")
        said = Message(
            self.world.stamp(),
            asked["channel"],
            team.bot_user,
            asked.get("text", ""),
            asked.get("thread_ts", ""),
            bot_id=team.bot_id,
            username=named,
            blocks=blocks,
            metadata=_loaded(asked.get("metadata")),
            only_for=only_for,
        )
        if said.thread_ts and said.thread_ts not in place.messages:
            raise SlackError("thread_not_found")
        place.messages[said.ts] = said
        return {"ts": said.ts, "channel": said.channel, "message": said.shown()}

    def whisper(self, team: Team, asked: Json) -> Json:
        place = self.world.channel(team, asked["channel"])
        if asked["user"] not in place.members:
            raise SlackError("user_not_in_channel")
        return {"message_ts": self.post(team, asked, asked["user"])["ts"]}

    def update(self, team: Team, asked: Json) -> Json:
        said = self._said(team, asked)
        if said.streaming:
            raise SlackError("streaming_state_conflict")
        blocks = self._blocks(asked)
        said.text, said.blocks, said.edits = asked.get("text", ""), blocks, said.edits + 1
        # Whether an edit without metadata keeps them is not documented: take the worse.
        said.metadata = _loaded(asked.get("metadata"))
        return {"ts": said.ts, "channel": said.channel}

    def delete(self, team: Team, asked: Json) -> Json:
        self._said(team, asked).deleted = True
        return {}

    def _said(self, team: Team, asked: Json) -> Message:
        said = self.world.channel(team, asked["channel"]).messages.get(asked["ts"])
        if said is None or said.deleted or said.only_for:
            raise SlackError("message_not_found")
        if said.bot_id != team.bot_id:
            raise SlackError("cant_update_message")
        return said

    def _blocks(self, asked: Json) -> list[Json]:
        blocks = _loaded(asked.get("blocks")) or []
        check_blocks(blocks, 50, charts=self.charts, tables=self.tables)
        if sum(map(len, texts(blocks))) > self.longest:
            raise SlackError("msg_blocks_too_long")
        for one in blocks:
            for id_ in _uploads(one):
                if id_ not in self.world.files or self._is_reading(one):
                    raise SlackError("invalid_blocks")
        return list(blocks)

    def _is_reading(self, block: Json) -> bool:
        if "slack_file" not in block or not self.reading:
            return False
        self.reading -= 1
        return True

    # --- streams -------------------------------------------------------------------------------

    def start_stream(self, team: Team, asked: Json) -> Json:
        if asked["channel"][0] not in self.streams:
            raise SlackError("channel_type_not_supported")
        if not asked["channel"].startswith("D") and not asked.get("recipient_user_id"):
            raise SlackError("missing_recipient_user_id")
        place = self.world.channel(team, asked["channel"])
        said = Message(
            self.world.stamp(),
            asked["channel"],
            team.bot_user,
            asked.get("markdown_text", ""),
            asked["thread_ts"],
            bot_id=team.bot_id,
            username=asked.get("username", ""),
            streaming=True,
        )
        place.messages[said.ts] = said
        return {"ts": said.ts, "channel": said.channel}

    def append_stream(self, team: Team, asked: Json) -> Json:
        said = self._said(team, asked)
        if not said.streaming:
            raise SlackError("message_not_in_streaming_state")
        said.text += asked.get("markdown_text", "")
        return {"ts": said.ts}

    def stop_stream(self, team: Team, asked: Json) -> Json:
        said = self._said(team, asked)
        if not said.streaming:
            raise SlackError("message_not_in_streaming_state")
        said.streaming = False
        said.text += asked.get("markdown_text", "")
        said.metadata = _loaded(asked.get("metadata")) or said.metadata
        return {"ts": said.ts}

    # --- conversations -------------------------------------------------------------------------

    def open(self, team: Team, asked: Json) -> Json:
        users = str(asked["users"]).split(",")
        for one in users:
            if one not in self.world.people:
                raise SlackError("user_not_found")
            if one in self.world.blocked:
                raise SlackError("user_disabled")
        id_ = f"D{''.join(users)}" if len(users) == 1 else f"G{''.join(users)}"
        if (team.id, id_) not in self.world.channels:
            self.world.add_channel(team, id_, *users)
        return {"channel": {"id": id_}}

    def info(self, team: Team, asked: Json) -> Json:
        place = self.world.channel(team, asked["channel"], member=False)
        if place.private and team.bot_user not in place.members:
            raise SlackError("channel_not_found")
        return {"channel": {"id": place.id, "is_member": team.bot_user in place.members}}

    def join(self, team: Team, asked: Json) -> Json:
        place = self.world.channel(team, asked["channel"], member=False)
        if place.private:
            raise SlackError("method_not_supported_for_channel_type")
        place.members.add(team.bot_user)
        return {"channel": {"id": place.id}}

    def replies(self, team: Team, asked: Json) -> Json:
        self._may_read(team)
        place = self.world.channel(team, asked["channel"])
        found = [one for one in place.thread(asked["ts"]) if not one.only_for]
        if not found:
            raise SlackError("thread_not_found")
        return self._page(found, asked, first=asked["ts"])

    def history(self, team: Team, asked: Json) -> Json:
        self._may_read(team)
        place = self.world.channel(team, asked["channel"])
        found = [one for one in place.thread("") if not one.only_for]
        return self._page(found[::-1], asked)

    def _may_read(self, team: Team) -> None:
        if "channels:history" not in team.scopes:
            raise SlackError("missing_scope")

    def _page(self, found: list[Message], asked: Json, first: str = "") -> Json:
        oldest = float(asked.get("oldest") or 0)
        wanted = [one for one in found if float(one.ts) > oldest or one.ts == first]
        start, limit = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
        more = str(start + limit) if start + limit < len(wanted) else ""
        shown = [
            {**one.shown(), **({} if one.ts == first or not first else self._parent(one))}
            for one in wanted[start : start + limit]
        ]
        return {"messages": shown, "response_metadata": {"next_cursor": more}}

    def _parent(self, said: Message) -> Json:
        for (_, id_), place in self.world.channels.items():
            if id_ == said.channel and said.thread_ts in place.messages:
                return {"parent_user_id": place.messages[said.thread_ts].user}
        return {}

    def members(self, team: Team, asked: Json) -> Json:
        found = sorted(self.world.channel(team, asked["channel"], member=False).members)
        start = int(asked.get("cursor") or 0)
        more = str(start + 2) if start + 2 < len(found) else ""
        return {
            "members": found[start : start + 2],
            "response_metadata": {"next_cursor": more},
        }

    # --- people --------------------------------------------------------------------------------

    def user(self, team: Team, asked: Json) -> Json:
        found = self.world.people.get(asked["user"])
        if found is None:
            raise SlackError("user_not_found")
        return {"user": {"id": asked["user"], **found}}

    def groups(self, team: Team, asked: Json) -> Json:
        return {"usergroups": [{"id": id_, "users": who} for id_, who in self.world.groups.items()]}

    def in_group(self, team: Team, asked: Json) -> Json:
        if asked["usergroup"] not in self.world.groups:
            raise SlackError("no_such_subteam")
        return {"users": self.world.groups[asked["usergroup"]]}

    # --- views ---------------------------------------------------------------------------------

    def open_view(self, team: Team, asked: Json) -> Json:
        view = _loaded(asked["view"])
        check_view(view)
        if asked["trigger_id"] == "expired":
            raise SlackError("expired_trigger_id")
        opened = {**view, "id": f"V{self.world.number()}", "team": team.id}
        self.world.views.append(opened)
        return {"view": opened}

    def publish(self, team: Team, asked: Json) -> Json:
        view = _loaded(asked["view"])
        check_view(view)
        self.world.homes[asked["user_id"]] = view
        return {"view": view}

    # --- files ---------------------------------------------------------------------------------

    def upload_url(self, team: Team, asked: Json) -> Json:
        if "files:write" not in team.scopes:
            raise SlackError("missing_scope")
        id_ = f"F{self.world.number()}"
        self.world.files[id_] = {"id": id_, "name": asked["filename"]}
        return {"file_id": id_, "upload_url": f"{self.root()}/upload/{id_}"}

    def complete(self, team: Team, asked: Json) -> Json:
        done = []
        for one in _loaded(asked["files"]):
            file = self.world.files[one["id"]]
            assert one["id"] in self.world.contents
            file |= {"permalink": f"{team.url}files/{file['id']}", "title": one.get("title")}
            done.append(file)
        return {"files": done}

    def file(self, team: Team, asked: Json) -> Json:
        if asked["file"] not in self.world.files:
            raise SlackError("file_not_found")
        return {"file": self.world.files[asked["file"]]}

    # --- the rest ------------------------------------------------------------------------------

    def who(self, team: Team, asked: Json) -> Json:
        return {
            "url": team.url,
            "team_id": team.id,
            "user_id": team.bot_user,
            "bot_id": team.bot_id,
            "enterprise_id": team.enterprise or None,
            "is_enterprise_install": team.whole,
        }

    def status(self, team: Team, asked: Json) -> Json:
        if not self.agents:
            raise SlackError("not_an_agent")
        self.world.statuses.append(asked)
        return {}

    def typing(self, team: Team, asked: Json) -> Json:
        self.world.statuses.append({**asked, "legacy": True})
        return {}

    def prompts(self, team: Team, asked: Json) -> Json:
        self.world.prompts.append(asked)
        return {}

    def pin(self, team: Team, asked: Json) -> Json:
        self.world.pins.append((asked["channel"], asked["timestamp"]))
        return {}


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value else value


def _uploads(part: Any) -> list[str]:
    """The ids of uploaded files that a block shows."""
    if isinstance(part, list):
        return [id_ for one in part for id_ in _uploads(one)]
    if not isinstance(part, dict):
        return []
    found = [part["slack_file"]["id"]] if "slack_file" in part else []
    url = str(part.get("url", ""))
    if "/files/F" in url:
        found.append(url.rpartition("/")[2])
    return found + [id_ for one in part.values() for id_ in _uploads(one)]


METHODS: dict[str, Method] = {
    "auth.test": Methods.who,
    "chat.postMessage": Methods.post,
    "chat.postEphemeral": Methods.whisper,
    "chat.update": Methods.update,
    "chat.delete": Methods.delete,
    "chat.startStream": Methods.start_stream,
    "chat.appendStream": Methods.append_stream,
    "chat.stopStream": Methods.stop_stream,
    "conversations.open": Methods.open,
    "conversations.info": Methods.info,
    "conversations.join": Methods.join,
    "conversations.replies": Methods.replies,
    "conversations.history": Methods.history,
    "conversations.members": Methods.members,
    "users.info": Methods.user,
    "usergroups.list": Methods.groups,
    "usergroups.users.list": Methods.in_group,
    "views.open": Methods.open_view,
    "views.publish": Methods.publish,
    "files.getUploadURLExternal": Methods.upload_url,
    "files.completeUploadExternal": Methods.complete,
    "files.info": Methods.file,
    "agents.sessions.setStatus": Methods.status,
    "agents.sessions.rename": Methods.status,
    "assistant.threads.setStatus": Methods.typing,
    "assistant.threads.setSuggestedPrompts": Methods.prompts,
    "pins.add": Methods.pin,
}
