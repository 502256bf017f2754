"""What somebody reads who is not logged in, and whoever lets people in."""

from typing import Final

TITLE: Final = "Please sign in"

WORDS: Final = (
    "This is a place to rehearse difficult conversations. To come in you need a link, and whoever "
    "runs this server makes one for you:",
)

COMMAND: Final = "dressrun user add NAME --role trainee"

AFTER: Final = "A link works once, within a day. In another browser you need another one."

INSECURE: Final = (
    "This address is not encrypted, so a browser will not keep you signed in here. Ask for an "
    "address that begins with https://."
)


def link(name: str, address: str) -> str:
    """To whoever adds somebody."""
    return f"{name} comes in once, within a day, by: {address}"


def program(name: str, secret: str) -> str:
    """To whoever lets a program in."""
    return (
        f"A program of {name} is let in for a year with this header; keep it secret, it is shown "
        f"this once:\nAuthorization: Bearer {secret}"
    )


def dismissed(name: str) -> str:
    """To whoever lets somebody in no more."""
    return f"{name} is let in no more. To delete what they wrote: /sim forget-me, by themselves."
