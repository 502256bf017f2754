"""A new folder of an author's, written whole or not at all."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.importers.values import slug

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def id_for(folder: Path) -> str:
    """The id that a scenario in a folder gets: the folder's name, as far as it can be one."""
    return slug(folder.resolve().name, "my-scenario")


def require_free(folder: Path) -> None:
    """Refuse a place where something is already; an empty folder may be filled.

    Raises:
        ValueError: something is there; the text says what to do.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ValueError(f"{folder} is there already and no folder: name another one")
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(f"{folder} is there already, and is left as it is: name another folder")


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by their path inside it with `/`, into a folder that is new or empty.

    They are made beside it and moved there together, so that nothing is half written.

    Raises:
        ValueError: something is there already, or the place cannot be written.
    """
    require_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as scratch:
            made = Path(scratch) / "made"
            for name, content in files.items():
                _write(made, name, content)
            if folder.is_dir():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ValueError(f"{folder} cannot be written ({why}): name another folder") from None


def _write(made: Path, name: str, content: bytes) -> None:
    if not all(_NAME.fullmatch(part) and part.strip(".") for part in name.split("/")):
        raise ValueError(f"{name!r} is no name for a file")
    file = made.joinpath(*name.split("/"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
