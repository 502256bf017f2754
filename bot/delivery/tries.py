"""How often work on a lane ended badly since something last succeeded, and in which way.

Who takes a lane and dies says nothing, so whatever a dying process held counts alike. So nothing is
given up for that until it was tried alone: with no other lane at work in its process, it is the one
to blame. Whoever wants out waits for nobody, so that may run beside it all the same: should it end
the process just then, the other is blamed.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

MOST: Final = 99
"""Of each kind no more are counted; in the database one number holds them all."""

BASE: Final = MOST + 1
"""How often the lane was taken is a number modulo this; the database counts that itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """`died`: the lane was taken, this time included, and not given back. `raised`: a bug.

    `alone`: it was begun with nothing beside it, but for whoever wants out. `waited`: for what is
    no fault of its own; of what goes out, nobody knew then whether it was shown.
    """

    died: int = 0
    raised: int = 0
    alone: int = 0
    waited: int = 0

    @classmethod
    def of(cls, packed: int) -> Self:
        """Undo `packed`."""
        rest, died = divmod(packed, BASE)
        rest, raised = divmod(rest, BASE)
        waited, alone = divmod(rest, BASE)
        return cls(died=died, raised=raised, alone=alone, waited=waited)

    @property
    def given_back(self) -> Self:
        """What still counts once whoever took the lane has lived to give it back."""
        return replace(self, died=0, alone=0)

    @property
    def packed(self) -> int:
        """As one number, `died` last."""
        total = 0
        for one in (self.waited, self.alone, self.raised, self.died):
            total = total * BASE + min(one, MOST)
        return total
