"""Budgets: how much may be spent on a conversation, a person's day, a workspace's day. Pure."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["conversation", "person", "workspace"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

WARN, ALERT, STOP = 1, 2, 3
"""Crossings, in order; 0 is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Limits in micro-USD, and at which share of one a crossing lies.

    A limit of 0 allows nothing that is paid. A share of 0 means that this crossing does not exist:
    with `stop_at` 0 nothing is ever stopped.
    """

    conversation: int = 100_000
    person: int = 500_000
    workspace: int = 10_000_000
    warn_at: float = 0.8
    alert_at: float = 1.0
    stop_at: float = 1.0

    def limit(self, scope: Scope) -> int:
        """What one scope may cost."""
        return {
            "conversation": self.conversation,
            "person": self.person,
            "workspace": self.workspace,
        }[scope]

    def level(self, scope: Scope, spent: int) -> int:
        """The highest crossing that lies behind so much spent."""
        shares = ((STOP, self.stop_at), (ALERT, self.alert_at), (WARN, self.warn_at))
        for level, share in shares:
            if share and spent and spent >= math.ceil(self.limit(scope) * share):
                return level
        return 0

    def left(self, spent: dict[Scope, int]) -> int | None:
        """How much a call may still cost, 0 where a budget is used up; None without any stop."""
        if not self.stop_at:
            return None
        return max(
            0,
            min(
                math.ceil(self.limit(scope) * self.stop_at) - spent.get(scope, 0)
                for scope in SCOPES
            ),
        )
