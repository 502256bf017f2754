"""Tools on records: looking up, opening and changing patients, nurses, orders and tickets."""

from collections.abc import Mapping
from datetime import datetime

from engine.world.arguments import missing
from engine.world.state import (
    SINGULAR,
    Change,
    Collection,
    Fields,
    Refusal,
    ToolResult,
    WorldState,
    fields_of,
    find,
    name_of,
    new_id,
    plain,
    whole,
)
from engine.world.wording import moment_words

SHOWN = 6
"""How many records one answer shows."""

Args = Mapping[str, str]


def lookup(collection: Collection, state: WorldState, args: Args) -> ToolResult:
    """The records that every given argument fits; all of them where none is given.

    `id`, or the thing's own name (`patient=`, `ticket=`), names one record by id or name. `query`
    looks into every value; any other argument into the field of that name. Part of a value is
    enough. Of appointments only booked ones are found unless `status` is asked for.
    """
    wanted = dict(args)
    if collection == "appointments":
        wanted = {"status": "booked", **wanted} if "id" not in _own(collection, wanted) else wanted
    found = [
        whole(id_, fields)
        for id_, fields in state.records[collection].items()
        if _fits(state, collection, id_, wanted)
    ]
    kind = SINGULAR[collection]
    if not found:
        if named := _own(collection, args).get("id"):
            find(state, collection, named)  # refuses, naming what is there instead
        return ToolResult(ok=True, text=f"No {kind} fits. Try fewer or other words.")
    shown = tuple(found[:SHOWN])
    more = f" {len(found)} fit; narrow it down to see the rest." if len(found) > SHOWN else ""
    lines = "; ".join(_words(state, collection, one) for one in shown)
    return ToolResult(ok=True, text=f"{lines}.{more}", data=shown)


_NEEDED: Mapping[Collection, tuple[str, ...]] = {
    "patients": ("name", "born"),
    "nurses": ("name", "specialization", "licence_expires"),
}


def in_short(collection: Collection, args: Args, result: ToolResult) -> str:
    """What a character reads of a lookup: only what its work needs; "" where that is all.

    A patient's record opens for a caller who gave the full name and the date of birth.
    """
    needed = _NEEDED.get(collection)
    if needed is None or not result.data:
        return ""
    known = _own(collection, args)
    if collection == "patients" and not (
        "born" in known and len(known.get("name", "").split()) > 1
    ):
        return "Ask for the full name and the date of birth before you look up a patient."
    kept = (tuple(pair for pair in one if pair[0] in ("id", *needed)) for one in result.data)
    lines = [f"{one[0][1]}: {_listed(one[1:])}" for one in kept]
    return f"{'; '.join(lines)}."


def create(collection: Collection, state: WorldState, args: Args) -> ToolResult:
    """A new record of the given values; orders and tickets are open unless a status is given."""
    if not args:
        raise Refusal("missing_argument", f"Say what the {SINGULAR[collection]} is about.")
    if collection == "patients" and "name" not in args:
        raise missing("name")
    opened = {} if collection == "patients" else {"status": "open"}
    fields = fields_of({**args, **{k: v for k, v in opened.items() if k not in args}})
    return _written("Created", collection, new_id(state, collection), fields)


def update(collection: Collection, state: WorldState, args: Args) -> ToolResult:
    """The named record with the given values in place of the old ones."""
    id_, values = _target(collection, state, args)
    if not values:
        raise Refusal("missing_argument", f"Say what to change in {SINGULAR[collection]} {id_}.")
    old = dict(state.records[collection][id_])
    if old == old | values:
        raise Refusal("no_change", f"{SINGULAR[collection].title()} {id_} says so already.")
    return _written("Changed", collection, id_, fields_of(old | values))


def cancel(collection: Collection, state: WorldState, args: Args) -> ToolResult:
    """An order or a ticket, marked as cancelled."""
    id_, _values = _target(collection, state, args)
    old = dict(state.records[collection][id_])
    if old.get("status") == "cancelled":
        raise Refusal("already_cancelled", f"{SINGULAR[collection].title()} {id_} is cancelled.")
    return _written("Cancelled", collection, id_, fields_of(old | {"status": "cancelled"}))


def summary_of(op: str, collection: Collection, state: WorldState, args: Args) -> str:
    """What `create`, `update` or `cancel` is going to do.

    Raises:
        Refusal: the arguments name no record.
    """
    kind = SINGULAR[collection]
    if op == "create":
        return f"Open a new {kind}: {_listed(tuple(args.items()))}"
    id_, values = _target(collection, state, args)
    what = f"{kind} {id_}"
    if (name := name_of(state, collection, id_)) != id_:
        what = f"{kind} {name}"
    if op == "cancel":
        return f"Cancel {what}"
    return f"Change {what}: {_listed(tuple(values.items()))}"


def _target(collection: Collection, state: WorldState, args: Args) -> tuple[str, dict[str, str]]:
    own = _own(collection, args)
    named = own.pop("id", None)
    if not named:
        raise missing(SINGULAR[collection] if SINGULAR[collection] in args else "id")
    return find(state, collection, named), own


def _own(collection: Collection, args: Args) -> dict[str, str]:
    """The arguments, with the thing's own name (`ticket=`) read as its id."""
    own = SINGULAR[collection]
    return {("id" if name == own else name): value for name, value in args.items()}


def _fits(state: WorldState, collection: Collection, id_: str, args: Args) -> bool:
    record = dict(whole(id_, state.records[collection][id_]))
    return all(
        _value_fits(state, collection, record, name, plain(value))
        for name, value in _own(collection, args).items()
    )


def _value_fits(
    state: WorldState, collection: Collection, record: Mapping[str, str], name: str, value: str
) -> bool:
    if name == "query":
        return any(value in plain(one) for one in record.values())
    if name == "id":
        words = plain(record.get("name", "")).split()
        return value == plain(record["id"]) or set(value.split()) <= set(words)
    held = plain(record.get(name, ""))
    if collection == "appointments":
        if name == "date":
            return plain(record["start"]).startswith(value)
        if name in ("nurse", "patient"):
            words = plain(name_of(state, f"{name}s", record[name])).split()
            return value == held or set(value.split()) <= set(words)
    return value in held


def _words(state: WorldState, collection: Collection, record: Fields) -> str:
    values = dict(record)
    if collection == "appointments":
        start = moment_words(datetime.fromisoformat(values["start"]), state.now)
        nurse = name_of(state, "nurses", values["nurse"])
        patient = name_of(state, "patients", values["patient"])
        return f"{values['id']}: {patient} with {nurse} on {start}, {values['status']}"
    return f"{values['id']}: {_listed(record[1:])}"


def _written(verb: str, collection: Collection, id_: str, fields: Fields) -> ToolResult:
    return ToolResult(
        ok=True,
        text=f"{verb} {SINGULAR[collection]} {id_}: {_listed(fields)}.",
        data=(whole(id_, fields),),
        changes=(Change(collection=collection, id=id_, fields=fields),),
    )


def _listed(fields: Fields) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields)
