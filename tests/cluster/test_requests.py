"""Paths, queries and selectors: what they stand for, and what is wrong with them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.problems import Problem
from navarch.cluster.requests import Request
from navarch.cluster.routes import resolve
from navarch.cluster.selecting import select
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from navarch.cluster.users import ADMIN

CATALOG = Catalog(builtin())
PODS: Any = CATALOG.find("", "v1", "pods")
SECRETS: Any = CATALOG.find("", "v1", "secrets")


def request(query="", method="POST", agent="", content_type="application/json"):
    from urllib.parse import parse_qs

    repeated = parse_qs(query, keep_blank_values=True)
    first = {name: values[0] for name, values in repeated.items()}
    headers = {"user-agent": agent, "content-type": content_type}
    return Request(method, "/", first, headers, b"", ADMIN, repeated, [])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/pods", ("pods", None, "", "")),
        ("/api/v1/namespaces/a/pods", ("pods", "a", "", "")),
        ("/api/v1/namespaces/a/pods/b", ("pods", "a", "b", "")),
        ("/api/v1/namespaces/a/pods/b/log", ("pods", "a", "b", "log")),
        ("/api/v1/namespaces", ("namespaces", None, "", "")),
        ("/api/v1/namespaces/a", ("namespaces", None, "a", "")),
        ("/api/v1/namespaces/a/status", ("namespaces", None, "a", "status")),
        ("/api/v1/namespaces/a/finalize", ("namespaces", None, "a", "finalize")),
        ("/apis/apps/v1/namespaces/a/deployments/b%2Fc", ("deployments", "a", "b/c", "")),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles/system:x", ("clusterroles", None, "system:x", "")),
    ],
)
def test_paths(path, expected):
    target = resolve(CATALOG, path)
    assert (target.resource.plural, target.namespace, target.name, target.subresource) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/v1",
        "/apis/apps",
        "/apis/apps/v1",
        "/api/v2/pods",
        "/apis/apps/v1/pods",
        "/api/v1/namespaces/a/nodes",
    ],
)
def test_what_is_no_resource(path):
    assert resolve(CATALOG, path) is None


@given(st.text(max_size=60))
def test_any_path_can_be_read(path):
    resolve(CATALOG, "/api/v1/" + path)
    resolve(CATALOG, "/apis/" + path)


def test_the_manager_is_named_or_the_program():
    assert request("fieldManager=helm", agent="kubectl/v1").manager == "helm"
    assert request(agent="kubectl/v1.36 (linux)").manager == "kubectl"
    assert request(agent="a\x01b" + "ü" * 200).manager == "ab" + "ü" * 63


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("dryRun=Some", "CreateOptions", "dryRun"),
        ("fieldValidation=Never", "UpdateOptions", "fieldValidation"),
        ("fieldManager=" + "x" * 129, "CreateOptions", "fieldManager"),
        ("force=true", "PatchOptions", "force"),
    ],
)
def test_options_that_are_refused(query, kind, field):
    with pytest.raises(Problem) as problem:
        request(query).options(kind)
    assert problem.value.code == 422
    assert problem.value.details["causes"][0]["field"] == field


def test_applying_needs_a_manager():
    with pytest.raises(Problem) as problem:
        request(content_type="application/apply-patch+yaml").options("PatchOptions")
    assert "fieldManager: Required value" in problem.value.message


POD = {
    "metadata": {"name": "a", "namespace": "n", "labels": {"app": "x", "tier": "back"}},
    "spec": {"nodeName": "one", "hostNetwork": True},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("labels", "fields", "answer"),
    [
        ("", "", True),
        ("app=x", "", True),
        ("app in (x,y),!gone", "", True),
        ("app!=x", "", False),
        ("", "metadata.name=a", True),
        ("", "metadata.name!=a", False),
        ("", "metadata.namespace==n,status.phase=Running", True),
        ("", "spec.nodeName=", False),
        ("", "spec.host=one", True),
        ("", "spec.hostNetwork=true", True),
        ("app=x", "status.phase=Pending", False),
    ],
)
def test_selectors(labels, fields, answer):
    assert select(PODS, labels, fields).matches(POD) is answer


@pytest.mark.parametrize(("labels", "fields"), [("a=b=c", ""), ("", "nothing"), ("", "spec.none=1"), ("a in (", "")])
def test_selectors_that_are_refused(labels, fields):
    with pytest.raises(Problem) as problem:
        select(SECRETS, labels, fields)
    assert problem.value.code == 400


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_selector_is_read_or_refused(labels, fields):
    with contextlib.suppress(Problem):
        select(PODS, labels, fields).matches(POD)
