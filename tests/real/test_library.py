"""The examples of docs/library.md that need a cluster, and what its Client does to one."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import navarch

if TYPE_CHECKING:
    from support.cluster import Cluster

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "library.md"


def test_the_examples_of_the_page_run(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks in order; those marked "cluster" in a namespace of this test's instead of `shop`."""
    namespace = cluster.namespace("library")
    monkeypatch.setenv("KUBECONFIG", cluster.kubeconfig)
    monkeypatch.setenv("HOME", cluster.home)
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    printed = ""
    ran = 0
    fences = re.finditer(r"^```(python|text)( cluster)?\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for language, mark, text in (fence.groups() for fence in fences):
        if language == "text":
            assert printed.rstrip() == text.rstrip()
            continue
        code = text.replace('"shop"', f'"{namespace}"') if mark else text
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(code, str(PAGE), "exec", dont_inherit=True), names)
        printed = output.getvalue()
        ran += bool(mark)
    assert ran >= 5
    assert cluster.helm(f"list -q -n {namespace}").out == "web\n", "Helm sees it too"


def test_a_release_of_the_library_is_one_of_the_command(cluster: Cluster) -> None:
    namespace = cluster.namespace("library")
    with navarch.Client(cluster.kubeconfig, namespace=namespace) as client:
        client.install("web", str(ROOT / "examples/charts/guestbook"))
        assert cluster.nav(f"status web -n {namespace} -o json").json["info"]["status"] == "deployed"
        client.uninstall("web", wait=True, timeout=300)
        assert cluster.kubectl("get", "configmaps", "-n", namespace, "-o", "name").count("guestbook") == 0


def test_errors_say_what_they_are(cluster: Cluster) -> None:
    namespace = cluster.namespace("library")
    client = navarch.Client(cluster.kubeconfig, namespace=namespace)
    with pytest.raises(navarch.ReleaseNotFoundError):
        client.status("web")
    with pytest.raises(navarch.ConfigError):
        navarch.Client("/nonexistent").list()
    nobody = navarch.kube.Client.from_kubeconfig(cluster.kubeconfig, as_user="nobody", namespace=namespace)
    with pytest.raises(navarch.ApiError) as caught:
        navarch.Client(kube=nobody).list()
    assert caught.value.is_forbidden
