"""What the application set itself to do later. Importing this package declares all of it."""

from bot.errands import ticking
from bot.errands.registry import ERRANDS

__all__ = ["ERRANDS", "ticking"]
