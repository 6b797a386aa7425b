"""IP addresses and ranges of them, strictly read: apimachinery's pkg/util/validation/ip.go."""

from __future__ import annotations

from navarch.cluster.validation.errors import internal, invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = [
    "check_cidr",
    "check_cidr_strictly",
    "check_endpoint",
    "check_families",
    "check_ip",
    "check_ip_strictly",
    "is_ipv6",
    "parse_cidr",
    "parse_ip",
]

_BAD_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def _without_zeros(text: str) -> str:
    """The dotted part with leading zeros taken off, as Go's older parser read them."""
    head, colon, tail = text.rpartition(":")
    if "." not in tail:
        return text
    parts = tail.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return text
    return head + colon + ".".join([part.lstrip("0") or "0" for part in parts])


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """An address, leading zeros allowed; ::ffff:1.2.3.4 is 1.2.3.4, as Go has it."""
    from ipaddress import IPv6Address, ip_address

    if "%" in text or "/" in text:
        return None
    try:
        address = ip_address(_without_zeros(text))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def parse_cidr(text: str) -> tuple[IPv4Network | IPv6Network, IPv4Address | IPv6Address] | None:
    """The range, and the address that stood before the "/"."""
    from ipaddress import ip_address, ip_network

    address, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit() or "%" in address:
        return None
    try:
        plain = ip_address(_without_zeros(address))
        if int(length) > plain.max_prefixlen:
            return None
        return ip_network(f"{plain}/{int(length)}", strict=False), plain
    except ValueError:
        return None


def _has_leading_zeros(text: str) -> bool:
    return _without_zeros(text) != text


def _is_mapped(text: str) -> bool:
    from ipaddress import IPv6Address

    return ":" in text and bool(IPv6Address(_without_zeros(text)).ipv4_mapped)


def check_ip(errors: list[FieldError], path: str, text: str, known: Container[str] = ()) -> bool:
    """IsValidIPForLegacyField; addresses that were there before pass. Whether it was fine."""
    if text in known:
        return True
    if parse_ip(text) is None:
        errors.append(invalid(path, text, _BAD_IP))
        return False
    before = len(errors)
    if _has_leading_zeros(text):
        errors.append(invalid(path, text, "must not have leading 0s"))
    elif _is_mapped(text):
        errors.append(invalid(path, text, "must not be an IPv4-mapped IPv6 address"))
    return len(errors) == before


def check_ip_strictly(errors: list[FieldError], path: str, text: str) -> None:
    """IsValidIP: in its canonical form."""
    if check_ip(errors, path, text):
        address = parse_ip(text)
        if address is not None and str(address) != text:
            errors.append(invalid(path, text, f'must be in canonical form ("{address}")'))


def check_cidr(errors: list[FieldError], path: str, text: str, known: Container[str] = ()) -> bool:
    """IsValidCIDRForLegacyField. Whether it was fine."""
    if text in known:
        return True
    parsed = parse_cidr(text)
    if parsed is None:
        errors.append(invalid(path, text, _BAD_CIDR))
        return False
    network, address = parsed
    before = len(errors)
    plain, _, length = text.partition("/")
    if _has_leading_zeros(plain) or length != str(int(length)):
        errors.append(invalid(path, text, "must not have leading 0s in IP or prefix length"))
    elif _is_mapped(plain):
        errors.append(invalid(path, text, "must not have an IPv4-mapped IPv6 address"))
    elif address != network.network_address:
        errors.append(invalid(path, text, "must not have bits set beyond the prefix length"))
    return len(errors) == before


def check_cidr_strictly(errors: list[FieldError], path: str, text: str) -> None:
    """IsValidCIDR: in its canonical form."""
    if check_cidr(errors, path, text):
        parsed = parse_cidr(text)
        if parsed is not None and str(parsed[0]) != text:
            errors.append(invalid(path, text, f'must be in canonical form ("{parsed[0]}")'))


def is_ipv6(text: str) -> bool:
    """Whether that is an address of version 6."""
    address = parse_ip(text)
    return address is not None and address.version == 6


def check_families(
    errors: list[FieldError], path: str, addresses: list[str], shown: Any, *, ranges: bool = False
) -> None:
    """Two addresses, or ranges of them, must be one of each version; `shown` stands for the list in the message."""
    if len(addresses) < 2:
        return
    versions: list[int] = []
    for at, one in enumerate(addresses):
        found = parse_cidr(one) if ranges else parse_ip(one)
        if found is None:
            errors.append(internal(path, _unreadable(at, one, ranges)))
            break
        versions.append(found[0].version if isinstance(found, tuple) else found.version)
    if len(addresses) > 2 or sorted(versions) != [4, 6]:
        what = "CIDR" if ranges else "IP"
        errors.append(invalid(path, shown, f"may specify no more than one {what} for each IP family"))


def _unreadable(at: int, text: str, ranges: bool) -> str:
    if ranges:
        why = f"invalid CIDR[{at}]: <nil> (invalid CIDR address: {text})"
        return f"invalid PodCIDRs. failed to check with dual stack with error:{why}"
    return f"failed to check for dual stack with error:invalid IP[{at}]: {text}"


def check_endpoint(errors: list[FieldError], path: str, text: str) -> None:
    """ValidateEndpointIP: an address to which something can be sent."""
    address = parse_ip(text)
    if address is None:
        errors.append(invalid(path, text, "must be a valid IP address"))
        return
    if address.is_unspecified:
        errors.append(invalid(path, text, f"may not be unspecified ({text})"))
    if address.is_loopback:
        errors.append(invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
    packed = address.packed
    if packed[:2] == b"\xa9\xfe" if address.version == 4 else packed[0] == 0xFE and packed[1] & 0xC0 == 0x80:
        errors.append(invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"))
    if packed[:3] == b"\xe0\0\0" if address.version == 4 else packed[0] == 0xFF and packed[1] & 0x0F == 0x02:
        errors.append(invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"))
