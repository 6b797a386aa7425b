"""Kubernetes' own types in OpenAPI. What is expected is what a real server publishes, less the descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.cluster.openapi.definitions import published, references, schema_v2, schema_v3

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
V3 = "#/components/schemas/"


def test_a_port_of_a_container() -> None:
    common = {
        "hostIP": {"type": "string"},
        "hostPort": {"type": "integer", "format": "int32"},
        "name": {"type": "string"},
    }
    port, protocol = {"type": "integer", "format": "int32"}, {"type": "string", "enum": ["SCTP", "TCP", "UDP"]}
    assert schema_v2("io.k8s.api.core.v1.ContainerPort") == {
        "type": "object",
        "required": ["containerPort"],
        "properties": {**common, "containerPort": port, "protocol": protocol},
    }
    assert schema_v3("io.k8s.api.core.v1.ContainerPort", None) == {
        "type": "object",
        "required": ["containerPort"],
        "properties": {
            **common,
            "containerPort": {**port, "default": 0},
            "protocol": {**protocol, "default": "TCP"},
        },
    }


def test_a_reference_with_something_beside_it_is_wrapped_in_version_3() -> None:
    name = "io.k8s.api.apps.v1.DeploymentStrategy"
    strategy = {"x-kubernetes-patch-strategy": "retainKeys"}
    v2, v3 = schema_v2("io.k8s.api.apps.v1.DeploymentSpec"), schema_v3("io.k8s.api.apps.v1.DeploymentSpec", None)
    assert v2["properties"]["strategy"] == {"$ref": f"#/definitions/{name}", **strategy}
    assert v3["properties"]["strategy"] == {"allOf": [{"$ref": V3 + name}], "default": {}, **strategy}
    assert v3["properties"]["selector"] == {"$ref": f"{V3}{META}.LabelSelector"}


def test_lists_and_maps() -> None:
    container = schema_v3("io.k8s.api.core.v1.Container", None)["properties"]
    assert container["ports"] == {
        "type": "array",
        "items": {"allOf": [{"$ref": f"{V3}io.k8s.api.core.v1.ContainerPort"}], "default": {}},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
        "x-kubernetes-patch-strategy": "merge",
        "x-kubernetes-patch-merge-key": "containerPort",
    }
    assert container["command"] == {
        "type": "array",
        "items": {"type": "string", "default": ""},
        "x-kubernetes-list-type": "atomic",
    }
    assert schema_v3("io.k8s.api.core.v1.PodSpec", None)["properties"]["nodeSelector"] == {
        "type": "object",
        "additionalProperties": {"type": "string", "default": ""},
        "x-kubernetes-map-type": "atomic",
    }


def test_types_that_write_themselves() -> None:
    quantity, either = (
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    )
    assert schema_v2(quantity) == {"type": "string"}
    assert schema_v3(quantity, None) == {"oneOf": [{"type": "string"}, {"type": "number"}]}
    assert schema_v2(either) == {"type": "string", "format": "int-or-string"}
    assert schema_v3(either, None) == {
        "oneOf": [{"type": "integer"}, {"type": "string"}],
        "format": "int-or-string",
    }
    assert schema_v3(f"{META}.Time", None) == {"type": "string", "format": "date-time"}
    assert schema_v3("io.k8s.apimachinery.pkg.runtime.RawExtension", None) == {"type": "object"}


def test_marks_of_a_type() -> None:
    assert schema_v3(f"{META}.LabelSelector", None)["x-kubernetes-map-type"] == "atomic"
    kinds = [{"group": "apps", "kind": "Deployment", "version": "v1"}]
    assert schema_v3("io.k8s.api.apps.v1.Deployment", None)["x-kubernetes-group-version-kind"] == kinds


def test_kinds_of_all_versions_are_told_in_the_document_of_each() -> None:
    def kinds(schema: dict[str, list[dict[str, str]]]) -> list[str]:
        return [f"{one['group']}/{one['version']}" for one in schema["x-kubernetes-group-version-kind"]]

    options = f"{META}.DeleteOptions"
    assert len(kinds(schema_v2(options))) == 60
    assert kinds(schema_v3(options, frozenset([("apps", "v1")]))) == ["/v1", "apps/v1"]


def mentioned(value: Any) -> set[str]:
    if isinstance(value, list):
        return {found for one in value for found in mentioned(one)}
    if not isinstance(value, dict):
        return set()
    own = value.get("$ref")
    found = {name for one in value.values() for name in mentioned(one)}
    return found | {own.removeprefix("#/definitions/")} if isinstance(own, str) else found


def test_references_are_those_that_a_schema_mentions() -> None:
    for name in published():
        assert set(references(name)) == mentioned(schema_v2(name))


def test_everything_is_published() -> None:
    assert len(published()) == 584
    with pytest.raises(KeyError):
        schema_v2("io.k8s.api.core.v1.Nothing")
