"""Tables as answers. Expected: what a real API server answers."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.cluster.problems import Problem
from navarch.cluster.tables import partial, partial_list, table
from navarch.cluster.tables.columns import columns_of
from navarch.cluster.tables.table import _printer
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Resource
from navarch.cluster.types.schema import ANY

NOW = "2026-11-21T18:00:00Z"
MADE = "2026-11-21T17:00:00Z"


def resource(group: str, plural: str, version: str = "v1", custom: dict[str, Any] | None = None) -> Resource:
    return Resource(group, version, plural, "", "Thing", True, (), ANY, version, custom=custom)


def cells(group: str, plural: str, obj: dict[str, Any], *, made: str = MADE) -> list[Any]:
    whole = {**obj, "metadata": {"name": "n", "creationTimestamp": made, **obj.get("metadata", {})}}
    answer = table(resource(group, plural), [whole], now=NOW)
    found: list[Any] = answer["rows"][0]["cells"]
    return found


TEMPLATE = {"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]}}
SELECTOR = {"matchLabels": {"app": "w"}}


@pytest.mark.parametrize(
    ("group", "plural", "obj", "expected"),
    [
        ("", "configmaps", {"data": {"a": "b"}, "binaryData": {"c": "AA=="}}, ["n", 2, "60m"]),
        ("", "secrets", {"type": "Opaque"}, ["n", "Opaque", 0, "60m"]),
        ("", "serviceaccounts", {}, ["n", "60m"]),
        ("", "namespaces", {"status": {"phase": "Active"}}, ["n", "Active", "60m"]),
        ("", "limitranges", {}, ["n", MADE]),
        ("rbac.authorization.k8s.io", "roles", {}, ["n", MADE]),
        (
            "apps",
            "deployments",
            {
                "spec": {"replicas": 3, "template": TEMPLATE, "selector": SELECTOR},
                "status": {"readyReplicas": 1, "updatedReplicas": 2},
            },
            ["n", "1/3", 2, 0, "60m", "a,b", "x,y", "app=w"],
        ),
        (
            "apps",
            "daemonsets",
            {"spec": {"template": TEMPLATE, "selector": SELECTOR}, "status": {"desiredNumberScheduled": 1}},
            ["n", 1, 0, 0, 0, 0, "<none>", "60m", "a,b", "x,y", "app=w"],
        ),
        (
            "",
            "services",
            {"spec": {"type": "ClusterIP", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80, "protocol": "TCP"}]}},
            ["n", "ClusterIP", "10.0.0.1", "<none>", "80/TCP", "60m", "<none>"],
        ),
        (
            "",
            "services",
            {"spec": {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30000, "protocol": "TCP"}]}},
            ["n", "LoadBalancer", "<none>", "<pending>", "80:30000/TCP", "60m", "<none>"],
        ),
        (
            "batch",
            "jobs",
            {"spec": {"completions": 2, "parallelism": 1}},
            ["n", "Running", "0/2", "", "60m", "", "", "<none>"],
        ),
        (
            "batch",
            "jobs",
            {
                "spec": {"parallelism": 3},
                "status": {"startTime": MADE, "conditions": [{"type": "Failed", "status": "True"}]},
            },
            ["n", "Failed", "0/1 of 3", "60m", "60m", "", "", "<none>"],
        ),
        (
            "networking.k8s.io",
            "ipaddresses",
            {"spec": {"parentRef": {"resource": "Services", "name": "s"}}},
            ["n", "services/s", "60m"],
        ),
        (
            "",
            "persistentvolumeclaims",
            {
                "spec": {"volumeName": "v", "storageClassName": "fast"},
                "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"]},
            },
            ["n", "Bound", "v", "0", "RWO", "fast", "<unset>", "60m", "<unset>"],
        ),
    ],
)
def test_rows(group: str, plural: str, obj: dict[str, Any], expected: list[Any]) -> None:
    assert cells(group, plural, obj) == expected


def test_every_kind_with_columns_of_its_own_has_a_printer() -> None:
    plain = columns_of("", "limitranges")
    for one in builtin():
        if "list" in one.verbs:
            columns, printer = _printer(one, "")
            assert (columns == plain) == (printer.__name__ == "_plain"), one.qualified
            obj = {"metadata": {"name": "n"}}
            more = one.plural == "ipaddresses"  # its rows have an age without a column
            assert len(printer(obj, str)) == len(columns) + more, one.qualified


def test_lists_and_objects() -> None:
    maps = resource("", "configmaps")
    objects = [
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a", "resourceVersion": "7"}, "data": {"x": "y"}}
    ]
    one = table(maps, objects, now=NOW)
    assert one["metadata"] == {"resourceVersion": "7"}
    assert one["rows"] == [
        {
            "cells": ["a", 1, "<unknown>"],
            "object": {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": objects[0]["metadata"],
            },
        }
    ]
    meta = {"resourceVersion": "9", "continue": "c", "remainingItemCount": 3}
    several = table(maps, objects, now=NOW, list_meta=meta, include="Object", headers=False, version="v1beta1")
    assert several["metadata"] == meta
    assert several["columnDefinitions"] is None
    assert several["apiVersion"] == "meta.k8s.io/v1beta1"
    assert several["rows"][0]["object"] == objects[0]
    assert table(maps, objects, now=NOW, include="None")["rows"][0]["object"] is None


def test_nothing_to_show() -> None:
    assert table(resource("", "pods"), [], now=NOW, list_meta={})["rows"] == []
    assert table(resource("", "limitranges"), [], now=NOW, list_meta={})["rows"] is None


def test_what_to_include() -> None:
    with pytest.raises(Problem) as caught:
        table(resource("", "pods"), [], now=NOW, include="Foo")
    assert (
        caught.value.message
        == "Unable to convert to Table as requested: includeObject: Invalid value: \"Foo\": must be 'Metadata', 'Object', 'None', or empty"
    )


def test_finished_pods_say_so() -> None:
    pod = {"metadata": {"name": "p"}, "status": {"phase": "Succeeded"}}
    [row] = table(resource("", "pods"), [pod], now=NOW)["rows"]
    assert row["conditions"] == [
        {"type": "Completed", "status": "True", "reason": "Succeeded", "message": "The pod has completed successfully."}
    ]


def test_flow_schemas_come_in_the_order_in_which_they_are_tried() -> None:
    objects = [
        {"metadata": {"name": name}, "spec": {"matchingPrecedence": at}} for name, at in (("c", 2), ("b", 1), ("a", 2))
    ]
    rows = table(resource("flowcontrol.apiserver.k8s.io", "flowschemas"), objects, now=NOW)["rows"]
    assert [row["cells"][0] for row in rows] == ["b", "a", "c"]


def test_annotations_for_fields_of_internal_types_are_not_metadata() -> None:
    annotations = {"deprecated.daemonset.template.generation": "1", "a": "b"}
    obj = {"metadata": {"name": "d", "annotations": annotations}}
    sets = resource("apps", "daemonsets")
    assert partial(sets, obj)["metadata"]["annotations"] == {"a": "b"}
    del annotations["a"]
    assert partial(sets, obj)["metadata"] == {"name": "d"}
    listed = partial_list(resource("apps", "deployments"), [obj], {"resourceVersion": "1"}, version="v1beta1")
    assert listed["items"] == [
        {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1beta1", "metadata": obj["metadata"]}
    ]


def test_custom_columns() -> None:
    columns = [
        {
            "name": "Text",
            "type": "string",
            "jsonPath": ".spec.a",
            "priority": 1,
            "format": "byte",
            "description": "told",
        },
        {"name": "Number", "type": "integer", "jsonPath": ".spec.n"},
        {"name": "Since", "type": "date", "jsonPath": ".spec.t"},
    ]
    foos = resource("x.io", "foos", custom={"name": "v1", "additionalPrinterColumns": columns})
    objects = [
        {"metadata": {"name": "a"}, "spec": {"a": {"b": [1, None]}, "n": 2.9, "t": MADE}},
        {"metadata": {"name": "b"}, "spec": {"a": None, "n": "2", "t": "soon"}},
        {"metadata": {"name": "c"}, "spec": {"a": 1000000.0, "t": "0001-01-01T00:00:00Z"}},
    ]
    made = table(foos, objects, now=NOW, list_meta={})
    assert [row["cells"] for row in made["rows"]] == [
        ["a", '{"b":[1,null]}', 2, "60m"],
        ["b", "<no value>", None, "<invalid>"],
        ["c", "1e+06", None, "<unknown>"],
    ]
    assert made["columnDefinitions"][1] == {
        "name": "Text",
        "type": "string",
        "format": "byte",
        "description": "told",
        "priority": 1,
    }
    assert (
        made["columnDefinitions"][2]["description"] == "Custom resource definition column (in JSONPath format): .spec.n"
    )


def test_custom_kinds_without_columns_have_an_age() -> None:
    foos = resource("x.io", "foos", custom={"name": "v1"})
    made = table(foos, [{"metadata": {"name": "a", "creationTimestamp": MADE}}], now=NOW)
    assert [one["name"] for one in made["columnDefinitions"]] == ["Name", "Age"]
    assert made["rows"][0]["cells"] == ["a", "60m"]


def test_scales() -> None:
    scale = {"metadata": {"name": "d", "creationTimestamp": MADE}, "spec": {"replicas": 2}, "status": {"replicas": 1}}
    assert table(resource("apps", "deployments"), [scale], now=NOW, subresource="scale")["rows"][0]["cells"] == [
        "d",
        2,
        1,
        "60m",
    ]
    version = {
        "name": "v1",
        "subresources": {"scale": {"specReplicasPath": ".spec.x", "statusReplicasPath": ".status.y"}},
    }
    made = table(resource("x.io", "foos", custom=version), [scale], now=NOW, subresource="scale")
    assert [one["name"] for one in made["columnDefinitions"]] == ["Name", "Desired", "Available", "Age"]
    assert made["rows"][0]["cells"] == ["d", 2, 1, "60m"]
