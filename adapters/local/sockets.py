"""The live stream of the page."""

import asyncio
import json
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from adapters.errors import DeliveryFailed, NotRunning, PlatformDown
from adapters.local import parse
from adapters.local.access import NoAccess
from adapters.local.doorkeeper import Doorkeeper
from adapters.local.live import Feed, Follower
from adapters.local.parse import BadRequest
from adapters.local.rows import Person

AGAIN: Final = 1013
"""Come back later, with the last number you have."""

LOGIN_NEEDED: Final = 4401
_CLOSED: Final = {"slow": AGAIN, "restart": 1012, "signed_out": LOGIN_NEEDED}


class Sockets:
    """Tells browsers what changes."""

    def __init__(self, feed: Feed, door: Doorkeeper) -> None:
        self._feed = feed
        self._door = door

    async def live(self, socket: WebSocket) -> None:
        """Everything that changes, for as long as somebody looks."""
        try:
            me = await self._door.who(socket)
            after = parse.number(socket.query_params.get("after"), "after")
        except (NoAccess, BadRequest):
            await socket.close(LOGIN_NEEDED)
        except (NotRunning, PlatformDown, DeliveryFailed):
            await socket.close(AGAIN)
        else:
            await socket.accept()
            await self._follow(socket, me, after)

    async def _follow(self, socket: WebSocket, me: Person, after: int | None) -> None:
        async with self._feed.following(me.id, after, self._door.key(socket)) as follower:
            hearing = asyncio.create_task(_hear(socket, follower))
            try:
                async for frame in self._feed.frames(follower, after):
                    await socket.send_text(json.dumps(frame))
                if follower.gone != "left":
                    await socket.close(_CLOSED.get(follower.gone, 1000))
            except (WebSocketDisconnect, RuntimeError):
                pass  # it went while it was told something
            except (PlatformDown, DeliveryFailed):
                await socket.close(AGAIN)
            finally:
                hearing.cancel()
                await asyncio.wait({hearing})


async def _hear(socket: WebSocket, follower: Follower) -> None:
    """Notice when a browser goes; what it says is only a sign of life."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            follower.leave("left")
            return
