"""Discovery documents. What is expected is what a real server of version 1.36 answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from navarch.cluster.discovery import AGGREGATED, answer, document
from navarch.cluster.problems import Problem
from navarch.cluster.requests import Answer, Request
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog, Resource
from navarch.cluster.types.schema import ANY
from navarch.cluster.users import ADMIN
from support.gadgets import gadgets

EVERYTHING = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
KUBECTL = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)


@pytest.fixture
def catalog() -> Catalog:
    made = Catalog(builtin())
    made.put_custom("gadgets.types.example.com", gadgets())
    return made


def custom(group: str, version: str, plural: str = "things") -> Resource:
    return Resource(group, version, plural, "thing", "Thing", True, ("get",), ANY, version, custom={})


def get(catalog: Catalog, path: str, accept: str = "", *, method: str = "GET", **headers: str) -> Answer | None:
    return answer(
        catalog, Request(method, path, {}, {"accept": accept, "host": "127.0.0.1:6443", **headers}, b"", ADMIN, {}, [])
    )


def read(catalog: Catalog, path: str, accept: str = "") -> Any:
    found = get(catalog, path, accept)
    assert found is not None
    return json.loads(found.body)


def test_the_core_versions_tell_the_servers_address(catalog: Catalog) -> None:
    assert read(catalog, "/api") == {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443"}],
    }


def test_groups_stand_in_the_order_of_their_priority_and_custom_ones_last(catalog: Catalog) -> None:
    names = [one["name"] for one in read(catalog, "/apis")["groups"]]
    assert names[:4] == ["apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io"]
    assert names[-2:] == ["flowcontrol.apiserver.k8s.io", "types.example.com"]
    assert len(names) == 21


def test_a_group_tells_its_versions(catalog: Catalog) -> None:
    v1, v2 = ({"groupVersion": f"autoscaling/{version}", "version": version} for version in ("v1", "v2"))
    head = {"kind": "APIGroup", "apiVersion": "v1", "name": "autoscaling"}
    assert read(catalog, "/apis/autoscaling") == {**head, "versions": [v2, v1], "preferredVersion": v2}


def test_a_version_tells_its_resources(catalog: Catalog) -> None:
    found = read(catalog, "/apis/apps/v1")
    assert {key: value for key, value in found.items() if key != "resources"} == {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": "apps/v1",
    }
    assert [one for one in found["resources"] if one["name"].startswith("deployments")] == [
        {
            "name": "deployments",
            "singularName": "deployment",
            "namespaced": True,
            "kind": "Deployment",
            "verbs": EVERYTHING,
            "shortNames": ["deploy"],
            "categories": ["all"],
            "storageVersionHash": "8aSe+NMegvE=",
        },
        {
            "name": "deployments/scale",
            "singularName": "",
            "namespaced": True,
            "group": "autoscaling",
            "version": "v1",
            "kind": "Scale",
            "verbs": ["get", "patch", "update"],
        },
        {
            "name": "deployments/status",
            "singularName": "",
            "namespaced": True,
            "kind": "Deployment",
            "verbs": ["get", "patch", "update"],
        },
    ]


@pytest.mark.parametrize(
    ("path", "plural", "expected"),
    [
        ("/api/v1", "configmaps", "qFsyl6wFWjQ="),
        ("/apis/autoscaling/v1", "horizontalpodautoscalers", "qwQve8ut294="),
        ("/apis/events.k8s.io/v1", "events", "r2yiGXH7wu8="),
        ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "jfWCUB31mvA="),
        ("/apis/types.example.com/v1beta1", "gadgets", "irj70wwDIT0="),
        ("/api/v1", "bindings", None),
        ("/api/v1", "componentstatuses", None),
    ],
)
def test_hashes_of_what_is_stored(catalog: Catalog, path: str, plural: str, expected: str | None) -> None:
    (one,) = (one for one in read(catalog, path)["resources"] if one["name"] == plural)
    assert one.get("storageVersionHash") == expected


def test_the_core_groups_document_has_no_version_of_its_own(catalog: Catalog) -> None:
    assert list(read(catalog, "/api/v1")) == ["kind", "groupVersion", "resources"]


def test_what_kubectl_asks_for_is_aggregated(catalog: Catalog) -> None:
    found = get(catalog, "/apis", KUBECTL)
    assert found is not None
    assert found.content_type == AGGREGATED
    items = {item["metadata"]["name"]: item for item in json.loads(found.body)["items"]}
    (group,) = items["policy"]["versions"]
    assert group == {
        "version": "v1",
        "resources": [
            {
                "resource": "poddisruptionbudgets",
                "responseKind": {"group": "", "version": "", "kind": "PodDisruptionBudget"},
                "scope": "Namespaced",
                "singularResource": "poddisruptionbudget",
                "verbs": EVERYTHING,
                "shortNames": ["pdb"],
                "subresources": [
                    {
                        "subresource": "status",
                        "responseKind": {"group": "", "version": "", "kind": "PodDisruptionBudget"},
                        "verbs": ["get", "patch", "update"],
                    }
                ],
            }
        ],
        "freshness": "Current",
    }
    v1, v1beta1 = items["types.example.com"]["versions"]
    assert (v1["version"], v1beta1["version"]) == ("v1", "v1beta1")
    kind = {"group": "types.example.com", "version": "v1", "kind": "Gadget"}
    assert v1["resources"][0]["responseKind"] == kind
    assert [one["responseKind"] for one in v1["resources"][0]["subresources"]] == [
        kind,
        {"group": "autoscaling", "version": "v1", "kind": "Scale"},
    ]


def test_the_core_group_is_aggregated_by_itself(catalog: Catalog) -> None:
    (item,) = read(catalog, "/api", KUBECTL)["items"]
    assert item["metadata"] == {}
    assert len(item["versions"][0]["resources"]) == 17


def test_what_has_not_changed_is_not_sent_again(catalog: Catalog) -> None:
    first = get(catalog, "/apis", KUBECTL)
    assert first is not None
    tag = dict(first.headers)["Etag"]
    again = get(catalog, "/apis", KUBECTL, **{"if-none-match": tag})
    assert again is not None
    assert (again.code, again.body) == (304, b"")
    catalog.remove_custom("gadgets.types.example.com")
    changed = get(catalog, "/apis", KUBECTL, **{"if-none-match": tag})
    assert changed is not None
    assert changed.code == 200


def test_versions_are_preferred_as_kubernetes_documents_it() -> None:
    """The list of https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/."""
    wanted = "v10 v2 v1 v11beta2 v10beta3 v3beta1 v12alpha1 v11alpha2 foo1 foo10".split()
    catalog = Catalog([])
    catalog.put_custom("things.example.com", [custom("example.com", version) for version in sorted(wanted)])
    found = document(catalog, "/apis/example.com", address="")
    assert found is not None
    assert [one["version"] for one in found["versions"]] == wanted
    assert found["preferredVersion"]["version"] == "v10"


def test_custom_groups_and_their_resources_are_sorted_by_name() -> None:
    catalog = Catalog([])
    catalog.put_custom("b", [custom("b.example.com", "v1", "zs")])
    catalog.put_custom("a", [custom("a.example.com", "v1")])
    catalog.put_custom("c", [custom("b.example.com", "v1", "as")])
    listed = document(catalog, "/apis", address="")
    assert listed is not None
    assert [one["name"] for one in listed["groups"]] == ["a.example.com", "b.example.com"]
    resources = document(catalog, "/apis/b.example.com/v1", address="")
    assert resources is not None
    assert [one["name"] for one in resources["resources"]] == ["as", "zs"]


@pytest.mark.parametrize(
    "path",
    ["/apis/nothing", "/apis/apps/v2", "/api/v2", "/apis/apps/v1/deployments", "/apis//v1", "/other"],
)
def test_nothing_else_is_there(catalog: Catalog, path: str) -> None:
    assert get(catalog, path) is None


FORMS = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
ONLY = f"only the following media types are accepted: {FORMS}"
ROUTED = f"406: Not Acceptable\n\nAvailable representations: {FORMS}"


@pytest.mark.parametrize(
    ("path", "accept", "message"),
    [
        ("/apis", "text/html", ONLY),
        ("/apis/", AGGREGATED, ONLY),
        ("/api", "text/html", ROUTED),
        ("/api/v1", "text/html", ROUTED),
        ("/apis/apps", "text/html", ONLY),
        ("/apis/apps/v1", "text/html", ROUTED),
        ("/apis/types.example.com/v1", "text/html", ONLY),
        ("/api/v1", "application/json;as=Table;v=v1;g=meta.k8s.io", ONLY),
        ("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", ONLY),
        ("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=Other", ONLY),
    ],
)
def test_other_forms_are_refused(catalog: Catalog, path: str, accept: str, message: str) -> None:
    with pytest.raises(Problem) as caught:
        get(catalog, path, accept)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (406, "NotAcceptable", message)


def test_one_version_is_never_aggregated(catalog: Catalog) -> None:
    with pytest.raises(Problem):
        get(catalog, "/apis/apps/v1", AGGREGATED)


def test_yaml_and_pretty_json(catalog: Catalog) -> None:
    as_yaml = get(catalog, "/apis/policy", "application/yaml")
    assert as_yaml is not None
    assert as_yaml.body.startswith(b"apiVersion: v1\nkind: APIGroup\nname: policy\n")
    pretty = get(catalog, "/apis/policy", **{"user-agent": "curl/8"})
    assert pretty is not None
    assert pretty.body.startswith(b'{\n  "kind": "APIGroup",\n  "apiVersion": "v1",\n')


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api", False),
        ("/api/v1", False),
        ("/apis", True),
        ("/apis/apps", True),
        ("/apis/apps/v1", False),
        ("/apis/types.example.com/v1", True),
        ("/", True),
    ],
)
def test_methods_are_looked_at_where_the_server_does(catalog: Catalog, path: str, *, allowed: bool) -> None:
    if allowed:
        assert get(catalog, path, method="POST") == get(catalog, path)
        return
    with pytest.raises(Problem) as caught:
        get(catalog, path, method="POST")
    assert (caught.value.code, caught.value.details) == (405, {})
    assert caught.value.message == "the server does not allow this method on the requested resource"


def test_the_root_lists_addresses(catalog: Catalog) -> None:
    paths = read(catalog, "/")["paths"]
    assert paths == sorted(paths)
    assert {"/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/openapi/v3", "/version"} <= set(paths)
