"""Manifests become objects with an address: the step between rendered text and any request about it."""

from __future__ import annotations

from navarch.errors import KubernetesError
from navarch.kube.discovery import Mapping, NoMatchError
from navarch.kube.documents import read_documents
from navarch.kube.metadata import kind_of, list_items, problem_with, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.documents import Document

__all__ = ["BuildError", "Mapping", "Resource", "aggregate", "build"]

_MISSING = (
    "Object 'Kind' is missing in 'object has no kind field '",
    "Object 'apiVersion' is missing in 'object has no apiVersion field'",
)
"""What is missing in an item of a list: its kind, or (where it has one) its apiVersion."""


class Resource:
    """An object of the cluster, by address: what a manifest asks for, or what the server last said of it.

    `object` is plain JSON (dict, list, str, bool, int, float, None) and is replaced, never changed in place, by whoever
    learns of a newer state. Two resources are the same object (`same_object`) if group, kind, namespace and name agree.
    """

    __slots__ = ("mapping", "name", "namespace", "object")

    def __init__(self, mapping: Mapping, namespace: str, name: str, object: dict[str, Any]) -> None:  # noqa: A002
        self.mapping = mapping
        self.namespace = namespace
        self.name = name
        self.object = object

    @property
    def kind(self) -> str:
        return self.mapping.kind

    @property
    def gvk(self) -> str:
        """The kind as client-go prints it in messages: "apps/v1, Kind=Deployment"."""
        return self.mapping.gvk

    @property
    def path(self) -> str:
        """The object's address. Raises KubernetesError where name or namespace can't stand in one (or are empty)."""
        return self.mapping.path(self.namespace, self.name)

    @property
    def collection(self) -> str:
        """The address of the kind's objects in this namespace: where new objects are posted to."""
        return self.mapping.path(self.namespace)

    @property
    def metadata(self) -> dict[str, Any]:
        """The object's metadata; an empty dict where it has none."""
        found = self.object.get("metadata")
        return found if type(found) is dict else {}

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Group, kind, namespace, name: what Helm tells objects apart by. The version is no part of it."""
        return self.mapping.group, self.mapping.kind, self.namespace, self.name

    def same_object(self, other: Resource) -> bool:
        return self.identity == other.identity

    def refresh(self, answer: dict[str, Any]) -> None:
        """Take over what the server said: its object, with its name and namespace."""
        metadata = answer.get("metadata") or {}
        self.name = metadata.get("name") or ""
        self.namespace = metadata.get("namespace") or ""
        self.object = answer

    def copy(self) -> Resource:
        """A resource of its own with the same object: refreshing one leaves the other."""
        return Resource(self.mapping, self.namespace, self.name, self.object)

    def __str__(self) -> str:
        """What Helm's messages call an object: `Deployment "web" in namespace "shop"`."""
        from navarch.golang.strconv import quote

        return f"{self.mapping.kind} {quote(self.name)} in namespace {quote(self.namespace)}"

    def __repr__(self) -> str:
        return f"<{self.gvk} {self.namespace}/{self.name}>"


def build(client: Client, manifest: str, *, validate: bool = False) -> list[Resource]:
    """The objects of a manifest, in order, Lists taken apart: Helm's KubeClient.Build.

    Objects that belong to a namespace and name none go to the client's. With `validate`, objects are checked whose
    server doesn't check fields itself. Raises KubernetesError (`BuildError`) with the message of client-go's resource
    builder, which tells of all documents up to the first that can't be read.
    """
    return _Builder(client, validate=validate).build(manifest)


class BuildError(KubernetesError):
    """A manifest of which not all became objects. `resources` are those that did, `problems` what each message says."""

    reference = "manifest-objects"

    def __init__(self, problems: list[str], resources: list[Resource]) -> None:
        super().__init__(aggregate(problems))
        self.problems = problems
        self.resources = resources


def aggregate(problems: list[str]) -> str:
    """Several messages as apimachinery's Aggregate shows them: each once, in brackets if there are several."""
    shown = list(dict.fromkeys(problems))
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


class _Builder:
    """Builds the objects of one manifest."""

    def __init__(self, client: Client, *, validate: bool) -> None:
        self.client = client
        self.check: Callable[[Document], str] | None = None
        self.resources: list[Resource] = []
        self.problems: list[str] = []
        self._mappings: dict[tuple[str, str, str], Mapping] = {}
        self._refreshed = False
        if validate:
            from navarch.kube.openapi import Validation

            self.check = Validation(client.transport, client.discovery).check

    def build(self, manifest: str) -> list[Resource]:
        try:
            for document in read_documents(manifest, self.client.documents):
                self.document(document)
        except KubernetesError as error:
            self.problems.append(str(error))
        if self.problems:
            raise BuildError(self.problems, self.resources)
        return self.resources

    def document(self, document: Document) -> None:
        """Add a document's objects, or what is wrong with it. Raises KubernetesError where reading on has no use."""
        problem = self.check(document) if self.check is not None else ""
        if problem:
            raise KubernetesError(f'error validating "": error validating data: {problem}')
        problem = problem_with(document)
        if problem:
            self.problems.append(f'unable to decode "": {problem}')
            return
        value: dict[str, Any] = document.value
        items = list_items(value)
        try:
            mapping = self.mapping(*kind_of(value))
        except NoMatchError as error:
            self.problems.append(_not_mapped(error, value if items is None else {}))
        except KubernetesError as error:
            self.problems.append(f'unable to recognize "": {error}')
        else:
            if items is None:
                self.add(mapping, value)
            else:
                self.items(items)

    def items(self, items: list[dict[str, Any]]) -> None:
        """Add the items of a list."""
        if any(type(item.get("items")) is list for item in items):
            self.problems.append("*unstructured.Unstructured is not a list: no Items field in this object")
            return
        for item in items:
            group, version, kind = kind_of(item)
            missing = "" if kind and version else _MISSING[bool(kind)]
            if missing:
                self.problems.append(f'unable to get type info from the object "*unstructured.Unstructured": {missing}')
                continue
            try:
                self.add(self.mapping(group, version, kind), item)
            except KubernetesError as error:
                self.problems.append(f"unable to recognize {error}")

    def add(self, mapping: Mapping, value: dict[str, Any]) -> None:
        namespace = text_at(value, "metadata", "namespace")
        if not mapping.namespaced:
            value = _placed(value, "")
            namespace = ""
        elif not namespace:
            namespace = self.client.namespace
            value = _placed(value, namespace)
        self.resources.append(Resource(mapping, namespace, text_at(value, "metadata", "name"), value))

    def mapping(self, group: str, version: str, kind: str) -> Mapping:
        """The mapping of a kind; the server is asked again at most once a manifest."""
        found = self._mappings.get((group, version, kind))
        if found is not None:
            return found
        discovery = self.client.discovery
        found = discovery.find(group, version, kind)
        if found is None and not self._refreshed:
            self._refreshed = True
            discovery.refresh()
            found = discovery.find(group, version, kind)
        if found is None:
            raise NoMatchError(group, version, kind)
        self._mappings[group, version, kind] = found
        return found


def _placed(value: dict[str, Any], namespace: str) -> dict[str, Any]:
    """An object with another namespace in its metadata, or with none; unchanged where its metadata is no mapping."""
    metadata = value.get("metadata", {})
    if type(metadata) is not dict:
        return value
    if namespace:
        return {**value, "metadata": {**metadata, "namespace": namespace}}
    if "namespace" not in metadata:
        return value
    return {**value, "metadata": {key: item for key, item in metadata.items() if key != "namespace"}}


def _not_mapped(error: NoMatchError, value: dict[str, Any]) -> str:
    from navarch.golang.strconv import quote

    name, namespace = text_at(value, "metadata", "name"), text_at(value, "metadata", "namespace")
    return (
        f'resource mapping not found for name: {quote(name)} namespace: {quote(namespace)} from "": {error}\n'
        "ensure CRDs are installed first"
    )
