"""The encoding family; the expected values and messages are those of Helm's functions."""

from __future__ import annotations

import pytest

from navarch.errors import FunctionError
from navarch.golang.types import NilList, NilMap
from navarch.templates.functions import SIGNATURES
from navarch.templates.functions.encoding import FUNCTIONS

NAN = float("nan")

ANSWERS = [
    ("toYaml", {"b": [1.0, {"c": "x\n"}], "a": "yes"}, 'a: "yes"\nb:\n- 1\n- c: |\n    x'),
    ("toYaml", "x\n\n", "|+\n  x\n"),
    ("toYaml", {}, "{}"),
    ("toYaml", None, "null"),
    ("toYaml", {"a": NAN}, ""),
    ("toYaml", "\x7f", ""),
    ("mustToYaml", {"a": 1000000.0}, "a: 1000000"),
    ("toYamlPretty", {"a": [1000000.0, {"b": "c"}]}, "a:\n  - 1e+06\n  - b: c"),
    ("toYamlPretty", NAN, ".nan"),
    ("fromYaml", "a: 1\nb: [x]", {"a": 1.0, "b": ["x"]}),
    ("fromYaml", "", {}),
    ("fromYaml", "null", {}),
    ("fromYaml", "a: *b", {"Error": "error converting YAML to JSON: yaml: unknown anchor 'b' referenced"}),
    ("fromYamlArray", "- a\n- 1", ["a", 1.0]),
    ("fromYamlArray", "", []),
    ("fromYamlArray", "a: [", ["error converting YAML to JSON: yaml: line 1: did not find expected node content"]),
    ("toJson", {"b": "<&>", "a": [1.0, 1e21]}, '{"a":[1,1e+21],"b":"\\u003c\\u0026\\u003e"}'),
    ("toJson", NAN, ""),
    ("mustToJson", [None, True], "[null,true]"),
    ("toPrettyJson", {"a": [{}]}, '{\n  "a": [\n    {}\n  ]\n}'),
    ("toPrettyJson", [NAN], ""),
    ("mustToPrettyJson", [], "[]"),
    ("toRawJson", "<&>", '"<&>"'),
    ("mustToRawJson", {"a": ">"}, '{"a":">"}'),
    ("fromJson", '{"a": [1, null]}', {"a": [1.0, None]}),
    ("fromJson", "[1]", {"Error": "json: cannot unmarshal array into Go value of type map[string]interface {}"}),
    ("fromJson", "1", {"Error": "json: cannot unmarshal number into Go value of type map[string]interface {}"}),
    ("fromJson", "{", {"Error": "unexpected end of JSON input"}),
    (
        "fromJson",
        '{"a": 1e999, "b": 2}',
        {"a": None, "b": 2.0, "Error": "json: cannot unmarshal number 1e999 into Go value of type float64"},
    ),
    ("fromJsonArray", '[{"a": "b"}]', [{"a": "b"}]),
    ("fromJsonArray", "{}", ["json: cannot unmarshal object into Go value of type []interface {}"]),
    ("fromJsonArray", "[1e999]", ["json: cannot unmarshal number 1e999 into Go value of type float64"]),
    ("fromJsonArray", "x", ["invalid character 'x' looking for beginning of value"]),
    ("mustFromJson", " 1.5 ", 1.5),
    ("mustFromJson", "null", None),
    ("toToml", {"b": {"c": 1.0}, "a": "x"}, 'a = "x"\n\n[b]\n  c = 1.0\n'),
    ("toToml", {"a": [None]}, "toml: cannot encode array with nil element"),
    ("mustToToml", {"a": True}, "a = true\n"),
    ("fromToml", "a = 1\n[b]\nc = 'd'", {"a": 1, "b": {"c": "d"}}),
    ("fromToml", "a", {"Error": "toml: line 1: unexpected EOF; expected key separator '='"}),
]

FAILURES = [
    ("mustToYaml", NAN, "error marshaling into JSON: json: unsupported value: NaN"),
    ("mustToYaml", "\x7f", "yaml: control characters are not allowed"),
    ("mustToJson", [float("inf")], "json: unsupported value: +Inf"),
    ("mustToPrettyJson", NAN, "json: unsupported value: NaN"),
    ("toRawJson", NAN, "json: unsupported value: NaN"),
    ("mustToRawJson", NAN, "json: unsupported value: NaN"),
    ("mustFromJson", "{", "unexpected end of JSON input"),
    ("mustFromJson", "[1e999]", "json: cannot unmarshal number 1e999 into Go value of type float64"),
    ("mustToToml", {"a": [None]}, "toml: cannot encode array with nil element"),
    ("toToml", None, "reflect: call of reflect.Value.Type on zero Value"),
]


@pytest.mark.parametrize(("name", "value", "answer"), ANSWERS)
def test_answers(name, value, answer):
    assert repr(FUNCTIONS[name](value)) == repr(answer)


@pytest.mark.parametrize(("name", "value", "message"), FAILURES)
def test_failures(name, value, message):
    with pytest.raises(FunctionError) as caught:
        FUNCTIONS[name](value)
    assert caught.value.message == message


def test_json_null_is_a_nil_map_or_slice():
    assert type(FUNCTIONS["fromJson"]("null")) is NilMap
    assert type(FUNCTIONS["fromJsonArray"]("null")) is NilList
    assert FUNCTIONS["toJson"]([NilMap(), NilList()]) == "[null,null]"


def test_each_function_of_the_family_is_there():
    assert set(FUNCTIONS) == {name for name, (family, _, _) in SIGNATURES.items() if family == "encoding"}
