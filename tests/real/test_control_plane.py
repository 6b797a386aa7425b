"""The real API server that other tests lean on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.cluster import Cluster
    from support.control_plane import ControlPlane

pytestmark = pytest.mark.real


def test_helm_installs_on_it(cluster: Cluster) -> None:
    namespace = cluster.namespace()
    assert cluster.helm(f"list -n {namespace} -q") == (0, "", "")
    assert cluster.get("namespace", namespace)["metadata"]["name"] == namespace


def test_it_keeps_its_data_and_port_when_it_is_started_again(own_cluster: Cluster, plane: ControlPlane) -> None:
    own_cluster.kubectl("create configmap kept --from-literal=a=b")
    plane.stop_api()
    assert "connection refused" in own_cluster.helm("list").err
    plane.start_api()
    assert own_cluster.get("configmap", "kept")["data"] == {"a": "b"}
