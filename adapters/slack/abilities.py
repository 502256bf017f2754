"""What each workspace lets us do: told by its scopes, or learnt from a refusal."""

from collections import defaultdict
from dataclasses import replace
from typing import Any, Final

from adapters.messages import Speaker
from adapters.slack.installs import Install
from adapters.slack.render import Look, Part, without_names
from adapters.slack.richtext import verbatim

NAMES, FILES, PICTURES, CHARTS, TABLES = "names", "files", "pictures", "charts", "tables"
STREAMS, CHANNEL_STREAMS, SESSIONS, STATUS = "streams", "channel_streams", "sessions", "status"

CUSTOMISE: Final = "chat:write.customize"
UPLOADS: Final = "files:write"

_BAD_BLOCKS: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_arguments"})
_NOT_GRANTED: Final = frozenset(
    {"missing_scope", "not_allowed_token_type", "file_uploads_disabled"}
)


class Abilities:
    """Remembers for each tenant what does not work there."""

    def __init__(self) -> None:
        self._lacks: dict[str, set[str]] = defaultdict(set)

    def can(self, tenant: str, ability: str) -> bool:
        """Whether something may work."""
        return ability not in self._lacks[tenant]

    def cannot(self, tenant: str, ability: str) -> None:
        """It does not work; it is not tried again in this process."""
        self._lacks[tenant].add(ability)

    def look(self, install: Install) -> Look:
        """How messages look there."""
        lacks = self._lacks[install.tenant]
        return Look(
            names=install.may(CUSTOMISE) and NAMES not in lacks,
            files=install.may(UPLOADS) and FILES not in lacks,
            charts=CHARTS not in lacks,
            tables=TABLES not in lacks,
        )

    def fitting(self, tenant: str, part: Part) -> Part:
        """The part without what was found not to work since it was rendered."""
        lacks = self._lacks[tenant]
        if CHARTS in lacks:
            part = _without(part, "data_visualization")
        if TABLES in lacks:
            drawn = tuple(_as_text(one) if one["type"] == "table" else one for one in part.blocks)
            part = replace(part, blocks=drawn)
        if NAMES in lacks and part.speaker.name:
            part = without_names(part)
        return told(part) if FILES in lacks else part

    def less(self, tenant: str, code: str, part: Part) -> bool:
        """Learn from a refusal; whether the part is worth another try with less in it."""
        kinds = {one["type"] for one in part.blocks}
        if code in _BAD_BLOCKS and "data_visualization" in kinds:
            return self._learnt(tenant, CHARTS)
        if code in _BAD_BLOCKS and "table" in kinds:
            return self._learnt(tenant, TABLES)
        if code in _NOT_GRANTED and part.files:
            return self._learnt(tenant, FILES)
        if code in _NOT_GRANTED and part.speaker != Speaker(""):
            return self._learnt(tenant, NAMES)
        return False

    def _learnt(self, tenant: str, ability: str) -> bool:
        self.cannot(tenant, ability)
        return True


def told(part: Part) -> Part:
    """The part with its pictures in words and its files by name."""
    if not part.files:
        return part
    return replace(part, blocks=tuple(_named(one, part) for one in part.blocks), files=())


def _without(part: Part, kind: str) -> Part:
    return replace(part, blocks=tuple(one for one in part.blocks if one["type"] != kind))


def _as_text(block: dict[str, Any]) -> dict[str, Any]:
    lines = ["  ".join(cell["text"] for cell in row) for row in block["rows"]]
    return verbatim("\n".join(lines))


def _named(block: dict[str, Any], part: Part) -> dict[str, Any]:
    """What stands for a picture or file that may not be uploaded."""
    if block["type"] == "image":
        title = (block.get("title") or {}).get("text", "")
        return verbatim("\n".join(one for one in (title, f"[{block['alt_text']}]") if one))
    if '"upload:' in repr(block).replace("'", '"'):
        names = ", ".join(file.name for file in part.files)
        return verbatim(f"[{names}]")
    return block
