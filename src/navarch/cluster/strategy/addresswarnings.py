"""Addresses and blocks of addresses that are read, but would better be written in another way."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network

from navarch.cluster.validation.addresses import parse_cidr, parse_ip
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address

__all__ = ["cidr_warnings", "ip_warnings"]


def ip_warnings(path: str, text: str) -> Iterator[str]:
    """Of an address: leading zeros, IPv4 in the form of IPv6, and IPv6 that isn't in its usual form."""
    address = parse_ip(text)
    if address is None:
        return
    if _has_zeros(text) or (":" in text and _is_mapped(address)):
        yield f"{path}: non-standard IP address {quote(text)} is invalid: use {quote(str(_unmapped(address)))}"
    elif isinstance(address, IPv6Address) and str(address) != text:
        yield f"{path}: IPv6 address {quote(text)} should be in RFC 5952 canonical format ({quote(str(address))})"


def cidr_warnings(path: str, text: str) -> Iterator[str]:
    """Of a block: the same, and an address that isn't the block's first."""
    found = parse_cidr(text)
    if found is None:
        return
    network, address = found
    odd = False
    if address != network.network_address:
        odd = True
        single = f"{address}/{address.max_prefixlen}"
        asked = f"should be {quote(str(network))} or {quote(single)}?"
        yield f"{path}: CIDR value {quote(text)} is ambiguous in this context ({asked})"
    if _has_zeros(text.partition("/")[0]) or _has_zero_prefix(text) or (":" in text and _is_mapped(address)):
        odd = True
        yield f"{path}: non-standard CIDR value {quote(text)} is invalid: use {quote(str(network))}"
    if not odd and isinstance(address, IPv6Address) and str(ip_network(text)) != text:
        usual = quote(str(ip_network(text)))
        yield f"{path}: IPv6 CIDR value {quote(text)} should be in RFC 5952 canonical format ({usual})"


def _has_zeros(text: str) -> bool:
    parts = text.rpartition(":")[2].split(".")
    return len(parts) > 1 and any(len(part) > 1 and part.startswith("0") for part in parts)


def _has_zero_prefix(text: str) -> bool:
    prefix = text.partition("/")[2]
    return len(prefix) > 1 and prefix.startswith("0")


def _is_mapped(address: IPv4Address | IPv6Address) -> bool:
    return not isinstance(address, IPv6Address) or address.ipv4_mapped is not None


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
