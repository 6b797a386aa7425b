"""Kubernetes' own types and resources. The facts are those of k8s.io/api 0.36 and of a real server's discovery."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.cluster.types.builtin import builtin, definition
from navarch.cluster.types.table import lines

API = "io.k8s.api"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"


@pytest.mark.parametrize(
    ("path", "kind", "go_type"),
    [
        (f"{API}.apps.v1.DeploymentSpec.replicas", "integer", "int32"),
        (f"{API}.apps.v1.DeploymentSpec.template", "struct", "v1.PodTemplateSpec"),
        (f"{API}.core.v1.ContainerPort.protocol", "string", "v1.Protocol"),
        (f"{API}.core.v1.Secret.data", "map", "map[string][]uint8"),
        (f"{API}.core.v1.PodSpec.containers", "list", "[]v1.Container"),
        (f"{API}.core.v1.PodSpec.nodeSelector", "map", "map[string]string"),
        (f"{API}.core.v1.ResourceRequirements.limits", "map", "v1.ResourceList"),
        (
            f"{API}.core.v1.PersistentVolumeClaimStatus.allocatedResourceStatuses",
            "map",
            "map[v1.ResourceName]v1.ClaimResourceStatus",
        ),
        (f"{API}.core.v1.ResourceFieldSelector.divisor", "quantity", "resource.Quantity"),
        (f"{API}.core.v1.ServicePort.targetPort", "int-or-string", "intstr.IntOrString"),
        (f"{META}.ObjectMeta.creationTimestamp", "time", "v1.Time"),
        (f"{META}.ObjectMeta.uid", "string", "types.UID"),
        (f"{API}.coordination.v1.LeaseSpec.renewTime", "micro-time", "v1.MicroTime"),
        (f"{API}.autoscaling.v1.HorizontalPodAutoscalerSpec.maxReplicas", "integer", "int32"),
        (f"{CRD}.JSONSchemaProps.maximum", "number", "float64"),
        (f"{CRD}.JSONSchemaProps.default", "any", "v1.JSON"),
        (f"{API}.apps.v1.ControllerRevision.data", "any", "runtime.RawExtension"),
    ],
)
def test_types_of_fields(path: str, kind: str, go_type: str) -> None:
    name, _, field = path.rpartition(".")
    schema = definition(name).fields[field].schema
    assert (schema.kind, schema.go_type) == (kind, go_type)


@pytest.mark.parametrize(
    ("path", "omitted", "nullable"),
    [
        (f"{API}.apps.v1.DeploymentSpec.replicas", True, True),  # *int32 with omitempty: 0 stays
        (f"{API}.apps.v1.DeploymentSpec.minReadySeconds", True, False),  # int32 with omitempty: 0 goes
        (f"{API}.apps.v1.DeploymentSpec.selector", False, True),  # a pointer without omitempty: null is written
        (f"{API}.apps.v1.DeploymentSpec.strategy", False, False),  # a struct: {} is written in spite of omitempty
        (f"{API}.apps.v1.Deployment.status", False, False),
        (f"{API}.core.v1.Container.name", False, False),
        (f"{API}.core.v1.PodSpec.containers", False, True),  # no omitempty: null is written
        (f"{API}.core.v1.PodSpec.volumes", True, True),
        (f"{API}.core.v1.Event.firstTimestamp", False, False),  # a Time: null is written in spite of omitempty
        (f"{META}.ObjectMeta.creationTimestamp", True, False),  # omitzero
        (f"{META}.ObjectMeta.deletionTimestamp", True, True),
    ],
)
def test_what_go_leaves_out(path: str, *, omitted: bool, nullable: bool) -> None:
    name, _, field = path.rpartition(".")
    found = definition(name).fields[field]
    assert (found.omitted, found.nullable) == (omitted, nullable)


@pytest.mark.parametrize(
    ("path", "default"),
    [
        (f"{API}.core.v1.ContainerPort.protocol", "TCP"),
        (f"{API}.core.v1.ContainerPort.containerPort", 0),
        (f"{API}.core.v1.Container.name", ""),
        (f"{API}.core.v1.Container.image", ...),
        (f"{API}.core.v1.Pod.spec", {}),
        (f"{API}.core.v1.LocalObjectReference.name", ""),
        (f"{API}.core.v1.ISCSIVolumeSource.iscsiInterface", "default"),
        (f"{API}.apps.v1.DeploymentSpec.replicas", ...),
    ],
)
def test_published_defaults(path: str, default: Any) -> None:
    name, _, field = path.rpartition(".")
    assert definition(name).fields[field].default == default


@pytest.mark.parametrize(
    ("path", "relation", "keys"),
    [
        (f"{API}.core.v1.Container.ports", "map", ("containerPort", "protocol")),
        (f"{API}.core.v1.Container.env", "map", ("name",)),
        (f"{API}.core.v1.Container.command", "atomic", ()),
        (f"{API}.core.v1.PodSpec.tolerations", "atomic", ()),
        (f"{META}.ObjectMeta.finalizers", "set", ()),
        (f"{META}.ObjectMeta.ownerReferences", "map", ("uid",)),
        (f"{API}.core.v1.ServiceSpec.selector", "atomic", ()),
        (f"{API}.core.v1.PodSpec.nodeSelector", "atomic", ()),
        (f"{META}.ObjectMeta.labels", "granular", ()),
        (f"{API}.apps.v1.DeploymentSpec.selector", "atomic", ()),
        (f"{API}.core.v1.ConfigMapKeySelector.name", "granular", ()),
        (f"{API}.core.v1.PersistentVolumeSpec.claimRef", "granular", ()),  # though ObjectReference is atomic
        (f"{API}.core.v1.PersistentVolumeClaimSpec.dataSource", "atomic", ()),
    ],
)
def test_who_owns_what(path: str, relation: str, keys: tuple[str, ...]) -> None:
    name, _, field = path.rpartition(".")
    schema = definition(name).fields[field].schema
    assert (schema.relation, schema.keys) == (relation, keys)


def test_named_strings_know_their_values() -> None:
    assert definition(f"{API}.core.v1.Protocol").enum == ("SCTP", "TCP", "UDP")
    assert definition(f"{API}.core.v1.Container").fields["imagePullPolicy"].schema.enum == (
        "Always",
        "IfNotPresent",
        "Never",
    )


def test_fields_stand_in_gos_order() -> None:
    spec = list(definition(f"{API}.apps.v1.DeploymentSpec").fields)
    assert spec[:4] == ["replicas", "selector", "template", "strategy"]
    assert list(definition(f"{API}.core.v1.Pod").fields) == ["kind", "apiVersion", "metadata", "spec", "status"]


def test_what_is_embedded_stands_among_the_fields() -> None:
    assert {"name", "emptyDir", "configMap"} <= set(definition(f"{API}.core.v1.Volume").fields)


def test_a_type_is_the_same_object_each_time() -> None:
    deployment = definition(f"{API}.apps.v1.Deployment")
    assert definition(f"{API}.apps.v1.Deployment") is deployment
    assert deployment.fields["metadata"].schema is definition(f"{META}.ObjectMeta")


def test_types_that_hold_themselves_end() -> None:
    props = definition(f"{CRD}.JSONSchemaProps")
    assert props.fields["properties"].schema.element is props


def test_every_type_can_be_read() -> None:
    for name in lines():
        for field in definition(name).fields.values():
            schema = field.schema
            while schema.kind in ("list", "map"):
                schema = schema.element
            assert schema.kind != "any" or schema.name
            assert (schema.kind == "struct") == bool(schema.name and not lines().letter(schema.name))


def test_unknown_types_are_key_errors() -> None:
    with pytest.raises(KeyError):
        definition("io.k8s.api.core.v1.Nothing")


def test_resources() -> None:
    found = {(one.group, one.version, one.plural): one for one in builtin()}
    assert len(found) == len(builtin()) == 68
    deployments = found["apps", "v1", "deployments"]
    assert (deployments.singular, deployments.kind, deployments.list_kind) == (
        "deployment",
        "Deployment",
        "DeploymentList",
    )
    assert deployments.namespaced
    assert (deployments.short_names, deployments.categories) == (("deploy",), ("all",))
    assert deployments.verbs == ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
    assert deployments.schema is definition(f"{API}.apps.v1.Deployment")
    scale = deployments.subresource("scale")
    assert scale is not None
    assert (scale.group, scale.version, scale.kind, scale.verbs) == (
        "autoscaling",
        "v1",
        "Scale",
        ("get", "patch", "update"),
    )
    assert not found["", "v1", "namespaces"].namespaced
    assert found["", "v1", "bindings"].list_kind == ""
    assert found["autoscaling", "v1", "horizontalpodautoscalers"].storage == "v2"


def test_every_resource_is_kept_in_a_version_that_is_served() -> None:
    served = {(one.group, one.plural, one.version) for one in builtin()}
    assert all((one.group, one.plural, one.storage) in served for one in builtin())
