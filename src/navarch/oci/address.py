"""Addresses of registries: in parts, compared, and as errors show them."""

from __future__ import annotations

from navarch.errors import NavarchError, RegistryError
from navarch.golang.url import parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.golang.url import URL

__all__ = ["PORTS", "parse_address", "same_origin", "shown"]

PORTS = {"http": "80", "https": "443"}


def same_origin(one: URL, other: URL) -> bool:
    """Whether two addresses have scheme, host and port in common."""
    mine, theirs = one.scheme.lower(), other.scheme.lower()
    return mine == theirs and _canonical(one) == _canonical(other)


def _canonical(url: URL) -> tuple[str, str]:
    port = url.host.rpartition("]")[2].partition(":")[2]
    return url.hostname().lower(), port or PORTS.get(url.scheme.lower(), "")


def parse_address(text: str) -> URL:
    """An address in parts. Raises RegistryError for one that isn't, or that HTTP has nothing to do with."""
    try:
        url = parse_url(text)
    except NavarchError as error:
        raise RegistryError(str(error), url=text) from error
    if url.scheme not in ("http", "https"):
        raise RegistryError(f'unsupported protocol scheme "{url.scheme}"', url=text)
    return url


def shown(url: str) -> str:
    """An address as errors show it, without a password."""
    try:
        return parse_url(url).masked()
    except NavarchError:
        return url
