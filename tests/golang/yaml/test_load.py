"""Reading YAML; the expected values and messages are those of Helm's fromYaml and fromYamlArray."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.errors import YamlError
from navarch.golang import yaml
from navarch.golang.yaml.compose import compose
from navarch.golang.yaml.decode import decode
from navarch.golang.yaml.lines import GiveUpError
from navarch.golang.yaml.quick import read
from navarch.golang.yaml.reader import open_source

DOCUMENTS = [
    ("a: 1", {"a": 1.0}),
    ("a: [] # {\nb: y}\nc: 1\n", {"a": [], "b": "y}", "c": 1.0}),
    ("a: 1.50", {"a": 1.5}),
    ("a: 1e3", {"a": 1000.0}),
    ("a: 0x1F", {"a": 31.0}),
    ("a: 0o17", {"a": 15.0}),
    ("a: 017", {"a": 15.0}),
    ("a: 08", {"a": 8.0}),
    ("a: 0b101", {"a": 5.0}),
    ("a: 1_000", {"a": 1000.0}),
    ("a: +1", {"a": 1.0}),
    ("a: .5", {"a": 0.5}),
    ("a: -.5e3", {"a": -500.0}),
    ("a: 12:30", {"a": "12:30"}),
    ("a: yes", {"a": True}),
    ("a: Off", {"a": False}),
    ("a: n", {"a": False}),
    ("a: ~", {"a": None}),
    ("a: Null", {"a": None}),
    ("a:", {"a": None}),
    ("a: ''", {"a": ""}),
    ("a: 2001-01-01", {"a": "2001-01-01"}),
    ("a: 18446744073709551615", {"a": 1.8446744073709552e19}),
    ("a: 18446744073709551616", {"a": 1.8446744073709552e19}),
    ("a: 1e400", {"a": "1e400"}),
    ("a: 0b-1", {"a": -1.0}),
    ("a: <<", {"a": "<<"}),
    ("a: =", {"a": "="}),
    ("1: a\ntrue: b\n1.5: c\n0x10: d", {"1": "a", "1.5": "c", "16": "d", "true": "b"}),
    ("'1': a", {"1": "a"}),
    ("a: !!str 1", {"a": "1"}),
    ("a: !!float 1", {"a": 1.0}),
    ("a: !foo 1", {"a": "1"}),
    ("a: ! 1", {"a": "1"}),
    ("a: !!binary aGk=", {"a": "hi"}),
    ("a: !!binary /w==", {"a": "�"}),
    ("a: |\n  x\n   y\n\n  z\n\nb: 1", {"a": "x\n y\n\nz\n", "b": 1.0}),
    ("a: |-\n  x\n\n", {"a": "x"}),
    ("a: |+\n  x\n\n", {"a": "x\n\n"}),
    ("a: >\n  x\n  y\n\n  z\n    more\n  end\n", {"a": "x y\nz\n  more\nend\n"}),
    ("a: |2\n   x\n", {"a": " x\n"}),
    ("a: |\n  x", {"a": "x"}),
    ("a: b\n  c\n\n  d", {"a": "b c\nd"}),
    ('a: "x\n  y\\\n  z\\tt"', {"a": "x yz\tt"}),
    ("a: 'it''s'", {"a": "it's"}),
    ('a: "\\x41\\u00e9\\N"', {"a": "Aé\x85"}),
    ("a: [1, {b: c}, [d, e: f]]", {"a": [1.0, {"b": "c"}, ["d", {"e": "f"}]]}),
    ("a: {b, c: , 'd':1}", {"a": {"b": None, "c": None, "d": 1.0}}),
    ("a:\n- b\n-\n  c: d\n- - e\n  - f", {"a": ["b", {"c": "d"}, ["e", "f"]]}),
    ("a:\n  - b\nc: d", {"a": ["b"], "c": "d"}),
    ("- a\n- b: c\n  d: e", ["a", {"b": "c", "d": "e"}]),
    ("&x a: &y b\nc: *y", {"a": "b", "c": "b"}),
    (
        "a: &x {b: 1, c: 2}\nd: {c: 0, <<: *x}\ne: {<<: *x, c: 3}",
        {"a": {"b": 1.0, "c": 2.0}, "d": {"b": 1.0, "c": 2.0}, "e": {"b": 1.0, "c": 3.0}},
    ),
    ("a: &x {b: 1}\nc: {<<: [*x, {b: 2, d: 3}]}", {"a": {"b": 1.0}, "c": {"b": 1.0, "d": 3.0}}),
    ("? a\n: b\n? c", {"a": "b", "c": None}),
    ("a: 1\na: 2", {"a": 2.0}),
    ("%YAML 1.1\n---\na: 1", {"a": 1.0}),
    ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1", {"a": "1"}),
    ("---\na: 1\n---\nb: 2", {"a": 1.0}),
    ("a: 1\n...\nb", {"a": 1.0}),
    ("# c\na: 1 # d\nb: x#y", {"a": 1.0, "b": "x#y"}),
    ("a: b # c", {"a": "b"}),
    ("\ufeffa: 1", {"a": 1.0}),
    ("a: é日", {"a": "é日"}),
    ("a:\tb", {"a": "b"}),
    ('a: {b: [1,\n 2], c: "d\n e"}', {"a": {"b": [1.0, 2.0], "c": "d e"}}),
    ('a: "\n\n b"', {"a": "\nb"}),
    ("'a' : b\n\"c\\td\": e", {"a": "b", "c\td": "e"}),
    ("a: ?b", {"a": "?b"}),
    ("a: [a b, -c, 'd']", {"a": ["a b", "-c", "d"]}),
    ("a: [http://x/y]", {"a": ["http://x/y"]}),
    ('{"a": [1, 2.5, "x", null, true]}', {"a": [1.0, 2.5, "x", None, True]}),
    ('a: "\\\n  b"', {"a": "b"}),
    ("a: |\n  x\n # c\nb: 1", {"a": "x\n", "b": 1.0}),
    ("a: x@", {"a": "x@"}),
]

SYNTAX = [
    ("a: b: c", "mapping values are not allowed in this context"),
    ("a: [1", "line 1: did not find expected ',' or ']'"),
    ("a: {b", "line 1: did not find expected ',' or '}'"),
    ("a: 'x", "found unexpected end of stream"),
    ('a: "\\q"', "found unknown escape character"),
    ('a: "\\xZZ"', "did not find expected hexdecimal number"),
    ('a: "\\ud800"', "found invalid Unicode character escape code"),
    ("a: *x", "unknown anchor 'x' referenced"),
    ("a: &x [*x]", "anchor 'x' value contains itself"),
    ("a: 1\n\tb: 2", "line 2: found a tab character that violates indentation"),
    ("a:\n\t- b", "line 2: found character that cannot start any token"),
    ("a: 1\n  b: 2", "line 2: mapping values are not allowed in this context"),
    ("a: 1\n b: 2", "line 2: mapping values are not allowed in this context"),
    ("- a\nb: c", "line 1: did not find expected '-' indicator"),
    ("a: - b\n- c", "block sequence entries are not allowed in this context"),
    ("a: ]", "did not find expected node content"),
    ("a: @x", "found character that cannot start any token"),
    ("a: `x", "found character that cannot start any token"),
    ("a: %x", "found character that cannot start any token"),
    ("a: &", "did not find expected alphabetic or numeric character"),
    ("a: *", "did not find expected alphabetic or numeric character"),
    ("a: !!int x", "cannot decode !!str `x` as a !!int"),
    ("a: !!bool 1", "cannot decode !!int `1` as a !!bool"),
    ("a: !!null x", "cannot decode !!str `x` as a !!null"),
    ("a: !!timestamp 1", "cannot decode !!int `1` as a !!timestamp"),
    ("a: !!binary @", "found character that cannot start any token"),
    ("a: !e!x 1", "found undefined tag handle"),
    ("a: !<x", "did not find the expected '>'"),
    ("a: |0\n  x", "found an indentation indicator equal to 0"),
    ("a: |x\n  y", "did not find expected comment or line break"),
    ("a: |\n\tx", "line 2: found a tab character where an indentation space is expected"),
    ("%FOO\n---\na: 1", "found unknown directive name"),
    ("%YAML 1.2\n---\na: 1", "found incompatible YAML document"),
    ("%YAML 1.1\n%YAML 1.1\n---\na: 1", "line 1: found duplicate %YAML directive"),
    ("%YAML 1.1\na: 1", "line 1: did not find expected <document start>"),
    ("? [a]\n: b", 'invalid map key: []interface {}{"a"}'),
    ("? {a: b}\n: c", 'invalid map key: map[interface {}]interface {}{"a":"b"}'),
    ("a: {<<: 1}", "map merge requires map or sequence of maps as the value"),
    ("<<: [a]", "map merge requires map or sequence of maps as the value"),
    ("a: \x01", "control characters are not allowed"),
    ("a: \x7f", "control characters are not allowed"),
    ("'a\n---\n'", "line 2: found unexpected document indicator"),
    ("a: b\n?c", "line 3: could not find expected ':'"),
    ("a:\n  b: 1\n c: 2", "line 2: did not find expected key"),
    ('"a": b: c', "mapping values are not allowed in this context"),
    ("a: [1, 2]]", "did not find expected key"),
    ("a: {x: y}}", "did not find expected key"),
    ("[a, b]: c: d", "mapping values are not allowed in this context"),
    ("a: !x y: z", "mapping values are not allowed in this context"),
    (", a", "did not find expected node content"),
    ("a: [a, , b]", "did not find expected node content"),
    ("- - a\n - b", "line 1: did not find expected '-' indicator"),
    ("key\nother: x", "line 2: mapping values are not allowed in this context"),
]

CONVERTING = [
    ("~: x", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "x"'),
    ("18446744073709551615: a", 'unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "a"'),
    ("a: {~: [1, x]}", ('unsupported map key of type: %!s(<nil>), key: <nil>, value: []interface {}{1, "x"}')),
    ("a: .inf", "json: unsupported value: +Inf"),
    ("a: {b: -.INF, a: .nan}", "json: unsupported value: NaN"),
]

NO_MAPPINGS = [
    ("- a", "array"),
    ("x", "string"),
    ("1", "number"),
    ("true", "bool"),
]


def complete(text):
    """What the complete reader says, by value or message."""
    try:
        return decode(text)
    except YamlError as error:
        return error.message


@pytest.mark.parametrize(("text", "value"), DOCUMENTS)
def test_documents(text, value):
    assert yaml.load(text) == value
    assert yaml.load(text.encode()) == value
    assert decode(text) == value


@pytest.mark.parametrize(("text", "problem"), SYNTAX)
def test_syntax_errors(text, problem):
    with pytest.raises(YamlError) as caught:
        yaml.load(text)
    assert caught.value.message == f"error converting YAML to JSON: yaml: {problem}"


@pytest.mark.parametrize(("text", "problem"), CONVERTING)
def test_what_json_can_not_hold(text, problem):
    with pytest.raises(YamlError) as caught:
        yaml.load(text)
    assert caught.value.message == f"error converting YAML to JSON: {problem}"


@pytest.mark.parametrize(("text", "kind"), NO_MAPPINGS)
def test_other_documents_are_no_mappings(text, kind):
    with pytest.raises(YamlError) as caught:
        yaml.load_map(text, "common.Values")
    problem = f"json: cannot unmarshal {kind} into Go value of type common.Values"
    assert caught.value.message == f"error unmarshaling JSON: while decoding JSON: {problem}"


@pytest.mark.parametrize("text", ["", "# c", "null", "---\n"])
def test_nothing_is_an_empty_mapping_and_sequence(text):
    assert yaml.load_map(text) == {}
    assert yaml.load_list(text) == []


def test_numbers_are_floats_unless_exact():
    assert repr(yaml.load("[1, 1.0, 0x10]")) == "[1.0, 1.0, 16.0]"
    assert repr(yaml.load("[1, 1.0, 0x10]", exact=True)) == "[1, 1.0, 16]"
    assert repr(yaml.load("&a [1, *a]".replace("*a", "2"), exact=True)) == "[1, 2]"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: \xff", "invalid leading UTF-8 octet"),
        (b"a: \xc3", "incomplete UTF-8 octet sequence"),
        (b"a: \xc3x", "invalid trailing UTF-8 octet"),
        (b"a: \xc0\x80", "invalid length of a UTF-8 sequence"),
        (b"a: \xed\xa0\x80", "invalid Unicode character"),
        (b"\xff\xfea\0:", "incomplete UTF-16 character"),
        ("a: \udcff", "invalid leading UTF-8 octet"),
    ],
)
def test_bad_encodings(data, problem):
    with pytest.raises(YamlError) as caught:
        yaml.load(data)
    assert caught.value.message == f"error converting YAML to JSON: yaml: {problem}"


def test_utf_16():
    assert yaml.load("\ufeffa: é😀".encode("utf-16-le")) == {"a": "é😀"}
    assert yaml.load("\ufeffa: é😀".encode("utf-16-be")) == {"a": "é😀"}


def test_faults_beyond_the_document_do_not_matter_unless_they_are_near():
    """libyaml decodes 512 bytes at a time and stops at the end of the first document."""
    assert yaml.load("a: 1\n---\n" + "#" * 600 + "\x01") == {"a": 1}
    with pytest.raises(YamlError, match="control characters"):
        yaml.load("a: 1\n---\n" + "#" * 100 + "\x01")


def test_aliases_can_not_multiply_without_end():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{key}: &{key} [{','.join(['*' + below] * 9)}]\n" for below, key in zip("abcdefg", "bcdefgh", strict=True)
    )
    with pytest.raises(YamlError, match="document contains excessive aliasing"):
        yaml.load(bomb)


@pytest.mark.parametrize("depth", [10, 900, 5000, 10000])
def test_deep_nesting(depth):
    value = yaml.load("[" * depth + "]" * depth)
    for _ in range(depth - 1):
        (value,) = value
    assert value == []


@pytest.mark.parametrize("text", ["[" * 10001 + "]" * 10001, "{a: " * 10001 + "}" * 10001, "- " * 10001])
def test_too_deep_nesting(text):
    with pytest.raises(YamlError, match="exceeded max depth of 10000"):
        yaml.load(text)


def test_lines_of_errors_count_from_one():
    with pytest.raises(YamlError) as caught:
        yaml.load("a: 1\nb: [\n")
    assert caught.value.line == 3
    with pytest.raises(YamlError) as caught:
        yaml.load("a: 1\nb: *x\n")
    assert caught.value.line == 2


VALUES_FILES = [
    (b"a: 1\n---\nb: 2", {"a": 1, "b": 2}),
    (b"a: {x: 1, r: {q: 1}}\n---\na: {x: 2, r: {w: 3}}\n", {"a": {"x": 2, "r": {"q": 1, "w": 3}}}),
    (b"---\n---\n", {}),
    (b"a: 1\n--- # c\nb: null\n", {"a": 1, "b": None}),
    (b"a: 1\r\n---\r\nb: |\r\n  x", {"a": 1, "b": "x\n"}),
    (b"a: |\n  x", {"a": "x\n"}),
    (b"", {}),
    (b"a: 1\n---\na: {b: 1}\n---\na: 3", {"a": 3}),
]


@pytest.mark.parametrize(("data", "values"), VALUES_FILES)
def test_values_files(data, values):
    assert yaml.load_all(data) == values


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: 1\n----\nb: 2\n", "error reading yaml document: invalid Yaml document separator: -"),
        (b"---a: 1\n", "error reading yaml document: invalid Yaml document separator: a: 1"),
        (
            b"a: 1\n---\nb: [\n",
            (
                "cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: "
                "did not find expected node content"
            ),
        ),
    ],
)
def test_values_files_that_are_none(data, message):
    with pytest.raises(YamlError) as caught:
        yaml.load_all(data)
    assert caught.value.message == message


# The quick reader gives what the complete one gives, or gives up.

WORDS = st.sampled_from(
    [
        *(
            "a",
            "b",
            "c d",
            "1",
            "1.5",
            "yes",
            "~",
            "",
            "x: y",
            "x #y",
            "'q'",
            '"d"',
            "'it''s'",
            '"a\\n"',
            "[a, b]",
            "[]",
        ),
        *("{}", "{a: 1}", "[a,", "&x", "*x", "!t", "|", "|-", ">", ">+", "- a", "?", "http://x", "<<", "---", "#c"),
        *('"', "'", "\t", "[] # {", "y}"),
    ]
)
INDENTS = st.sampled_from(["", "", "  ", "  ", "    ", " ", "      "])
KEYS = st.sampled_from(["a: ", "b: ", "c:", "- ", "- a: ", "- - ", "'k': ", "# ", "1: ", ""])
LINES = st.tuples(INDENTS, KEYS, WORDS).map("".join)


@settings(max_examples=300)
@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", ""]))
def test_quick_reader_agrees_with_the_complete_one(lines, end):
    text = "\n".join(lines) + end
    with suppress(GiveUpError):
        assert repr(read(text)) == repr(complete(text))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    with suppress(YamlError):
        yaml.load(text)


@pytest.mark.parametrize(
    "text",
    [
        "a:\n- b\n- c: d\n  e: |\n    x\n\n    y\nf: {}\n",
        '# c\nimage:\n  tag: ""  # d\n  args: ["--a", \'--b\', c]\n',
        'a: one\n  two\n\n  three\nb: "x\n  y"\n',
        "a: {b: 1,\n  c: [d,\n e]}\n",
        "- - a\n  - b\n-\n  - c\n",
        "a: >-\n  x\n  y\n\n    z\n  w\nb:\n  c\n",
    ],
)
def test_quick_reader_knows_the_usual_style(text):
    assert read(text) == decode(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2.5, "x\\n", null, true], "b": {"c": "dé"}}',
        '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}\n',
        '{"a": -0, "some more text": "to be long enough"}',
        '{"a": "\\/", "some more text": "to be long enough"}',
        '{"a": "\\ud83d\\ude00", "some more text": "to be long"}',
        '{"a"\n: 1, "some more text": "to be long enough"}',
        f'{{"{"k" * 1025}": 1}}',
        '{"a": 1, "a": 2, "some more text": "to be long enough"}',
        '{"a": 123456789012345678901234567890, "more text": "here"}',
    ],
)
def test_json_is_read_as_yaml(text):
    with suppress(GiveUpError):
        assert repr(read(text)) == repr(complete(text))
    try:
        assert repr(yaml.load(text)) == repr(complete(text))
    except YamlError as error:
        assert error.message == f"error converting YAML to JSON: {complete(text)}"  # noqa: PT017


def test_composing_keeps_lines():
    root = compose(open_source("a: 1\n\nb:\n- c\n"))
    assert root is not None
    assert [child.line for child in root.children] == [0, 0, 2, 3]
