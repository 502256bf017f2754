"""Logs and metrics without content: ids, codes and numbers, never what anybody said.

Exceptions are logged as types and places. Their texts are left out, for a library's text may quote
what it was given.
"""

import logging
import sys
import traceback
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, TextIO

import orjson
import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

OURS: Final = ("bot", "engine", "adapters")
log = structlog.get_logger(__name__)

_FOREIGN_LENGTH: Final = 200
_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)


def configure(level: str, *, stream: TextIO | None = None, tty: bool | None = None) -> None:
    """Send every log line of the process to `stream`, by default stderr: one JSON object a line.

    A terminal gets readable lines instead. Other libraries are heard from warnings on, whatever
    `level` says: at lower levels they print what passes through them.
    """
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(readable=out.isatty() if tty is None else tty))
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # A tick that is still busy when the next is due is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(wanted, logging.INFO))
    # Requests are logged at our border, by route instead of by address.
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def correlated(**ids: str) -> Generator[None]:
    """Every log line inside the block, and in tasks started there, carries these ids."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def report(error: BaseException) -> None:
    """Log a bug: an exception that nobody expected."""
    # Not as `exc_info`: what a logger that was never configured makes of it shows local variables.
    log.error("bug", kind=type(error).__name__, exception=places_of(error))


def places_of(error: BaseException) -> str:
    """An exception and what led to it as types and places, without their texts."""
    told = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        told.append("\n".join([type(current).__name__, *lines]))
        if isinstance(current, BaseExceptionGroup):
            told += [places_of(inner) for inner in current.exceptions]
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return "\n".join(told)


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, readable: bool) -> logging.Formatter:
    renderer: structlog.typing.Processor
    if readable:
        renderer = structlog.dev.ConsoleRenderer(colors=True)
    else:
        renderer = structlog.processors.JSONRenderer(serializer=_json)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), _shortened],
        processors=[
            _without_words,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
    )


def _json(line: Mapping[str, Any], **_options: object) -> str:
    return orjson.dumps(line, default=lambda value: type(value).__name__).decode()


def _is_wanted(record: logging.LogRecord) -> bool:
    # uvicorn tells the address of each WebSocket, with whatever was put into its query.
    return not (record.name.startswith("uvicorn") and '"WebSocket' in str(record.msg))


def _shortened(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Of what a library says, its first line: asyncio and others print values in the next ones."""
    line["event"] = str(line["event"]).partition("\n")[0][:_FOREIGN_LENGTH]
    return line


def _without_words(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Put types and places of an exception in the place of its traceback."""
    line.pop("stack_info", None)
    given = line.pop("exc_info", None)
    record = line.get("_record")
    if given is None and isinstance(record, logging.LogRecord):
        given = record.exc_info
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["exception"] = places_of(error)
    return line


class Metrics:
    """What is counted. Labels are ids and names of ours, so their number is bounded."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.turn_seconds = Histogram(
            "dressrun_turn_seconds",
            "From a trainee's message to its stored reply.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.turns = Counter("dressrun_turns", "Turns.", ["result"], registry=registry)
        self.started = Counter(
            "dressrun_sessions_started", "Sessions begun.", ["scenario"], registry=registry
        )
        self.ended = Counter(
            "dressrun_sessions_ended", "Sessions over.", ["status"], registry=registry
        )
        self.errors = Counter(
            "dressrun_errors", "Failures that people were told.", ["code"], registry=registry
        )
        self.requests = Histogram(
            "dressrun_request_seconds",
            "HTTP requests.",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.connections = Gauge(
            "dressrun_chat_connections", "Open WebSocket connections.", registry=registry
        )
        self.stores = Gauge(
            "dressrun_database_stores",
            "1 while what is written is stored; 0 from a failure until something could be.",
            registry=registry,
        )
        self._for_delivery(registry)

    def _for_delivery(self, registry: CollectorRegistry) -> None:
        self.model_failures = Counter(
            "dressrun_model_failures",
            "Models that gave no answer, and why.",
            ["model", "reason"],
            registry=registry,
        )
        self.cache_missed = Counter(
            "dressrun_model_cache_missed",
            "Answers whose prompt came from the provider's cache too little.",
            ["model"],
            registry=registry,
        )
        self.budget_crossings = Counter(
            "dressrun_budget_crossings",
            "Budgets whose warning, alert or end was reached.",
            ["scope", "level"],
            registry=registry,
        )
        self._for_standing(registry)

    def _for_standing(self, registry: CollectorRegistry) -> None:
        self.late = Gauge(
            "dressrun_delivery_oldest_seconds",
            "For how long the oldest is due that is to be handled, or shown.",
            ["what"],
            registry=registry,
        )
        self.queued = Gauge(
            "dressrun_delivery_waiting",
            "How many events are to be handled, messages to be shown.",
            ["what"],
            registry=registry,
        )
        self.dead = Gauge(
            "dressrun_delivery_dead", "Events and messages that were given up.", registry=registry
        )
        self.held = Gauge(
            "dressrun_delivery_lease_seconds",
            "For how long the longest lane is worked on.",
            registry=registry,
        )
        self.processes = Gauge(
            "dressrun_delivery_processes", "Processes that take work.", registry=registry
        )
        self.unheard = Gauge(
            "dressrun_delivery_heartbeat_seconds",
            "For how long a process was not heard of, at most.",
            registry=registry,
        )

    def page(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


METRICS: Final = Metrics(CollectorRegistry())
"""The figures of this process."""
