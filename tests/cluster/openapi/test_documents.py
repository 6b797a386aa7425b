"""The documents of OpenAPI, and how they are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from navarch.cluster.openapi import answer
from navarch.cluster.requests import Answer, Request
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from navarch.cluster.users import ADMIN
from support.gadgets import gadgets

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
KINDS = "x-kubernetes-group-version-kind"


@pytest.fixture
def catalog() -> Catalog:
    made = Catalog(builtin())
    made.put_custom("gadgets.types.example.com", gadgets())
    return made


def get(catalog: Catalog, path: str, accept: str = "", **headers: str) -> Answer | None:
    path, _, query = path.partition("?")
    asked = dict([query.split("=")]) if query else {}
    return answer(catalog, Request("GET", path, asked, {"accept": accept, **headers}, b"", ADMIN, {}, []))


def read(catalog: Catalog, path: str, accept: str = "") -> Any:
    found = get(catalog, path, accept)
    assert found is not None
    assert found.code == 200
    return json.loads(found.body)


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {found for one in value for found in references(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own | {found for one in value.values() for found in references(one)}


def test_every_listed_document_is_there_and_whole(catalog: Catalog) -> None:
    listed = read(catalog, "/openapi/v3")["paths"]
    assert {"api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "apis/types.example.com/v1", "version"} <= set(listed)
    assert "apis/types.example.com" not in listed
    for one in listed.values():
        document = read(catalog, one["serverRelativeURL"])
        assert document["openapi"] == "3.0.0"
        known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert references(document) <= known


def test_version_2_is_whole(catalog: Catalog) -> None:
    document = read(catalog, "/openapi/v2")
    assert references(document) <= {f"#/definitions/{name}" for name in document["definitions"]}
    assert "com.example.types.v1.Gadget" in document["definitions"]


def test_each_operation_has_a_name_of_its_own(catalog: Catalog) -> None:
    paths = read(catalog, "/openapi/v2")["paths"]
    names = [one["operationId"] for item in paths.values() for key, one in item.items() if key != "parameters"]
    assert len(names) == len(set(names))


def test_what_clients_look_for_before_they_send_a_patch(catalog: Catalog) -> None:
    """As cli-runtime's QueryParamVerifierV3 and kubectl's patcher do."""
    for path, kind, strategic in [
        ("apis/apps/v1", {"group": "apps", "kind": "Deployment", "version": "v1"}, True),
        ("api/v1", {"group": "", "kind": "Namespace", "version": "v1"}, True),
        ("apis/types.example.com/v1", {"group": "types.example.com", "kind": "Gadget", "version": "v1"}, False),
    ]:
        document = read(catalog, f"/openapi/v3/{path}")
        patches = [item["patch"] for item in document["paths"].values() if item.get("patch", {}).get(KINDS) == kind]
        assert patches
        for patch in patches:
            assert "fieldValidation" in {one["name"] for one in patch["parameters"] if one["in"] == "query"}
            forms = patch["requestBody"]["content"]
            assert ("application/strategic-merge-patch+json" in forms) is strategic
            assert "application/apply-patch+yaml" in forms


def test_what_explain_looks_for(catalog: Catalog) -> None:
    """The address of a resource tells its kind, and one schema has this kind."""
    for path, root, kind in [
        ("apis/apps/v1", "/apis/apps/v1/namespaces/{namespace}/deployments", "Deployment"),
        ("api/v1", "/api/v1/namespaces/{name}", "Namespace"),
        ("apis/types.example.com/v1", "/apis/types.example.com/v1/namespaces/{namespace}/gadgets/{name}", "Gadget"),
    ]:
        document = read(catalog, f"/openapi/v3/{path}")
        told = document["paths"][root]["get"][KINDS]
        assert told["kind"] == kind
        schemas = [one for one in document["components"]["schemas"].values() if told in one.get(KINDS, [])]
        assert len(schemas) == 1


def test_an_address_with_a_fingerprint_may_be_kept(catalog: Catalog) -> None:
    address = read(catalog, "/openapi/v3")["paths"]["apis/apps/v1"]["serverRelativeURL"]
    found = get(catalog, address)
    assert found is not None
    headers = dict(found.headers)
    assert headers["Cache-Control"] == "public, immutable"
    assert headers["Etag"] == f'"{address.rpartition("=")[2]}"'
    assert "Expires" in headers
    without = get(catalog, "/openapi/v3/apis/apps/v1")
    assert without is not None
    assert dict(without.headers)["Cache-Control"] == "no-cache, private"


def test_an_old_fingerprint_is_sent_to_the_new_one(catalog: Catalog) -> None:
    found = get(catalog, "/openapi/v3/apis/apps/v1?hash=ABC")
    assert found is not None
    assert (found.code, found.body) == (301, b"")
    wanted = read(catalog, "/openapi/v3")["paths"]["apis/apps/v1"]["serverRelativeURL"]
    assert dict(found.headers)["Location"] == wanted


@pytest.mark.parametrize("path", ["/openapi/v3", "/openapi/v2", "/openapi/v3/apis/types.example.com/v1"])
def test_what_has_not_changed_is_not_sent_again(catalog: Catalog, path: str) -> None:
    first = get(catalog, path)
    assert first is not None
    tag = dict(first.headers)["Etag"]
    again = get(catalog, path, **{"if-none-match": tag})
    assert again is not None
    assert (again.code, again.body) == (304, b"")
    old, new = gadgets()
    changed = {**(new.custom or {}), "schema": {"openAPIV3Schema": {"type": "object"}}}
    catalog.put_custom("gadgets.types.example.com", [old, new._replace(custom=changed)])
    other = get(catalog, path, **{"if-none-match": tag})
    assert other is not None
    assert other.code == 200
    assert other.body != first.body


def test_other_documents_keep_their_fingerprints(catalog: Catalog) -> None:
    before = read(catalog, "/openapi/v3")["paths"]
    catalog.remove_custom("gadgets.types.example.com")
    after = read(catalog, "/openapi/v3")["paths"]
    assert after == {name: one for name, one in before.items() if "types.example.com" not in name}


def test_forms(catalog: Catalog) -> None:
    protobuf = get(catalog, "/openapi/v2", PROTOBUF)
    assert protobuf is not None
    assert protobuf.content_type == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    for path in ("/openapi/v2", "/openapi/v3/apis/apps/v1"):
        refused = get(catalog, path, "text/html")
        assert refused is not None
        assert (refused.code, refused.body) == (406, b"")


@pytest.mark.parametrize("path", ["/openapi/v4", "/openapi/v2/", "/openapi/v2/x", "/openapi/", "/openapi"])
def test_nothing_else_is_there(catalog: Catalog, path: str) -> None:
    assert get(catalog, path) is None


@pytest.mark.parametrize("name", ["", "apis/nothing/v1", "x", "apis/apps/v1/", "apis/types.example.com"])
def test_unknown_documents_have_an_answer_of_their_own(catalog: Catalog, name: str) -> None:
    found = get(catalog, f"/openapi/v3/{name}")
    assert found is not None
    assert (found.code, found.content_type, found.body) == (404, "", b"")
