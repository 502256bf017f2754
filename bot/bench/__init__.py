"""`dressrun bench`: what things take, as JSON lines.

Machines are shared and noisy, so figures are percentiles and ratios within one run, and never a
verdict: no test looks at them.
"""

from collections.abc import Callable, Iterator, Mapping

Figure = dict[str, str | int | float]


def measure(name: str) -> Iterator[Figure]:
    """Run one measurement, or all, and yield its figures.

    Raises:
        LookupError: there is none with this name; the text lists them.
    """
    known = _known()
    if name != "all" and name not in known:
        raise LookupError(f"no bench {name!r}; there are: all, {', '.join(known)}")
    for one, run in known.items():
        if name in ("all", one):
            for figure in run():
                yield {"bench": one, **figure}


def _known() -> Mapping[str, Callable[[], Iterator[Figure]]]:
    from bot.bench import delivery, kill, leaks, models, persona, start, turns, workspace

    return {
        "turn": turns.run,
        "start": start.run,
        "leak": leaks.run,
        "persona": persona.run,
        "delivery": delivery.run,
        "kill": kill.run,
        "models": models.run,
        "workspace": workspace.run,
    }
