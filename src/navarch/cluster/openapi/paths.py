"""What can be done at which path, as OpenAPI tells it: the addresses of resources with their operations.

The rules are those of apiserver's installer for built-in resources and of apiextensions' for custom ones. What isn't
told: the old watch paths and what connects to a pod (exec, attach, port-forward, proxy).
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.cluster.types.catalog import Resource, Subresource

__all__ = ["PARAMETERS", "Operation", "definition_name", "group_name", "group_tag", "listing", "operations", "tag"]

META = "io.k8s.apimachinery.pkg.apis.meta.v1"

JSON = "application/json"
YAML = "application/yaml"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

PARAMETERS = {
    "allowWatchBookmarks": "boolean",
    "continue": "string",
    "dryRun": "string",
    "fieldManager": "string",
    "fieldSelector": "string",
    "fieldValidation": "string",
    "force": "boolean",
    "gracePeriodSeconds": "integer",
    "ignoreStoreReadErrorWithClusterBreakingPotential": "boolean",
    "labelSelector": "string",
    "limit": "integer",
    "orphanDependents": "boolean",
    "pretty": "string",
    "propagationPolicy": "string",
    "resourceVersion": "string",
    "resourceVersionMatch": "string",
    "sendInitialEvents": "boolean",
    "shardSelector": "string",
    "timeoutSeconds": "integer",
    "watch": "boolean",
    "container": "string",
    "follow": "boolean",
    "insecureSkipTLSVerifyBackend": "boolean",
    "limitBytes": "integer",
    "previous": "boolean",
    "sinceSeconds": "integer",
    "stream": "string",
    "tailLines": "integer",
    "timestamps": "boolean",
}
"""Types of what may stand in a query."""

_SELECTION = (
    "continue fieldSelector labelSelector limit resourceVersion resourceVersionMatch sendInitialEvents shardSelector"
    " timeoutSeconds"
).split()
_LISTING = ["allowWatchBookmarks", *_SELECTION, "watch"]
_DELETION = (
    "dryRun gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents propagationPolicy"
).split()
_WRITING = ["dryRun", "fieldManager", "fieldValidation"]
_LOG = (
    "container follow insecureSkipTLSVerifyBackend limitBytes previous sinceSeconds stream tailLines timestamps"
).split()

_PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY)
_PATCHES_CUSTOM = (JSON_PATCH, MERGE_PATCH, APPLY)

_CONNECTING = frozenset(["attach", "exec", "portforward", "proxy"])

# Kinds whose deletion is answered with the object.
_GIVEN_BACK = frozenset(
    """
    CSIDriver CSINode DeviceClass PersistentVolume PersistentVolumeClaim Pod PodTemplate ResourceClaim
    ResourceClaimTemplate ResourceQuota ResourceSlice Service ServiceAccount StorageClass VolumeAttachment
    VolumeAttributesClass
    """.split()
)


class Operation(NamedTuple):
    """Something that can be done. `body` and `answer` are names of definitions; `query` has names of PARAMETERS."""

    path: str
    method: str
    action: str
    identifier: str
    body: str
    answer: str
    codes: tuple[int, ...]
    query: tuple[str, ...]
    kind: tuple[str, str, str]  # group, version, kind
    accepts: tuple[str, ...]
    makes: tuple[str, ...]
    tag: str


def group_tag(group: str) -> str:
    """A group in names: "rbac.authorization.k8s.io" is "rbacAuthorization", a custom one keeps all of its parts."""
    first, *others = (group or "core").removesuffix(".k8s.io").split(".")
    return first + "".join(part.capitalize() for part in others)


def tag(group: str, version: str) -> str:
    """What groups operations: "apps_v1"."""
    return f"{group_tag(group)}_{version}"


def group_name(group: str) -> str:
    """A group in the names of operations: "RbacAuthorization"."""
    name = group_tag(group)
    return name[:1].upper() + name[1:]


def definition_name(resource: Resource, kind: str = "") -> str:
    """The definition of a resource's objects, or of another kind of the same group and version."""
    if resource.custom is None:
        return f"{resource.schema.name.rpartition('.')[0]}.{kind or resource.kind}"
    return ".".join([*reversed(resource.group.split(".")), resource.version, kind or resource.kind])


class _Maker:
    """The operations of one resource."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.custom = resource.custom is not None
        self.root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
        self.group = group_name(resource.group) + resource.version.capitalize()
        self.scope = "Namespaced" if resource.namespaced else ""
        self.own = definition_name(resource)
        base = "/namespaces/{namespace}" if resource.namespaced else ""
        self.path = f"{self.root}{base}/{resource.plural}"

    def make(
        self,
        path: str,
        action: str,
        verb: str,
        answer: str,
        query: list[str],
        *,
        codes: tuple[int, ...] = (200,),
        body: str = "",
        name: str = "",
        kind: tuple[str, str, str] | None = None,
    ) -> Operation:
        resource = self.resource
        methods = {"list": "get", "deletecollection": "delete"}
        watching = ("application/json;stream=watch",) if action == "list" and not self.custom else ()
        return Operation(
            path=path,
            method=methods.get(action, action),
            action=action,
            identifier=verb + self.group + (name or self.scope + resource.kind),
            body=body,
            answer=answer,
            codes=codes,
            query=tuple(sorted(query)),
            kind=kind or (resource.group, resource.version, resource.kind),
            accepts=self.accepts(action),
            makes=(*(() if answer else ("text/plain",)), JSON, YAML, *watching),
            tag=tag(resource.group, resource.version),
        )

    def accepts(self, action: str) -> tuple[str, ...]:
        if action == "patch":
            return _PATCHES_CUSTOM if self.custom else _PATCHES
        return (JSON, YAML) if self.custom else ("*/*",)

    def collection(self) -> Iterator[Operation]:
        one = self.resource
        listing = f"{self.own}List" if not one.list_kind else definition_name(one, one.list_kind)
        if "list" in one.verbs and one.namespaced:
            everywhere = f"{self.root}/{one.plural}"
            yield self.make(everywhere, "list", "list", listing, _LISTING, name=f"{one.kind}ForAllNamespaces")
        if "list" in one.verbs:
            yield self.make(self.path, "list", "list", listing, _LISTING)
        if "create" in one.verbs:
            yield self.make(self.path, "post", "create", self.own, _WRITING, codes=(200, 201, 202), body=self.own)
        if "deletecollection" in one.verbs:
            query = _LISTING if self.custom else [*_DELETION, *_SELECTION]
            body = "" if self.custom else f"{META}.DeleteOptions"
            name = f"Collection{self.scope}{one.kind}"
            yield self.make(self.path, "deletecollection", "delete", f"{META}.Status", query, body=body, name=name)

    def item(self) -> Iterator[Operation]:
        one, path = self.resource, self.path + "/{name}"
        if "get" in one.verbs:
            yield self.make(path, "get", "read", self.own, ["resourceVersion"] if self.custom else [])
        if "update" in one.verbs:
            yield self.make(path, "put", "replace", self.own, _WRITING, codes=(200, 201), body=self.own)
        if "delete" in one.verbs:
            given_back = not self.custom and one.kind in _GIVEN_BACK
            answer = self.own if given_back else f"{META}.Status"
            body = f"{META}.DeleteOptions"
            yield self.make(path, "delete", "delete", answer, _DELETION, codes=(200, 202), body=body)
        if "patch" in one.verbs:
            yield self.patch(path, self.own)

    def patch(self, path: str, answer: str, name: str = "", kind: tuple[str, str, str] | None = None) -> Operation:
        codes = (200,) if self.custom else (200, 201)
        query = [*_WRITING, "force"]
        return self.make(path, "patch", "patch", answer, query, codes=codes, body=f"{META}.Patch", name=name, kind=kind)

    def part(self, part: Subresource) -> Iterator[Operation]:
        one, path = self.resource, f"{self.path}/{{name}}/{part.name}"
        name = f"{self.scope}{one.kind}{part.name.capitalize()}"
        other = _PACKAGES.get((part.group, part.version))
        answer = f"{other}.{part.kind}" if other else definition_name(one, part.kind)
        group, version = (part.group, part.version) if part.version else (one.group, one.version)
        kind = (one.group, one.version, one.kind) if self.custom else (group, version, part.kind)
        if "get" in part.verbs:
            query = ["resourceVersion"] if self.custom else _LOG if part.name == "log" else []
            yield self.make(path, "get", "read", "" if part.name == "log" else answer, query, name=name, kind=kind)
        if "create" in part.verbs:
            yield self.make(
                path, "post", "create", answer, _WRITING, codes=(200, 201, 202), body=answer, name=name, kind=kind
            )
        if "update" in part.verbs:
            yield self.make(
                path, "put", "replace", answer, _WRITING, codes=(200, 201), body=answer, name=name, kind=kind
            )
        if "patch" in part.verbs:
            yield self.patch(path, answer, name, kind)


_PACKAGES = {
    ("autoscaling", "v1"): "io.k8s.api.autoscaling.v1",
    ("policy", "v1"): "io.k8s.api.policy.v1",
    ("authentication.k8s.io", "v1"): "io.k8s.api.authentication.v1",
}
"""Where kinds of subresources are defined that belong to other groups."""


def listing(path: str, name: str, tag: str, answer: str, makes: tuple[str, ...] = (JSON, YAML)) -> Operation:
    """An address of discovery: what is told there is a document of the type `answer`."""
    return Operation(path, "get", "", name, "", answer, (200,), (), ("", "", ""), makes, makes, tag)


def operations(resource: Resource) -> Iterator[Operation]:
    """All that can be done with a resource, path by path."""
    maker = _Maker(resource)
    yield from maker.collection()
    yield from maker.item()
    for part in resource.subresources:
        if part.name not in _CONNECTING:
            yield from maker.part(part)
