"""Clusters within a process, and the pytest fixture."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import navarch
from navarch.cluster.local import LocalCluster
from navarch.errors import ClusterError
from navarch.kube import Client

if TYPE_CHECKING:
    from navarch.cluster.types.catalog import Resource

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""
CHART = {
    "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "templates/web.yaml": MANIFEST.encode(),
}


def apply(cluster, manifest=MANIFEST):
    with Client.from_kubeconfig(cluster.kubeconfig) as client:
        return client.apply(client.build(manifest))


def served(cluster: LocalCluster, group: str, plural: str) -> Resource:
    found = cluster.api.catalog.find(group, "v1", plural)
    assert found is not None
    return found


def deployments(cluster: LocalCluster) -> Resource:
    return served(cluster, "apps", "deployments")


def test_charts_become_ready():
    with LocalCluster() as cluster:
        client = cluster.client(namespace="default")
        release = client.install("web", navarch.Chart.from_files(CHART), wait=True, timeout=300)
        assert release.status == "deployed"
        with Client.from_kubeconfig(cluster.kubeconfig) as kube:
            phases = [pod["status"]["phase"] for pod in kube.pods("default")]
        assert phases == ["Running", "Running"]


def test_it_leaves_no_file_and_no_thread(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(threading.enumerate())
    with LocalCluster() as cluster:
        apply(cluster)
        assert os.path.dirname(os.path.dirname(cluster.kubeconfig)) == str(tmp_path)
        host, _, port = cluster.server.removeprefix("https://").partition(":")
    assert list(tmp_path.iterdir()) == []
    with socket.socket() as one:
        assert one.connect_ex((host, int(port))) != 0
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=300)
    assert set(threading.enumerate()) <= before


def test_several_run_beside_each_other():
    with LocalCluster() as one, LocalCluster() as two:
        apply(one)
        assert one.server != two.server
        assert len(one.api.list(deployments(one))) == 1
        assert two.api.list(deployments(two)) == []


def test_one_may_be_started_again():
    cluster = LocalCluster()
    cluster.start()
    apply(cluster)
    cluster.close()
    cluster.close()
    with cluster:
        assert cluster.api.list(deployments(cluster)) == []


def test_objects_may_be_kept(tmp_path):
    store = str(tmp_path / "objects.db")
    with LocalCluster(store=store) as cluster:
        apply(cluster)
        cluster.settle()
        uid = cluster.api.get(deployments(cluster), "default", "web")["metadata"]["uid"]
    with LocalCluster(store=store) as cluster:
        found = cluster.api.get(deployments(cluster), "default", "web")
        assert found["metadata"]["uid"] == uid
        assert found["status"]["availableReplicas"] == 2


def test_without_controllers_objects_stay_as_they_are():
    with LocalCluster(controllers=False) as cluster:
        apply(cluster)
        cluster.settle()
        assert cluster.api.list(served(cluster, "", "pods")) == []


def test_a_port_may_be_chosen():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with LocalCluster(port=port) as cluster:
        assert cluster.server == f"https://127.0.0.1:{port}"
        with pytest.raises(ClusterError, match="address already in use"), LocalCluster(port=port):
            pass


def test_strangers_are_refused():
    with LocalCluster() as cluster:
        client = Client.from_kubeconfig(cluster.kubeconfig)
        with open(cluster.kubeconfig, encoding="utf-8") as file:
            text = file.read()
        stranger = "\n".join(line for line in text.split("\n") if "client-" not in line)
        path = cluster.kubeconfig + ".stranger"
        with open(path, "w", encoding="utf-8") as file:
            file.write(stranger.replace("  user:\n", "  user: {}\n"))
        assert client.list_all("/api/v1/namespaces")
        with pytest.raises(navarch.ApiError) as refused:
            Client.from_kubeconfig(path).list_all("/api/v1/namespaces")
        assert refused.value.code in (401, 403)


def test_a_store_that_is_none_is_told(tmp_path):
    with pytest.raises(ClusterError, match="can't be opened"), LocalCluster(store=str(tmp_path)):
        pass


def test_the_fixture(tmp_path):
    (tmp_path / "test_it.py").write_text(
        """
def test_it(local_cluster):
    assert local_cluster.client().list() == []
    assert local_cluster.server.startswith("https://127.0.0.1:")
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_fixture_costs_nothing_where_it_isn_t_used():
    probe = "import sys, pytest; before = set(sys.modules); import navarch.cluster.fixtures; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"navarch", "navarch.cluster", "navarch.cluster.fixtures", "__future__"}
