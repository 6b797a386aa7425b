"""YAML into Go structs. The rules are those of goyaml v3's decode.go and resolve.go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import YamlError
from navarch.golang.yaml.resolve3 import Timestamp
from navarch.golang.yaml.rewritten import rewritten
from navarch.golang.yaml.structs import decode_node, decode_struct

TYPES: dict[str, dict[str, str] | str] = {
    "t.Pet": {
        "name": "string",
        "tame": "bool",
        "age": "int64",
        "legs": "uint32",
        "toys": "[]string",
        "tags": "map[string]string",
        "kin": "[]t.Pet",
        "more": "interface {}",
        "ways": "t.Ways",
    },
    "t.Ways": "map[string][]string",
}


def pet(text):
    return decode_struct(text.encode(), "t.Pet", TYPES)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("name: Rex", {"name": "Rex"}),
        ("name: 0x10", {"name": "0x10"}),
        ("name: 1.50", {"name": "1.50"}),
        ("name: yes", {"name": "yes"}),
        ("name: ~", {}),
        ("tame: yes", {"tame": True}),
        ("tame: 'off'", {"tame": False}),
        ("age: 0o17", {"age": 15}),
        ("age: 2.9", {"age": 2}),
        ("legs: 4_0", {"legs": 40}),
        ("toys: [a, ~, 1]", {"toys": ["a", "1"]}),
        ("toys:", {}),
        ("tags: {a: 1, b: ~}", {"tags": {"a": "1", "b": ""}}),
        ("tags: {~: a}", {"tags": {}}),
        ("kin: [{name: a}, {}]", {"kin": [{"name": "a"}, {}]}),
        ("ways: {a: [b], c: ~}", {"ways": {"a": ["b"], "c": None}}),
        ("more: {a: [1, yes, true, ~, 2.5]}", {"more": {"a": [1, "yes", True, None, 2.5]}}),
        ("more: {1: a}", {"more": {1: "a"}}),
        ("more: 2020-01-02", {"more": "2020-01-02T00:00:00Z"}),
        ("more: !!binary aGk=", {"more": "hi"}),
        ("unknown: [1", None),
        ("unknown: 1", {}),
        (
            "more: &a {name: b, tame: true}\n<<: *a\nname: c",
            {"more": {"name": "b", "tame": True}, "name": "c", "tame": True},
        ),
        ("<<: [{name: a, age: 1}, {name: b, legs: 2}]", {"name": "a", "age": 1, "legs": 2}),
        ("tags: {<<: {a: b, c: d}, a: e}", {"tags": {"a": "e", "c": "d"}}),
        ("", None),
        ("~", {}),
    ],
)
def test_values_of_fields(text, fields):
    if fields is None:
        with pytest.raises(YamlError):
            pet(text)
    else:
        assert pet(text) == fields


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "name: [a]\nage: x",
            ["line 1: cannot unmarshal !!seq into string", "line 2: cannot unmarshal !!str `x` into int64"],
        ),
        ("legs: -1", ["line 1: cannot unmarshal !!int `-1` into uint32"]),
        ("legs: 4294967296", ["line 1: cannot unmarshal !!int `4294967296` into uint32"]),
        ("tame: ééééé.é", ["line 1: cannot unmarshal !!str `ééé\udcc3...` into bool"]),
        ("ways: {a: b}", ["line 1: cannot unmarshal !!str `b` into []string"]),
        ("ways: x", ["line 1: cannot unmarshal !!str `x` into t.Ways"]),
        ("kin: [a]", ["line 1: cannot unmarshal !!str `a` into t.Pet"]),
        ("name: &a x\nage: *a", ["line 1: cannot unmarshal !!str `x` into int64"]),
        ("more:\n  a: 1\n  a: 2", ['line 3: mapping key "a" already defined at line 2']),
        ("age: !mine 1", ["line 1: cannot unmarshal !mine `1` into int64"]),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(text, faults):
    with pytest.raises(YamlError) as caught:
        pet(text)
    assert str(caught.value) == "yaml: unmarshal errors:\n  " + "\n  ".join(faults)


def test_unknown_fields_are_refused_where_fields_must_be_known():
    with pytest.raises(YamlError, match=r"^yaml: unmarshal errors:\n  line 2: field b not found in type t.Pet$"):
        decode_struct(b"name: a\nb: c", "t.Pet", TYPES, known_fields=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: &a [*a]\nmore: *a", "yaml: anchor 'a' value contains itself"),
        ("more: {[a]: b}", 'yaml: invalid map key: []interface {}{"a"}'),
        ("more: {{a: 1}: b}", 'yaml: invalid map key: map[string]interface {}{"a":1}'),
        ("<<: a", "yaml: map merge requires map or sequence of maps as the value"),
        ("name: !!int a", "yaml: cannot decode !!str `a` as a !!int"),
    ],
)
def test_what_ends_decoding_at_once(text, message):
    with pytest.raises(YamlError) as caught:
        pet(text)
    assert str(caught.value) == message


def test_aliases_can_not_multiply_without_end():
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 8))
    with pytest.raises(YamlError, match="excessive aliasing"):
        decode_struct(f"l0: &l0 [a, a]\n{levels}".encode(), "map[string]interface {}", {})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def _merges(value):
    """Whether a word is in it that v3 doesn't quote though it should."""
    if isinstance(value, dict):
        return any(key == "<<" or _merges(item) for key, item in value.items())
    return any(map(_merges, value)) if isinstance(value, list) else False


@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=4).filter(lambda value: not _merges(value)))
def test_what_is_written_and_read_again_is_the_same(value):
    assert decode_node(rewritten(value), "map[string]interface {}", {}) == value


def lines_of(node):
    return [(child.text, child.line) for child in node.children]


def test_lines_after_rewriting_are_those_of_the_written_text():
    # b: |
    #     x
    #     y
    # c:
    #     - 1
    #     - - 2
    #       - 3
    # d: {}
    # e: 2020-01-02T00:00:00Z
    root = rewritten({"e": Timestamp("2020-01-02T00:00:00Z"), "d": {}, "c": [1, [2, 3]], "b": "x\ny\n"})
    assert [(key.text, key.line) for key in root.children[::2]] == [("b", 0), ("c", 3), ("d", 7), ("e", 8)]
    assert lines_of(root.children[3])[0] == ("1", 4)
    assert lines_of(root.children[3].children[1]) == [("2", 5), ("3", 6)]
