"""Custom resources in OpenAPI: what a real server publishes for the CustomResourceDefinition of `support.gadgets`."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.openapi.custom import custom_schemas
from support.gadgets import gadgets

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
EITHER = [{"type": "integer"}, {"type": "string"}]
TEXT = {"type": "string"}


def spec(*, v2: bool) -> dict[str, Any]:
    found = custom_schemas(gadgets()[1], v2=v2)["com.example.types.v1.Gadget"]["properties"]["spec"]
    assert isinstance(found, dict)
    return found


def fields(*, v2: bool) -> dict[str, Any]:
    found = spec(v2=v2)["properties"]
    assert isinstance(found, dict)
    return found


def test_the_whole_object_is_completed() -> None:
    schemas = custom_schemas(gadgets()[1], v2=False)
    assert list(schemas) == ["com.example.types.v1.Gadget", "com.example.types.v1.GadgetList"]
    gadget, listed = schemas.values()
    assert (gadget["type"], gadget["description"], gadget["required"]) == ("object", "A gadget.", ["spec"])
    assert list(gadget["properties"]) == ["apiVersion", "kind", "metadata", "spec", "status"]
    assert gadget["properties"]["metadata"] == {"$ref": f"#/components/schemas/{META}.ObjectMeta"}
    assert gadget["x-kubernetes-group-version-kind"] == [
        {"group": "types.example.com", "kind": "Gadget", "version": "v1"}
    ]
    assert gadget["x-kubernetes-selectable-fields"] == [{"fieldPath": "spec.color"}]
    assert listed == {
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": TEXT,
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/com.example.types.v1.Gadget"}},
            "kind": TEXT,
            "metadata": {"$ref": f"#/components/schemas/{META}.ListMeta"},
        },
        "x-kubernetes-group-version-kind": [{"group": "types.example.com", "kind": "GadgetList", "version": "v1"}],
        "x-kubernetes-selectable-fields": [{"fieldPath": "spec.color"}],
    }


def test_version_3_keeps_what_the_author_wrote() -> None:
    found = fields(v2=False)
    assert found["color"] == {
        "type": "string",
        "description": "Its colour.",
        "default": "red",
        "maxLength": 10,
        "minLength": 1,
        "pattern": "^[a-z]+$",
        "enum": ["red", "blue"],
    }
    assert found["maybe"] == {"type": "string", "nullable": True}
    assert found["choice"]["not"] == {"required": ["c"]}
    assert found["free"] == {"type": "object", "additionalProperties": True}
    assert found["labels"]["minProperties"] == 0
    assert "uniqueItems" not in found["set"]
    assert spec(v2=False)["required"] == ["color", "maybe"]
    assert spec(v2=False)["x-kubernetes-validations"] == [{"rule": "self.color != 'x'", "message": "bad"}]


def test_numbers_or_texts_are_spelt_out_in_version_3() -> None:
    found = fields(v2=False)
    assert found["port"] == {
        "description": "Number or name",
        "anyOf": EITHER,
        "x-kubernetes-int-or-string": True,
    }
    assert found["port2"] == {"anyOf": EITHER, "x-kubernetes-int-or-string": True}
    assert found["port3"] == {"anyOf": EITHER, "allOf": [{"maximum": 9}], "x-kubernetes-int-or-string": True}


def test_embedded_objects_are_completed() -> None:
    head = {"apiVersion": TEXT, "kind": TEXT, "metadata": {"$ref": f"#/components/schemas/{META}.ObjectMeta"}}
    found = fields(v2=False)
    assert found["emb"] == {
        "type": "object",
        "required": ["kind", "apiVersion"],
        "properties": {**head, "spec": {"type": "object"}},
        "x-kubernetes-embedded-resource": True,
    }
    assert found["emb2"]["properties"] == head


def test_version_2_says_less() -> None:
    found = fields(v2=True)
    assert "default" not in found["color"]
    assert found["maybe"] == found["nullist"] == {}
    assert found["port"] == {"description": "Number or name", "x-kubernetes-int-or-string": True}
    assert found["obj"] == {"x-kubernetes-preserve-unknown-fields": True}
    assert found["emb2"] == {"x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    assert found["choice"] == {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
    assert spec(v2=True)["required"] == ["color"]


def test_what_takes_everything_has_no_fields_in_version_2() -> None:
    kinds = [{"group": "types.example.com", "kind": "Gadget", "version": "v1beta1"}]
    v3, v2 = (custom_schemas(gadgets()[0], v2=v2)["com.example.types.v1beta1.Gadget"] for v2 in (False, True))
    assert v2 == {"type": "object", "x-kubernetes-group-version-kind": kinds}
    assert list(v3["properties"]) == ["apiVersion", "kind", "metadata"]
    assert v3["x-kubernetes-preserve-unknown-fields"] is True


def test_without_a_schema_nothing_is_said() -> None:
    one = gadgets()[0]._replace(custom={"name": "v1beta1"})
    kinds = [{"group": "types.example.com", "kind": "Gadget", "version": "v1beta1"}]
    for v2 in (False, True):
        assert custom_schemas(one, v2=v2)["com.example.types.v1beta1.Gadget"] == {
            "type": "object",
            "x-kubernetes-group-version-kind": kinds,
        }


LEAVES = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "boolean"])},
    optional={"nullable": st.booleans(), "default": st.integers(), "anyOf": st.just([{"minLength": 1}])},
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("abc"), inner)},
            optional={
                "nullable": st.booleans(),
                "required": st.lists(st.sampled_from("abc"), unique=True),
                "x-kubernetes-preserve-unknown-fields": st.booleans(),
                "x-kubernetes-embedded-resource": st.booleans(),
            },
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"nullable": st.booleans()}),
        st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner}),
    ),
)


def walk(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for one in schema for found in walk(one)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for one in schema.values() for found in walk(one))]


@given(SCHEMAS)
def test_version_2_has_nothing_that_its_readers_do_not_know(given_schema: dict[str, Any]) -> None:
    top = {"type": "object", "properties": {"spec": given_schema}}
    one = gadgets()[0]._replace(custom={"name": "v1beta1", "schema": {"openAPIV3Schema": top}})
    for schema in walk(custom_schemas(one, v2=True)["com.example.types.v1beta1.Gadget"]):
        assert not {"nullable", "anyOf", "default"} & set(schema)
        assert schema.get("type") != "array" or "items" in schema
        properties = schema.get("properties")
        if "x-kubernetes-preserve-unknown-fields" in schema:
            assert properties is None
