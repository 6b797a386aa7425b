"""The real kubectl and helm, on the cluster that `nav cluster up` made and by the context that it left."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.control_plane import ORACLE, lacking
from support.local import Home
from support.oracle import HELM

KUBECTL = os.path.join(ORACLE, "bin", "kubectl")
CHART = Path(__file__).parents[2] / "examples/charts/guestbook"

pytestmark = [pytest.mark.real, pytest.mark.skipif(bool(lacking()), reason="no real programs here")]


@pytest.fixture
def home(tmp_path):
    one = Home(tmp_path)
    assert one.cluster("up").code == 0
    yield one
    one.close()


def run(home, *words, code=0):
    done = subprocess.run(words, env=home.environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_kubectl_finds_the_context(home):
    assert run(home, KUBECTL, "config", "current-context") == "navarch-local\n"
    assert run(home, KUBECTL, "get", "nodes", "-o", "name") == "node/navarch\n"
    who = json.loads(run(home, KUBECTL, "auth", "whoami", "-o", "json"))["status"]["userInfo"]
    assert who["username"] == "kubernetes-admin"
    assert "system:masters" in who["groups"]
    home.cluster("down")
    assert run(home, KUBECTL, "config", "get-contexts", "-o", "name") == ""


def test_what_kubectl_adds_to_the_kubeconfig_stays(home):
    run(home, KUBECTL, "config", "set-context", "mine", "--cluster=c", "--user=u")
    run(home, KUBECTL, "config", "use-context", "mine")
    home.cluster("up")
    assert run(home, KUBECTL, "config", "current-context") == "navarch-local\n"
    home.cluster("down")
    assert run(home, KUBECTL, "config", "current-context") == "mine\n"
    assert run(home, KUBECTL, "config", "get-contexts", "-o", "name") == "mine\n"


def test_helm_and_nav_work_on_one_release(home):
    run(home, HELM, "install", "demo", str(CHART), "--wait")
    assert home.nav("upgrade", "demo", str(CHART), "--set", "replicas=2", "--wait").code == 0
    pods = run(home, KUBECTL, "get", "pods", "-l", "app.kubernetes.io/name=guestbook", "--no-headers")
    assert pods.count(" Running ") == 2
    run(home, HELM, "rollback", "demo", "1", "--wait")
    assert [one["status"] for one in json.loads(home.nav("history", "demo", "-o", "json").out)] == [
        "superseded",
        "superseded",
        "deployed",
    ]
    assert "Phase:          Succeeded" in run(home, HELM, "test", "demo")
    home.cluster("down")
    home.cluster("up")
    assert json.loads(run(home, HELM, "list", "-o", "json"))[0]["revision"] == "3"
    run(home, HELM, "uninstall", "demo", "--wait")
    assert run(home, KUBECTL, "get", "deployments", "-o", "name") == ""
