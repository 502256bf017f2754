"""Which names the server answers under, and which web pages may talk to it. Pure."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from bot.settings import Settings, is_loopback

_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The rules of one server.

    Bound to loopback, it answers only under loopback names and the public one: otherwise a web
    page could have its own name point here and read everything.
    """

    loopback: bool
    public: str
    others: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that the settings make."""
        return cls(
            loopback=settings.on_loopback,
            public=_origin(settings.public_url),
            others=frozenset(_origin(one) or one for one in settings.cors_origins),
        )

    def host_allowed(self, host: str) -> bool:
        """Whether a request with this `Host` header is for us."""
        if not self.loopback or is_loopback(_name(host)):
            return True
        return bool(self.public) and _name(urlsplit(self.public).netloc) == _name(host)

    def origin_allowed(self, origin: str | None, host: str) -> bool:
        """Whether a page of this origin may act here; None is no page but a program."""
        if origin is None:
            return True
        given = _origin(origin)
        if not given:
            return "*" in self.others
        parts = urlsplit(given)
        return (
            _without_port(parts.netloc, parts.scheme) == _without_port(host.lower(), parts.scheme)
            or given == self.public
            or (self.loopback and is_loopback(_name(parts.netloc)))
            or bool(self.others & {given, "*"})
        )


def _origin(url: str) -> str:
    """`scheme://host[:port]` of an address, or nothing for what is no web address."""
    try:
        parts = urlsplit(url.strip().lower())
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.netloc or "@" in parts.netloc:
        return ""
    return f"{parts.scheme}://{_without_port(parts.netloc, parts.scheme)}"


def _without_port(netloc: str, scheme: str) -> str:
    return netloc.removesuffix(_PORTS[scheme])


def _name(netloc: str) -> str:
    """The host of `host[:port]`, without the brackets of an IPv6 address."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""
