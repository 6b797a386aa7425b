"""What is looked at before a request is answered at all: by which name, from which page, how often."""

from __future__ import annotations

import ipaddress
import math
from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.problems import REQUEST, Problem, forbidden

if TYPE_CHECKING:
    from starlette.types import Scope

    from navarch.registry.config import Config
    from navarch.registry.limits import Rate

__all__ = ["Admission", "Told"]

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_OPEN = frozenset(("/healthz", "/readyz"))


class Told(NamedTuple):
    """What a request's headers tell; "" for what isn't there."""

    host: str
    origin: str
    site: str
    forwarded: str
    request_id: str

    @staticmethod
    def by(scope: Scope) -> Told:
        """Read from a request."""
        found = dict.fromkeys(_HEADERS, "")
        for name, value in scope["headers"]:
            if name in found:
                found[name] = value.decode("latin-1")
        return Told(*found.values())


_HEADERS = (b"host", b"origin", b"sec-fetch-site", b"x-forwarded-for", b"x-request-id")


class Admission:
    """The checks, as a configuration wants them."""

    def __init__(self, config: Config, rate: Rate | None) -> None:
        self._rate = rate
        self._proxies = [ipaddress.ip_network(text) for text in config.proxies]
        # A page of anywhere can have its name point to this machine, and then read what only this machine may.
        self._hosts = config.hosts or (("localhost",) if config.is_loopback and config.auth is None else ("*",))
        self._last_host = "localhost"  # the one that was found to be ours last

    def address(self, scope: Scope, told: Told) -> str:
        """Who asks: the peer, or the one that proxies tell of which are trusted."""
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._proxies or not told.forwarded:
            return str(peer)
        for name in (str(peer), *map(str.strip, reversed(told.forwarded.split(",")))):
            try:
                found = ipaddress.ip_address(name)
            except ValueError:
                break  # what isn't an address is nobody's word
            if not any(found in network for network in self._proxies):
                return name
        return str(peer)

    def check(self, scope: Scope, told: Told, address: str) -> None:
        """Raises Problem (403, 421, 429)."""
        if scope["path"] in _OPEN:
            return
        if self._hosts != ("*",) and told.host != self._last_host and not self._is_ours(told.host):
            raise Problem(421, REQUEST, f"{told.host} isn't a name of this server: the key hosts has its names")
        if scope["method"] not in _SAFE and _is_foreign(told):
            raise forbidden("pages of other servers may not change anything here")
        wait = self._rate.take(address) if self._rate is not None else 0
        if wait:
            raise Problem(429, REQUEST, "too many requests", headers={"Retry-After": str(math.ceil(wait))})

    def _is_ours(self, host: str) -> bool:
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        name = name.strip("[]").lower().rstrip(".")
        if name and name not in self._hosts and not name.endswith(".localhost"):  # browsers always tell one
            try:
                ipaddress.ip_address(name)
            except ValueError:
                return False
        self._last_host = host
        return True


def _is_foreign(told: Told) -> bool:
    """Whether a browser asks for a page that came from elsewhere."""
    if told.site:
        return told.site in {"cross-site", "same-site"}
    return bool(told.origin) and told.origin.partition("://")[2] != told.host
