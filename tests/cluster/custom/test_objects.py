"""Custom objects on their way in. Expected: what a real API server answers, and the laws of pruning and defaulting."""

from __future__ import annotations

import copy
import json
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.custom import convert, creating, from_stored, resources, to_stored, updating
from navarch.cluster.custom.pruning import drop_nulls, fill, prune
from navarch.cluster.custom.structure import Structure
from navarch.cluster.decode.reading import read_json
from navarch.cluster.problems import Problem
from support import schemas

if TYPE_CHECKING:
    from navarch.cluster.types.catalog import Resource

TRUE = [{"type": "Established", "status": "True"}]
SPEC = {"type": "object", "properties": {"a": {"type": "string", "default": "x"}, "n": {"type": "integer"}}}


def resource(spec: dict[str, Any], **version: Any) -> Resource:
    definition = schemas.definition(random.Random(), "foo", group="x.io", spec=spec)
    definition["spec"]["versions"][0].update(version)
    [made] = resources({**definition, "status": {"conditions": TRUE}})
    return made


def obj(spec: Any = None, **more: Any) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "default"}
    return {"apiVersion": "x.io/v1", "kind": "Foo", "metadata": metadata, "spec": spec or {}, **more}


def messages(found: list[Any]) -> list[str]:
    return [f"{one.field}: {one.message}" for one in found]


def test_unknown_fields_go_and_defaults_come() -> None:
    given_ = obj({"n": 1, "b": 2, "c": {"d": 1}}, extra=1)
    made, warnings = convert(given_, resource(SPEC), validation="Warn")
    assert made["spec"] == {"n": 1, "a": "x"}
    assert "extra" not in made
    assert warnings == [f'unknown field "{path}"' for path in ("extra", "spec.b", "spec.c")]
    assert given_["spec"] == {"n": 1, "b": 2, "c": {"d": 1}}


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        (
            obj({"b": 1}),
            'Foo in version "v1" cannot be handled as a Foo: strict decoding error: unknown field "spec.b"',
        ),
        (
            {**obj(), "apiVersion": "x.io/v2"},
            "the API version in the data (x.io/v2) does not match the expected API version (x.io/v1)",
        ),
        ({"kind": "Foo"}, "the API version in the data () does not match the expected API version (x.io/v1)"),
        (
            {"spec": {}},
            "the object provided is unrecognized (must be of type Foo): Object 'Kind' is missing in '{\"spec\":{}}' ({\"spec\":{}})",
        ),
        (
            {**obj(), "metadata": {"labels": {"a": 1}}},
            'Foo in version "v1" cannot be handled as a Foo: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
        ),
        (
            {**obj(), "metadata": []},
            'Foo in version "v1" cannot be handled as a Foo: json: cannot unmarshal array into Go value of type v1.ObjectMeta',
        ),
    ],
)
def test_objects_that_cannot_be_read(given_: dict[str, Any], text: str) -> None:
    with pytest.raises(Problem) as caught:
        convert(given_, resource(SPEC), validation="Strict")
    assert (caught.value.code, caught.value.message) == (400, text)


def test_repeated_fields() -> None:
    body = b'{"apiVersion":"x.io/v1","kind":"Foo","metadata":{"name":"a","name":"b"},"spec":{"n":1,"n":2}}'
    made, warnings = convert(read_json(body), resource(SPEC), validation="Warn")
    assert warnings == ['duplicate field "metadata.name"', 'duplicate field "spec.n"']
    assert (made["metadata"]["name"], made["spec"]["n"]) == ("b", 2)


def test_deep_objects_are_refused() -> None:
    deep: Any = {}
    for _ in range(sys.getrecursionlimit() + 100):  # other tests may have raised it
        deep = {"a": deep}
    with pytest.raises(Problem, match="exceeded max depth"):
        convert(obj(deep), resource({"type": "object", "x-kubernetes-preserve-unknown-fields": True}))


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (
            {"type": "integer"},
            "x",
            ['spec.v: Invalid value: "string": spec.v in body must be of type integer: "string"'],
        ),
        ({"type": "integer"}, 1.0, []),
        (
            {"type": "integer"},
            1.5,
            [
                'spec.v: Invalid value: "number": spec.v in body must be of type integer: "number"',
                '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.v',
            ],
        ),
        (
            {"type": "integer", "format": "int32"},
            2**40,
            ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.v'],
        ),
        (
            {"type": "number", "maximum": 1000000},
            1e7,
            ["spec.v: Invalid value: 1e+07: spec.v in body should be less than or equal to 1e+06"],
        ),
        (
            {"type": "integer", "minimum": 3, "exclusiveMinimum": True},
            3,
            ["spec.v: Invalid value: 3: spec.v in body should be greater than 3"],
        ),
        ({"type": "string", "enum": ["a", "b"]}, "c", ['spec.v: Unsupported value: "c": supported values: "a", "b"']),
        ({"type": "string", "maxLength": 2}, "abc", ["spec.v: Too long: may not be more than 2 bytes"]),
        (
            {"type": "string", "pattern": "^a+$"},
            "b",
            ["spec.v: Invalid value: \"b\": spec.v in body should match '^a+$'"],
        ),
        (
            {"type": "string", "format": "date-time"},
            "soon",
            ['spec.v: Invalid value: "soon": spec.v in body must be of type date-time: "soon"'],
        ),
        ({"type": "string", "format": "nothing-known"}, "x", []),
        ({"type": "string"}, None, []),
        (
            {"x-kubernetes-int-or-string": True},
            2.5,
            ['spec.v: Invalid value: "number": spec.v in body must be of type integer,string: "number"'],
        ),
        (
            {"type": "array", "items": {"type": "string"}, "maxItems": 1},
            ["a", "b"],
            ["spec.v: Too many: 2: must have at most 1 item"],
        ),
        (
            {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
            ["a", "b", "a", "a"],
            ['spec.v[2]: Duplicate value: "a"'],
        ),
        (
            {"type": "object", "required": ["r"], "properties": {"r": {"type": "string"}}},
            {},
            ["spec.v.r: Required value"],
        ),
        (
            {
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": True,
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            {"a": 1, "b": 1},
            [
                '<nil>: Invalid value: "": "spec.v" must validate one and only one schema (oneOf). Found 2 valid alternatives'
            ],
        ),
        (
            {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "not": {"required": ["a"]}},
            {"a": 1},
            ['<nil>: Invalid value: "": "spec.v" must not validate the schema (not)'],
        ),
        (
            {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
            {"kind": "A b", "metadata": {"name": "a/b"}},
            [
                "spec.v.apiVersion: Required value",
                "spec.v.kind: Invalid value: \"A b\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
                "spec.v.metadata.name: Invalid value: \"a/b\": may not contain '/'",
            ],
        ),
        (
            {"type": "string", "minLength": 2, "x-kubernetes-validations": [{"rule": "true"}]},
            5,
            [
                'spec.v: Invalid value: "integer": spec.v in body must be of type string: "integer"',
                "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
            ],
        ),
    ],
)
def test_checks(schema: dict[str, Any], value: Any, expected: list[str]) -> None:
    made = resource({"type": "object", "properties": {"v": schema}})
    given_, _ = convert(obj({"v": value}), made)
    assert messages(creating(made, given_)) == expected


def test_what_was_wrong_before_is_let_be() -> None:
    made = resource({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}})
    old = obj({"a": "x", "b": 1})
    old["metadata"]["resourceVersion"] = "1"
    assert updating(made, obj({"a": "x", "b": 2}, metadata=old["metadata"]), old) == []
    assert len(updating(made, obj({"a": "y", "b": 1}, metadata=old["metadata"]), old)) == 1


def test_scale_paths() -> None:
    scale = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n", "labelSelectorPath": ".status.s"}
    made = resource({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, subresources={"scale": scale})
    found = creating(made, obj({"n": -1}, status={"n": "x", "s": 1}))
    assert messages(found) == [
        ".spec.n: Invalid value: -1: should be a non-negative integer",
        ".status.n: Invalid value: 0: .status.n accessor error: x is of the type string, expected int64",
        '.status.s: Invalid value: "": .status.s accessor error: 1 is of the type int64, expected string',
    ]


def test_versions_of_an_object() -> None:
    definition = schemas.definition(random.Random(), "foo", group="x.io", spec=SPEC)
    newer = copy.deepcopy(definition["spec"]["versions"][0])
    newer.update(name="v2", storage=False)
    newer["schema"]["openAPIV3Schema"]["properties"]["spec"] = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "z": {"type": "string"}},
    }
    definition["spec"]["versions"].append(newer)
    one, two = resources({**definition, "status": {"conditions": TRUE}})
    stored = obj({"n": 1})
    assert from_stored(stored, one) is stored
    assert from_stored(stored, two) == {**stored, "apiVersion": "x.io/v2"}
    assert to_stored({**obj({"n": 2.0, "z": "q"}), "apiVersion": "x.io/v2"}, two) == obj({"n": 2, "a": "x"})


SEEDS = st.integers(0, 10**6)


@given(SEEDS)
def test_reading_twice_changes_nothing_more(seed: int) -> None:
    chance = random.Random(seed)
    node = schemas.object_schema(chance)
    made = resource(node)
    try:
        once, _ = convert(obj(schemas.value(chance, node)), made)
    except Problem:  # whole objects with metadata of a wrong type
        return
    again, warnings = convert(json.loads(json.dumps(once)), made, validation="Strict")
    assert (again, warnings) == (once, [])


@given(SEEDS, SEEDS)
def test_an_update_is_never_refused_for_more_than_a_new_object(seed: int, other: int) -> None:
    chance = random.Random(seed)
    node = schemas.object_schema(chance)
    made = resource(node)
    old, new = (obj(schemas.value(random.Random(one), node)) for one in (seed, other))
    for one in (old, new):
        one["metadata"]["resourceVersion"] = "1"
    assert set(messages(updating(made, new, old))) <= set(messages(creating(made, new)))


@given(SEEDS)
def test_pruning_and_defaulting_settle(seed: int) -> None:
    chance = random.Random(seed)
    node = schemas.object_schema(chance)
    structure = Structure({"type": "object", "properties": {"spec": node}})
    value = {"spec": schemas.value(chance, node)}
    prune(value, structure)
    drop_nulls(value, structure)
    fill(value, structure)
    settled = copy.deepcopy(value)
    assert prune(value, structure) == []
    drop_nulls(value, structure)
    fill(value, structure)
    assert value == settled


def test_what_an_apply_merged_is_checked_as_it_is() -> None:
    """Nulls that merging leaves are faults, and go only when the object is kept."""
    made = resource(
        {
            "type": "object",
            "properties": {
                "l": {"type": "array", "items": {"type": "string"}},
                "any": {"x-kubernetes-preserve-unknown-fields": True},
            },
        }
    )
    merged, warnings = convert(obj({"l": None, "zz": 1}), made, source="apply")
    assert warnings == []
    assert merged["spec"] == {"l": None, "zz": 1}
    assert messages(creating(made, merged)) == [
        'spec.l: Invalid value: "null": spec.l in body must be of type array: "null"'
    ]
    assert to_stored(obj({"any": None, "zz": 1}), made)["spec"] == {}


def test_defaults_of_the_status_come_when_an_object_is_kept() -> None:
    """A new object loses its status, and what is read from the store has the schema's defaults."""
    definition = schemas.definition(random.Random(), "foo", group="x.io", spec=SPEC)
    status = {"type": "object", "default": {"phase": "New"}, "properties": {"phase": {"type": "string"}}}
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"] = status
    [made] = resources({**definition, "status": {"conditions": TRUE}})
    assert to_stored(obj({"n": 1}), made) == obj({"n": 1, "a": "x"}, status={"phase": "New"})
