"""Values against schemas. cases.json holds [schema, values, what Helm 4.3.1 says] for every keyword."""

from __future__ import annotations

import json
import marshal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.model import Chart, Metadata
from navarch.errors import ValuesError
from navarch.values.schema import Schema, inspect, validate_schema

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())


INTRO = "values don't meet the specifications of the schema(s) in the following chart(s):\n"


def chart(schema: str | bytes, name: str = "j", *children: Chart) -> Chart:
    data = schema if isinstance(schema, bytes) else schema.encode()
    return Chart(Metadata(name, "1.0.0"), schema=data, dependencies=children)


def said(tree: Chart, values: dict[str, Any], **options: Any) -> str:
    try:
        validate_schema(tree, values, **options)
    except ValuesError as error:
        return str(error).removeprefix(INTRO)
    return ""


@pytest.mark.parametrize(("schema", "values", "message"), CASES)
def test_messages_are_helms(schema: str, values: str, message: str) -> None:
    expected = f"j:\n{message}" if message else ""
    for _ in range(2):
        assert said(chart(schema), json.loads(values)) == expected


@pytest.mark.parametrize(("schema", "values", "message"), CASES)
def test_the_complete_way_says_the_same(schema: str, values: str, message: str) -> None:
    document, _ = inspect(schema.encode())
    try:
        told = Schema(document, plain=False, load=missing).problem(json.loads(values))
    except ValuesError as error:
        told = str(error)
    assert told == message


def missing(url: str) -> bytes:
    problem = "open /other.json: no such file or directory"
    raise ValuesError(f'no URLLoader registered for "{url}"' if url.startswith("ftp:") else problem)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("", "EOF"),
        ('{"a":', "unexpected EOF"),
        ("{} x", "invalid character after top-level value"),
        ("{]", "invalid character ']' looking for beginning of object key string"),
        ("true", ""),
        ("false", "- at '': false schema\n"),
    ],
)
def test_what_is_no_schema(schema: str, message: str) -> None:
    assert said(chart(schema), {}) == (f"j:\n{message}" if message else "")


def test_children_have_their_own_schemas() -> None:
    strict = '{"required": ["x"]}'
    tree = chart('{"type": "object"}', "top", chart(strict, "one"), chart(strict, "two"), chart(strict, "three"))
    values = {"one": {}, "two": {"x": 1}, "three": 5}
    assert said(tree, values) == (
        "one:\n- at '': missing property 'x'\nthree:\ninvalid type for values: expected object (map), got int64\n"
    )
    assert said(tree, {"two": None}) == ""


def test_remote_schemas_come_from_what_is_handed_in() -> None:
    tree = chart('{"properties": {"a": {"$ref": "https://example.com/a.json#/$defs/x"}}}')
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b'{"$defs": {"x": {"type": "string"}}}'

    assert said(tree, {"a": 1}).startswith('j:\nfailing loading "https://example.com/a.json": ')
    assert said(tree, {"a": 1}, fetch=fetch) == "j:\n- at '/a': got number, want string\n"
    assert asked == ["https://example.com/a.json"]


def test_urns_allow_everything_and_are_told_of() -> None:
    told: list[str] = []
    assert said(chart('{"$ref": "urn:some:thing"}'), {"a": 1}, warn=told.append) == ""
    message = "unresolved URN reference ignored; using permissive schema"
    assert told == [f'level=WARN msg="{message}" urn=urn:some:thing']


def test_what_is_known_of_a_schema_can_be_kept() -> None:
    kept: dict[bytes, bytes] = {}

    def remember(data: bytes) -> tuple[Any, bool]:
        if data not in kept:
            kept[data] = marshal.dumps(inspect(data))
        return marshal.loads(kept[data])

    tree = chart('{"properties": {"a": {"enum": [1e3, -0, "x"]}, "kept": {}}}')
    message = "j:\n- at '/a': value must be one of 1e3, -0, 'x'\n"
    assert said(tree, {"a": 5}, inspect=remember) == message
    assert len(kept) == 1


KEYS = st.sampled_from(["a", "b"])
SCALARS = st.sampled_from([None, True, 1, 1.5, -2, "", "ab", "x"])
INSTANCES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=5
)
TYPES = st.sampled_from(["string", "integer", "number", "object", "array", "boolean", "null"])


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "properties": st.dictionaries(KEYS, inner, max_size=2),
            "required": st.lists(KEYS, unique=True, max_size=2),
            "additionalProperties": inner,
            "items": inner,
            "enum": st.lists(SCALARS, min_size=1, max_size=2, unique_by=repr),
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minimum": st.sampled_from([0, 1.5]),
            "pattern": st.just("a"),
            "contains": inner,
            "$ref": st.just("#/$defs/x"),
        },
    )


SCHEMAS = st.recursive(st.booleans() | st.just({}), keywords, max_leaves=6)


@given(keywords(SCHEMAS), SCHEMAS, st.dictionaries(KEYS, INSTANCES, max_size=2), st.sampled_from(["draft-07", None]))
def test_the_short_way_agrees_with_the_complete_one(
    schema: dict[str, Any], target: Any, values: dict[str, Any], draft: str | None
) -> None:
    whole = {**schema, "$defs": {"x": target}, "definitions": {"x": target}}
    if draft:
        whole["$schema"] = f"http://json-schema.org/{draft}/schema#"
    document, plain = inspect(json.dumps(whole).encode())
    complete = Schema(document, plain=False).problem(values)
    if plain:
        quick = Schema(document, plain=True)
        assert quick.problem(values) == complete
        with suppress(RecursionError):  # a schema that refers to itself in a ring
            assert quick._quick(values) == (not complete)


@given(keywords(SCHEMAS), st.dictionaries(KEYS, INSTANCES, max_size=2))
def test_another_validator_agrees(schema: dict[str, Any], values: dict[str, Any]) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    whole = {**schema, "$defs": {"x": {"type": "object"}}}
    document, _ = inspect(json.dumps(whole).encode())
    ours = Schema(document, plain=False).problem(values) == ""
    assert ours == jsonschema_rs.Draft202012Validator(whole).is_valid(values)
