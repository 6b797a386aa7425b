"""Manifests to objects, compared with what Helm's KubeClient.Build made of the same manifests (builds.json)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import KubernetesError
from navarch.golang.json import dumps
from navarch.kube.discovery import Mapping
from navarch.kube.documents import read_documents
from navarch.kube.objects import BuildError, Resource, aggregate
from support.api import FakeApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.kube.client import Client

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "builds.json"), encoding="utf-8") as _file:
    BUILDS: dict[str, Any] = json.load(_file)
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
DEPLOYMENT = Mapping("apps", "v1", "Deployment", "deployments", namespaced=True)


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture(scope="module")
def client(api: FakeApi) -> Client:
    return api.client("objects-a")


def built(client: Client, manifest: str, *, validate: bool) -> dict[str, Any]:
    """What is made of a manifest, in the form of builds.json."""
    problem = ""
    try:
        resources = client.build(manifest, validate=validate)
    except BuildError as error:
        problem, resources = str(error), error.resources
    items = [[one.gvk, one.mapping.plural, one.namespace, one.name, dumps(one.object)] for one in resources]
    return {"error": problem, "items": items}


@pytest.mark.parametrize("name", BUILDS)
def test_build(client: Client, name: str) -> None:
    case = BUILDS[name]
    assert built(client, case["manifest"], validate=False) == case["built"]


@pytest.mark.parametrize("name", BUILDS)
def test_build_with_validation(client: Client, name: str) -> None:
    case = BUILDS[name]
    assert built(client, case["manifest"], validate=True) == case.get("checked", case["built"])


def test_building_what_is_known_asks_for_kinds_once_and_nothing_else(api: FakeApi) -> None:
    client = api.client()
    client.is_reachable()
    api.lines()
    client.build(CONFIG_MAP, validate=True)
    client.build(CONFIG_MAP.replace("ConfigMap", "Secret"), validate=True)
    assert api.lines() == ["GET /api", "GET /apis"]


def test_unknown_kinds_are_looked_for_once_a_manifest(api: FakeApi) -> None:
    client = api.client()
    client.build(CONFIG_MAP)
    api.lines()
    nothing = (
        "apiVersion: nope/v1\nkind: Nope\n---\napiVersion: v1\nkind: Nope\n---\nkind: Never\napiVersion: apps/v1\n"
    )
    with pytest.raises(BuildError) as caught:
        client.build(nothing)
    assert len(caught.value.problems) == 3
    assert api.lines() == ["GET /api", "GET /apis"]


def test_a_document_is_not_changed_by_where_it_goes(api: FakeApi) -> None:
    client = api.client("one")
    first = client.build(CONFIG_MAP)[0]
    client.namespace = "two"
    second = client.build(CONFIG_MAP)[0]
    assert (first.metadata["namespace"], second.metadata["namespace"]) == ("one", "two")


def test_a_kind_in_two_groups_is_told_apart_by_its_version(client: Client) -> None:
    events = client.build("{apiVersion: v1, kind: Event}\n---\n{apiVersion: events.k8s.io/v1, kind: Event}\n")
    assert [one.collection for one in events] == [
        "/api/v1/namespaces/objects-a/events",
        "/apis/events.k8s.io/v1/namespaces/objects-a/events",
    ]


def test_a_resource_has_an_address_and_a_name_for_people() -> None:
    resource = Resource(DEPLOYMENT, "shop", "web", {"metadata": {"name": "web"}})
    assert resource.path == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert resource.collection == "/apis/apps/v1/namespaces/shop/deployments"
    assert str(resource) == 'Deployment "web" in namespace "shop"'
    assert resource.gvk == "apps/v1, Kind=Deployment"


def test_the_version_is_no_part_of_what_an_object_is() -> None:
    old = Resource(DEPLOYMENT._replace(version="v1beta1"), "shop", "web", {})
    assert old.same_object(Resource(DEPLOYMENT, "shop", "web", {}))
    assert not old.same_object(Resource(DEPLOYMENT, "other", "web", {}))


def test_refreshing_a_copy_leaves_the_resource() -> None:
    resource = Resource(DEPLOYMENT, "shop", "", {"metadata": {"generateName": "web-"}})
    other = resource.copy()
    other.refresh({"metadata": {"name": "web-x", "namespace": "shop"}})
    assert (resource.name, other.name) == ("", "web-x")


@pytest.mark.parametrize(
    ("namespace", "name", "message"),
    [
        ("shop", "", "resource name may not be empty"),
        ("shop", "a/b", "invalid resource name \"a/b\": [may not contain '/']"),
        ("shop", "a/b%c", "invalid resource name \"a/b%c\": [may not contain '/' may not contain '%']"),
        ("shop", "..", "invalid resource name \"..\": [may not be '..']"),
        ("x/y", "", "invalid namespace \"x/y\": [may not contain '/']"),
        ("", "web", "an empty namespace may not be set when a resource name is provided"),
    ],
)
def test_names_that_can_not_stand_in_an_address(namespace: str, name: str, message: str) -> None:
    """The texts of client-go's rest.Request."""
    with pytest.raises(KubernetesError) as caught:
        Resource(DEPLOYMENT, namespace, name, {}).path  # noqa: B018
    assert str(caught.value) == message


def test_several_messages_are_told_once_each() -> None:
    """As apimachinery's Aggregate."""
    assert aggregate(["a"]) == "a"
    assert aggregate(["a", "a"]) == "a"
    assert aggregate(["a", "b", "a"]) == "[a, b]"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text("abc xyz:#-\n\"'", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text("abcdef", min_size=1), VALUES, min_size=1, max_size=3), max_size=4))
def test_what_is_written_as_json_documents_is_read_back(documents: list[dict[str, Any]]) -> None:
    """Several objects, as JSON one after the other and as YAML between separators (JSON is YAML)."""
    texts = [json.dumps(one) for one in documents]
    assert [one.value for one in read_documents("\n".join(texts))] == documents
    assert [one.value for one in read_documents("# yaml\n" + "\n---\n".join(texts))] == documents


@given(st.text("ab:-{}[]\"'\\ \n\t#,0.e+", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for manifest in (text, "{" + text):
        problems = []
        try:
            assert all(one.value is not None for one in read_documents(manifest))
        except KubernetesError as error:
            problems.append(str(error))
        assert all(problem.startswith("error parsing : ") for problem in problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0", 1),
        ("1e3", 1000),
        ("-0.0", 0),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", 9223372036854775808.0),
        ("1e22", 1e22),
        ("0.5", 0.5),
    ],
)
def test_numbers_of_yaml_are_those_of_its_json(text: str, value: float) -> None:
    """json.Marshal writes 1.0 as 1; what fits an int64 is one, as apimachinery's decoder has it."""
    found = next(iter(read_documents(f"x: {text}\nz: [{text}]\n"))).value
    assert found == {"x": value, "z": [value]}
    assert type(found["x"]) is type(found["z"][0]) is type(value)


FIELDS = st.sampled_from(
    ["name", "namespace", "labels", "annotations", "uid", "generation", "ownerReferences", "finalizers"]
)
METADATA = st.dictionaries(FIELDS, VALUES, max_size=4) | VALUES
KINDS = st.sampled_from(["ConfigMap", "Namespace", "List", "PodList", "Nope", "", 5, None])
ANY_OBJECT = st.fixed_dictionaries(
    {},
    optional={
        "apiVersion": st.sampled_from(["v1", "apps/v1", "", "a/b/c", 1, None]),
        "kind": KINDS,
        "metadata": METADATA,
        "items": st.lists(
            st.fixed_dictionaries({"kind": KINDS}, optional={"apiVersion": st.just("v1"), "metadata": METADATA})
        )
        | VALUES,
        "spec": VALUES,
    },
)


@given(st.lists(ANY_OBJECT, max_size=3), st.booleans())
def test_any_objects_are_built_or_refused(api: FakeApi, documents: list[dict[str, Any]], validate: bool) -> None:
    client = api.client("shop")
    client.discovery.catalog()
    client.discovery.refresh = client.discovery.catalog  # type: ignore[method-assign] # unknown kinds are many here
    manifest = "# yaml\n" + "\n---\n".join(json.dumps(one) for one in documents)
    try:
        resources = client.build(manifest, validate=validate)
    except BuildError as error:
        resources = error.resources
    assert all(one.namespace == "" or one.mapping.namespaced for one in resources)
    client.close()
