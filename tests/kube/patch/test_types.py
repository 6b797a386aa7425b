"""The table of Kubernetes' own types; strategies and keys are those of the struct tags in k8s.io/api."""

from __future__ import annotations

from pathlib import Path

import pytest

import navarch.kube.patch.types
from navarch.errors import KubernetesError
from navarch.kube.patch.types import find, fits, list_field, map_field

TABLE = Path(navarch.kube.patch.types.__file__).with_name("types.txt").read_text(encoding="ascii").splitlines()


@pytest.mark.parametrize(
    ("struct", "name", "expected"),
    [
        ("PodSpec", "containers", ("Container", "merge", "name", False)),
        ("PodSpec", "initContainers", ("Container", "merge", "name", False)),
        ("PodSpec", "ephemeralContainers", ("EphemeralContainer", "merge", "name", False)),
        ("PodSpec", "volumes", ("Volume", "merge", "name", True)),
        ("PodSpec", "imagePullSecrets", ("LocalObjectReference", "merge", "name", False)),
        ("PodSpec", "hostAliases", ("HostAlias", "merge", "ip", False)),
        ("PodSpec", "topologySpreadConstraints", ("TopologySpreadConstraint", "merge", "topologyKey", False)),
        ("PodSpec", "schedulingGates", ("PodSchedulingGate", "merge", "name", False)),
        ("PodSpec", "resourceClaims", ("PodResourceClaim", "merge", "name", True)),
        ("PodSpec", "tolerations", ("Toleration", "", "", False)),
        ("Container", "ports", ("ContainerPort", "merge", "containerPort", False)),
        ("Container", "env", ("EnvVar", "merge", "name", False)),
        ("Container", "envFrom", ("EnvFromSource", "", "", False)),
        ("Container", "volumeMounts", ("VolumeMount", "merge", "mountPath", False)),
        ("Container", "volumeDevices", ("VolumeDevice", "merge", "devicePath", False)),
        ("Container", "args", ("s", "", "", False)),
        ("ServiceSpec", "ports", ("ServicePort", "merge", "port", False)),
        ("ServiceAccount", "secrets", ("ObjectReference", "merge", "name", False)),
        ("ObjectMeta", "finalizers", ("s", "merge", "", False)),
        ("ObjectMeta", "ownerReferences", ("OwnerReference", "merge", "uid", False)),
        ("ObjectMeta", "managedFields", ("ManagedFieldsEntry", "", "", False)),
        ("DeploymentStatus", "conditions", ("DeploymentCondition", "merge", "type", False)),
        ("NodeStatus", "addresses", ("NodeAddress", "merge", "type", False)),
        ("StatefulSetSpec", "volumeClaimTemplates", ("PersistentVolumeClaim", "", "", False)),
        ("IngressSpec", "rules", ("IngressRule", "", "", False)),
        ("ValidatingWebhookConfiguration", "webhooks", ("ValidatingWebhook", "merge", "name", False)),
        ("Role", "rules", ("PolicyRule", "", "", False)),
        ("CustomResourceDefinitionSpec", "versions", ("CustomResourceDefinitionVersion", "", "", False)),
        ("CSINodeSpec", "drivers", ("CSINodeDriver", "merge", "name", False)),
    ],
)
def test_strategies_of_lists(struct, name, expected):
    assert tuple(list_field(struct, name)) == expected


@pytest.mark.parametrize(
    ("struct", "name", "expected"),
    [
        ("DeploymentSpec", "strategy", ("DeploymentStrategy", "", "", True)),
        ("StatefulSetSpec", "updateStrategy", ("StatefulSetUpdateStrategy", "", "", False)),
        ("PersistentVolumeSpec", "claimRef", ("ObjectReference", "", "", False)),
        ("PodDisruptionBudgetSpec", "selector", ("LabelSelector", "replace", "", False)),
        ("ConfigMap", "data", ("{s", "", "", False)),
        ("Secret", "data", ("{y", "", "", False)),
        ("DeploymentSpec", "TEMPLATE", ("PodTemplateSpec", "", "", False)),
    ],
)
def test_strategies_of_mappings(struct, name, expected):
    assert tuple(map_field(struct, name)) == expected


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("apps/v1", "Deployment", "Deployment"),
        ("extensions/v1beta1", "Deployment", "Deployment~v1beta1"),
        ("apps/v1beta2", "Deployment", "Deployment"),
        ("autoscaling/v1", "HorizontalPodAutoscaler", "HorizontalPodAutoscaler"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "HorizontalPodAutoscaler~2"),
        ("batch/v1beta1", "CronJob", "CronJob"),
        ("v1", "Pod", "Pod"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "CustomResourceDefinition"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", None),
        ("apiregistration.k8s.io/v1", "APIService", None),
        ("monitoring.coreos.com/v1", "ServiceMonitor", None),
        ("apps/v1", "Pod", None),
        ("v1", "DeleteOptions", None),
        ("v1", "PodList", None),
    ],
)
def test_kinds(api_version, kind, expected):
    assert find(api_version, kind) == expected


@pytest.mark.parametrize(
    ("find_field", "struct", "message"),
    [
        (map_field, "PodSpec", 'unable to find api field in struct PodSpec for the json field "x"'),
        (list_field, "IngressSpec~v1beta1", 'unable to find api field in struct IngressSpec for the json field "x"'),
        (map_field, "{s", "merging an object in json but data type is not struct, instead is: map"),
        (map_field, "[s", "merging an object in json but data type is not struct, instead is: slice"),
    ],
)
def test_messages(find_field, struct, message):
    with pytest.raises(KubernetesError) as caught:
        find_field(struct, "x")
    assert str(caught.value) == message


def test_a_list_where_the_type_has_none():
    with pytest.raises(KubernetesError) as caught:
        list_field("PodSpec", "nodeSelector")
    assert str(caught.value) == "expected slice or array type, but got: struct"


def test_every_type_that_is_named_is_there():
    """And each line has the form that the module's docstring tells."""
    known = {line.partition(" ")[0] for line in TABLE if "/" not in line.partition(" ")[0]}
    for line in TABLE:
        name, *fields = line.split(" ") if not line.endswith(" ") else [line.strip()]
        if "/" in name:
            assert fields[0] in known
            continue
        for field in fields:
            if field == "*":
                continue
            expression, *marks = field.partition(":")[2].split("|")
            base = expression.lstrip("[{")
            assert base in known or base in set("sinbyqotm"), field
            assert all(marks), field
            assert not marks or set(marks[0].split(",")) <= {"merge", "replace", "retainKeys"}, field
            if len(marks) > 1:
                assert list_field(name, field.partition(":")[0]).key == marks[1]
                map_field(base, marks[1])


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("s", "x", True),
        ("s", 1, False),
        ("s", True, False),
        ("i", 1, True),
        ("i", "1", False),
        ("i", 1.0, True),
        ("i", 1.5, False),
        ("b", "true", False),
        ("n", 1, True),
        ("n", True, False),
        ("o", "50%", True),
        ("o", 1 << 40, False),
        ("o", 1.5, False),
        ("q", "100m", True),
        ("q", "1Gi", True),
        ("q", "1e3", True),
        ("q", "1E-3", True),
        ("q", ".5", True),
        ("q", "5.", True),
        ("q", "+1", True),
        ("q", 0.5, True),
        ("q", "", False),
        ("q", "1gi", False),
        ("q", "1 Gi", False),
        ("q", "1e", False),
        ("q", "1.2.3", False),
        ("t", "2026-01-02T03:04:05Z", True),
        ("t", "2026-01-02", False),
        ("m", "2026-01-02T03:04:05.000001Z", True),
        ("m", "2026-01-02T03:04:05Z", False),
        ("y", "YQ==", True),
        ("y", "YQ=", False),
        ("y", "no base64", False),
        ("[s", ["a", None], True),
        ("[s", ["a", 1], False),
        ("[s", "a", False),
        ("{s", {"a": "b"}, True),
        ("{s", {"a": 1}, False),
        ("{s", ["a"], False),
        ("Container", {"name": "a", "unknown": 1}, True),
        ("Container", {"name": 1}, False),
        ("Container", [], False),
        ("RawExtension", ["whatever"], True),
    ],
)
def test_what_fits(expression, value, expected):
    assert fits(expression, value) is expected
