"""Which kinds a server serves: both forms of discovery, what is kept of them, and when the server is asked again."""

from __future__ import annotations

import json
import os
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, KubernetesError, UnreachableError
from navarch.kube.catalog import cache_folder
from navarch.kube.definitions import wait_until_served
from navarch.kube.discovery import Mapping, NoMatchError
from navarch.kube.objects import Resource
from support.api import FakeApi, kubernetes, status

if TYPE_CHECKING:
    from pathlib import Path

    from support.api import Asked

DISCOVERY = ["GET /api", "GET /apis"]
PODS = {"resource": "pods", "scope": "Namespaced", "responseKind": {"kind": "Pod"}, "verbs": ["get", "patch"]}


def group(name: str, *versions: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "versions": list(versions)}


def version(name: str, *resources: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"version": name, "resources": list(resources), **more}


def resource(plural: str, kind: str, scope: str = "Namespaced", **more: Any) -> dict[str, Any]:
    return {"resource": plural, "scope": scope, "responseKind": {"kind": kind, "version": "v1"}, **more}


def served(*groups: dict[str, Any], core: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"/api": {"items": [group("", version("v1", *(core or [PODS])))]}, "/apis": {"items": list(groups)}}


def classic() -> dict[str, Any]:
    """The same server as `served` makes, as one before Kubernetes 1.26 tells it."""
    deployments = {"name": "deployments", "singularName": "deployment", "namespaced": True, "kind": "Deployment"}
    pods = {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "patch"]}
    versions = [{"groupVersion": f"apps/{name}", "version": name} for name in ("v1beta1", "v1")]
    return {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"groups": [{"name": "apps", "versions": versions, "preferredVersion": versions[1]}]},
        "/api/v1": {"groupVersion": "v1", "resources": [pods, {**pods, "name": "pods/eviction", "kind": "Eviction"}]},
        "/apis/apps/v1": {"groupVersion": "apps/v1", "resources": [deployments]},
        "/apis/apps/v1beta1": {"groupVersion": "apps/v1beta1", "resources": [deployments]},
    }


def test_kinds_of_kubernetes() -> None:
    """Recorded from a 1.36 server; the expectations are kubectl api-resources'."""
    with FakeApi() as api:
        discovery = api.client().discovery
        assert discovery.mapping("", "v1", "Pod") == Mapping("", "v1", "Pod", "pods", namespaced=True)
        assert discovery.mapping("", "v1", "Node") == Mapping("", "v1", "Node", "nodes", namespaced=False)
        ingress = discovery.mapping("networking.k8s.io", "v1", "Ingress")
        assert ingress.path("shop", "web") == "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web"
        assert api.lines() == DISCOVERY


def test_names_that_client_go_takes_too() -> None:
    """Small letters, lists, and a missing version (restmapper.NewDiscoveryRESTMapper), whose requests lead nowhere."""
    with FakeApi() as api:
        discovery = api.client().discovery
        assert discovery.mapping("apps", "v1", "deployment").plural == "deployments"
        assert discovery.mapping("", "v1", "PodList").plural == "podlists"
        assert discovery.mapping("apps", "v1", "List") == Mapping("apps", "v1", "List", "lists", namespaced=False)
        assert discovery.mapping("", "v1", "EndpointsList").plural == "endpointslists"
        scaler = discovery.mapping("autoscaling", "", "HorizontalPodAutoscaler")
        assert (scaler.version, scaler.root) == ("v2", "/apis/autoscaling")
        assert discovery.mapping("", "", "Pod").path("shop", "x") == "/api/namespaces/shop/pods/x"
        assert discovery.mapping("apps", "__internal", "Deployment").root == "/apis/apps/__internal"
        with pytest.raises(NoMatchError, match='no matches for kind "DEPLOYMENT" in version "apps/v1"'):
            discovery.mapping("apps", "v1", "DEPLOYMENT")


def test_api_versions_hold_versions_and_kinds() -> None:
    scale = {"subresource": "scale", "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}
    nothing = {"subresource": "nothing"}
    answers = served(
        group("apps", version("v1", resource("deployments", "Deployment", subresources=[scale, nothing]))),
        group("gone", version("v1", resource("things", "Thing"), freshness="Stale"), version("v2")),
    )
    with FakeApi(answers) as api:
        assert api.client().discovery.api_versions() == [
            "apps/v1",
            "apps/v1/Deployment",
            "apps/v1/Scale",
            "gone/v2",
            "v1",
            "v1/Pod",
        ]


def test_an_old_server_is_asked_for_each_version() -> None:
    with FakeApi(classic(), classic=True) as api:
        discovery = api.client().discovery
        assert discovery.mapping("apps", "", "Deployment").version == "v1"
        assert sorted(api.lines()) == sorted([*DISCOVERY, "GET /api/v1", "GET /apis/apps/v1", "GET /apis/apps/v1beta1"])
        names = [
            "apps/v1",
            "apps/v1/Deployment",
            "apps/v1beta1",
            "apps/v1beta1/Deployment",
            "v1",
            "v1/Eviction",
            "v1/Pod",
        ]
        assert discovery.api_versions() == names


def test_a_version_that_an_old_server_can_not_list_is_told_of() -> None:
    """The words of Helm's getCapabilities."""
    said: list[str] = []
    answers = classic() | {"/apis/apps/v1beta1": status(503, "ServiceUnavailable", "the server is away")}
    with FakeApi(answers | {"/version": {"gitVersion": "v1.20.1", "major": "1", "minor": "20"}}, classic=True) as api:
        api.answers["/apis/apps/v1beta1"] = status(403, "Forbidden", "not for you")
        capabilities = api.client(say=said.append).capabilities()
    assert "apps/v1/Deployment" in capabilities.APIVersions
    assert "apps/v1beta1/Deployment" not in capabilities.APIVersions
    problem = "unable to retrieve the complete list of server APIs: apps/v1beta1: not for you"
    assert said == [
        f'level=WARN msg="the kubernetes server has an orphaned API service" error="{problem}"',
        'level=WARN msg="to fix this, kubectl delete apiservice <service-name>"',
    ]


def test_a_server_without_a_core_group() -> None:
    with FakeApi(
        {"/apis": served(group("apps", version("v1", resource("deployments", "Deployment"))))["/apis"]}
    ) as api:
        assert api.client().discovery.api_versions() == ["apps/v1", "apps/v1/Deployment"]


def test_a_new_kind_is_found_by_asking_again() -> None:
    with FakeApi(served()) as api:
        discovery = api.client().discovery
        discovery.mapping("", "v1", "Pod")
        api.answers |= served(group("new.example.com", version("v1", resource("things", "Thing", "Cluster"))))
        assert discovery.mapping("new.example.com", "v1", "Thing").path("ignored", "x") == (
            "/apis/new.example.com/v1/things/x"
        )
        assert api.lines() == DISCOVERY * 2


def test_what_is_known_is_not_asked_again_by_many_threads() -> None:
    with FakeApi(served()) as api:
        discovery = api.client().discovery
        threads = [threading.Thread(target=discovery.mapping, args=("", "v1", "Pod")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert api.lines() == DISCOVERY


def test_answers_are_kept_for_the_next_run(tmp_path: Path) -> None:
    folder = str(tmp_path / "discovery" / "host")
    with FakeApi(served()) as api:
        api.client(cache_dir=folder).discovery.mapping("", "v1", "Pod")
        api.lines()
        again = api.client(cache_dir=folder).discovery
        assert again.mapping("", "v1", "Pod").plural == "pods"
        assert api.lines() == []
        assert again.api_versions() == ["v1", "v1/Pod"], "capabilities are always the server's own"
        assert api.lines() == DISCOVERY
        assert os.listdir(folder) == ["navarch.json"]
        assert stat.S_IMODE(os.stat(f"{folder}/navarch.json").st_mode) == 0o600


def test_what_is_kept_is_not_used_after_it_was_invalidated(tmp_path: Path) -> None:
    with FakeApi(served()) as api:
        api.client(cache_dir=str(tmp_path)).discovery.mapping("", "v1", "Pod")
        other = api.client(cache_dir=str(tmp_path)).discovery
        other.invalidate()
        api.lines()
        other.mapping("", "v1", "Pod")
        assert api.lines() == DISCOVERY


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    """The second run asks by the tags of the first; then only /apis has changed, to the third nothing."""
    new = group("new.example.com", version("v1", resource("things", "Thing")))
    with FakeApi(served()) as api:
        api.tags = {"/api": '"1"', "/apis": '"1"'}
        api.client(cache_dir=str(tmp_path)).discovery.api_versions()
        api.answers["/api"] = {"items": []}  # not to be read: the tag is the same
        api.answers |= {"/apis": {"items": [new]}}
        api.tags["/apis"] = '"2"'
        for _ in range(2):
            names = api.client(cache_dir=str(tmp_path)).discovery.api_versions()
            assert names == ["new.example.com/v1", "new.example.com/v1/Thing", "v1", "v1/Pod"]
        assert api.lines() == DISCOVERY * 3


def test_what_is_old_but_has_not_changed_is_as_good_as_new(tmp_path: Path) -> None:
    path = tmp_path / "navarch.json"
    with FakeApi(served()) as api:
        api.tags = {"/api": '"1"', "/apis": '"1"'}
        api.client(cache_dir=str(tmp_path)).discovery.catalog()
        os.utime(path, (1, 1))
        api.client(cache_dir=str(tmp_path)).discovery.catalog()
        assert os.stat(path).st_mtime > 1
        api.lines()
        assert api.client(cache_dir=str(tmp_path)).discovery.mapping("", "v1", "Pod").plural == "pods"
        assert api.lines() == []


@pytest.mark.parametrize("spoil", ["old", "cut", "other", "none"])
def test_what_is_kept_badly_is_asked_again(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "navarch.json"
    with FakeApi(served()) as api:
        api.client(cache_dir=str(tmp_path)).discovery.mapping("", "v1", "Pod")
        api.lines()
        if spoil == "old":
            seconds = os.stat(path).st_mtime - 6 * 3600 - 1
            os.utime(path, (seconds, seconds))
        elif spoil == "cut":
            path.write_text(path.read_text()[:-20])
        elif spoil == "other":
            path.write_text(json.dumps({"format": 1, "tags": {}, "groups": [["", "v1", [["v1", [["pods"]]]]]]}))
        else:
            path.write_text("[]")
        assert api.client(cache_dir=str(tmp_path)).discovery.mapping("", "v1", "Pod").plural == "pods"
        assert api.lines() == DISCOVERY


def test_nothing_is_kept_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with FakeApi(served()) as api:
        client = api.client(cache_dir=str(tmp_path / "file" / "below"))
        assert client.discovery.mapping("", "v1", "Pod").plural == "pods"


def test_the_folder_is_client_gos(monkeypatch: pytest.MonkeyPatch) -> None:
    """genericclioptions: KUBECACHEDIR or ~/.kube/cache, and the host with its odd characters replaced."""
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("KUBECACHEDIR", raising=False)
    monkeypatch.delenv("NAVARCH_CACHE", raising=False)
    assert cache_folder("127.0.0.1:6443") == "/home/me/.kube/cache/discovery/127.0.0.1_6443"
    assert cache_folder("[::1]:80/k8s/../x") == "/home/me/.kube/cache/discovery/___1__80/k8s/x"
    monkeypatch.setenv("KUBECACHEDIR", "/cache")
    assert cache_folder("host") == "/cache/discovery/host"
    monkeypatch.setenv("NAVARCH_CACHE", "off")
    assert cache_folder("host") is None


def test_a_server_that_says_no_is_an_error() -> None:
    with FakeApi({"/api": status(403, "Forbidden", "not for you")}) as api, pytest.raises(ApiError) as caught:
        api.client().discovery.mapping("", "v1", "Pod")
    assert caught.value.is_forbidden


@pytest.mark.parametrize("answer", ["text", [], {"items": None}, {"items": [{}]}])
def test_answers_that_are_no_lists_of_groups(answer: Any) -> None:
    with FakeApi({"/api": answer, "/apis": answer}) as api, pytest.raises(KubernetesError):
        api.client().discovery.mapping("", "v1", "Pod")


def test_no_server() -> None:
    with FakeApi(served()) as api:
        pass
    client = api.client()
    with pytest.raises(UnreachableError, match=r'Get "http://127.0.0.1:\d+/api\?timeout=32s": .*connection refused'):
        client.discovery.mapping("", "v1", "Pod")


def test_waiting_for_kinds_that_have_just_been_defined() -> None:
    """They are discovered at the second look, and answer at the third."""
    looks = 0

    def groups(_: Asked) -> dict[str, Any]:
        nonlocal looks
        looks += 1
        found = [group("new.example.com", version("v1", resource("things", "Thing")))] if looks > 1 else []
        return {"items": found}

    def things(asked: Asked) -> Any:
        assert asked.query == {"limit": "1"}
        return {"items": []} if looks > 2 else None

    spec = {
        "group": "new.example.com",
        "names": {"kind": "Thing", "plural": "things"},
        "scope": "Namespaced",
        "versions": [{"name": "v1", "served": True}, {"name": "v0", "served": False}],
    }
    with FakeApi(served() | {"/apis": groups, "/apis/new.example.com/v1/things": things}) as api:
        client = api.client()
        kind = Mapping("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
        definition = Resource(kind, "", "things.new.example.com", {"spec": spec})
        assert wait_until_served(client, [definition])
        assert looks == 3
        spec["group"] = "never.example.com"
        assert not wait_until_served(client, [definition], timeout=0.01)


def test_the_recorded_server_serves_what_this_suite_needs() -> None:
    names = {item["metadata"].get("name", "") for item in kubernetes()["/apis"]["items"]}
    assert {"apps", "events.k8s.io", "authorization.k8s.io"} <= names
