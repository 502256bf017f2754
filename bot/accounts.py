"""By which account somebody is written to."""

from collections.abc import Collection

from sqlalchemy import select

from adapters.port import Platform, UserRef
from bot import people
from bot.store.tables import IdentityRow, MembershipRow, WorkspaceRow
from engine.store import Transaction


async def staff_of(tx: Transaction, workspace: str, admins: Collection[str]) -> list[str]:
    """The people who look after a workspace: its instructors and admins, and who is set as one."""
    looks_after = MembershipRow.role.in_(("instructor", "admin"))
    held = select(MembershipRow.person_id).where(
        MembershipRow.workspace_id == workspace, looks_after
    )
    found = set(await tx.scalars(held))
    where = await tx.get(WorkspaceRow, workspace)
    named = [one.partition(":")[2] for one in admins if where and one.startswith(where.platform)]
    if where is not None and named:
        accounts = select(IdentityRow.person_id).where(
            IdentityRow.platform == where.platform,
            IdentityRow.workspace == where.external_id,
            IdentityRow.user_id.in_(named),
        )
        found |= set(await tx.scalars(accounts))
    return sorted(found)


async def account_in(tx: Transaction, person: str, workspace: str) -> UserRef | None:
    """A person's account in a workspace; None where they have none there."""
    where = await tx.get(WorkspaceRow, workspace)
    if where is None:
        return None
    for one in await people.identities(tx, person):
        if (one.platform, one.workspace) == (where.platform, where.external_id):
            return UserRef(Platform(one.platform), one.workspace, one.user_id)
    return None
