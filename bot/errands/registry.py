"""How errands are declared: by a name, once."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from bot.effects import Result
from bot.incoming import Errand
from engine.store import Transaction

if TYPE_CHECKING:
    from bot.services import Services

Do = Callable[[Transaction, Errand, "Services"], Awaitable[Result]]
"""Does an errand in the transaction that notes that it was done."""

ERRANDS: Final[dict[str, Do]] = {}


def errand(name: str) -> Callable[[Do], Do]:
    """Declare what is done for errands of a name.

    Raises:
        ValueError: another one has it; seen at import.
    """

    def declare(do: Do) -> Do:
        if name in ERRANDS:
            raise ValueError(f"two errands are called {name}")
        ERRANDS[name] = do
        return do

    return declare
