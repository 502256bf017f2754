"""The terminal: one person, one screen, no network.

Nothing heavy is imported until the adapter is built.
"""

from typing import TYPE_CHECKING

from adapters.kit import KitContext, KitSettings, PlatformKit
from adapters.terminal.limits import PLATFORM

if TYPE_CHECKING:
    from adapters.terminal.adapter import TerminalAdapter


class TerminalSettings(KitSettings):
    """`DRESSRUN_TERMINAL__*`. `name` is what the person at the terminal is called."""

    name: str = "You"


def build(context: KitContext) -> "TerminalAdapter":
    """An adapter over this process's own terminal, or over its piped input."""
    from rich.console import Console

    from adapters.terminal.adapter import TerminalAdapter
    from adapters.terminal.lines import own_lines

    settings = context.section(TerminalSettings)
    return TerminalAdapter(
        lines=own_lines(),
        console=Console(highlight=False, markup=False, emoji=False),
        folder=context.data_dir,
        clock=context.clock,
        specs=context.specs,
        name=settings.name,
        answer_within=context.answer_within,
    )


KIT = PlatformKit(name=PLATFORM, settings_model=TerminalSettings, build=build, connects="never")
