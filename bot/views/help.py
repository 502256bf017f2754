"""Help, and the command table of the README; both come from the registry."""

from collections.abc import Collection, Sequence

from adapters.port import CommandSpec, Message, OptionSpec
from bot.views.text import joined


def usage(command: CommandSpec) -> str:
    """How a command is typed: `/sim start SCENARIO [MODE]`."""
    words = [
        f"[{one.name.upper()}]" if one.optional else one.name.upper() for one in command.options
    ]
    return " ".join(["/sim", command.name, *words])


def overview(commands: Sequence[CommandSpec], roles: Collection[str]) -> Message:
    """All commands this person may call, a line each."""
    lines = [
        f"- `{usage(one)}`: {one.summary}"
        for one in commands
        if not one.roles or set(one.roles) & set(roles)
    ]
    lines.append("In a simulation's thread `!word` works as well, for example `!hint`.")
    lines.append("What begins with `//` is an aside: nobody in the scene hears it.")
    return Message(title="Commands", text="\n".join(lines))


def topic(command: CommandSpec) -> Message:
    """One command with its options."""
    lines = [f"`{usage(command)}`", command.summary]
    lines += [
        f"- {one.name}{' (may be left out)' if one.optional else ''}: {one.description}"
        f"{_choices(one)}"
        for one in command.options
    ]
    return Message(title=f"/sim {command.name}", text="\n".join(lines))


def _choices(option: OptionSpec) -> str:
    values = [f"`{value}`" for value, _ in option.choices]
    return f" One of {joined(values, 'or')}." if values else ""


def table(commands: Sequence[CommandSpec]) -> str:
    """The command table in Markdown."""
    rows = [
        f"| `{usage(one)}` | {one.summary} | {', '.join(one.roles) or 'everybody'} |"
        for one in commands
    ]
    return "\n".join(["| Command | What it does | For |", "| --- | --- | --- |", *rows]) + "\n"
