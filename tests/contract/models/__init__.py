"""A rig is a real model over a stand-in for its vendor. Rigs are found by name.

Each module here has the name of a model and a `RIG`.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

from engine.llm.port import Model


class ModelRig(ABC):
    """What the contract needs from a model."""

    exact: bool = True
    """Whether the same prompt gets the same answer."""

    @abstractmethod
    def running(self) -> AbstractAsyncContextManager[Model]:
        """The model, ready; what it holds is freed at the end of the block."""


def found() -> dict[str, type[ModelRig]]:
    """Every rig, by the name of its model."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}").RIG
        for module in pkgutil.iter_modules(__path__)
    }
