"""Go's strconv; the expected values are Go's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import NavarchError
from navarch.golang.strconv import (
    NumError,
    can_backquote,
    decimal_digits,
    format_float,
    parse_float,
    parse_int,
    quote,
    quote_ascii,
    quote_rune,
    shortest_float,
    unquote,
)

QUOTED = [
    ("", '""', '""'),
    ("plain", '"plain"', '"plain"'),
    ('a"b\\c', '"a\\"b\\\\c"', '"a\\"b\\\\c"'),
    (
        "\x07\x08\x0c\n\r\t\x0b\x00\x1f\x7f",
        '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x1f\\x7f"',
        '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x1f\\x7f"',
    ),
    ("żółw 日本語 😀", '"żółw 日本語 😀"', '"\\u017c\\u00f3\\u0142w \\u65e5\\u672c\\u8a9e \\U0001f600"'),
    (
        "\xa0\xad\u200b\u2028\ufeff\ue000",
        '"\\u00a0\\u00ad\\u200b\\u2028\\ufeff\\ue000"',
        '"\\u00a0\\u00ad\\u200b\\u2028\\ufeff\\ue000"',
    ),
    (
        "\u0cf3\U0001f6dc\U000323af\U000323b0\U0010ffff",
        '"\u0cf3\U0001f6dc\U000323af\\U000323b0\\U0010ffff"',
        '"\\u0cf3\\U0001f6dc\\U000323af\\U000323b0\\U0010ffff"',
    ),
    ("\udcff\udc80x", '"\\xff\\x80x"', '"\\xff\\x80x"'),
    ("�", '"�"', '"\\ufffd"'),
]

RUNES = [
    (65, "'A'"),
    (39, "'\\''"),
    (34, "'\"'"),
    (92, "'\\\\'"),
    (10, "'\\n'"),
    (0, "'\\x00'"),
    (127, "'\\x7f'"),
    (380, "'ż'"),
    (8203, "'\\u200b'"),
    (128512, "'😀'"),
    (55296, "'�'"),
    (1114112, "'�'"),
    (-1, "'�'"),
]

FLOATS = [
    (1.0, "g", -1, "1"),
    (1000000.0, "g", -1, "1e+06"),
    (123456789.0, "g", -1, "1.23456789e+08"),
    (0.0001, "g", -1, "0.0001"),
    (1e-05, "G", -1, "1E-05"),
    (1e21, "f", -1, "1000000000000000000000"),
    (5e-324, "e", -1, "5e-324"),
    (1.7976931348623157e308, "g", -1, "1.7976931348623157e+308"),
    (0.1, "f", -1, "0.1"),
    (-0.0, "e", -1, "-0e+00"),
    (100.0, "E", -1, "1E+02"),
    (2.5, "f", 0, "2"),
    (3.5, "f", 0, "4"),
    (1.005, "f", 2, "1.00"),
    (1234.5678, "e", 3, "1.235e+03"),
    (1234.5678, "g", 3, "1.23e+03"),
    (1234.5678, "g", 0, "1e+03"),
    (100000.0, "g", 10, "100000"),
    (1.5, "x", -1, "0x1.8p+00"),
    (-1.5, "X", 3, "-0X1.800P+00"),
    (1.99, "x", 0, "0x1p+01"),
    (0.0, "x", -1, "0x0p+00"),
    (5e-324, "x", -1, "0x1p-1074"),
    (1.0, "b", -1, "4503599627370496p-52"),
    (5e-324, "b", -1, "1p-1074"),
    (0.0, "b", -1, "0p-1074"),
    (0.1, "e", 25, "1.0000000000000000555111512e-01"),
]

FLOATS_OF_32_BITS = [
    (0.1, "g", "0.1"),
    (16777216.0, "g", "1.6777216e+07"),
    (3.4028234663852886e38, "e", "3.4028235e+38"),
    (1e39, "g", "+Inf"),
    (1e-45, "g", "1e-45"),
    (0.3, "b", "10066330p-25"),
]

READ_FLOATS = [
    ("1", "1.0"),
    ("+1.5", "1.5"),
    ("-.5", "-0.5"),
    ("1.", "1.0"),
    ("1e3", "1000.0"),
    ("1E-2", "0.01"),
    ("0x1p-2", "0.25"),
    ("0X1.8P+1", "3.0"),
    ("1_000.5", "1000.5"),
    ("0x_1p4", "16.0"),
    ("inf", "inf"),
    ("-Infinity", "-inf"),
    ("+INF", "inf"),
    ("NaN", "nan"),
]

BAD_FLOATS = [
    ("", 'strconv.ParseFloat: parsing "": invalid syntax'),
    ("x", 'strconv.ParseFloat: parsing "x": invalid syntax'),
    ("1x", 'strconv.ParseFloat: parsing "1x": invalid syntax'),
    (" 1", 'strconv.ParseFloat: parsing " 1": invalid syntax'),
    ("1 ", 'strconv.ParseFloat: parsing "1 ": invalid syntax'),
    ("1e", 'strconv.ParseFloat: parsing "1e": invalid syntax'),
    ("1e+", 'strconv.ParseFloat: parsing "1e+": invalid syntax'),
    ("0x1", 'strconv.ParseFloat: parsing "0x1": invalid syntax'),
    ("0xp1", 'strconv.ParseFloat: parsing "0xp1": invalid syntax'),
    ("1__0", 'strconv.ParseFloat: parsing "1__0": invalid syntax'),
    ("_1", 'strconv.ParseFloat: parsing "_1": invalid syntax'),
    ("1_", 'strconv.ParseFloat: parsing "1_": invalid syntax'),
    ("+nan", 'strconv.ParseFloat: parsing "+nan": invalid syntax'),
    ("infin", 'strconv.ParseFloat: parsing "infin": invalid syntax'),
    ("1,5", 'strconv.ParseFloat: parsing "1,5": invalid syntax'),
    ("١", 'strconv.ParseFloat: parsing "١": invalid syntax'),
    ("--1", 'strconv.ParseFloat: parsing "--1": invalid syntax'),
    (".", 'strconv.ParseFloat: parsing ".": invalid syntax'),
]

READ_INTS = [
    ("42", 10, 42),
    ("-42", 10, -42),
    ("+7", 10, 7),
    ("007", 10, 7),
    ("0x1f", 0, 31),
    ("0X1F", 0, 31),
    ("0b101", 0, 5),
    ("0o17", 0, 15),
    ("017", 0, 15),
    ("0", 0, 0),
    ("1_000", 0, 1000),
    ("0x_ff", 0, 255),
    ("ff", 16, 255),
    ("zz", 36, 1295),
    ("9223372036854775807", 10, 9223372036854775807),
    ("-9223372036854775808", 10, -9223372036854775808),
]

BAD_INTS = [
    ("", 10, 'strconv.ParseInt: parsing "": invalid syntax', 0),
    ("-", 10, 'strconv.ParseInt: parsing "-": invalid syntax', 0),
    ("x", 10, 'strconv.ParseInt: parsing "x": invalid syntax', 0),
    ("0x", 0, 'strconv.ParseInt: parsing "0x": invalid syntax', 0),
    ("08", 0, 'strconv.ParseInt: parsing "08": invalid syntax', 0),
    ("1__0", 0, 'strconv.ParseInt: parsing "1__0": invalid syntax', 0),
    ("_1", 0, 'strconv.ParseInt: parsing "_1": invalid syntax', 0),
    ("1_000", 10, 'strconv.ParseInt: parsing "1_000": invalid syntax', 0),
    ("0x1f", 16, 'strconv.ParseInt: parsing "0x1f": invalid syntax', 0),
    ("1.5", 10, 'strconv.ParseInt: parsing "1.5": invalid syntax', 0),
    ("١", 10, 'strconv.ParseInt: parsing "١": invalid syntax', 0),
    (" 1", 10, 'strconv.ParseInt: parsing " 1": invalid syntax', 0),
    (
        "9223372036854775808",
        10,
        'strconv.ParseInt: parsing "9223372036854775808": value out of range',
        9223372036854775807,
    ),
    (
        "-9223372036854775809",
        10,
        'strconv.ParseInt: parsing "-9223372036854775809": value out of range',
        -9223372036854775808,
    ),
    (
        "99999999999999999999x",
        10,
        'strconv.ParseInt: parsing "99999999999999999999x": value out of range',
        9223372036854775807,
    ),
]

LITERALS = [
    ('"a"', "a"),
    ('""', ""),
    ("''", ""),
    ("'a'", "a"),
    ("'ż'", "ż"),
    ("`a\\n\r`", "a\\n"),
    ('"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\x07\x08\x0c\n\r\t\x0b\\"'),
    ("'\\''", "'"),
    ('"\\x41\\101\\u017c\\U0001f600"', "AAż😀"),
    ('"\\xc5\\xbc"', "ż"),
    ('"\\xff\\377"', "\udcff\udcff"),
    ('"\'"', "'"),
    ("'\"'", '"'),
]

NO_LITERALS = [
    "",
    "a",
    '"',
    "'ab'",
    '"a',
    "\"a'",
    '"a"b"',
    '"\n"',
    '"\\z"',
    '"\\\'"',
    "'\\\"'",
    '"\\x4"',
    '"\\400"',
    '"\\08"',
    '"\\ud800"',
    '"\\U00110000"',
    '"\\u12"',
    '"\\"',
    "`a`b`",
    '"\\0x1"',
]


@pytest.mark.parametrize(("text", "quoted", "ascii_only"), QUOTED)
def test_quote(text, quoted, ascii_only):
    assert quote(text) == quoted
    assert quote_ascii(text) == ascii_only


@pytest.mark.parametrize(("code", "expected"), RUNES)
def test_quote_rune(code, expected):
    assert quote_rune(code) == expected


def test_quote_rune_in_ascii():
    assert quote_rune(0x17C, ascii_only=True) == r"'\u017c'"


@pytest.mark.parametrize(("number", "form", "precision", "expected"), FLOATS)
def test_format_float(number, form, precision, expected):
    assert format_float(number, form, precision) == expected


@pytest.mark.parametrize(("number", "form", "expected"), FLOATS_OF_32_BITS)
def test_format_float_of_32_bits(number, form, expected):
    assert format_float(number, form, bits=32) == expected


def test_format_float_that_is_no_number():
    assert [format_float(float(f), "f", 2) for f in ("inf", "-inf", "nan")] == ["+Inf", "-Inf", "NaN"]


@pytest.mark.parametrize(("text", "expected"), READ_FLOATS)
def test_parse_float(text, expected):
    assert repr(parse_float(text)) == expected


@pytest.mark.parametrize(("text", "message"), BAD_FLOATS)
def test_parse_float_refuses(text, message):
    with pytest.raises(NumError) as caught:
        parse_float(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "sign"), [("1e400", 1), ("-1e400", -1), ("0x1p2000", 1), ("-0x1p2000", -1)])
def test_parse_float_out_of_range(text, sign):
    with pytest.raises(NumError, match="value out of range") as caught:
        parse_float(text)
    assert caught.value.value == sign * float("inf")


@pytest.mark.parametrize(("text", "base", "expected"), READ_INTS)
def test_parse_int(text, base, expected):
    assert parse_int(text, base) == expected


@pytest.mark.parametrize(("text", "base", "message", "value"), BAD_INTS)
def test_parse_int_refuses(text, base, message, value):
    with pytest.raises(NumError) as caught:
        parse_int(text, base)
    assert str(caught.value) == message
    assert caught.value.value == value


def test_parse_int_of_32_bits():
    assert parse_int("2147483647", bits=32) == 2147483647
    with pytest.raises(NumError, match=r'strconv\.Atoi: parsing "2147483648": value out of range'):
        parse_int("2147483648", bits=32, function="Atoi")


@pytest.mark.parametrize(("literal", "expected"), LITERALS)
def test_unquote(literal, expected):
    assert unquote(literal) == expected


@pytest.mark.parametrize("literal", NO_LITERALS)
def test_unquote_refuses(literal):
    with pytest.raises(NavarchError, match="invalid syntax"):
        unquote(literal)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tż", True),
        ("", True),
        ("a`b", False),
        ("a\nb", False),
        ("\x7f", False),
        ("\ufeff", False),
        ("\udcff", False),
    ],
)
def test_can_backquote(text, expected):
    assert can_backquote(text) is expected


def test_decimal_digits():
    assert [decimal_digits(f) for f in (0.0, 1.25, 100.0, -0.001, 1e22)] == [
        ("0", 1),
        ("125", 1),
        ("1", 3),
        ("1", -2),
        ("1", 23),
    ]


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_unquote_undoes_quote(text):
    assert unquote(quote(text)) == text
    assert unquote(quote_ascii(text)) == text
    assert quote_ascii(text).isascii()
    if can_backquote(text):
        assert unquote(f"`{text}`") == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from("eEgGxX"))
def test_the_fewest_digits_read_back_the_same(number, form):
    assert parse_float(format_float(number, form)) == number
    assert parse_float(format_float(number, "f")) == number
    assert shortest_float(number) == format_float(number, "g")


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_parse_int_reads_all_prefixes(number):
    assert parse_int(str(number)) == number
    assert all(parse_int(format(number, form), 0) == number for form in ("d", "#x", "#o", "#b"))
