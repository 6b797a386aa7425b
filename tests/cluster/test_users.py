"""Who may do what: certificates, impersonation, RBAC."""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import urlsplit

import pytest

from navarch.cluster import LocalCluster
from navarch.cluster.api import Api
from navarch.cluster.problems import Problem
from navarch.cluster.store import Store
from navarch.cluster.users import ADMIN, Action, User, allowed, authorize, impersonated

RBAC = "rbac.authorization.k8s.io/v1"
SOMEBODY = User("somebody", ("people", "system:authenticated"))
READ = Action("list", resource="secrets", namespace="default")


@pytest.fixture
def api():
    return Api(Store())


def give(api, rule, *, subject, namespace="default", everywhere=False):
    """Let `subject` do what a rule says, in a namespace or everywhere."""
    kind, binding = ("ClusterRole", "ClusterRoleBinding") if everywhere else ("Role", "RoleBinding")
    meta = {"name": "given"} if everywhere else {"name": "given", "namespace": namespace}
    role = {"apiVersion": RBAC, "kind": kind, "metadata": dict(meta), "rules": [rule]}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": "given"}
    bound = {"apiVersion": RBAC, "kind": binding, "metadata": dict(meta), "roleRef": reference, "subjects": [subject]}
    for obj in (role, bound):
        api.create(api.catalog.kind("rbac.authorization.k8s.io", "v1", obj["kind"]), obj)


def user(name):
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


SECRETS = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}


def test_masters_may_do_everything(api):
    assert allowed(api, ADMIN, Action("delete", "apps", "deployments"))
    assert allowed(api, ADMIN, Action("post", path="/anything"))


def test_others_may_find_out_what_there_is_and_no_more(api):
    assert allowed(api, SOMEBODY, Action("get", path="/apis/apps"))
    assert not allowed(api, SOMEBODY, Action("post", path="/apis"))
    assert allowed(api, SOMEBODY, Action("create", "authorization.k8s.io", "selfsubjectaccessreviews"))
    assert not allowed(api, SOMEBODY, READ)


@pytest.mark.parametrize(
    "subject",
    [
        user("somebody"),
        {"kind": "Group", "name": "people", "apiGroup": "rbac.authorization.k8s.io"},
    ],
)
def test_a_role_holds_in_its_namespace(api, subject):
    give(api, SECRETS, subject=subject)
    assert allowed(api, SOMEBODY, READ)
    assert not allowed(api, SOMEBODY, READ._replace(namespace="kube-system"))
    assert not allowed(api, SOMEBODY, READ._replace(namespace=""))
    assert not allowed(api, SOMEBODY, READ._replace(verb="delete"))
    assert not allowed(api, SOMEBODY, READ._replace(resource="configmaps"))
    assert not allowed(api, User("another"), READ)


def test_a_cluster_role_holds_everywhere(api):
    give(api, SECRETS, subject=user("somebody"), everywhere=True)
    assert allowed(api, SOMEBODY, READ)
    assert allowed(api, SOMEBODY, READ._replace(namespace=""))


def test_service_accounts_are_users(api):
    give(api, SECRETS, subject={"kind": "ServiceAccount", "name": "robot", "namespace": "default"})
    assert allowed(api, User("system:serviceaccount:default:robot"), READ)
    assert not allowed(api, User("system:serviceaccount:other:robot"), READ)


@pytest.mark.parametrize(
    ("rule", "action", "answer"),
    [
        ({"resources": ["pods"]}, Action("get", resource="pods", subresource="log"), False),
        ({"resources": ["pods/log"]}, Action("get", resource="pods", subresource="log"), True),
        ({"resources": ["*/scale"]}, Action("get", resource="pods", subresource="scale"), True),
        ({"resources": ["*"]}, Action("get", resource="pods", subresource="log"), True),
        ({"resources": ["pods"], "resourceNames": ["a"]}, Action("get", resource="pods", name="a"), True),
        ({"resources": ["pods"], "resourceNames": ["a"]}, Action("get", resource="pods", name="b"), False),
        ({"resources": ["pods"], "resourceNames": ["a"]}, Action("list", resource="pods"), False),
        ({"resources": ["pods"], "apiGroups": ["apps"]}, Action("get", resource="pods"), False),
    ],
)
def test_rules(api, rule, action, answer):
    give(api, {"apiGroups": ["*"], "verbs": ["*"], **rule}, subject=user("somebody"))
    assert allowed(api, SOMEBODY, action._replace(namespace="default")) is answer


def test_a_refusal_says_what_is_missing(api):
    with pytest.raises(Problem) as problem:
        authorize(api, User("plain"), Action("list", "apps", "deployments", namespace="shop"))
    assert problem.value.message == (
        'deployments.apps is forbidden: User "plain" cannot list resource "deployments" in API group "apps" '
        'in the namespace "shop"'
    )
    with pytest.raises(Problem) as problem:
        authorize(api, User("plain"), Action("get", path="/metrics"))
    assert problem.value.message == 'forbidden: User "plain" cannot get path "/metrics"'


def test_only_who_may_speaks_for_others(api):
    headers = {"impersonate-user": "jane", "impersonate-group": "dev, ops"}
    assert impersonated(api, ADMIN, {}) == ADMIN
    assert impersonated(api, ADMIN, headers) == User("jane", ("dev", "ops", "system:authenticated"))
    with pytest.raises(Problem) as problem:
        impersonated(api, SOMEBODY, headers)
    assert problem.value.code == 403


def test_over_tls_the_certificate_says_who_asks():
    with LocalCluster(controllers=False) as cluster:
        context = ssl.create_default_context(cafile=f"{cluster._folder}/ca.crt")
        context.load_cert_chain(f"{cluster._folder}/client.crt", f"{cluster._folder}/client.key")
        connection = http.client.HTTPSConnection(urlsplit(cluster.server).netloc, context=context, timeout=300)

        def ask(path, **headers):
            connection.request("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

        assert ask("/api/v1/namespaces")[0] == 200
        code, status = ask("/api/v1/namespaces", Impersonate_User="jane")
        assert (code, status["reason"]) == (403, "Forbidden")
        assert ask("/apis", Impersonate_User="jane")[0] == 200
        code, status = ask("/api/v1/namespaces", Authorization="Bearer wrong")
        assert (code, status["reason"]) == (401, "Unauthorized")
        connection.close()
