"""The models outside of this server that people were told of before they agreed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from bot.store.tables import HearerRow, PersonRow
from engine.store import Transaction
from engine.store.upsert import insert_new


async def tell(tx: Transaction, names: Collection[str], at: datetime) -> bool:
    """Have everybody asked to agree once more where one of these was never told of; whether so.

    `names` are those that what people write may go to. One that is no longer among them is not
    taken back: whoever agreed to it is not asked again when it returns.
    """
    new = False
    for name in sorted(names):
        new |= await insert_new(tx, HearerRow, {"name": name, "since": at}, key=("name",))
    if new:
        agreed = update(PersonRow).where(PersonRow.consent_version > 0)
        await tx.execute(agreed.values(consent_version=0))
    return new
