"""One client of a session: what it sends, what it is shown."""

import asyncio
from uuid import uuid4

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from adapters.commands import typed
from bot.access import require
from bot import people
from bot.commands import REGISTRY
from bot.dialogue import Answered
from bot.effects import OpenThread, Post, Whisper
from bot.observability import METRICS
from bot.people import Person
from bot.things import session_thing
from bot.web import callers, commands, scene
from bot.web.follower import Follower
from bot.web.frames import Frame, Metadata, Received, parsed
from bot.web.sessions import evaluated, notice
from bot.web.shapes import CommandCall
from bot.web.turns import Arrived, Turns
from bot.web.words import BadFrame, told, words_of
from bot.web.problems import EXPECTED
from bot.wiring import App
from engine.casting import opening_of
from engine.director import phase_named
from engine.errors import EmptyMessage, MessageTooLong
from engine.events import Ended
from engine.words import clean
