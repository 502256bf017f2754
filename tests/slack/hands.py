"""What Slack sends when people do something: signed over HTTP, or in envelopes over a socket."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.slack.server import FakeSlack
from tests.slack.world import Json, Team

SECRET = "signed-by-slack"  # noqa: S105

Send = Callable[[bytes, dict[str, str]], Awaitable[tuple[int, str]]]
"""Posts to `/slack/events`; the status and the body of the answer."""


@dataclass(frozen=True)
class Answer:
    """What came back: `ok` when it was acknowledged."""

    ok: bool
    body: Json


class Hands:
    """People, as the app hears of them.

    Args:
        slack: the fake.
        send: posts over HTTP; None uses the sockets.
        patience: seconds until a socket's envelope counts as not acknowledged.
    """

    def __init__(self, slack: FakeSlack, send: Send | None = None, patience: float = 2.0) -> None:
        self.slack = slack
        self.send = send
        self.patience = patience
        self.secret = SECRET
        self.events: list[Json] = []

    # --- events --------------------------------------------------------------------------------

    async def writes(
        self,
        team: Team,
        channel: str,
        user: str,
        text: str,
        thread: str = "",
        *,
        deliveries: int = 1,
        **more: Any,
    ) -> Json:
        """Somebody writes, and every delivery of that is made."""
        inner = self.slack.world.write(team, channel, user, text, thread, **more)
        body = self.event(team, inner)
        for number in range(deliveries):
            await self.deliver(body, retry=number)
        return inner

    def event(self, team: Team, inner: Json, event_id: str = "", **more: Any) -> Json:
        """The body of an event."""
        granted = {
            "enterprise_id": team.enterprise or None,
            "team_id": None if team.whole else team.id,
            "user_id": team.bot_user,
            "is_bot": True,
            "is_enterprise_install": team.whole,
        }
        return {
            "type": "event_callback",
            "team_id": team.id,
            "enterprise_id": team.enterprise or None,
            "api_app_id": "A1",
            "event_id": event_id or f"Ev{self.slack.world.number()}",
            "event_time": int(time.time()),
            "authorizations": [granted],
            "event": inner,
            **more,
        }

    async def deliver(self, body: Json, *, retry: int = 0, tries: int = 4) -> Answer:
        """Deliver an event until it is acknowledged, as Slack does."""
        answer = Answer(False, {})
        for number in range(retry, retry + tries):
            answer = await self.once(body, number)
            if answer.ok:
                break
        return answer

    async def once(self, body: Json, retry: int = 0) -> Answer:
        """Deliver an event once."""
        self.events.append(body)
        if self.send is None:
            return await self._envelope("events_api", body, retry)
        headers = {"Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"}
        return await self._posted(json.dumps(body).encode(), headers)

    # --- what is answered at once --------------------------------------------------------------

    async def command(
        self, team: Team, channel: str, user: str, text: str, trigger: str = ""
    ) -> Answer:
        """Somebody calls `/sim`."""
        number = self.slack.world.number()
        body = {
            "command": "/sim",
            "text": text,
            "team_id": team.id,
            "enterprise_id": team.enterprise,
            "is_enterprise_install": "true" if team.whole else "false",
            "channel_id": channel,
            "user_id": user,
            "trigger_id": trigger or f"trigger-{number}",
            "response_url": f"{self.slack.root}/response/{number}",
            "api_app_id": "A1",
        }
        if self.send is None:
            return await self._envelope("slash_commands", body)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._posted(urlencode(body).encode(), headers)

    async def interacts(self, team: Team, user: str, body: Json) -> Answer:
        """Somebody presses, fills in, or picks from a menu."""
        whole = {
            "team": None if team.whole else {"id": team.id},
            "enterprise": {"id": team.enterprise} if team.enterprise else None,
            "is_enterprise_install": team.whole,
            "user": {"id": user, "team_id": team.id},
            "trigger_id": f"trigger-{self.slack.world.number()}",
            "api_app_id": "A1",
            **body,
        }
        if self.send is None:
            return await self._envelope("interactive", whole)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._posted(urlencode({"payload": json.dumps(whole)}).encode(), headers)

    async def presses(
        self, team: Team, channel: str, user: str, stamp: str, value: str, **more: Any
    ) -> Answer:
        """Somebody presses the button with a value."""
        said = self.slack.world.channels[team.id, channel].messages[stamp]
        button = next(
            each
            for block in said.blocks
            if block["type"] == "actions"
            for each in block["elements"]
            if each["value"] == value
        )
        box = {"type": "message", "channel_id": channel, "message_ts": stamp}
        number = str(self.slack.world.number())
        self.slack.world.pressed[number] = said
        if said.only_for:
            box |= {"is_ephemeral": True}
        if said.thread_ts:
            box["thread_ts"] = said.thread_ts
        body: Json = {
            "type": "block_actions",
            "actions": [{**button, "action_ts": self.slack.world.stamp()}],
            "channel": {"id": channel},
            "container": box,
            "response_url": f"{self.slack.root}/response/{number}",
            **more,
        }
        if not said.only_for:
            body["message"] = said.shown()
        return await self.interacts(team, user, body)

    async def shortcut(self, team: Team, channel: str, user: str, stamp: str, id_: str) -> Answer:
        """Somebody takes an entry of a message's menu."""
        said = self.slack.world.channels[team.id, channel].messages[stamp]
        body = {
            "type": "message_action",
            "callback_id": id_,
            "channel": {"id": channel},
            "message": said.shown(),
            "action_ts": self.slack.world.stamp(),
            "response_url": f"{self.slack.root}/response/{self.slack.world.number()}",
        }
        return await self.interacts(team, user, body)

    async def fills(self, team: Team, user: str, view: Json, values: dict[str, Any]) -> Answer:
        """Somebody sends a form, with these values by field."""
        state = {
            one["block_id"]: {
                one["element"]["action_id"]: _filled(one["element"], values.get(one["block_id"]))
            }
            for one in view["blocks"]
            if one["type"] == "input"
        }
        filled = {**view, "state": {"values": state}}
        return await self.interacts(team, user, {"type": "view_submission", "view": filled})

    async def types(
        self, team: Team, user: str, view: Json, field: str, typed: str, **given: Any
    ) -> list[str]:
        """What is offered while somebody types."""
        state = {
            one["block_id"]: {
                one["element"]["action_id"]: _filled(one["element"], given[one["block_id"]])
            }
            for one in view["blocks"]
            if one["type"] == "input" and one["block_id"] in given
        }
        body = {
            "type": "block_suggestion",
            "block_id": field,
            "action_id": "complete",
            "value": typed,
            "view": {**view, "state": {"values": state}},
        }
        answer = await self.interacts(team, user, body)
        return [one["value"] for one in answer.body.get("options", [])]

    # --- the wire ------------------------------------------------------------------------------

    async def _posted(self, body: bytes, headers: dict[str, str]) -> Answer:
        assert self.send is not None
        at = str(int(time.time()))
        base = b"v0:" + at.encode() + b":" + body
        signed = hmac.new(self.secret.encode(), base, hashlib.sha256).hexdigest()
        headers |= {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}"}
        status, text = await self.send(body, headers)
        known = json.loads(text) if text.startswith("{") else {}
        return Answer(status == 200, known)

    async def _envelope(self, kind: str, payload: Json, retry: int = 0) -> Answer:
        await self.slack.until_connected(1)
        if not self.slack.sockets:
            return Answer(False, {})
        name = f"envelope-{self.slack.world.number()}"
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.slack.envelopes[name] = waiting
        envelope = {
            "type": kind,
            "envelope_id": name,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **({"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}),
        }
        try:
            await self.slack.sockets[-1].send_json(envelope)
            async with asyncio.timeout(self.patience):
                return Answer(True, await waiting)
        except (TimeoutError, ConnectionError):
            return Answer(False, {})
        finally:
            del self.slack.envelopes[name]


def _filled(element: Json, value: Any) -> Json:
    kind = element["type"]
    match kind:
        case "static_select" | "external_select":
            chosen = {"selected_option": {"value": value} if value else None}
        case "multi_static_select":
            chosen = {"selected_options": [{"value": one} for one in value or ()]}
        case "users_select":
            chosen = {"selected_user": value}
        case "multi_users_select":
            chosen = {"selected_users": list(value or ())}
        case "datetimepicker":
            chosen = {"selected_date_time": value}
        case "file_input":
            chosen = {"files": list(value or ())}
        case _:
            chosen = {"value": value}
    return {"type": kind, **chosen}
