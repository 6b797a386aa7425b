"""Discovery and OpenAPI of the embedded API server beside those of the real one."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.discovery import AGGREGATED
from navarch.cluster.discovery import answer as discovery
from navarch.cluster.local import LocalCluster
from navarch.cluster.openapi import answer as openapi
from navarch.cluster.requests import Request
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from navarch.cluster.users import ADMIN
from support.cluster import KUBECTL, Cluster
from support.gadgets import definition, gadgets
from support.raw import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from navarch.cluster.requests import Answer

pytestmark = pytest.mark.real

SECONDS = 300.0
NOT_SERVED = ("/attach", "/exec", "/portforward", "/proxy", "/proxy/{path}")
NOT_PUBLISHED = {".well-known/openid-configuration", "openid/v1/jwks"}


@pytest.fixture
def raw(cluster: Cluster) -> Raw:
    return Raw(cluster)


@pytest.fixture(scope="session")
def ours() -> Catalog:
    return Catalog(builtin())


@pytest.fixture
def group(cluster: Cluster, raw: Raw) -> Iterator[str]:
    """A group of its own with gadgets in it, published by the server."""
    name = f"g{uuid.uuid4().hex[:8]}.example.com"
    code, _, _ = raw.call("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition(name))
    assert code == 201
    until = time.monotonic() + SECONDS
    while not published(raw, name):
        assert time.monotonic() < until, f"{name} is not published"
        time.sleep(0.1)
    yield name
    raw.call(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.{name}", method="DELETE")


def published(raw: Raw, group: str) -> bool:
    """Whether a server tells of both versions of a new group wherever it tells of kinds."""
    versions = {"v1", "v1beta1"}
    paths = raw.call("/openapi/v3")[1]["paths"]
    found = raw.call("/apis", headers={"Accept": AGGREGATED})[1]["items"]
    told = {one["version"] for item in builtin_groups(found, {group}) for one in item["versions"] if one["resources"]}
    served = [raw.call(f"/apis/{group}{path}")[0] for path in ("", "/v1", "/v1beta1")]
    return told == versions and served == [200] * 3 and all(f"apis/{group}/{one}" in paths for one in versions)


def request(raw: Raw, path: str, accept: str = "application/json") -> Request:
    host = raw.address.removeprefix("https://")
    return Request("GET", path, {}, {"accept": accept, "host": host}, b"", ADMIN, {}, [])


def read(answer: Answer | None) -> Any:
    assert answer is not None
    assert answer.code == 200
    return json.loads(answer.body)


def plain(value: Any) -> Any:
    """Without descriptions, and without what only carries one."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) <= {"allOf", "description"} and len(value.get("allOf", ())) == 1:
        return plain(value["allOf"][0])
    return {key: plain(one) for key, one in value.items() if key != "description" or not isinstance(one, str)}


def served(document: dict[str, Any]) -> dict[str, Any]:
    """A document of version 3 without the addresses and forms that the embedded server doesn't have."""
    for path, item in list(document["paths"].items()):
        if "/watch/" in path or path.endswith(NOT_SERVED):
            del document["paths"][path]
            continue
        for key, operation in item.items():
            if key != "parameters":
                for told in operation["responses"].values():
                    told["content"] = {
                        name: one for name, one in told.get("content", {}).items() if "protobuf" not in name
                    }
    return document


def same(found: Any, wanted: Any, place: str = "") -> None:
    """Like ==, but it says where the difference is."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        assert set(found) == set(wanted), place
        for key, one in wanted.items():
            same(found[key], one, f"{place}>{key}")
    else:
        assert found == wanted, place


def builtin_groups(items: list[dict[str, Any]], known: set[str]) -> list[dict[str, Any]]:
    return [one for one in items if one.get("name", one.get("metadata", {}).get("name", "")) in known]


def test_aggregated_discovery_is_the_same(raw: Raw, ours: Catalog) -> None:
    known = {one.group for one in ours}
    for path in ("/api", "/apis"):
        code, wanted, headers = raw.call(path, headers={"Accept": AGGREGATED})
        assert (code, headers["Content-Type"]) == (200, AGGREGATED)
        wanted["items"] = builtin_groups(wanted["items"], known)
        found = read(discovery(ours, request(raw, path, AGGREGATED)))
        same(found, wanted)
        assert list(found) == list(wanted)


def test_classic_discovery_is_the_same(raw: Raw, ours: Catalog) -> None:
    known = {one.group for one in ours}
    _, groups, _ = raw.call("/apis")
    groups["groups"] = builtin_groups(groups["groups"], known)
    same(read(discovery(ours, request(raw, "/apis"))), groups)
    versions = {f"/apis/{one.group}/{one.version}" if one.group else "/api/v1" for one in ours}
    paths = ["/api", *(f"/apis/{one['name']}" for one in groups["groups"]), *sorted(versions)]
    for path in paths:
        same(read(discovery(ours, request(raw, path))), raw.call(path)[1], path)


def test_openapi_3_is_the_same_but_for_descriptions(raw: Raw, ours: Catalog) -> None:
    listed = read(openapi(ours, request(raw, "/openapi/v3")))["paths"]
    known = {one.group for one in ours}
    wanted = {
        name for name in raw.call("/openapi/v3")[1]["paths"]
        if not name.startswith("apis/") or name.split("/")[1] in known
    }  # fmt: skip
    assert set(listed) == wanted - NOT_PUBLISHED
    for name in listed:
        found = plain(read(openapi(ours, request(raw, f"/openapi/v3/{name}"))))
        same(plain_responses(found), plain_responses(served(plain(raw.call(f"/openapi/v3/{name}")[1]))), name)


def plain_responses(document: dict[str, Any]) -> dict[str, Any]:
    """Answers that carry nothing are told with or without an empty content."""
    for item in document["paths"].values():
        for key, operation in item.items():
            if key != "parameters":
                for told in operation["responses"].values():
                    if not told.get("content"):
                        told.pop("content", None)
    return document


def test_openapi_2_has_the_same_definitions(raw: Raw, ours: Catalog) -> None:
    found = read(openapi(ours, request(raw, "/openapi/v2")))["definitions"]
    wanted = raw.call("/openapi/v2")[1]["definitions"]
    assert set(found) == {name for name in wanted if name.startswith("io.k8s.")}
    same(plain(found), {name: plain(wanted[name]) for name in found})


def test_custom_resources_are_published_alike(raw: Raw, group: str) -> None:
    catalog = Catalog(builtin())
    catalog.put_custom(f"gadgets.{group}", gadgets(group))
    for path in (f"/apis/{group}", f"/apis/{group}/v1", f"/apis/{group}/v1beta1"):
        same(read(discovery(catalog, request(raw, path))), raw.call(path)[1], path)
    _, wanted, _ = raw.call("/apis", headers={"Accept": AGGREGATED})
    found = read(discovery(catalog, request(raw, "/apis", AGGREGATED)))
    assert builtin_groups(found["items"], {group}) == builtin_groups(wanted["items"], {group})
    for version in ("v1", "v1beta1"):
        path = f"/openapi/v3/apis/{group}/{version}"
        schemas, theirs = (
            plain(one)["components"]["schemas"]
            for one in (read(openapi(catalog, request(raw, path))), raw.call(path)[1])
        )
        options = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
        del schemas[options], theirs[options]  # theirs tells kinds of all groups that client-go knows
        same(schemas, theirs, path)


def test_custom_resources_are_published_alike_in_version_2(raw: Raw, group: str) -> None:
    catalog = Catalog(builtin())
    catalog.put_custom(f"gadgets.{group}", gadgets(group))
    until, wanted = time.monotonic() + SECONDS, dict[str, Any]()
    mine = ".".join(reversed(group.split(".")))
    while sum(name.startswith(mine) for name in wanted) < 4 and time.monotonic() < until:
        wanted = raw.call("/openapi/v2")[1]["definitions"]
    found = read(openapi(catalog, request(raw, "/openapi/v2")))["definitions"]
    names = [name for name in wanted if name.startswith(mine)]
    assert len(names) == 4
    for name in names:
        same(plain(found[name]), plain(wanted[name]), name)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Cluster]:
    """The embedded server, as programs see it."""
    home = tmp_path / "local"
    home.mkdir()
    with LocalCluster(controllers=False) as one:
        yield Cluster(one.kubeconfig, str(home))


def fields(text: str) -> tuple[str, str]:
    """What `kubectl explain` prints before and after the description."""
    head, _, rest = text.partition("DESCRIPTION:")
    return head, rest.partition("FIELDS:")[2]


@pytest.mark.parametrize("output", ["plaintext", "plaintext-openapiv2"])
def test_kubectl_explains_the_same_fields(cluster: Cluster, local: Cluster, output: str) -> None:
    told = 0
    for what in ("deployments", "pods", "hpa", "crds", "events", "networkpolicies", "pods.spec.volumes", "apiservices"):
        words = ("explain", what, "--recursive", "--output", output)
        head, listed = fields(cluster.kubectl(*words))
        assert (head, listed) == fields(local.kubectl(*words)), what
        told += listed.count("\n")
    assert told > 1000


def test_kubectl_explains_custom_resources_in_their_own_words(cluster: Cluster, local: Cluster, group: str) -> None:
    local.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(definition(group)))
    for words in (
        ("explain", f"gadgets.{group}", "--recursive"),
        ("explain", f"gadgets.{group}.spec"),
        ("explain", f"gadgets.{group}.spec.color"),
        ("api-resources", f"--api-group={group}", "-o", "wide"),
    ):
        assert local.kubectl(*words) == cluster.kubectl(*words)


def test_kubectl_lists_the_same_resources(cluster: Cluster, local: Cluster, ours: Catalog) -> None:
    groups = {one.group for one in ours}
    for group in sorted(groups):
        words = ("api-resources", f"--api-group={group}", "-o", "wide")
        assert local.kubectl(*words) == cluster.kubectl(*words), group


INVALID = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nav-types"}, "bogus": 1, "data": {"a": "1"}}


@pytest.mark.parametrize(
    "words",
    [
        ("create", "--validate=strict"),
        ("create", "--validate=strict", "--dry-run=server"),
        ("apply", "--validate=strict"),
        ("apply", "--server-side"),
    ],
)
def test_kubectl_leaves_validation_to_the_server(cluster: Cluster, local: Cluster, words: tuple[str, ...]) -> None:
    """It does so where the documents say that the server can; otherwise it would use its own words."""
    found, wanted = (
        one._run(KUBECTL, (*words, "-n", "default", "-f", "-"), json.dumps(INVALID), None, SECONDS)
        for one in (local, cluster)
    )
    assert found == wanted
    assert wanted.code == 1
    assert "bogus" in wanted.err
