"""The rubric packs that come with the product, for scenarios that lie anywhere."""

from pathlib import Path

import scenarios
from engine.rubrics import FOLDER, Rubrics, load_rubrics


def shipped_rubrics() -> Rubrics:
    """The shipped packs."""
    return load_rubrics(Path(next(iter(scenarios.__path__))) / FOLDER)
