"""Protobuf's wire format: the fields of a message. Limits and error texts are those of Kubernetes' generated code."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["DELIMITED", "FIXED64", "VARINT", "WireError", "entry", "members", "signed", "varint", "varints"]

VARINT, FIXED64, DELIMITED = 0, 1, 2
_GROUP, _END_GROUP, _FIXED32 = 3, 4, 5
_EOF = "unexpected EOF"
_NEGATIVE = "proto: negative length found during unmarshaling"
_OVERFLOW = "proto: integer overflow"
_LONGEST_VARINT = 10
_UINT64 = (1 << 64) - 1


class WireError(Exception):
    """Bytes that aren't a message; the text is that of Kubernetes' decoder."""


def varint(data: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, 0 to 2**64-1, and where it ends. Raises WireError."""
    if position < len(data) and data[position] < 0x80:
        return data[position], position + 1
    value = shift = 0
    for byte in data[position : position + _LONGEST_VARINT]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value & _UINT64, position + shift // 7
    raise WireError(_OVERFLOW if len(data) - position >= _LONGEST_VARINT else _EOF)


def varints(data: bytes) -> Iterator[int]:
    """The numbers of a packed field. Raises WireError."""
    position, end = 0, len(data)
    while position < end:
        value, position = varint(data, position)
        yield value


def signed(value: int, bits: int) -> int:
    """The lowest `bits` of a number as Go's int32 or int64."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _delimited(data: bytes, position: int) -> tuple[int, int]:
    """Where the bytes begin and end whose length stands at `position`."""
    length, begin = varint(data, position)
    end = begin + length
    if length >> 63 or end >> 63:
        raise WireError(_NEGATIVE)
    if end > len(data):
        raise WireError(_EOF)
    return begin, end


def members(data: bytes, name: str, known: Mapping[int, tuple[str, int]]) -> Iterator[tuple[int, Any]]:
    """The fields of the message `name` as (number, value): int for varints, else bytes.

    `known` has what Go calls each field and how it is written; numbers may be packed when that name ends with "[]", and
    so come as bytes. Other fields are passed over. Raises WireError.
    """
    position, end = 0, len(data)
    while position < end:
        start = position
        tag, position = varint(data, position)
        wire, number = tag & 7, tag >> 3 if tag < 0x80 else signed(tag >> 3, 32)
        if wire == _END_GROUP:
            raise WireError(f"proto: {name}: wiretype end group for non-group")
        if number <= 0:
            raise WireError(f"proto: {name}: illegal tag {number} (wire type {tag})")
        field = known.get(number)
        if field is None:
            position = _skip(data, start)
            continue
        label, expected = field
        if wire != expected and not (wire == DELIMITED and label.endswith("[]")):
            raise WireError(f"proto: wrong wireType = {wire} for field {label.removesuffix('[]')}")
        if wire == VARINT:
            value, position = varint(data, position)
            yield number, value
            continue
        begin, position = _delimited(data, position) if wire == DELIMITED else (position, position + 8)
        if position > end:
            raise WireError(_EOF)
        yield number, data[begin:position]


def entry(data: bytes) -> tuple[bytes, bytes | None]:
    """The key and the value of a map's member, None for no value; as there, how they are written isn't checked.

    Raises WireError.
    """
    key, value = b"", None
    position, end = 0, len(data)
    while position < end:
        start = position
        tag, position = varint(data, position)
        number = signed(tag >> 3, 32)
        if number not in (1, 2):
            position = _skip(data, start)
            continue
        begin, position = _delimited(data, position)
        if number == 1:
            key = data[begin:position]
        else:
            value = data[begin:position]
    return key, value


def _skip(data: bytes, position: int) -> int:
    """Where the field ends that begins at `position`; groups are passed over with all that is in them."""
    depth, end = 0, len(data)
    while position < end:
        tag, position = varint(data, position)
        wire = tag & 7
        if wire == VARINT:
            _, position = varint(data, position)
        elif wire == DELIMITED:
            length, position = varint(data, position)
            if length >> 63:
                raise WireError(_NEGATIVE)
            position += length
        elif wire in (FIXED64, _FIXED32):
            position += 8 if wire == FIXED64 else 4
        elif wire == _GROUP:
            depth += 1
        elif wire == _END_GROUP:
            if not depth:
                raise WireError("proto: unexpected end of group")
            depth -= 1
        else:
            raise WireError(f"proto: illegal wireType {wire}")
        if position >> 63:
            raise WireError(_NEGATIVE)
        if not depth:
            if position > end:
                raise WireError(_EOF)
            return position
    raise WireError(_EOF)
