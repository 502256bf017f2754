"""Every table there is, for comparing them with what the revisions make."""

import importlib
import pkgutil

from sqlalchemy import MetaData

import adapters
from bot.store import followups as _followups  # noqa: F401 - its tables join those of bot
from bot.store import queues as _queues  # noqa: F401 - its tables join those of bot
from bot.store import tables as application
from engine.store import model_tables as _model_tables  # noqa: F401 - its tables join the engine's
from engine.store import tables as engine


def every_metadata() -> list[MetaData]:
    """The tables of the engine, the application and the kits."""
    return [engine.Base.metadata, application.Base.metadata, *_of_kits()]


def _of_kits() -> list[MetaData]:
    kits = (
        getattr(importlib.import_module(f"adapters.{module.name}"), "KIT", None)
        for module in pkgutil.iter_modules(adapters.__path__)
        if module.ispkg
    )
    return [kit.tables for kit in kits if kit is not None and kit.tables is not None]
