"""Who somebody is, and who is in a channel or group."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.clock import Clock
from adapters.port import GroupRef, Profile, UserRef
from adapters.slack.api import Api, ApiError, translated
from adapters.slack.limits import PAGE
from adapters.slack.places import Spot, group_ref, user_ref

Json = Mapping[str, Any]

REMEMBERED: Final = timedelta(minutes=10)
_UNKNOWN: Final = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
_NO_GROUP: Final = frozenset(
    {"no_such_subteam", "subteam_not_found", "missing_scope", "plan_upgrade_required"}
)
_SLACKBOT: Final = "USLACKBOT"
_MOST: Final = 5000


class People:
    """Looks people up, and remembers them for a while."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._held: dict[tuple[str, str], tuple[datetime, Json]] = {}
        self._groups: dict[str, tuple[datetime, tuple[Json, ...]]] = {}

    async def profile(self, user: UserRef) -> Profile:
        """What Slack tells about somebody."""
        found = await self._user(user.workspace, user.id)
        if not found:
            return Profile(name=user.id)
        told = found.get("profile") or {}
        name = told.get("display_name") or told.get("real_name") or found.get("real_name")
        picture = str(told.get("image_192") or told.get("image_72") or "")
        return Profile(
            name=str(name or found.get("name") or user.id),
            picture=picture if picture.startswith("https://") else None,
            time_zone=str(found["tz"]) if found.get("tz") else None,
            locale=str(found["locale"]) if found.get("locale") else None,
            groups=await self._groups_of(user),
        )

    async def in_channel(self, here: Spot, own: str) -> AsyncIterator[UserRef]:
        """The people in a channel; bots are left out."""
        cursor = ""
        while True:
            page = await self._page(here, cursor)
            for id_ in page.get("members") or ():
                if id_ in (own, _SLACKBOT) or (await self._user(here.tenant, id_)).get("is_bot"):
                    continue
                yield user_ref(here.tenant, id_)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _page(self, here: Spot, cursor: str) -> Json:
        return await self._api.ask(
            here.tenant,
            lambda client: client.conversations_members(
                channel=here.channel, limit=PAGE, cursor=cursor or None
            ),
        )

    async def in_group(self, group: GroupRef) -> AsyncIterator[UserRef]:
        """The people in a user group; none in one that there is not."""
        try:
            found = await self._api.call(
                group.workspace, lambda client: client.usergroups_users_list(usergroup=group.id)
            )
        except ApiError as error:
            if error.code in _NO_GROUP:
                return
            raise translated(error) from None
        for id_ in found.get("users") or ():
            yield user_ref(group.workspace, str(id_))

    async def _user(self, tenant: str, id_: str) -> Json:
        held = self._held.get((tenant, id_))
        if held is not None and held[0] > self._clock.now():
            return held[1]
        try:
            answer = await self._api.call(
                tenant, lambda client: client.users_info(user=id_, include_locale=True)
            )
            found: Json = answer.get("user") or {}
        except ApiError as error:
            if error.code not in _UNKNOWN:
                raise translated(error) from None
            found = {}
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[tenant, id_] = (self._clock.now() + REMEMBERED, found)
        return found

    async def _groups_of(self, user: UserRef) -> tuple[GroupRef, ...]:
        held = self._groups.get(user.workspace)
        if held is None or held[0] <= self._clock.now():
            try:
                answer = await self._api.call(
                    user.workspace, lambda client: client.usergroups_list(include_users=True)
                )
                found = tuple(answer.get("usergroups") or ())
            except ApiError:
                found = ()  # Without the scope nobody is in any group.
            held = (self._clock.now() + REMEMBERED, found)
            self._groups[user.workspace] = held
        return tuple(
            group_ref(user.workspace, str(one["id"]))
            for one in held[1]
            if user.id in (one.get("users") or ())
        )
