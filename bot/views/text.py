"""Small wordings that several views share."""

from datetime import datetime
from zoneinfo import ZoneInfo


def minutes(count: float) -> str:
    """A duration in words: `less than a minute`, `1 minute`, `12 minutes`."""
    whole = max(0, round(count))
    if not whole:
        return "less than a minute"
    return "1 minute" if whole == 1 else f"{whole} minutes"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 turn`, `3 turns`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def format_tokens(count: int) -> str:
    """A token count for people: `950`, `1.2k`, `3.4M`."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def format_cost(micro_usd: int) -> str:
    """Money from micro-USD: `$0.0123`, `$1.20`; nothing spent is `$0.00`."""
    usd = micro_usd / 1_000_000
    return f"${usd:.4f}" if 0 < usd < 0.1 else f"${usd:.2f}"


def joined(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """Words as a list: `a, b and c`."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def when(moment: datetime, zone: str | None) -> str:
    """A moment where the person is, as `Tue 3 March, 15:00`; UTC is said."""
    local = moment.astimezone(ZoneInfo(zone or "UTC"))
    said = "" if zone else " UTC"
    return f"{local:%a} {local.day} {local:%B, %H:%M}{said}"
