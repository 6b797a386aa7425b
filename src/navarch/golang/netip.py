"""IP addresses as Go's net/netip reads them, with its reasons for refusing one."""

from __future__ import annotations

from navarch.errors import FunctionError

__all__ = ["parse_ip"]

_HEX = frozenset("0123456789abcdefABCDEF")
_DIGITS = frozenset("0123456789")


class _IpError(Exception):
    """What is wrong, and where ("" for everywhere)."""

    def __init__(self, what: str, at: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.at = at


def parse_ip(text: str, *, zone: bool = True) -> bytes:
    """The 4 or 16 bytes of an address; its zone ("%eth0") is checked and dropped, or refused.

    Raises FunctionError with netip.ParseAddr's message.
    """
    try:
        return _parse(text, zone)
    except _IpError as error:
        from navarch.golang.strconv import quote

        where = f" (at {quote(error.at)})" if error.at else ""
        raise FunctionError(f"ParseAddr({quote(text)}): {error.what}{where}") from None


def _parse(text: str, zone: bool) -> bytes:
    for char in text:
        if char == ".":
            return _parse_ipv4(text)
        if char == ":":
            address, percent, name = text.partition("%")
            if percent and not name:
                raise _IpError("zone must be a non-empty string")
            if percent and not zone:
                raise _IpError("zones cannot be used here")
            return _parse_ipv6(address)
        if char == "%":
            raise _IpError("missing IPv6 address")
    raise _IpError("unable to parse IP")


def _parse_ipv4(text: str) -> bytes:
    fields: list[int] = []
    value, digits = 0, 0
    for at, char in enumerate(text):
        if char in _DIGITS:
            if digits == 1 and value == 0:
                raise _IpError("IPv4 field has octet with leading zero")
            value, digits = value * 10 + int(char), digits + 1
            if value > 255:
                raise _IpError("IPv4 field has value >255")
        elif char == ".":
            if at == 0 or at == len(text) - 1 or text[at - 1] == ".":
                raise _IpError("IPv4 field must have at least one digit", text[at:])
            if len(fields) == 3:
                raise _IpError("IPv4 address too long")
            fields.append(value)
            value = digits = 0
        else:
            raise _IpError("unexpected character", text[at:])
    if len(fields) < 3:
        raise _IpError("IPv4 address too short")
    return bytes([*fields, value])


def _parse_ipv6(text: str) -> bytes:
    address = bytearray()
    gap = -1  # where the :: stands in the address
    rest = text
    if rest.startswith("::"):
        gap, rest = 0, rest[2:]
        if not rest:
            return bytes(16)
    while len(address) < 16:
        count = _group_length(rest)
        if rest[count : count + 1] == ".":
            if gap < 0 and len(address) != 12:
                raise _IpError("embedded IPv4 address must replace the final 2 fields of the address", rest)
            if len(address) > 12:
                raise _IpError("too many hex fields to fit an embedded IPv4 at the end of the address", rest)
            address += _parse_ipv4(rest)
            rest = ""
            break
        address += int(rest[:count], 16).to_bytes(2, "big")
        rest = rest[count:]
        if not rest:
            break
        rest = _after_colon(rest)
        if rest[0] == ":":
            if gap >= 0:
                raise _IpError("multiple :: in address", rest)
            gap, rest = len(address), rest[1:]
            if not rest:
                break
    return _fill(address, gap, rest)


def _group_length(text: str) -> int:
    """How many hexadecimal digits the text starts with, one to four."""
    count = 0
    while count < len(text) and text[count] in _HEX:
        if count > 3:
            raise _IpError("each group must have 4 or less digits", text)
        count += 1
    if not count:
        raise _IpError("each colon-separated field must have at least one digit", text)
    return count


def _after_colon(text: str) -> str:
    if text[0] != ":":
        raise _IpError("unexpected character, want colon", text)
    if len(text) == 1:
        raise _IpError("colon must be followed by more characters", text)
    return text[1:]


def _fill(address: bytearray, gap: int, rest: str) -> bytes:
    """The whole address: zeros for the gap, which must not be empty."""
    if rest:
        raise _IpError("trailing garbage after address", rest)
    if len(address) == 16:
        if gap >= 0:
            raise _IpError("the :: must expand to at least one field of zeros")
        return bytes(address)
    if gap < 0:
        raise _IpError("address string too short")
    return bytes(address[:gap]) + bytes(16 - len(address)) + bytes(address[gap:])
