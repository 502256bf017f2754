"""Logs."""


def configure_logs(level: str) -> None:
    """Set up."""
