"""Every platform there is, found by scanning this folder for packages with a `KIT`."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from adapters.kit import PlatformKit


@cache
def kits() -> Mapping[str, PlatformKit]:
    """Each kit by its platform's name."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.ispkg:
            package = importlib.import_module(f"adapters.{module.name}")
            kit = getattr(package, "KIT", None)
            if isinstance(kit, PlatformKit):
                found[str(kit.name)] = kit
    return found
