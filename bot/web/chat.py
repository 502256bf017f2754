"""The WebSocket of one session: a cursor over its log, and a person's words on their way in."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from bot import people
from bot.commands import REGISTRY
from bot.observability import METRICS, correlated
from bot.store.database import StoreAway
from bot.web import callers
from bot.web.connection import Connection
from bot.web.context import app_of, session_id_of, turns_of
from bot.web.follower import Follower
from bot.web.frames import Frame
from bot.web.problems import EXPECTED
from bot.web.words import told

log = structlog.get_logger(__name__)

router = APIRouter()
