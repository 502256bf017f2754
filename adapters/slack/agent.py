"""Slack's agent surface: a session's title and state, somebody typing, things to say first.

All of it is a courtesy: where it is not allowed, nothing is missing from the conversation.
"""

from typing import Final

from adapters.commands import ROOT
from adapters.errors import AdapterError
from adapters.messages import Speaker
from adapters.port import CommandSpec, ThreadState
from adapters.slack.abilities import SESSIONS, STATUS, Abilities
from adapters.slack.api import Api, ApiError, Call
from adapters.slack.limits import PROMPT_TITLE, PROMPTS, STATUS_TITLE
from adapters.slack.places import Spot
from adapters.slack.render import picture_of

TYPING: Final = "is typing…"
"""What stands behind the speaker's name; Slack's own clients say the same."""

_STATES: Final = {
    ThreadState.ACTIVE: "active",
    ThreadState.BUSY: "processing",
    ThreadState.PAUSED: "suspended",
    ThreadState.CLOSED: "closed",
}
_NEVER: Final = frozenset(
    {
        "access_denied",
        "feature_not_enabled",
        "invalid_arguments",
        "missing_scope",
        "not_allowed_token_type",
        "not_an_agent",
        "unknown_method",
    }
)


class Agent:
    """Shows what a session is doing."""

    def __init__(self, api: Api, abilities: Abilities, specs: tuple[CommandSpec, ...]) -> None:
        self._api = api
        self._abilities = abilities
        self._specs = specs
        self._busy: set[tuple[str, str, str]] = set()

    async def typing(self, here: Spot, speaker: Speaker) -> None:
        """Show that somebody is about to write, with Slack's own Stop where it has one."""
        if not here.root:
            return
        name, picture = speaker.name or None, picture_of(speaker)
        done = await self._tried(
            here,
            SESSIONS,
            lambda client: client.agents_sessions_setStatus(
                channel_id=here.channel,
                thread_ts=here.root,
                status="processing",
                username=name,
                icon_url=picture,
            ),
        )
        if done:
            self._busy.add((here.tenant, here.channel, here.root))
            return
        await self._tried(
            here,
            STATUS,
            lambda client: client.assistant_threads_setStatus(
                channel_id=here.channel,
                thread_ts=here.root,
                status=TYPING,
                username=name,
                icon_url=picture,
            ),
        )

    async def wrote(self, here: Spot) -> None:
        """Nobody is about to write any more."""
        place = (here.tenant, here.channel, here.root)
        if place in self._busy:
            self._busy.discard(place)
            await self.mark(here, title=None, state=ThreadState.ACTIVE)

    async def mark(self, here: Spot, *, title: str | None, state: ThreadState | None) -> None:
        """Show a title or state."""
        if not here.root:
            return
        short = title[:STATUS_TITLE] if title else None
        if state is None:
            if short:
                await self._tried(
                    here,
                    SESSIONS,
                    lambda client: client.agents_sessions_rename(
                        channel_id=here.channel, thread_ts=here.root, title=short
                    ),
                )
            return
        await self._tried(
            here,
            SESSIONS,
            lambda client: client.agents_sessions_setStatus(
                channel_id=here.channel,
                thread_ts=here.root,
                status=_STATES[state],
                title=short,
            ),
        )

    async def offer(self, here: Spot) -> None:
        """Offer commands that can be called as they are."""
        bare = [one for one in self._specs if not one.roles]
        bare = [one for one in bare if all(option.optional for option in one.options)]
        prompts = [
            {"title": one.summary[:PROMPT_TITLE], "message": f"!{one.name}"}
            for one in bare[-PROMPTS:]
        ]
        if prompts:
            await self._tried(
                here,
                STATUS,
                lambda client: client.assistant_threads_setSuggestedPrompts(
                    channel_id=here.channel,
                    thread_ts=here.root or None,
                    title=f"/{ROOT}",
                    prompts=prompts,
                ),
            )

    async def _tried(self, here: Spot, ability: str, call: Call) -> bool:
        if not self._abilities.can(here.tenant, ability):
            return False
        try:
            await self._api.call(here.tenant, call)
        except ApiError as error:
            if error.code in _NEVER:
                self._abilities.cannot(here.tenant, ability)
            return False
        except AdapterError:
            return False
        return True
