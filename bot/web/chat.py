"""The WebSocket of a session."""

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from bot.observability import METRICS, correlated
from bot.web.answers import error_frame
from bot.web.connection import Connection
from bot.web.context import Running, Who, seen
from bot.web.follower import Follower
from bot.web.problems import EXPECTED

log = structlog.get_logger(__name__)

router = APIRouter()

_NO_SESSION = 4404
_TRY_LATER = 1013


@router.websocket("/chat/{session_id}")
async def chat(socket: WebSocket, app: Running, who: Who, session_id: str) -> None:
    """Talk to the people of a session and see what happens in it, as it happens."""
    await socket.accept()
    try:
        follower = await Follower.at_end(app.services, await seen(app, who, session_id))
    except EXPECTED as error:
        frame = error_frame(error)
        try:
            await socket.send_text(frame.encoded())
            again = bool(frame.metadata["retryable"])
            await socket.close(_TRY_LATER if again else _NO_SESSION)
        except WebSocketDisconnect:
            pass  # It has gone already; nobody is left to be told.
        return
    with correlated(session_id=session_id), METRICS.connections.track_inprogress():
        log.info("connected")
        await Connection(app, socket.app.state.kept, socket, follower, who).run()
        log.info("disconnected")
