"""Configurations and requests on a real API server."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from navarch.errors import ApiError, UnreachableError
from navarch.kube.config import Overrides, load_config
from navarch.kube.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.cluster import Cluster
    from support.control_plane import ControlPlane

pytestmark = pytest.mark.real


@pytest.fixture
def transport(cluster: Cluster) -> Iterator[Transport]:
    with Transport(load_config(Overrides(kubeconfig=cluster.kubeconfig))) as made:
        yield made


def configmap(name: str, size: int = 1) -> bytes:
    return json.dumps(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"x": "y" * size}}
    ).encode()


def test_a_life_of_an_object(transport: Transport, cluster: Cluster) -> None:
    path = f"/api/v1/namespaces/{cluster.namespace()}/configmaps"
    made = transport.request("POST", path, body=configmap("one"))
    assert (made.status, made.json()["metadata"]["name"]) == (201, "one")
    with pytest.raises(ApiError) as caught:
        transport.request("POST", path, body=configmap("one"))
    assert caught.value.is_already_exists
    patch = b'{"data": {"x": "z"}}'
    patched = transport.request("PATCH", f"{path}/one", body=patch, content_type="application/merge-patch+json")
    assert patched.json()["data"] == {"x": "z"}
    assert transport.request("DELETE", f"{path}/one").json()["status"] == "Success"
    with pytest.raises(ApiError, match=r'^configmaps "one" not found$') as caught:
        transport.request("GET", f"{path}/one")
    assert caught.value.is_not_found


def test_large_answers_compressed_and_not(transport: Transport, cluster: Cluster) -> None:
    path = f"/api/v1/namespaces/{cluster.namespace()}/configmaps"
    for number in range(4):
        transport.request("POST", path, body=configmap(f"big{number}", 200_000))
    plain = transport.request("GET", path).json()
    squeezed = transport.request("GET", path, headers=[("Accept-Encoding", "gzip")])
    assert squeezed.headers["content-encoding"] == "gzip"
    assert squeezed.json()["items"] == plain["items"]
    assert [len(item["data"]["x"]) for item in plain["items"]] == [200_000] * 4


def test_watches(transport: Transport, cluster: Cluster) -> None:
    path = f"/api/v1/namespaces/{cluster.namespace()}/configmaps"
    version = transport.request("GET", path).json()["metadata"]["resourceVersion"]
    query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": "60"}
    with transport.stream("GET", path, query=query) as stream:
        lines = iter(stream)
        for name in ("one", "two"):
            transport.request("POST", path, body=configmap(name))
            event = json.loads(next(lines))
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", name)
        closer = threading.Timer(0.1, stream.close)
        closer.start()
        assert list(lines) == []
        closer.join()


def test_acting_as_others(cluster: Cluster) -> None:
    config = load_config(Overrides(kubeconfig=cluster.kubeconfig, as_user="jane", as_groups=["a", "b"]))
    whoami = b'{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}'
    with Transport(config) as transport:
        with pytest.raises(ApiError, match='secrets is forbidden: User "jane" cannot list resource "secrets"'):
            transport.request("GET", "/api/v1/namespaces/default/secrets")
        assert config.impersonation is not None
    config.impersonation.extra = {"example.com/Scope": ["one", "two"]}
    with Transport(config) as transport:
        review = transport.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=whoami).json()
    user = review["status"]["userInfo"]
    assert (user["username"], user["groups"]) == ("jane", ["a", "b", "system:authenticated"])
    assert user["extra"] == {"example.com/scope": ["one", "two"]}


def test_one_connection_carries_many_requests(transport: Transport) -> None:
    for _ in range(20):
        transport.request("GET", "/version")
    assert len(transport._pool._open) == 1


def test_a_server_that_is_started_again(make_plane: Callable[..., ControlPlane]) -> None:
    """Requests wait for a server that restarts, those that change something too; watches break off."""
    plane = make_plane()
    with Transport(load_config(Overrides(kubeconfig=plane.kubeconfig))) as transport:
        path = "/api/v1/namespaces/default/configmaps"
        transport.request("POST", path, body=configmap("before"))
        with transport.stream("GET", path, query={"watch": "1"}) as stream:
            lines = iter(stream)
            next(lines)
            plane.stop_api()
            try:
                list(lines)
            except UnreachableError:
                pass
        plane.start_api(wait=False)
        transport.request("POST", path, body=configmap("after"))
        assert transport.request("GET", f"{path}/before").status == 200
