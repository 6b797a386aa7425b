"""BurntSushi/toml; the expected values and messages are those of Helm's fromToml and toToml."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError, TomlError
from navarch.golang import json, toml
from navarch.golang.duration import Duration
from navarch.golang.fmt import sprint
from navarch.golang.types import Maps, NilList, NilMap

# texts, how Helm prints what they hold, and how it writes that again
DECODED = [
    ("", "map[]", ""),
    ("a = 1", "map[a:1]", "a = 1\n"),
    (
        "a = 1_000\nb = 0x1F\nc = 0o17\nd = 0b101\ne = -5",
        "map[a:1000 b:31 c:15 d:5 e:-5]",
        "a = 1000\nb = 31\nc = 15\nd = 5\ne = -5\n",
    ),
    (
        "a = 1.5\nb = 1e3\nc = inf\nd = -nan",
        "map[a:1.5 b:1000 c:+Inf d:NaN]",
        "a = 1.5\nb = 1000.0\nc = inf\nd = -nan\n",
    ),
    ("a = true", "map[a:true]", "a = true\n"),
    ('a = "x\\ty\\u00e9\\x41"', "map[a:x\tyéA]", 'a = "x\\tyéA"\n'),
    ("a = 'r\\x'", "map[a:r\\x]", 'a = "r\\\\x"\n'),
    ('a = """\nm\n  n\\\n   o"""', "map[a:m\n  no]", 'a = "m\\n  no"\n'),
    ("a = '''\nr'''", "map[a:r]", 'a = "r"\n'),
    ('a = [1, "b", [2.5], {c = 1}]', "map[a:[1 b [2.5] map[c:1]]]", 'a = [1, "b", [2.5], {c = 1}]\n'),
    ("a = {b = 1, c.d = 2}", "map[a:map[b:1 c:map[d:2]]]", "[a]\n  b = 1\n  [a.c]\n    d = 2\n"),
    ("a.b.c = 1\na.b.d = 2", "map[a:map[b:map[c:1 d:2]]]", "[a]\n  [a.b]\n    c = 1\n    d = 2\n"),
    ("[a]\nb = 1\n[a.c]\nd = 2", "map[a:map[b:1 c:map[d:2]]]", "[a]\n  b = 1\n  [a.c]\n    d = 2\n"),
    (
        "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3",
        "map[a:[map[b:1] map[b:2 c:map[d:3]]]]",
        "[[a]]\n  b = 1\n\n[[a]]\n  b = 2\n  [a.c]\n    d = 3\n",
    ),
    ("\"q k\" = 1\n'' = 2", "map[:2 q k:1]", '"" = 2\n"q k" = 1\n'),
    ("a = 1 # c\n# d\n", "map[a:1]", "a = 1\n"),
    ("a = [\n 1, # x\n 2,\n]", "map[a:[1 2]]", "a = [1, 2]\n"),
    ("a = 2024-01-02T03:04:05Z", "map[a:2024-01-02 03:04:05 +0000 UTC]", "a = 2024-01-02T03:04:05Z\n"),
    (
        "a = 2024-01-02 03:04:05.5+02:00",
        "map[a:2024-01-02 03:04:05.5 +0200 +0200]",
        "a = 2024-01-02T03:04:05.5+02:00\n",
    ),
    ("a = 2024-01-02", "map[a:2024-01-02 00:00:00 +0000 date-local]", "a = 2024-01-02\n"),
    ("a = 03:04:05", "map[a:0000-01-01 03:04:05 +0000 time-local]", "a = 03:04:05\n"),
    ("a = {b = 1}\na.c = 2", "map[a:map[b:1 c:2]]", "[a]\n  b = 1\n  c = 2\n"),
]

FAULTS = [
    ("a", "line 1: unexpected EOF; expected key separator '='"),
    ("a b = 1", "line 1: expected '.' or '=', but got 'b' instead"),
    ("a = ", 'line 1 (last key "a"): unexpected EOF; expected value'),
    ("= 1", "line 1: unexpected '=': key name appears blank"),
    (".a = 1", "line 1: unexpected '.': keys cannot start with a '.'"),
    ("a. = 1", "line 1: unexpected '='"),
    ("a = 01", 'line 1 (last key "a"): Invalid integer "01": cannot have leading zeroes'),
    ("a = 1__0", ('line 1 (last key "a"): Invalid integer "1__0": underscores must be surrounded by digits')),
    ("a = 1.", ('line 1 (last key "a"): Invalid float "1.": \'.\' must be followed by one or more digits')),
    ("a = .5", "line 1 (last key \"a\"): floats must start with a digit, not '.'"),
    ("a = 1e", 'line 1 (last key "a"): Invalid float value: "1e"'),
    ("a = 99999999999999999999", 'line 1 (last key "a"): 99999999999999999999 is out of range for int64'),
    ("a = 1e400", 'line 1 (last key "a"): 1e400 is out of range for float64'),
    ("a = +0x1", "line 1 (last key \"a\"): cannot use sign with non-decimal numbers: '+0x'"),
    ("a = 0xg", "line 1 (last key \"a\"): not a hexadecimal number: '0xg'"),
    ("a = foo", 'line 1 (last key "a"): expected value but found "foo" instead'),
    (
        "a = information",
        ("line 1: expected a top-level item to end with a newline, comment, or EOF, but got 'o' instead"),
    ),
    ("a = in", 'line 1 (last key "a"): expected value but found "n" instead'),
    ('a = "x', 'line 1 (last key "a"): unexpected EOF; expected \'"\''),
    ("a = 'x", 'line 1 (last key "a"): unexpected EOF; expected "\'"'),
    ('a = "x\ny"', 'line 1 (last key "a"): strings cannot contain newlines'),
    ('a = "\\q"', "line 1 (last key \"a\"): invalid escape in string '\\q'"),
    (
        'a = "\\u12g4"',
        ('line 1 (last key "a"): expected four hexadecimal digits after \'\\u\', but got "\\\\u12g" instead'),
    ),
    ('a = "\\ud800"', "line 1 (last key \"a\"): Escaped character '\\ud800' is not valid UTF-8."),
    ('a = """x', 'line 1 (last key "a"): unexpected EOF; expected \'"""\''),
    ("a = 'x' y", ("line 1: expected a top-level item to end with a newline, comment, or EOF, but got 'y' instead")),
    ("a = [1", ("line 1 (last key \"a\"): expected a comma (',') or array terminator (']'), but got end of file")),
    ("a = [1 2]", ("line 1 (last key \"a\"): expected a comma (',') or array terminator (']'), but got '2'")),
    ("a = [,]", 'line 1 (last key "a"): unexpected comma'),
    (
        "a = {b = 1",
        ("line 1 (last key \"a.b\"): expected a comma or an inline table terminator '}', but got end of file instead"),
    ),
    (
        "a = {b = 1 c = 2}",
        ("line 1 (last key \"a.b\"): expected a comma or an inline table terminator '}', but got 'c' instead"),
    ),
    ("a = {,}", 'line 1 (last key "a"): unexpected comma'),
    ("[a", "line 1: expected '.' or ']' to end table name, but got '\\x00' instead"),
    ("[]", "line 1: unexpected end of table name (table names cannot be empty)"),
    ("[a.]", "line 1: unexpected end of table name (table names cannot be empty)"),
    ("[.a]", "line 1: unexpected table separator (table names cannot be empty)"),
    ("[[a]", ("line 1: expected end of table array name delimiter ']', but got '\\x00' instead")),
    (
        "[a]x",
        (
            'line 1 (last key "a"): expected a top-level item to end with a newline, comment,'
            " or EOF, but got 'x' instead"
        ),
    ),
    ("a = 1\na = 2", "line 2 (last key \"a\"): Key 'a' has already been defined."),
    ("[a]\n[a]", "line 2: Key 'a' has already been defined."),
    ("a = 1\n[a.b]", "line 2: Key 'a' was already created as a hash."),
    ("a = 1\n[[a]]", "line 2: Key 'a' was already created and cannot be used as an array."),
    ("[[a]]\n[a]", "line 2: Key 'a' has already been defined."),
    ("a = \x01", "line 1 (last key \"a\"): TOML files cannot contain control characters: '0x01'"),
    ("a = 1\r", "line 1 (last key \"a\"): TOML files cannot contain control characters: '0x0d'"),
    ("a = 2024-13-01", 'line 1 (last key "a"): invalid datetime: "2024-13-01"'),
    ("a = 1:2:3", 'line 1 (last key "a"): invalid datetime: "1:2:3"'),
    ("a = -x", "line 1 (last key \"a\"): expected a digit but got 'x'"),
    ("? = 1", "line 1: expected '.' or '=', but got '?' instead"),
    ("a = [1]\na = [2]", "line 2 (last key \"a\"): Key 'a' has already been defined."),
    ("a = {b = 1, b = 2}", "line 1 (last key \"a.b\"): Key 'a.b' has already been defined."),
    (
        "a = 1\n\n\nb = [\n1\n",
        ("line 5 (last key \"b\"): expected a comma (',') or array terminator (']'), but got end of file"),
    ),
]

ENCODED = [
    (
        {
            "b": 1.0,
            "a": "x",
            "c": {"z": 1.5, "y": {"w": True}},
            "d": [{"q": 1.0}, {"q": {"r": 2.0}}],
            "e": [],
            "f": [[1.0], ["a"]],
            "g": None,
        },
        (
            'a = "x"\n'
            "b = 1.0\n"
            "e = []\n"
            'f = [[1.0], ["a"]]\n'
            "\n"
            "[c]\n"
            "  z = 1.5\n"
            "  [c.y]\n"
            "    w = true\n"
            "\n"
            "[[d]]\n"
            "  q = 1.0\n"
            "\n"
            "[[d]]\n"
            "  [d.q]\n"
            "    r = 2.0\n"
        ),
    ),
    ({"x": {"y": [{"z": []}]}}, "[x]\n\n  [[x.y]]\n    z = []\n"),
    ({"a": [{"b": 1.0}, 2.0]}, "a = [{b = 1.0}, 2.0]\n"),
    ({"q k": {"a.b": '\n\t"\\\x7f'}}, '["q k"]\n  "a.b" = "\\n\\t\\"\\\\\\u007f"\n'),
    ({"a": [None]}, "toml: cannot encode array with nil element"),
    ({"a": {}}, "[a]\n"),
    ({"a": 1e21, "b": 1000000.0, "c": -0.0}, "a = 1e+21\nb = 1e+06\nc = -0.0\n"),
    ({"a": [{"b": None, "c": 1.0}, {}]}, "[[a]]\n  c = 1.0\n\n[[a]]\n"),
    ("x", '"x"'),
    (1.0, "1.0"),
    (True, "true"),
    ([1.0, "a"], '[1.0, "a"]'),
    ([{"a": 1.0}], "toml: top-level values must be Go maps or structs"),
    ([], "[]"),
]


@pytest.mark.parametrize(("text", "printed", "written"), DECODED)
def test_loads(text, printed, written):
    value = toml.loads(text)
    assert sprint(value) == printed
    assert toml.dumps(value) == written


@pytest.mark.parametrize(("text", "problem"), FAULTS)
def test_faults(text, problem):
    with pytest.raises(TomlError) as caught:
        toml.loads(text)
    assert caught.value.message == f"toml: {problem}"


@pytest.mark.parametrize(("value", "text"), ENCODED)
def test_dumps(value, text):
    try:
        written = toml.dumps(value)
    except TomlError as error:
        written = error.message
    assert written == text


def test_types():
    value = toml.loads("a = 1\nb = 1.0\n[[c]]\n[d]")
    assert type(value["a"]) is int
    assert type(value["b"]) is float
    assert type(value["c"]) is Maps
    assert json.dumps(toml.loads("a = 2024-01-02\nb = 03:04:05.5")) == (
        '{"a":"2024-01-02T00:00:00Z","b":"0000-01-01T03:04:05.5Z"}'
    )


def test_go_types():
    assert toml.dumps({"a": Duration(90 * 10**9), "b": b"hi", "c": NilList(), "d": NilMap()}) == (
        'a = "1m30s"\nb = [104, 105]\n'
    )
    assert toml.dumps(NilList()) == "[]"
    assert toml.dumps(NilMap()) == ""
    with pytest.raises(FunctionError, match="reflect: call of reflect"):
        toml.dumps(None)


def test_a_value_that_contains_itself():
    value: dict[str, object] = {}
    value["a"] = value
    with pytest.raises(TomlError):
        toml.dumps(value)


@pytest.mark.parametrize("depth", [200, 5000])
def test_deep_nesting(depth):
    with suppress(TomlError):
        toml.loads("a = " + "[" * depth + "]" * depth)


VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('abc. "é', min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text('abc. "é', min_size=1, max_size=4), VALUES, max_size=4))
def test_what_is_written_can_be_read(value):
    assert toml.loads(toml.dumps(value)) == value


@given(st.text("ab=[]{}.,\"'#\\n 0123456789-_:TZ+eExu\\\\", max_size=30))
def test_any_text_is_read_or_refused(text):
    with suppress(TomlError):
        toml.loads(text)
