"""By which account somebody is written to."""

from adapters.port import Platform, UserRef
from bot import people
from bot.store.tables import WorkspaceRow
from engine.store import Transaction


async def account_in(tx: Transaction, person: str, workspace: str) -> UserRef | None:
    """A person's account in a workspace; None where they have none there."""
    where = await tx.get(WorkspaceRow, workspace)
    if where is None:
        return None
    for one in await people.identities(tx, person):
        if (one.platform, one.workspace) == (where.platform, where.external_id):
            return UserRef(Platform(one.platform), one.workspace, one.user_id)
    return None
