"""Protobuf's wire format."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.decode.wire import DELIMITED, FIXED64, VARINT, WireError, members, signed, varint, varints

KNOWN = {1: ("Number", VARINT), 2: ("Text", DELIMITED), 3: ("Many[]", VARINT), 4: ("Double", FIXED64)}


def number(value: int) -> bytes:
    """A varint, by the rule of the format: seven bits a byte, the lowest first."""
    out = []
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(key: int, wire: int, payload: bytes) -> bytes:
    return number(key << 3 | wire) + (number(len(payload)) if wire == DELIMITED else b"") + payload


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_numbers_are_read_where_they_stand(value, before, after):
    data = before + number(value) + after
    assert varint(data, len(before)) == (value, len(data) - len(after))


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_packed_numbers(values):
    assert list(varints(b"".join(map(number, values)))) == values


@given(st.integers(-(2**63), 2**63 - 1))
def test_negative_numbers_take_64_bits(value):
    assert signed(value % 2**64, 64) == value
    assert signed(value % 2**64, 32) == (value + 2**31) % 2**32 - 2**31


@given(st.integers(0, 2**64 - 1), st.binary(), st.binary(min_size=8, max_size=8))
def test_fields_come_in_their_order(value, text, double):
    data = field(2, DELIMITED, text) + field(1, VARINT, number(value)) + field(4, FIXED64, double)
    assert list(members(data, "M", KNOWN)) == [(2, text), (1, value), (4, double)]


@given(st.sampled_from([VARINT, FIXED64, DELIMITED, 5]), st.integers(5, 2**28), st.binary(max_size=20))
def test_unknown_fields_are_passed_over(wire, key, payload):
    size = {VARINT: 0, FIXED64: 8, 5: 4}.get(wire, len(payload))
    unknown = field(key, wire, number(300) if wire == VARINT else payload.ljust(size, b"\0")[:size])
    group = number(key << 3 | 3) + unknown + number(key << 3 | 4)
    data = unknown + group + field(1, VARINT, b"\x07") + unknown
    assert list(members(data, "M", KNOWN)) == [(1, 7)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x08", "unexpected EOF"),
        (b"\x12\x05abc", "unexpected EOF"),
        (b"\x21\0\0\0", "unexpected EOF"),
        (b"\x08" + b"\xff" * 11, "proto: integer overflow"),
        (b"\x12" + b"\xff" * 9 + b"\x01", "proto: negative length found during unmarshaling"),
        (b"\x0c", "proto: M: wiretype end group for non-group"),
        (b"\x00", "proto: M: illegal tag 0 (wire type 0)"),
        (b"\x0a\x00", "proto: wrong wireType = 2 for field Number"),
        (b"\x10\x00", "proto: wrong wireType = 0 for field Text"),
        (b"\x1d\0\0\0\0", "proto: wrong wireType = 5 for field Many"),
        (b"\x2f", "proto: illegal wireType 7"),
        (b"\x2b\x08", "unexpected EOF"),
    ],
)
def test_messages_of_kubernetes_decoder(data, message):
    with pytest.raises(WireError) as caught:
        list(members(data, "M", KNOWN))
    assert str(caught.value) == message


@given(st.binary(max_size=64))
def test_nothing_else_is_raised(data):
    with contextlib.suppress(WireError):
        assert all(key in KNOWN for key, _ in members(data, "M", KNOWN))
