"""Whether a request comes from this machine alone, with nothing in between. Pure."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

Far = Literal["forwarded", "host_refused", "origin_refused", "login_needed"]
"""Why a request may come from elsewhere."""

_FORWARDED: Final = re.compile(
    r"forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-.*"
    r"|true-client-ip|cf-connecting-ip|fastly-client-ip|x-envoy-external-address|x-proxyuser-ip"
)


def far(headers: Mapping[str, str], peer: str) -> Far | None:
    """Why this may not be from this machine alone; None where everything says that it is.

    `peer` is the address that connected, empty where there is none. It holds only for a server
    that is bound to loopback: what a foreign host can send, it can also make up.
    """
    if any(_FORWARDED.fullmatch(name.lower()) for name in headers):
        return "forwarded"
    if not is_loopback(host_of(headers.get("host", ""))):
        return "host_refused"
    origin = headers.get("origin")
    if origin is not None and not _is_loopback_page(origin):
        return "origin_refused"
    return "login_needed" if peer and not is_loopback(peer) else None


def is_loopback(name: str) -> bool:
    """Whether a name or address means this machine only."""
    name = name.lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(netloc: str) -> str:
    """The host of `host[:port]`, without the brackets of an IPv6 address."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _is_loopback_page(origin: str) -> bool:
    scheme, _, netloc = origin.partition("://")
    return scheme.lower() in {"http", "https"} and is_loopback(host_of(netloc))
