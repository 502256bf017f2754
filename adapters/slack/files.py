"""Files both ways: uploads that a message then shows, and what somebody sent."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from adapters.clock import Clock
from adapters.errors import Gone, NotRunning, PlatformDown, RateLimited, Refused, TooLarge, Unknown
from adapters.lately import Lately
from adapters.messages import File
from adapters.refs import FileRef
from adapters.slack.api import Api, Json
from adapters.slack.installs import Installs
from adapters.slack.limits import PLATFORM, UPLOAD
from adapters.slack.places import Spot, file_ref
from adapters.slack.render import Part, with_uploads

HOSTS: Final = frozenset({"files.slack.com", "slack-files.com"})
_PIECE: Final = 64 * 1024
_LATER: Final = (500, 502, 503, 504)

SETTLING: Final = timedelta(seconds=15)
"""So long Slack may take to read a picture that was uploaded, and refuses messages with it."""

SOON: Final = 1.0
"""Seconds until such a message is tried again."""

UNREADABLE: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "file_not_found"})
"""What Slack says of a message with a file that it has not read yet, or does not have any more."""

_REMEMBERED: Final = 1000


@dataclass(slots=True)
class _Upload:
    """What was uploaded. `shown`: it was seen in a message, so Slack has read it."""

    id: str
    link: str
    at: datetime
    shown: bool = False


class Files:
    """Uploads and downloads. `own` is a host that stands in for Slack, where one is set."""

    def __init__(self, api: Api, installs: Installs, clock: Clock, own: str = "") -> None:
        self._api = api
        self._installs = installs
        self._clock = clock
        self._hosts = HOSTS | ({own} if own else set())
        self._uploads: Lately[tuple[str, ...], _Upload] = Lately(_REMEMBERED)

    async def uploaded(self, here: Spot, part: Part) -> list[dict[str, object]]:
        """The part's blocks, with what it shows uploaded. Nobody sees that before the message.

        The same file is uploaded once for each channel: people elsewhere have no part in it.
        Raises ApiError, or as `Api.call`.
        """
        found = [await self._kept(here, file) for file in part.files]
        ids, links = [one.id for one in found], [one.link for one in found]
        return list(with_uploads(part.blocks, ids, links))

    def shown(self, here: Spot, part: Part) -> None:
        """A message shows the part's files."""
        for file in part.files:
            if (known := self._uploads.get(_name(here, file))) is not None:
                known.shown = True

    def anew(self, here: Spot, part: Part, code: str) -> bool:
        """Whether a part that was refused is worth another try with its files uploaded again.

        Raises:
            RateLimited: Slack may still be reading what was uploaded.
        """
        if code not in UNREADABLE:
            return False
        again = False
        for file in part.files:
            name = _name(here, file)
            known = self._uploads.get(name)
            if known is not None and known.shown:  # it was deleted since
                self._uploads.drop(name)
                again = True
            elif known is not None and self._clock.now() - known.at < SETTLING:
                raise RateLimited(SOON)
        return again

    async def _kept(self, here: Spot, file: File) -> _Upload:
        name = _name(here, file)
        known = self._uploads.get(name)
        if known is None:
            found = await self._upload(here.tenant, file)
            id_, link = str(found.get("id", "")), str(found.get("permalink", ""))
            known = _Upload(id_, link, self._clock.now())
            self._uploads.put(name, known)
        return known

    async def _upload(self, tenant: str, file: File) -> Json:
        # Without `alt_txt`: with it Slack says yes and shares nothing. Blocks have their own.
        answer = await self._api.call(
            tenant,
            lambda client: client.files_upload_v2(
                filename=file.name, content=file.content, title=file.name
            ),
        )
        [found] = answer.get("files") or [{}]
        return dict(found)

    async def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """What somebody sent, while it is not too large."""
        session = self._api.session
        if session is None:
            raise NotRunning
        if file.platform != PLATFORM:
            raise Refused("foreign_ref")
        install = await self._installs.of(file.workspace)
        url = file.locator or await self._address(file)
        parts = urlsplit(url)
        secure = parts.scheme == "https" or parts.netloc in self._hosts - HOSTS
        if parts.netloc not in self._hosts or not secure:
            raise Refused("foreign_host")
        headers = {"Authorization": f"Bearer {install.token}"}
        left = UPLOAD
        try:
            # A redirect leads to a page to log in, and would take our token along.
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                _check(answer, file)
                async for piece in answer.content.iter_chunked(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise TooLarge(UPLOAD)
                    yield piece
        except aiohttp.ClientConnectorError:
            raise PlatformDown("connect") from None
        except (aiohttp.ClientError, TimeoutError):
            raise Unknown("cut") from None

    async def _address(self, file: FileRef) -> str:
        """The address of a file that Slack Connect sends without one."""
        found = await self._api.ask(file.workspace, lambda client: client.files_info(file=file.id))
        return file_ref(file.workspace, dict(found.get("file") or {})).locator


def _name(here: Spot, file: File) -> tuple[str, ...]:
    return here.tenant, here.channel, file.name, hashlib.sha256(file.content).hexdigest()


def _check(answer: aiohttp.ClientResponse, file: FileRef) -> None:
    if answer.status == 429:
        raise RateLimited(float(answer.headers.get("Retry-After", 1)))
    if answer.status in _LATER:
        raise PlatformDown("files")
    if answer.status in (404, 410):
        raise Gone("file")
    page = answer.content_type == "text/html" and file.media_type != "text/html"
    if answer.status != 200 or page:
        raise Refused("not_granted")
