"""How a provider is reached."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A key and an address; "" means the vendor's own address, or no key.

    Values compare and hash whole, so one client serves all models of one access. The key is never
    shown. `window` is how many tokens a server of one's own reads at once, prompt and answer; 0
    where nobody said so.
    """

    api_key: str = field(default="", repr=False)
    base_url: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call waits, in seconds; the deadline of the caller ends every wait before that.

    `connect` for a connection, `first` for the first piece of an answer, `idle` for the next.
    `thinking` takes the place of both where a closed question is answered: nobody looks on, and
    some models think for long without a sign of life.
    """

    connect: float = 3.0
    first: float = 12.0
    idle: float = 15.0
    thinking: float = 60.0
