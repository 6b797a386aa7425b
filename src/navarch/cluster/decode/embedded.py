"""Go structs that stand inside others without a name in JSON: Go's messages name them all the same."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["go_path"]

_VOLUME = frozenset(
    "capacity accessModes claimRef persistentVolumeReclaimPolicy storageClassName mountOptions volumeMode nodeAffinity "
    "volumeAttributesClassName".split()
)
_NAMED = frozenset(("name",))
_EMBEDDED: dict[str, tuple[str, frozenset[str]]] = {
    "io.k8s.api.core.v1.ConfigMapEnvSource": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.ConfigMapKeySelector": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.ConfigMapProjection": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.ConfigMapVolumeSource": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.SecretEnvSource": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.SecretKeySelector": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.SecretProjection": ("LocalObjectReference", _NAMED),
    "io.k8s.api.core.v1.Probe": ("ProbeHandler", frozenset(("exec", "httpGet", "tcpSocket", "grpc"))),
    "io.k8s.api.networking.v1.IngressRule": ("IngressRuleValue", frozenset(("http",))),
    "io.k8s.api.resource.v1.DeviceAllocationConfiguration": ("DeviceConfiguration", frozenset(("opaque",))),
    "io.k8s.api.resource.v1.DeviceClaimConfiguration": ("DeviceConfiguration", frozenset(("opaque",))),
    "io.k8s.api.resource.v1.DeviceClassConfiguration": ("DeviceConfiguration", frozenset(("opaque",))),
    "io.k8s.api.admissionregistration.v1.RuleWithOperations": (
        "Rule",
        frozenset(("apiGroups", "apiVersions", "resources", "scope")),
    ),
}
"""The struct inside, and which fields are its."""
_ALL_BUT: dict[str, tuple[str, frozenset[str]]] = {
    "io.k8s.api.core.v1.Volume": ("VolumeSource", _NAMED),
    "io.k8s.api.core.v1.PersistentVolumeSpec": ("PersistentVolumeSource", _VOLUME),
    "io.k8s.api.core.v1.EphemeralContainer": ("EphemeralContainerCommon", frozenset(("targetContainerName",))),
}
"""The struct inside, and which fields are not its."""
_NAMED_RULE = "io.k8s.api.admissionregistration.v1.NamedRuleWithOperations"


def go_path(schema: Schema | None, path: list[Any]) -> list[str]:
    """The names of the fields on a path below a type, with those of the structs that have none in JSON."""
    names: list[str] = []
    for step in path:
        if type(step) is not str:
            schema = schema and schema.element
            continue
        names += _inside(schema, step)
        names.append(step)
        field = schema.fields.get(step) if schema is not None else None
        schema = field.schema if field is not None else None
    return names


def _inside(schema: Schema | None, name: str) -> list[str]:
    if schema is None:
        return []
    if name in ("kind", "apiVersion") and "metadata" in schema.fields:
        return ["TypeMeta"]
    inner, fields = _EMBEDDED.get(schema.name, ("", frozenset[str]()))
    if name in fields:
        return [inner]
    inner, others = _ALL_BUT.get(schema.name, ("", frozenset[str]()))
    if inner and name not in others:
        return [inner]
    if schema.name == _NAMED_RULE and name != "resourceNames":
        return ["RuleWithOperations"] if name == "operations" else ["RuleWithOperations", "Rule"]
    return []
