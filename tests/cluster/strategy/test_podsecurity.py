"""How safe pods have to be depends on the labels of their namespace, and on the version that these name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.problems import Problem
from navarch.cluster.strategy.podstandards import faults

if TYPE_CHECKING:
    from .conftest import Place

LATEST = 99
SAFE = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "c",
            "image": "i",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}


def reasons(spec: dict[str, Any], *, restricted: bool = True, version: int = LATEST) -> list[str]:
    return [reason for reason, _ in faults({"metadata": {}, "spec": spec}, restricted, version)]


def test_safe() -> None:
    assert reasons(SAFE) == []
    assert reasons({**SAFE, "hostNetwork": True}, restricted=False) == ["host namespaces"]


@pytest.mark.parametrize(
    ("change", "since"),
    [
        ({"securityContext": {**SAFE["securityContext"], "runAsUser": 0}}, 23),
        ({"containers": [{**SAFE["containers"][0], "livenessProbe": {"tcpSocket": {"host": "h"}}}]}, 34),
    ],
)
def test_checks_have_a_first_version(change: dict[str, Any], since: int) -> None:
    assert reasons(SAFE | change, version=since - 1) == []
    assert len(reasons(SAFE | change, version=since)) == 1


def test_what_is_allowed_since_a_version() -> None:
    sysctls = {"securityContext": {**SAFE["securityContext"], "sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]}}
    assert reasons(SAFE | sysctls, version=31) == ["forbidden sysctls"]
    assert reasons(SAFE | sysctls, version=32) == []
    root = {"hostUsers": False, "securityContext": {**SAFE["securityContext"], "runAsNonRoot": False}}
    assert reasons(SAFE | root, version=34) == ["runAsNonRoot != true"]
    assert reasons(SAFE | root, version=35) == []


def test_checks_replace_others() -> None:
    capable = {"containers": [{"name": "c", "securityContext": {"capabilities": {"add": ["NET_RAW"]}}}]}
    assert "non-default capabilities" in reasons(capable, version=21)
    assert "non-default capabilities" not in reasons(capable, version=22)
    assert "unrestricted capabilities" in reasons(capable, version=22)


def test_labels_that_mean_nothing_are_taken_strictly(place: Place) -> None:
    namespace = place.context().get("", "namespaces", "", "shop")
    assert namespace is not None
    labels = {"pod-security.kubernetes.io/enforce": "secure", "pod-security.kubernetes.io/warn": "secure"}
    place.put({**namespace, "metadata": {**namespace["metadata"], "labels": labels}})
    with pytest.raises(Problem, match=r'violates PodSecurity "restricted:latest"') as caught:
        place.create("v1", "Pod", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
    assert caught.value.code == 403
