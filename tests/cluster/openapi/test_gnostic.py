"""OpenAPI 2 as protobuf, read back by a reader of the wire format that knows gnostic's OpenAPIv2.proto."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.openapi import gnostic
from navarch.cluster.openapi.swagger import swagger_json, swagger_protobuf
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from support.gadgets import gadgets

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {1: "$ref", 2: "format", 3: "title", 4: "description", 13: "pattern"}
DOUBLES = {6: "multipleOf", 7: "maximum", 9: "minimum"}
NUMBERS = {11: "maxLength", 12: "minLength", 14: "maxItems", 15: "minItems", 17: "maxProperties", 18: "minProperties"}
FLAGS = {8: "exclusiveMaximum", 10: "exclusiveMinimum", 16: "uniqueItems"}


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            yield key >> 3, value
        elif key & 7 == 1:
            yield key >> 3, struct.unpack("<d", data[at : at + 8])[0]
            at += 8
        else:
            assert key & 7 == 2
            length, at = varint(data, at)
            assert at + length <= len(data)
            yield key >> 3, data[at : at + length]
            at += length


def anything(data: bytes) -> Any:
    return json.loads(dict(fields(data))[2])


def named(data: bytes) -> tuple[str, bytes]:
    found = dict(fields(data))
    return found[1].decode(), found[2]


def schema(data: bytes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for number, value in fields(data):
        if number in TEXTS:
            made[TEXTS[number]] = value.decode()
        elif number in DOUBLES | NUMBERS:
            made[(DOUBLES | NUMBERS)[number]] = value
        elif number in FLAGS:
            made[FLAGS[number]] = bool(value)
        elif number == 19:
            made.setdefault("required", []).append(value.decode())
        elif number == 20:
            made.setdefault("enum", []).append(anything(value))
        elif number == 21:
            ((kind, inner),) = fields(value)
            made["additionalProperties"] = schema(inner) if kind == 1 else bool(inner)
        elif number == 22:
            ((_, inner),) = fields(value)
            made["type"] = inner.decode()
        elif number == 23:
            ((_, inner),) = fields(value)
            made["items"] = schema(inner)
        elif number == 25:
            made["properties"] = {name: schema(one) for name, one in (named(pair) for _, pair in fields(value))}
        elif number == 29:
            made["externalDocs"] = {{1: "description", 2: "url"}[kind]: one.decode() for kind, one in fields(value)}
        elif number == 30:
            made["example"] = anything(value)
        else:
            assert number == 31
            name, inner = named(value)
            made[name] = anything(inner)
    return made


def parameter(data: bytes) -> dict[str, Any]:
    ((_, inner),) = fields(data)
    ((sort, inner),) = fields(inner)
    if sort == 2:
        ((place, inner),) = fields(inner)
        words = {
            1: "required",
            2: "in",
            4: "name",
            **({6: "type", 20: "uniqueItems"} if place == 3 else {5: "type", 19: "uniqueItems"}),
        }
    else:
        words = {2: "name", 3: "in", 4: "required", 5: "schema"}
    made: dict[str, Any] = {}
    for number, value in fields(inner):
        word = words[number]
        made[word] = bool(value) if isinstance(value, int) else schema(value) if word == "schema" else value.decode()
    return made


def operation(data: bytes) -> dict[str, Any]:
    lists = {1: "tags", 6: "produces", 7: "consumes", 10: "schemes"}
    made: dict[str, Any] = {}
    for number, value in fields(data):
        if number in lists:
            made.setdefault(lists[number], []).append(value.decode())
        elif number == 5:
            made["operationId"] = value.decode()
        elif number == 8:
            made.setdefault("parameters", []).append(parameter(value))
        elif number == 9:
            pairs = [named(pair) for _, pair in fields(value)]
            made["responses"] = {code: response(inner) for code, inner in pairs}
        else:
            assert number == 13
            name, inner = named(value)
            made[name] = anything(inner)
    return made


def response(data: bytes) -> dict[str, Any]:
    ((_, inner),) = fields(data)
    found = dict(fields(inner))
    made: dict[str, Any] = {"description": found[1].decode()}
    if 2 in found:
        ((_, one),) = fields(found[2])
        made["schema"] = schema(one)
    return made


def path_item(data: bytes) -> dict[str, Any]:
    methods = {2: "get", 3: "put", 4: "post", 5: "delete", 8: "patch"}
    made: dict[str, Any] = {}
    for number, value in fields(data):
        if number == 9:
            made.setdefault("parameters", []).append(parameter(value))
        else:
            made[methods[number]] = operation(value)
    return made


def test_it_says_the_same_as_the_json_form() -> None:
    catalog = Catalog(builtin())
    catalog.put_custom("gadgets.types.example.com", gadgets())
    wanted = json.loads(swagger_json(catalog))
    parts: dict[int, list[Any]] = {}
    for number, value in fields(swagger_protobuf(catalog)):
        parts.setdefault(number, []).append(value)
    assert set(parts) == {1, 2, 8, 9, 12, 13}
    assert parts[1] == [b"2.0"]
    assert [value.decode() for _, value in fields(parts[2][0])] == list(wanted["info"].values())
    definitions = [named(pair) for _, pair in fields(parts[9][0])]
    assert {name: schema(one) for name, one in definitions} == without_zeros(wanted["definitions"])
    paths = [named(pair) for _, pair in fields(parts[8][0])]
    assert {name: path_item(one) for name, one in paths} == wanted["paths"]


def without_zeros(value: Any) -> Any:
    """Protobuf doesn't tell zero from nothing."""
    if isinstance(value, dict):
        return {key: without_zeros(one) for key, one in value.items() if key not in {"minimum", "minProperties"} or one}
    return value


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))
SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.text(),
            "title": st.text(),
            "pattern": st.text(),
            "maximum": st.floats(allow_nan=False).filter(bool),
            "maxLength": st.integers(1, 2**63 - 1),
            "uniqueItems": st.just(value=True),
            "required": st.lists(st.text(), min_size=1),
            "enum": st.lists(JSON, min_size=1),
            "example": JSON,
            "x-some": JSON,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "items": inner,
            "additionalProperties": st.booleans() | inner,
            "properties": st.dictionaries(st.text(), inner),
        },
    ),
)


@given(st.text(), SCHEMAS)
def test_every_schema_comes_back(name: str, wanted: dict[str, Any]) -> None:
    found, data = named(gnostic.named_schema(name, wanted))
    assert (found, schema(data)) == (name, wanted)
