"""sprig's b64 and b32 functions: the standard alphabets, and Go's words for where text is not so encoded.

What can't be decoded is answered by the error's text.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from navarch.golang.runes import from_bytes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

_NEWLINES = b"\r\n"
_PAD = ord("=")
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def b64enc(text: str) -> str:
    return b2a_base64(to_bytes(text), newline=False).decode()


def b64dec(text: str) -> str:
    """The decoded text; newlines are skipped."""
    data = to_bytes(text)
    digits = data.translate(None, _NEWLINES)
    if len(digits) % 4 == 0 and not digits.endswith(b"==="):
        try:
            return from_bytes(a2b_base64(digits, strict_mode=True))
        except Error:
            pass
    return f"illegal base64 data at input byte {_base64_error(data)}"


def _base64_error(data: bytes) -> int:
    """Where Go sees the error in data that has one."""
    at, filled, end = 0, 0, len(data)
    while at < end:
        byte = data[at]
        if byte == _PAD:
            return _base64_padding_error(data, at, filled)
        if byte in _BASE64:
            filled = (filled + 1) % 4
        elif byte not in _NEWLINES:
            return at
        at += 1
    return end - filled


def _base64_padding_error(data: bytes, at: int, filled: int) -> int:
    """The same from the first pad on, with so many digits of four before it."""
    if filled < 2:
        return at
    after = _skip_newlines(data, at + 1)
    if filled == 2:
        if after == len(data):
            return after
        if data[after] != _PAD:
            return after - 1
        after = _skip_newlines(data, after + 1)
    return after


def _skip_newlines(data: bytes, at: int) -> int:
    while data[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def b32enc(text: str) -> str:
    """Padded to groups of eight digits."""
    data = to_bytes(text)
    out: list[str] = []
    for at in range(0, len(data), 5):
        group = data[at : at + 5]
        number = int.from_bytes(group.ljust(5, b"\0"), "big")
        digits = (len(group) * 8 + 4) // 5
        out.append("".join([_BASE32[number >> shift & 31] for shift in range(35, 35 - 5 * digits, -5)]).ljust(8, "="))
    return "".join(out)


def b32dec(text: str) -> str:
    """The decoded text; newlines are skipped."""
    data = to_bytes(text).translate(None, _NEWLINES)
    out = bytearray()
    for at in range(0, len(data), 8):
        digits, error = _base32_group(data, at)
        if error >= 0:
            return f"illegal base32 data at input byte {error}"
        number = 0
        for digit in digits:
            number = number << 5 | digit
        whole = len(digits) * 5 // 8
        out += (number >> (len(digits) * 5 - whole * 8)).to_bytes(whole, "big")
        if len(digits) < 8:
            break
    return from_bytes(bytes(out))


def _base32_group(data: bytes, start: int) -> tuple[list[int], int]:
    """The digits of the eight bytes from `start` on without padding, and the place of an error or -1."""
    end = len(data)
    digits: list[int] = []
    for at in range(start, start + 8):
        if at >= end:
            return digits, end - len(digits)
        left, filled = end - at - 1, len(digits)
        if data[at] == _PAD and filled >= 2 and left < 8:
            return digits, _base32_padding_error(data, at, filled)
        digit = _BASE32.find(chr(data[at]))
        if digit < 0:
            return digits, at
        digits.append(digit)
    return digits, -1


def _base32_padding_error(data: bytes, at: int, filled: int) -> int:
    """The place of an error in the padding that starts after so many digits, or -1."""
    left = len(data) - at - 1
    if left + filled < 7:
        return len(data)
    for offset in range(7 - filled):
        if offset < left and data[at + 1 + offset] != _PAD:
            return at + offset
    return at if filled in (1, 3, 6) else -1


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "b32dec": b32dec,
    "b32enc": b32enc,
    "b64dec": b64dec,
    "b64enc": b64enc,
}
