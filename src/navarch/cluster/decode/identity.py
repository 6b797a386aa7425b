"""Objects that came to the address of another kind or version, and what Kubernetes says then."""

from __future__ import annotations

from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource

__all__ = ["refuse"]

_SCHEME = "pkg/runtime/scheme.go:111"
_INTERNAL = {"": "core", "rbac.authorization.k8s.io": "rbac"}


def refuse(resource: Resource, said: str, kind: str) -> Any:
    """Raise Problem (400) for an object that says to be a `kind` of the version `said`."""
    group, _, version = said.rpartition("/")
    if kind == resource.kind and group == resource.group and _known(group, version, kind):
        expected = resource.api_version
        text = f"the API version in the data ({said}) does not match the expected API version ({expected})"
        raise bad_request(text)
    if _known(group, version, kind):
        why = f"converting ({version}.{kind}) to ({internal(resource.group)}.{resource.kind}): unknown conversion"
    else:
        why = f'no kind "{kind}" is registered for version "{said}" in scheme "{_SCHEME}"'
    raise bad_request(f'{kind} in version "{version}" cannot be handled as a {resource.kind}: {why}')


def internal(group: str) -> str:
    """The Go package in which Kubernetes has the types of a group for itself."""
    return _INTERNAL.get(group) or group.partition(".")[0]


def _known(group: str, version: str, kind: str) -> bool:
    from navarch.cluster.types.builtin import builtin

    return any((one.group, one.version, one.kind) == (group, version, kind) for one in builtin())
