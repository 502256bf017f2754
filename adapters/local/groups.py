"""The groups of people here: one for each role that can do more than a trainee."""

from collections.abc import Mapping
from typing import Final

from adapters.local.limits import PLATFORM, WORKSPACE
from adapters.refs import GroupRef

GROUPS: Final[Mapping[str, str]] = {"instructors": "instructor", "admins": "admin"}
"""The role that everybody in a group has."""


def groups_of(role: str) -> tuple[GroupRef, ...]:
    """The groups that a role puts somebody in."""
    return tuple(
        GroupRef(PLATFORM, WORKSPACE, group) for group, wanted in GROUPS.items() if wanted == role
    )
