"""A scenario as the text of its file, with what is left to write at the top. Pure."""

from collections.abc import Iterable
from textwrap import wrap

import yaml

from engine.scenario import Scenario
from engine.yaml_text import number

WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Quotes what a cell would read as a number: to PyYAML `1e5` is a plain text."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    quotes = None if isinstance(number(text), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quotes)


_Dumper.add_representer(str, _text)


def document_of(scenario: Scenario, notes: Iterable[str], origin: str) -> str:
    """The YAML of a scenario, blocks apart, after comments with its origin and the notes."""
    head = [f"Imported with `dressrun import {origin}`. A draft, that loads and can be played."]
    head += ["Still to do, before others play it:"]
    comments = [f"# {line}" for text in head for line in wrap(text, WIDTH - 2)]
    for note in notes:
        first, *rest = wrap(note, WIDTH - 6)
        comments += [f"#   - {first}", *(f"#     {line}" for line in rest)]
    written = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    blocks = [
        yaml.dump(
            {key: value},
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=WIDTH,
            default_flow_style=False,
        )
        for key, value in written.items()
    ]
    plain = [block for block in blocks if block.count("\n") == 1]
    longer = [block for block in blocks if block.count("\n") > 1]
    return "\n".join(comments) + "\n\n" + "".join(plain) + "\n" + "\n".join(longer)
