"""IP addresses; the messages are those of Go's net/netip."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.netip import parse_ip

REFUSED = [
    ("256.1.1.1", 'ParseAddr("256.1.1.1"): IPv4 field has value >255'),
    ("1.2.3", 'ParseAddr("1.2.3"): IPv4 address too short'),
    ("1.2.3.4.5", 'ParseAddr("1.2.3.4.5"): IPv4 address too long'),
    ("01.2.3.4", 'ParseAddr("01.2.3.4"): IPv4 field has octet with leading zero'),
    ("1..2.3", 'ParseAddr("1..2.3"): IPv4 field must have at least one digit (at ".2.3")'),
    (".1.2.3", 'ParseAddr(".1.2.3"): IPv4 field must have at least one digit (at ".1.2.3")'),
    ("1.2.3.", 'ParseAddr("1.2.3."): IPv4 field must have at least one digit (at ".")'),
    ("1.2.3.x", 'ParseAddr("1.2.3.x"): unexpected character (at "x")'),
    ("fe80::1%", 'ParseAddr("fe80::1%"): zone must be a non-empty string'),
    ("%eth0", 'ParseAddr("%eth0"): missing IPv6 address'),
    ("1:2:3:4:5:6:7", 'ParseAddr("1:2:3:4:5:6:7"): address string too short'),
    ("1:2:3:4:5:6:7:8:9", 'ParseAddr("1:2:3:4:5:6:7:8:9"): trailing garbage after address (at "9")'),
    ("1::2::3", 'ParseAddr("1::2::3"): multiple :: in address (at ":3")'),
    ("12345::", 'ParseAddr("12345::"): each group must have 4 or less digits (at "12345::")'),
    ("g::", 'ParseAddr("g::"): each colon-separated field must have at least one digit (at "g::")'),
    ("1.2.3.4::", 'ParseAddr("1.2.3.4::"): unexpected character (at "::")'),
    ("::1.2.3", 'ParseAddr("::1.2.3"): IPv4 address too short'),
    ("1:", 'ParseAddr("1:"): colon must be followed by more characters (at ":")'),
    ("::1:", 'ParseAddr("::1:"): colon must be followed by more characters (at ":")'),
    ("", 'ParseAddr(""): unable to parse IP'),
    ("x", 'ParseAddr("x"): unable to parse IP'),
    ("1:2:3:4:5:6:7:8::", 'ParseAddr("1:2:3:4:5:6:7:8::"): the :: must expand to at least one field of zeros'),
    ("1.2.3", 'ParseAddr("1.2.3"): IPv4 address too short'),
    ("256.1.1.1", 'ParseAddr("256.1.1.1"): IPv4 field has value >255'),
]


@pytest.mark.parametrize(("text", "message"), sorted(set(REFUSED)))
def test_what_is_no_address_is_refused_in_go_s_words(text, message):
    with pytest.raises(FunctionError) as error:
        parse_ip(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.2.3.4", bytes([1, 2, 3, 4])),
        ("::", bytes(16)),
        ("1::", bytes([0, 1]) + bytes(14)),
        ("::ffff:1.2.3.4", bytes(10) + bytes([255, 255, 1, 2, 3, 4])),
        ("fe80::1%eth0", b"\xfe\x80" + bytes(13) + b"\x01"),
    ],
)
def test_an_address_is_read(text, address):
    assert parse_ip(text) == address


def test_a_zone_can_be_refused():
    with pytest.raises(FunctionError, match="zones cannot be used here"):
        parse_ip("fe80::1%eth0", zone=False)


@given(st.ip_addresses())
def test_addresses_are_read_as_ipaddress_reads_them(address):
    assert parse_ip(str(address)) == address.packed


@given(st.text(alphabet="0123456789abcdef:.%", max_size=20))
def test_what_is_read_ipaddress_reads_too(text):
    with suppress(FunctionError):
        data = parse_ip(text)
        assert data == (IPv4Address if len(data) == 4 else IPv6Address)(text).packed
