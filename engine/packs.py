"""Packs: a scenario's folder as one zip file that can be shared. Unpacked without trusting it."""

import re
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from engine import loader
from engine.errors import PackRefused

MAX_FILES = 200
MAX_BYTES = 200_000_000
_CHUNK = 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
"""What a damaged, encrypted or hostile file makes `zipfile` raise."""

_NAME = re.compile(r"(?:scenario\.yaml|examples\.yaml|media/[A-Za-z0-9][A-Za-z0-9._-]{0,119})")


def unpack(pack: Path, into: Path) -> Path:
    """Unpack a scenario into `into/<its id>` and say where; a complete folder, or none at all.

    Raises:
        PackRefused: it is no such pack, is too large, holds a file with a path of its own, holds a
            scenario with errors, or one that is there already.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".unpacking-") as scratch:
        folder = Path(scratch) / "scenario"
        try:
            with zipfile.ZipFile(pack) as opened:
                _extract(opened, folder)
        except _UNREADABLE as error:
            raise PackRefused((f"cannot be read as a zip file: {type(error).__name__}",)) from None
        loaded = loader.load(folder)
        if loaded.scenario is None or not loaded.ok:
            raise PackRefused(tuple(map(str, loaded.problems)))
        target = into / loaded.scenario.id
        try:
            folder.rename(target)
        except OSError:
            raise PackRefused((f"there is a folder {target.name} already",)) from None
    return target


def _extract(opened: zipfile.ZipFile, folder: Path) -> None:
    members = [one for one in opened.infolist() if not one.is_dir()]
    if len(members) > MAX_FILES:
        raise PackRefused((f"more than {MAX_FILES} files",))
    left = MAX_BYTES
    for member, name in zip(members, _names(members), strict=True):
        if stat.S_ISLNK(member.external_attr >> 16) or member.compress_type not in _METHODS:
            raise PackRefused((f"{name} is a link, or packed in an unusual way",))
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        left = _copy(opened, member, target, left)


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """The files' names inside the scenario's folder, which the pack may hold or be."""
    names = [member.filename for member in members]
    tops = {PurePosixPath(name).parts[0] for name in names if PurePosixPath(name).parts}
    if len(tops) == 1 and loader.FILE not in tops:
        names = [name.partition("/")[2] for name in names]
    for name in names:
        if not _NAME.fullmatch(name):
            raise PackRefused(("holds more than scenario.yaml, examples.yaml and media/",))
    if len(set(names)) != len(names):
        raise PackRefused(("holds a file twice",))
    return names


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one file; what is left of the allowance. What a header claims is not believed."""
    with opened.open(member) as source, target.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise PackRefused((f"larger than {MAX_BYTES // 1_000_000} MB",))
            sink.write(chunk)
    return left
