"""Who somebody is: a demo identity on this machine alone, else whoever has logged in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from adapters.nearby import far

COOKIE: Final = "dressrun_session"
CSRF: Final = "x-dressrun-csrf"
AS: Final = "x-dressrun-as"
BEARER: Final = "bearer "

_NEAR: Final = frozenset({"same-origin", "none"})
_LOGIN: Final = (
    "Please sign in. Whoever runs this server makes a link for you with: "
    "dressrun user add NAME --role trainee"
)
WORDS: Final[Mapping[str, str]] = {
    "login_needed": _LOGIN,
    "host_refused": f"This workspace does not answer under this name. {_LOGIN}",
    "origin_refused": "Another web page may not act here. Open the workspace itself.",
    "forwarded": f"This came through a proxy, so demo people are not open here. {_LOGIN}",
    "csrf": "This page is out of date. Load it again.",
}
STATUS: Final[Mapping[str, int]] = {
    "login_needed": 401,
    "host_refused": 403,
    "origin_refused": 403,
    "forwarded": 401,
    "csrf": 403,
}


class NoAccess(Exception):
    """Nobody is let in; `code` has its words and status here."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a request tells about where it comes from. `peer` is the address that connected."""

    headers: Mapping[str, str]
    peer: str
    acts: bool

    @property
    def host(self) -> str:
        """The name it asked for, with its port."""
        return self.headers.get("host", "").lower()

    @property
    def token(self) -> str:
        """What a program shows to be let in; empty where it shows nothing."""
        given = self.headers.get("authorization", "")
        return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The rules of one server. `demo`: it is bound to loopback and has no public address."""

    demo: bool
    public_url: str = ""

    def require_own_page(self, asking: Asking) -> None:
        """Let no other web page act or read here.

        Raises:
            NoAccess: one tries to.
        """
        if asking.headers.get("sec-fetch-site", "none") not in _NEAR and asking.acts:
            raise NoAccess("origin_refused")
        origin = asking.headers.get("origin")
        if origin is not None and not self._is_own(origin, asking.host):
            raise NoAccess("origin_refused")

    def require_this_machine(self, asking: Asking) -> None:
        """Let demo people in only from this machine, without anything between.

        Raises:
            NoAccess: a login is needed.
        """
        if not self.demo:
            raise NoAccess("login_needed")
        if why := far(asking.headers, asking.peer):
            raise NoAccess(why)

    def _is_own(self, origin: str, host: str) -> bool:
        given = urlsplit(origin.lower())
        public = urlsplit(self.public_url.lower())
        if public.netloc:
            return (given.scheme, given.netloc) == (public.scheme, public.netloc)
        return given.scheme in {"http", "https"} and given.netloc == host
