"""Files both ways: uploads that a message then shows, and what somebody sent."""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from adapters.errors import Gone, NotRunning, PlatformDown, RateLimited, Refused, TooLarge, Unknown
from adapters.messages import File
from adapters.refs import FileRef
from adapters.slack.api import Api, Json
from adapters.slack.installs import Installs
from adapters.slack.limits import ALT, PLATFORM, UPLOAD
from adapters.slack.places import file_ref
from adapters.slack.render import Part, with_uploads

HOSTS: Final = frozenset({"files.slack.com", "slack-files.com"})
_PIECE: Final = 64 * 1024
_LATER: Final = (500, 502, 503, 504)


class Files:
    """Uploads and downloads. `own` is a host that stands in for Slack, where one is set."""

    def __init__(self, api: Api, installs: Installs, own: str = "") -> None:
        self._api = api
        self._installs = installs
        self._hosts = HOSTS | ({own} if own else set())

    async def uploaded(self, tenant: str, part: Part) -> list[dict[str, object]]:
        """The part's blocks, with what it shows uploaded. Nobody sees that before the message.

        Raises ApiError, or as `Api.call`.
        """
        if not part.files:
            return list(part.blocks)
        ids: list[str] = []
        links: list[str] = []
        for file in part.files:
            found = await self._upload(tenant, file)
            ids.append(str(found.get("id", "")))
            links.append(str(found.get("permalink", "")))
        blocks = with_uploads(part.blocks, ids, links)
        return list(blocks)

    async def _upload(self, tenant: str, file: File) -> Json:
        answer = await self._api.call(
            tenant,
            lambda client: client.files_upload_v2(
                filename=file.name, content=file.content, title=file.name, alt_txt=file.name[:ALT]
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
