"""Who was in a session, and whose score each of them gets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine import events as ev
from engine.assessment.branching import took_up
from engine.assessment.record import trainees


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The people of a session, by id.

    Attributes:
        seated: who sits or sat there, in the order they came; of a branch, not who was left out.
        played: those of them who said or did something, in the order they began.
        silent: those of them who said nothing, where there are several.
        absent: who said or did something in what a branch took over, and does not sit there.
    """

    seated: tuple[str, ...]
    played: tuple[str, ...]
    silent: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether there is more than one whose score it could be, so that each has their own."""
        return len(self.seated) + len(self.absent) > 1

    def score_of(self, person: str) -> str:
        """Whose score somebody gets: of several their own alone, else "", that of the session."""
        return person if self.several and person in (*self.seated, *self.absent) else ""


def party_of(log: Sequence[ev.Event]) -> Party:
    """Read from a whole log who is in a session."""
    acted = trainees(log)
    seated = _seated(log)
    several = len({*seated, *acted}) > 1
    said = {one.person for one in log if isinstance(one, ev.TraineeSaid)}
    return Party(
        seated=seated,
        played=tuple(one for one in acted if one in seated),
        silent=tuple(one for one in seated if several and one not in said),
        absent=tuple(one for one in acted if one not in seated),
    )


def _seated(log: Sequence[ev.Event]) -> tuple[str, ...]:
    """Who sat there when a branch was taken up, and whoever came after or acts without a seat."""
    begins = took_up(log)
    here: dict[str, None] = {}
    for event in log[:begins]:
        if isinstance(event, ev.Seated):
            here[event.person] = None
        elif isinstance(event, ev.Unseated):
            here.pop(event.person, None)
    came = [one.person for one in log[begins:] if isinstance(one, ev.Seated)]
    return tuple(dict.fromkeys([*here, *came, *trainees(log[begins:])]))
