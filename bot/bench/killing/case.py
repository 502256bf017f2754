"""What one run of the kill suite does, as JSON for the processes that do it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.delivery.points import Point


class Kill(BaseModel):
    """Die at the n-th time that a point is reached."""

    model_config = ConfigDict(frozen=True)

    point: Point
    nth: int


class Part(BaseModel):
    """What one process is told.

    `files` holds the platform's file and the data. `grows`: replies grow before people's eyes.
    `vendor` is the address of a stand-in for a provider of models, which speaks then. Whoever shows
    something whose key ends with `deadly` dies.
    """

    model_config = ConfigDict(frozen=True)

    files: str
    url: str
    worker: int = 0
    grows: bool = False
    vendor: str = ""
    carrier: Literal["local", "procrastinate"] = "local"
    kill: Kill | None = None
    deadly: str = ""
