"""Formats of strings. Expected: what kube-openapi's package strfmt says, by its tests and patterns."""

import pytest

from navarch.cluster.custom.formats import has_format, known_format, unknown_formats


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f1f77bcf86cd79943901", "x" * 24]),
        ("byte", ["AA==", "YWJj"], ["", "A", "AA", "AA==\n"]),
        ("cidr", ["10.0.0.0/8", "::1/128", "010.0.0.0/8"], ["10.0.0.0", "10.0.0.0/33", "x/8"]),
        ("creditcard", ["4111-1111-1111-1111"], ["4111-1111-1111-1112", "1"]),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-2-9", "20240229"]),
        (
            "date-time",
            ["2024-01-02T03:04:05Z", "2024-01-02t03:04:05.5+01:00"],
            ["2024-01-02T24:00:00Z", "2024-01-02", "2024-01-02T03:04:05"],
        ),
        ("duration", ["5s", "1h30m", "3 days", "2 weeks"], ["", "5", "x", "3 parsecs"]),
        ("email", ["me@x.org", "Me <me@x.org>"], ["me", "@x.org", ""]),
        ("hexcolor", ["#fff", "A0b1C2"], ["#ffff", "red"]),
        ("hostname", ["a.example", "localhost", "a-b.example"], ["a_b", "-a.example", "a..example"]),
        ("ipv4", ["1.2.3.4", "01.2.3.4"], ["1.2.3", "::1", "256.1.1.1"]),
        ("ipv6", ["::1", "::ffff:1.2.3.4"], ["1.2.3.4", "fe80::1%eth0"]),
        ("isbn", ["0321751043", "978-0321751041"], ["0321751044", "978-0321751042"]),
        ("k8s-long-name", ["a.b", "a"], ["A", "a..b", "a" * 254]),
        ("k8s-short-name", ["a-b"], ["a.b", "-a", "a" * 64]),
        ("mac", ["00:11:22:33:44:55", "00-11-22-33-44-55", "0011.2233.4455"], ["00:11:22:33:44", "00:11-22:33:44:55"]),
        ("password", ["", "x"], []),
        ("rgbcolor", ["rgb(255,255,0)", "rgb( 1, 2 , 3 )"], ["rgb(256,0,0)", "rgb(1,2)"]),
        ("ssn", ["123-45-6789"], ["123456789", "12-345-6789"]),
        ("uri", ["http://a.b/c", "/a", "urn:x:y"], ["", "a.b/c"]),
        ("uuid", ["A987FBC9-4BED-3078-CF07-9141BA07C9F3", "a987fbc94bed3078cf079141ba07c9f3"], ["a987fbc9"]),
        ("uuid4", ["625e63f3-58f5-40b7-83a1-a72ad31acffb"], ["a987fbc9-4bed-3078-cf07-9141ba07c9f3"]),
    ],
)
def test_formats(name: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not has_format(name, text)] == []
    assert [text for text in bad if has_format(name, text)] == []


def test_formats_are_those_of_a_type() -> None:
    assert known_format("integer", "int32") == "int32"
    assert known_format("string", "int32") == ""
    assert known_format("", "date-time") == "date-time"
    assert known_format("boolean", "date") == ""


def test_unknown_formats_are_found_everywhere() -> None:
    node = {
        "format": "a",
        "properties": {"x": {"type": "array", "items": {"type": "string", "format": "b"}}},
        "anyOf": [{"format": "date"}],
    }
    version = {"schema": {"openAPIV3Schema": node}}
    assert unknown_formats({"spec": {"versions": [version]}}) == ["a", "b"]
