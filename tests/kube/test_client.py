"""The facade: what it asks the server for, and how its errors read."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, ConfigError, KubernetesError
from navarch.kube.client import Client
from navarch.kube.discovery import Mapping
from navarch.kube.objects import Resource
from support.api import FakeApi, kubernetes, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.api import Asked

MAPS = Mapping("", "v1", "ConfigMap", "configmaps", namespaced=True)
PLACE = "/api/v1/namespaces/shop/configmaps"


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


def maps(*names: str, namespace: str = "shop") -> list[Resource]:
    return [Resource(MAPS, namespace, name, {}) for name in names]


def item(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def names(found: list[Any]) -> list[str | None]:
    return [one and one["metadata"]["name"] for one in found]


def test_is_reachable(api: FakeApi) -> None:
    client = api.client()
    client.is_reachable()
    assert client.version()["gitVersion"] == "v1.36.3"
    assert api.lines() == ["GET /version"], "the answer is not asked for twice"


def test_is_not_reachable(api: FakeApi) -> None:
    """Helm's words around client-go's."""
    api.answers["/version"] = status(401, "Unauthorized", "Unauthorized")
    with pytest.raises(ApiError) as caught:
        api.client().is_reachable()
    assert caught.value.is_unauthorized
    assert str(caught.value) == (
        "kubernetes cluster unreachable: the server has asked for the client to provide credentials"
    )


def test_capabilities_are_the_clusters(api: FakeApi) -> None:
    capabilities = api.client().capabilities()
    assert capabilities.KubeVersion.go_json() == {"Version": "v1.36.3", "Major": "1", "Minor": "36"}
    assert capabilities.KubeVersion.String() == "v1.36.3"
    assert capabilities.APIVersions.Has("apps/v1/Deployment")
    assert not capabilities.APIVersions.Has("apps/v1beta1")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/version", "could not get server version from Kubernetes: no"),
        ("/apis", "could not get apiVersions from Kubernetes: could not get apiVersions from Kubernetes: no"),
    ],
)
def test_capabilities_that_can_not_be_had(api: FakeApi, path: str, words: str) -> None:
    """The words of getCapabilities and GetVersionSet."""
    api.answers[path] = status(403, "Forbidden", "no")
    with pytest.raises(ApiError) as caught:
        api.client().capabilities()
    assert str(caught.value) == words


def test_get_and_refresh(api: FakeApi) -> None:
    api.answers[f"{PLACE}/a"] = {"metadata": {"name": "a", "namespace": "shop"}, "data": {"x": "y"}}
    resource = maps("a")[0]
    api.client().refresh(resource)
    assert resource.object["data"] == {"x": "y"}
    with pytest.raises(ApiError) as caught:
        api.client().get(maps("b")[0])
    assert caught.value.is_not_found


def test_few_objects_are_read_one_by_one(api: FakeApi) -> None:
    api.answers |= {f"{PLACE}/a": item("a"), f"{PLACE}/b": status(403, "Forbidden", "no")}
    found = api.client().look_up(maps("a", "none", "b", ""))
    assert found[0] == item("a")
    assert found[1] is None
    assert isinstance(found[2], ApiError)
    assert found[2].is_forbidden
    assert str(found[3]) == "resource name may not be empty"
    assert sorted(api.lines()) == [f"GET {PLACE}/a", f"GET {PLACE}/b", f"GET {PLACE}/none"]


def test_many_objects_of_a_kind_are_listed(api: FakeApi) -> None:
    api.answers[PLACE] = {"kind": "ConfigMapList", "items": [item(name) for name in "abcdz"]}
    found = api.client().look_up(maps(*"abcdef"))
    assert names(found) == ["a", "b", "c", "d", None, None]
    assert found[0] == {"apiVersion": "v1", "kind": "ConfigMap", **item("a")}
    assert api.lines() == [f"GET {PLACE}"]


def test_a_list_that_is_too_long_is_not_read_to_its_end(api: FakeApi) -> None:
    def page(asked: Asked) -> dict[str, Any]:
        assert asked.query == {"limit": "20"}
        return {"items": [item("a"), item("b")], "metadata": {"continue": "more"}}

    api.answers |= {PLACE: page, f"{PLACE}/c": item("c")}
    assert names(api.client().look_up(maps(*"abcde"))) == ["a", "b", "c", None, None]
    assert sorted(api.lines()) == [f"GET {PLACE}", f"GET {PLACE}/c", f"GET {PLACE}/d", f"GET {PLACE}/e"]


def test_who_may_not_list_reads_one_by_one(api: FakeApi) -> None:
    api.answers |= {PLACE: status(403, "Forbidden", "no lists"), f"{PLACE}/b": item("b")}
    assert names(api.client().look_up(maps(*"abcde"))) == [None, "b", None, None, None]


def test_lists_are_of_a_kind_and_a_namespace(api: FakeApi) -> None:
    other = PLACE.replace("shop", "other")
    api.answers |= {PLACE: {"items": [item("a")]}, other: {"items": [item("b")]}}
    found = api.client().look_up([*maps(*"abcde"), *maps(*"abcde", namespace="other")])
    assert names(found) == ["a", None, None, None, None, None, "b", None, None, None]


def test_only_metadata_is_asked_for(api: FakeApi) -> None:
    api.answers |= {PLACE: {"items": []}, f"{PLACE}/x": item("x"), f"{PLACE}/y": item("y")}
    client = api.client()
    client.look_up(maps("x"), metadata_only=True)
    client.look_up(maps(*"abcde"), metadata_only=True)
    assert [asked.accept for asked in api.asked] == [
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
    ]


def test_slow_answers_are_waited_for_together(api: FakeApi) -> None:
    """Eight requests meet on the server; one after the other they never would."""
    meeting = threading.Barrier(8)

    def slow(asked: Asked) -> Any:
        if not asked.path.endswith("/first"):
            meeting.wait(5)
        else:
            threading.Event().wait(0.05)
        return item(asked.path.rpartition("/")[2])

    kinds = [MAPS, *(MAPS._replace(plural=f"kind{number}") for number in range(8))]
    resources = [Resource(kind, "shop", "first" if kind is MAPS else "x", {}) for kind in kinds]
    api.answers |= {resource.path: slow for resource in resources}
    assert names(api.client().look_up(resources)) == ["first", *["x"] * 8]


def test_get_all_raises_what_look_up_tells(api: FakeApi) -> None:
    api.answers[f"{PLACE}/a"] = item("a")
    client = api.client()
    assert client.get_all(maps("a", "b")) == [item("a"), None]
    api.answers[f"{PLACE}/b"] = status(403, "Forbidden", "no")
    with pytest.raises(ApiError, match="no"):
        client.get_all(maps("a", "b"))
    assert client.get_all([]) == []


def test_pages_of_a_list(api: FakeApi) -> None:
    def page(asked: Asked) -> dict[str, Any]:
        token = asked.query.get("continue", "")
        assert asked.query["limit"] == "500"
        assert asked.query["labelSelector"] == "a=b"
        return {"items": [item(token or "first")], "metadata": {"continue": {"": "x", "x": "z"}.get(token, "")}}

    api.answers[PLACE] = page
    assert names(api.client().list_all(PLACE, query={"labelSelector": "a=b"})) == ["first", "x", "z"]


def test_a_list_that_expires_is_gone_on_with(api: FakeApi) -> None:
    """The server hands out a token for the rest with its refusal."""

    def page(asked: Asked) -> Any:
        token = asked.query.get("continue", "")
        if token == "old":
            code, answer = status(410, "Expired", "too old")
            return code, {**answer, "metadata": {"continue": "new"}}
        return {"items": [item(token or "first")], "metadata": {"continue": "" if token else "old"}}

    api.answers[PLACE] = page
    assert names(api.client().list_all(PLACE)) == ["first", "new"]
    api.answers[PLACE] = status(410, "Expired", "too old")
    with pytest.raises(ApiError, match="too old"):
        api.client().list_all(PLACE)


def test_pods_and_their_logs(api: FakeApi) -> None:
    def pods(asked: Asked) -> dict[str, Any]:
        assert asked.query == {"labelSelector": "job-name=x", "limit": "500"}
        return {"items": [item("p")]}

    api.answers |= {"/api/v1/namespaces/shop/pods": pods, "/api/v1/namespaces/shop/pods/p/log": ["text"]}
    client = api.client()
    assert names(client.pods("shop", label_selector="job-name=x")) == ["p"]
    assert b"".join(client.pod_logs("shop", "p", "main")) == b'["text"]'
    assert api.asked[-1].query == {"container": "main"}


def test_lookup_of_an_object_and_of_a_list(api: FakeApi) -> None:
    """Answers as Helm's lookup function gives them."""
    api.answers |= {
        f"{PLACE}/a": {"kind": "ConfigMap", "metadata": {"name": "a", "generation": 18446744073709551615}},
        PLACE: {"apiVersion": "v1", "kind": "ConfigMapList", "items": [item("a"), {"kind": "Other", **item("b")}]},
        "/api/v1/configmaps": {"apiVersion": "v1", "kind": "ConfigMapList", "items": None},
    }
    client = api.client()
    assert client.lookup("v1", "ConfigMap", "shop", "a")["metadata"] == {
        "name": "a",
        "generation": 18446744073709551615.0,
    }
    assert client.lookup("v1", "ConfigMap", "shop", "")["items"] == [
        {"apiVersion": "v1", "kind": "ConfigMap", **item("a")},
        {"kind": "Other", **item("b")},
    ]
    assert client.lookup("v1", "ConfigMap", "", "")["items"] == []
    assert client.lookup("v1", "ConfigMap", "shop", "none") == {}
    assert client.lookup("v1", "ConfigMap", "none", "") == {}
    assert client.lookup("v1", "Nope", "shop", "x") == {}
    assert client.lookup("v1", "configmap", "shop", "a") == {}, "small letters won't do here"


def test_lookup_of_a_cluster_scoped_object_takes_any_namespace(api: FakeApi) -> None:
    api.answers["/api/v1/namespaces/x"] = item("x")
    assert api.client().lookup("v1", "Namespace", "ignored", "x") == item("x")


@pytest.mark.parametrize(
    ("api_version", "shown", "problem"),
    [
        ("foo/v1", "foo/v1", "the server could not find the requested resource"),
        ("a/b/c", "/", "groupVersion shouldn't be empty"),
        ("", "/", "groupVersion shouldn't be empty"),
    ],
)
def test_lookup_of_a_kind_that_is_not_served(api: FakeApi, api_version: str, shown: str, problem: str) -> None:
    """Error and log lines as Helm 4.3.1 has them."""
    said: list[str] = []
    with pytest.raises(KubernetesError) as caught:
        api.client(say=said.append).lookup(api_version, "Nope", "", "x")
    assert str(caught.value) == f"unable to get apiresource from unstructured: {shown}, Kind=Nope: {problem}"
    place = "" if shown == "/" else shown
    assert said == [
        f'level=ERROR msg="unable to retrieve resource list" GroupVersion={place or chr(34) * 2} error="{problem}"',
        f'level=ERROR msg="unable to get apiresource" groupVersionKind="{shown}, Kind=Nope" error="{problem}"',
    ]


def test_lookup_by_names_that_can_not_be(api: FakeApi) -> None:
    client = api.client()
    with pytest.raises(KubernetesError, match="invalid resource name"):
        client.lookup("v1", "ConfigMap", "a/b", "a/b")
    with pytest.raises(KubernetesError, match="invalid namespace"):
        client.lookup("v1", "ConfigMap", "a/b", "")


def test_lookup_that_is_refused_is_an_error(api: FakeApi) -> None:
    api.answers[f"{PLACE}/a"] = status(403, "Forbidden", "no")
    with pytest.raises(ApiError, match="no"):
        api.client().lookup("v1", "ConfigMap", "shop", "a")


@pytest.mark.parametrize("answer", [[], "text", {"items": [5]}, {"items": {}}])
def test_answers_that_are_no_objects(api: FakeApi, answer: Any) -> None:
    """What a broken proxy may say: an error like others."""
    api.answers |= {PLACE: answer, f"{PLACE}/a": answer}
    client = api.client()
    with pytest.raises(KubernetesError):
        client.get(maps("a")[0])
    with pytest.raises(KubernetesError):
        client.list_all(PLACE)
    with pytest.raises(KubernetesError):
        client.lookup("v1", "ConfigMap", "shop", "")
    assert all(isinstance(one, KubernetesError) or one is None for one in client.look_up(maps(*"abcdef")))


def kubeconfig(path: Path, server: str) -> str:
    config = {
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "from-file"}},
            {"name": "two", "context": {"cluster": "c", "user": "u"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    path.write_text(json.dumps(config))
    return str(path)


def test_from_a_kubeconfig(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECACHEDIR", str(tmp_path / "cache"))
    monkeypatch.delenv("NAVARCH_CACHE", raising=False)
    path = kubeconfig(tmp_path / "config", api.url)
    client = Client.from_kubeconfig(path)
    assert (client.namespace, client.field_manager) == ("from-file", "helm")
    assert Client.from_kubeconfig(path, context="two").namespace == "default"
    assert Client.from_kubeconfig(path, namespace="given").namespace == "given"
    assert client.build("{apiVersion: v1, kind: Pod}")[0].namespace == "from-file"
    assert (tmp_path / "cache" / "discovery" / api.url[7:].replace(":", "_") / "navarch.json").exists()
    client.close()


def test_from_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Client.from_kubeconfig(str(tmp_path / "none"))


def test_warnings_of_the_server_are_said_once_in_klogs_form(api: FakeApi, tmp_path: Path) -> None:
    said: list[str] = []
    client = Client.from_kubeconfig(kubeconfig(tmp_path / "config", api.url), say=said.append)
    warn = client.transport._warn
    assert warn is not None
    for text in ('v1 "Old" is deprecated', 'v1 "Old" is deprecated', "other"):
        warn(text)
    assert [line.partition("] ")[2] for line in said] == [r'"Warning: v1 \"Old\" is deprecated"', '"Warning: other"']
    assert all(line[0] == "I" and line.partition("]")[0].endswith(" warnings.go:107") for line in said)


def test_debug_lines_are_said_only_to_those_who_debug(api: FakeApi) -> None:
    said: list[str] = []
    client = api.client(say=said.append)
    client.lookup("v1", "ConfigMap", "shop", "none")
    assert said == []
    client.debugging = True
    client.lookup("v1", "ConfigMap", "shop", "none")
    client.lookup("v1", "ConfigMap", "none", "")
    assert said == [
        'level=DEBUG msg="lookup: resource not found" apiVersion=v1 kind=ConfigMap namespace=shop name=none',
        'level=DEBUG msg="lookup: resource list not found" apiVersion=v1 kind=ConfigMap namespace=none',
    ]


def test_the_recorded_server_is_whole() -> None:
    assert kubernetes()["/version"]["minor"] == "36"
