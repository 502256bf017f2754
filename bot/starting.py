"""`dressrun new`: a small scenario of a domain that works as it stands, to be changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from bot.folders import id_for, write_new
from engine.loader import FILE
from engine.problems import nearest
from engine.scenario import Domain

STARTERS = Path(__file__).parent / "starters"
DOMAINS: Sequence[Domain] = get_args(Domain)
HOME = Path("my-scenarios")
_ID = "id: my-scenario\n"


def start(domain: str, folder: Path | None) -> list[str]:
    """Write a domain's starter into a new folder; what to tell the author.

    Raises:
        ValueError: there is no such domain, or something is in the folder already.
    """
    known = domain_named(domain)
    folder = folder or HOME / f"my-{known.replace('_', '-')}-scenario"
    text = starter(known, id_for(folder))
    write_new(folder, {FILE: text.encode("utf-8")})
    return [
        f"{folder / FILE} is written. It works as it stands, and its comments say what is what.",
        f"Next:  dressrun check {folder}",
        f"Then:  dressrun play {folder}",
        "The guide is docs/writing-a-scenario.md.",
    ]


def domain_named(domain: str) -> Domain:
    """The domain with this name, written with `_`, `-` or a blank.

    Raises:
        ValueError: there is none; the text lists them.
    """
    wanted = domain.strip().lower().replace("-", "_").replace(" ", "_")
    known = next((one for one in DOMAINS if one == wanted), None)
    if known is None:
        hint = nearest(wanted, DOMAINS)
        raise ValueError(f"no domain {domain!r}{hint or '.'} There are: {', '.join(DOMAINS)}")
    return known


def starter(domain: Domain, scenario_id: str) -> str:
    """The text of a domain's starter, with an id of its own."""
    text = (STARTERS / f"{domain}.yaml").read_text(encoding="utf-8")
    return text.replace(_ID, f"id: {scenario_id}\n", 1)
