"""Rendered text as a stream of objects."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.lint.objects import items_of, objects_of
from navarch.errors import YamlError


def heads(text):
    return [(found.api_version, found.kind, found.name) for found in objects_of(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("---\n---\n# nothing\n", []),
        ("kind: A\nmetadata: {name: a}\n---\nkind: B\n", [("", "A", "a"), ("", "B", "")]),
        ("kind: A\r\n---\r\nkind: B\r\n", [("", "A", ""), ("", "B", "")]),
        ("kind: A\n--- # comment\nkind: B", [("", "A", ""), ("", "B", "")]),
        ("KIND: 1\nApiVersion: 1e6\nMetadata: {Name: true}\n", [("1e+06", "1", "true")]),
        ("metadata: null\n", [("", "", "")]),
        ('{"kind":"A"}{"kind":"B"}', [("", "A", ""), ("", "B", "")]),
        ('{"kind":"A"}\n---\n{"kind":"B"}\n', [("", "A", ""), ("", "B", "")]),
        ("{kind: A}", [("", "A", "")]),
    ],
)
def test_what_is_in_a_text(text, found):
    assert heads(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--- x\n", "invalid Yaml document separator: x"),
        ("a: [", "error converting YAML to JSON: yaml: line 1: did not find expected node content"),
        (
            "- a\n",
            (
                "error unmarshaling JSON: while decoding JSON: "
                "json: cannot unmarshal array into Go value of type rules.k8sYamlStruct"
            ),
        ),
        (
            "metadata: {name: [x]}\n",
            (
                "error unmarshaling JSON: while decoding JSON: "
                "json: cannot unmarshal array into Go struct field k8sYamlMetadata.Metadata.Name of type string"
            ),
        ),
        ("{a: b", "json: offset 2: invalid character 'a' looking for beginning of object key string"),
        ('{"a": "x', "unexpected EOF"),
    ],
)
def test_what_can_not_be_read(text, message):
    with pytest.raises(YamlError) as caught:
        heads(text)
    assert str(caught.value) == message


def test_annotations_of_items():
    assert items_of("items:\n- metadata: {annotations: {a: b}}\n- {}\n- null\n") == [{"a": "b"}, {}, {}]
    assert items_of("a: 1\n") == []
    with pytest.raises(YamlError, match=r"cannot unmarshal object into Go struct field \.Items of type"):
        items_of("items: {a: b}\n")


@given(st.text(st.sampled_from("{}[]:-,#\"' \nab1---"), max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(YamlError):
        heads(text)
