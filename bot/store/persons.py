"""What people are called; what moves when two are one, and goes when one is forgotten."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select, update

from adapters.kits import kits
from bot.store import following as rows
from bot.store import patience, pruning
from bot.store.tables import DoorRow, IdentityRow, LibraryRow, MembershipRow, PersonRow
from engine.store import Transaction
from engine.store.forget import Forgotten, forget_person, merge_person
from engine.store.tables import ParticipantRow
from engine.store.upsert import insert_new


async def absorb(tx: Transaction, old: str, into: str) -> None:
    """Make everything of the person `old` that of `into`, and remove `old`.

    Name, consent and preferences of `into` stay as they are.
    """
    await merge_person(tx, old, into)
    await rows.absorb(tx, old, into)
    await tx.execute(update(IdentityRow).where(IdentityRow.person_id == old).values(person_id=into))
    held = await tx.execute(
        select(MembershipRow.workspace_id, MembershipRow.role).where(MembershipRow.person_id == old)
    )
    for workspace_id, role in held.all():
        row = {"workspace_id": workspace_id, "person_id": into, "role": role}
        await insert_new(tx, MembershipRow, row, key=tuple(row))
    await tx.execute(update(LibraryRow).where(LibraryRow.owner == old).values(owner=into))
    await tx.execute(delete(PersonRow).where(PersonRow.id == old))


async def remove(
    tx: Transaction, person: str, name: str, and_then: Iterable[str] = ()
) -> Forgotten:
    """Remove a person from every table of people and of sessions; `and_then` as in `pruning`."""
    with patience.waiting(patience.LONG_SECONDS):
        return await _removed(tx, person, name, and_then)


async def _removed(tx: Transaction, person: str, name: str, and_then: Iterable[str]) -> Forgotten:
    seats = await _seats(tx, person)
    accounts = await tx.execute(
        select(IdentityRow.platform, IdentityRow.workspace, IdentityRow.user_id).where(
            IdentityRow.person_id == person
        )
    )
    held = [(row.platform, row.workspace, row.user_id) for row in accounts]
    forgotten = await forget_person(tx, person, names=(name,))
    await _shut_own_doors(tx, seats)
    letters = await rows.forget(tx, person)
    await tx.execute(
        delete(LibraryRow).where(LibraryRow.owner == person, LibraryRow.visibility == "private")
    )
    await tx.execute(delete(PersonRow).where(PersonRow.id == person))
    for platform, _, user_id in held:
        kit = kits().get(platform)
        if kit is not None:
            await kit.forget(tx, user_id)
    # Last, as `bot.store.locking` says.
    await pruning.forget(tx, person, held, forgotten, letters, and_then)
    return forgotten


async def _seats(tx: Transaction, person: str) -> list[tuple[str, str]]:
    found = await tx.execute(
        select(ParticipantRow.session_id, ParticipantRow.seat).where(
            ParticipantRow.person_id == person
        )
    )
    return [(row.session_id, row.seat) for row in found]


async def _shut_own_doors(tx: Transaction, seats: Iterable[tuple[str, str]]) -> None:
    """Remove the doors that only this person goes through: their address is the person's."""
    for session_id, seat in seats:
        await tx.execute(
            delete(DoorRow).where(
                DoorRow.session_id == session_id, DoorRow.seat == seat, DoorRow.purpose != "room"
            )
        )


async def names(tx: Transaction, people: Collection[str]) -> dict[str, str]:
    """What people are called, by id; those that are not there any more left out."""
    rows = await tx.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    return {row.id: row.name for row in rows}
