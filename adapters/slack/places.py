"""Slack's addresses as ours, and back. Pure; the only place that knows how a key is written."""

from dataclasses import dataclass
from typing import Final

from adapters.errors import Refused
from adapters.port import FileRef, GroupRef, MessageRef, ThreadRef, UserRef
from adapters.slack.limits import PLATFORM

SEPARATOR: Final = ":"

WHISPER: Final = "whisper"
"""How the ids of whispers begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where something stands: the tenant, the channel, and the root of the thread or nothing."""

    tenant: str
    channel: str
    root: str = ""

    @property
    def is_dm(self) -> bool:
        """Whether this is a direct message."""
        return self.channel.startswith("D")


def thread_ref(tenant: str, channel: str, root: str = "") -> ThreadRef:
    """The address of a thread, or of the channel itself; `spot` undoes it."""
    return ThreadRef(PLATFORM, tenant, SEPARATOR.join((tenant, channel, root)))


def spot(thread: ThreadRef) -> Spot:
    """Where a thread is.

    Raises:
        Refused: it is no thread of Slack's.
    """
    if thread.platform != PLATFORM:
        raise Refused("foreign_ref")
    parts = thread.key.split(SEPARATOR)
    if len(parts) != 3 or not parts[1]:
        raise Refused("no_thread")
    tenant, channel, root = parts
    return Spot(tenant=tenant, channel=channel, root=root)


def user_ref(tenant: str, id_: str) -> UserRef:
    """An account. Tenant and id together are unique, also where channels are shared."""
    return UserRef(PLATFORM, tenant, id_)


def group_ref(tenant: str, id_: str) -> GroupRef:
    """A user group."""
    return GroupRef(PLATFORM, tenant, id_)


def message_ref(thread: ThreadRef, *stamps: str) -> MessageRef:
    """A message, of one part or several."""
    return MessageRef(thread, ",".join(stamps))


def whisper_ref(thread: ThreadRef, user: str, stamp: str) -> MessageRef:
    """A message that one person saw alone; Slack lets nobody find it."""
    return MessageRef(thread, f"{WHISPER}:{user}:{stamp}")


def whispered_to(ref: MessageRef) -> str:
    """Who saw a message alone; empty for one that everybody sees."""
    mark, _, rest = ref.id.partition(":")
    return rest.partition(":")[0] if mark == WHISPER else ""


def stamps(ref: MessageRef) -> list[str]:
    """The time stamps of a message's parts."""
    return ref.id.split(",")


def file_ref(tenant: str, file: dict[str, object]) -> FileRef:
    """A file in a payload. All but the id is the sender's claim."""
    size = file.get("size")
    return FileRef(
        platform=PLATFORM,
        workspace=tenant,
        id=str(file.get("id", "")),
        name=str(file.get("name") or file.get("title") or "file"),
        media_type=str(file.get("mimetype") or "application/octet-stream"),
        size=size if isinstance(size, int) else None,
        locator=str(file.get("url_private_download") or file.get("url_private") or ""),
    )
