"""Pictures of characters for whoever cannot log in, such as the servers of a chat platform.

The address of a portrait holds a digest of the picture itself. Nobody can make it up who has not
seen the picture, so it needs no secret, and it is the same from every process.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from engine.catalog import Catalog
from engine.errors import UnknownMedia

PATH: Final = "/api/portraits"
_LENGTH: Final = 32  # hexadecimal digits: 128 bits


def address(catalog: Catalog, scenario_id: str, filename: str) -> str:
    """The path of a portrait, with its proof.

    Raises:
        UnknownScenario, UnknownMedia: as `found`.
    """
    file = found(catalog, scenario_id, filename)
    return f"{PATH}/{scenario_id}/{proof_of(file)}/{filename}"


def found(catalog: Catalog, scenario_id: str, filename: str) -> Path:
    """A portrait's file; nothing else that belongs to a scenario.

    Raises:
        UnknownScenario: there is no such scenario.
        UnknownMedia: it is no picture of one of its characters, or is not there.
    """
    scenario = catalog.get(scenario_id)
    if filename not in {one.picture for one in scenario.personas.values()}:
        raise UnknownMedia(scenario_id)
    return catalog.media(scenario_id, filename)


def proof_of(file: Path) -> str:
    """What shows that somebody was given a file's address."""
    state = file.stat()
    return _digest(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1000)
def _digest(file: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:_LENGTH]
