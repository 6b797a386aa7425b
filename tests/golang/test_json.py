"""Go's encoding/json; the expected values and messages are those of Helm's functions."""

from __future__ import annotations

import json as standard
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import JsonError
from navarch.golang import json
from navarch.golang.jsontext import Reader
from navarch.golang.types import Int, NilList, NilMap, StringMap, Strings

DECODED = [
    ("1", 1.0),
    ("-0", -0.0),
    ("1.5e3", 1500.0),
    ('[1, 2.5, "x", null, true]', [1.0, 2.5, "x", None, True]),
    ('{"a":{"b":[]},"a":1}', {"a": 1.0}),
    ('"\\u00e9\\ud83d\\ude00\\ud83d\\n\\/"', "é😀�\n/"),
    ('"\\ud83d\\u0041"', "�A"),
    (" [1] ", [1.0]),
]

FAULTS = [
    ("1e400", "json: cannot unmarshal number 1e400 into Go value of type float64"),
    ("", "unexpected end of JSON input"),
    ("[1,", "unexpected end of JSON input"),
    ("[1,]", "invalid character ']' looking for beginning of value"),
    ("[1 2]", "invalid character '2' after array element"),
    ('{"a" 1}', "invalid character '1' after object key"),
    ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
    ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
    ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
    ("01", "invalid character '1' after top-level value"),
    ("1.", "invalid character ' ' after decimal point in numeric literal"),
    ("1e", "invalid character ' ' in exponent of numeric literal"),
    ("-", "invalid character ' ' in numeric literal"),
    ("+1", "invalid character '+' looking for beginning of value"),
    (".5", "invalid character '.' looking for beginning of value"),
    ("tru", "invalid character ' ' in literal true (expecting 'e')"),
    ("trux", "invalid character 'x' in literal true (expecting 'e')"),
    ("nul", "invalid character ' ' in literal null (expecting 'l')"),
    ("NaN", "invalid character 'N' looking for beginning of value"),
    ('"x', "unexpected end of JSON input"),
    ('"\\x"', "invalid character 'x' in string escape code"),
    ('"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
    ('"a\nb"', "invalid character '\\n' in string literal"),
    ('"a\tb"', "invalid character '\\t' in string literal"),
    ("[1]x", "invalid character 'x' after top-level value"),
    ("{} {}", "invalid character '{' after top-level value"),
    ("'a'", "invalid character '\\'' looking for beginning of value"),
    ("é", "invalid character 'Ã' looking for beginning of value"),
    ("\x7f", "invalid character '\\x7f' looking for beginning of value"),
    ('"', "unexpected end of JSON input"),
    ('"\\', "invalid character ' ' in string escape code"),
    ("[[[", "unexpected end of JSON input"),
    ('{"a":[1,{"b":1e999}]}', "json: cannot unmarshal number 1e999 into Go value of type float64"),
    ("\ufeff1", "invalid character 'ï' looking for beginning of value"),
]

ENCODED = [
    (1, "1", "1", "1"),
    (1.5, "1.5", "1.5", "1.5"),
    (1000000.0, "1000000", "1000000", "1000000"),
    (1e20, "100000000000000000000", "100000000000000000000", "100000000000000000000"),
    (1e21, "1e+21", "1e+21", "1e+21"),
    (1.5e22, "1.5e+22", "1.5e+22", "1.5e+22"),
    (1e-06, "0.000001", "0.000001", "0.000001"),
    (1e-07, "1e-7", "1e-7", "1e-7"),
    (-0.0, "-0", "-0", "-0"),
    (123456789012, "123456789012", "123456789012", "123456789012"),
    (0.1, "0.1", "0.1", "0.1"),
    ("<a&b>", '"\\u003ca\\u0026b\\u003e"', '"<a&b>"', '"\\u003ca\\u0026b\\u003e"'),
    ("é\u2028\u2029\x7f", '"é\\u2028\\u2029\x7f"', '"é\\u2028\\u2029\x7f"', '"é\\u2028\\u2029\x7f"'),
    (
        '\x00\x1f\x08\x0c\n\r\t"\\/',
        '"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/"',
        '"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/"',
        '"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/"',
    ),
    (None, "null", "null", "null"),
    (True, "true", "true", "true"),
    ([], "[]", "[]", "[]"),
    ({}, "{}", "{}", "{}"),
    ([1, [2, {}]], "[1,[2,{}]]", "[1,[2,{}]]", "[\n  1,\n  [\n    2,\n    {}\n  ]\n]"),
    (
        {"b": 1, "a": {"d": [], "c": None}, "B": 2, "é": 3, "": 4},
        '{"":4,"B":2,"a":{"c":null,"d":[]},"b":1,"é":3}',
        '{"":4,"B":2,"a":{"c":null,"d":[]},"b":1,"é":3}',
        ('{\n  "": 4,\n  "B": 2,\n  "a": {\n    "c": null,\n    "d": []\n  },\n  "b": 1,\n  "é": 3\n}'),
    ),
]


@pytest.mark.parametrize(("text", "value"), DECODED)
def test_loads(text, value):
    assert repr(json.loads(text)) == repr(value)
    assert repr(Reader(text).read()) == repr((value, ""))


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_faults(text, message):
    with pytest.raises(JsonError) as caught:
        json.loads(text)
    assert caught.value.message == message


@pytest.mark.parametrize(("value", "compact", "raw", "pretty"), ENCODED)
def test_dumps(value, compact, raw, pretty):
    assert json.dumps(value) == compact
    assert json.dumps(value) == compact  # what was remembered is the same
    assert json.dumps_raw(value) == raw
    assert json.dumps_indent(value) == pretty


def test_numbers_out_of_range_leave_null_behind():
    value, error = json.decode('{"a": 1e999, "b": 2}')
    assert value == {"a": None, "b": 2}
    assert error == "json: cannot unmarshal number 1e999 into Go value of type float64"


def test_bytes_that_are_not_utf_8():
    assert json.dumps(["a\udcff"]) == '["a\\ufffd"]'
    assert json.loads('"a\udcff"') == "a\ufffd"
    with pytest.raises(JsonError, match="invalid character 'ÿ' looking for beginning of value"):
        json.loads("\udcff")


class Struct:
    go_fields = ("Z", "hidden", "A")
    Z = 1
    hidden = 2
    A = (3,)

    def go_json(self):
        return {"z": self.Z, "a": self.A}


def test_go_types():
    value = {"a": Int(1), "b": b"hi", "c": StringMap(y="1", x="2"), "d": Strings(["s"]), "e": NilMap(), "f": NilList()}
    assert json.dumps(value) == '{"a":1,"b":"aGk=","c":{"x":"2","y":"1"},"d":["s"],"e":null,"f":null}'
    assert json.dumps([Struct()]) == '[{"z":1,"a":[3]}]'
    assert json.dumps_indent(Struct(), " ") == '{\n "z": 1,\n "a": [\n  3\n ]\n}'
    assert json.exported_fields(Struct()) == {"Z": 1, "A": (3,)}
    assert json.exported_fields({}) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"a": float("-inf")}]])
def test_what_json_can_not_hold(value):
    with pytest.raises(JsonError, match=r"json: unsupported value: (NaN|[+]Inf|-Inf)$"):
        json.dumps(value)


def test_objects_that_have_no_json():
    with pytest.raises(JsonError, match="json: unsupported type: object"):
        json.dumps([object()])


def test_a_value_that_contains_itself():
    value: dict[str, object] = {}
    value["a"] = [value]
    with pytest.raises(JsonError) as caught:
        json.dumps(value)
    assert caught.value.message == "json: unsupported value: encountered a cycle via map[string]interface {}"


@pytest.mark.parametrize("depth", [500, 5000, 10000])
def test_deep_nesting(depth):
    text = "[" * depth + "]" * depth
    assert json.dumps(json.loads(text)) == text


def test_too_deep_nesting():
    with pytest.raises(JsonError, match=r"invalid character '\[' exceeded max depth"):
        json.loads("[" * 10001 + "]" * 10001)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_can_be_read(value):
    for text in (json.dumps(value), json.dumps_raw(value), json.dumps_indent(value)):
        assert json.loads(text) == value
        assert Reader(text).read() == (value, "")
        assert standard.loads(text, parse_int=float) == value


@given(st.text('[]{}",:\\\\u0123456789abcdefn.+-eE truls\n\udcff', max_size=30))
def test_any_text_is_read_or_refused_alike(text):
    value, error = Reader(text).read()
    assert repr(json.decode(text)) == repr((value, error))
    with suppress(ValueError):
        assert standard.loads(text) is not None or text.strip() == "null"
