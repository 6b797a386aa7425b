"""Whether a manifest's document is an object at all: the checks that client-go's decoder makes, with its messages.

The step of `objects.build` between a document's value and the search for its kind. Only metadata is typed here; what
stands in the rest of an object is the server's to judge.
"""

from __future__ import annotations

from navarch.golang.json import float_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.documents import Document

__all__ = ["group_version", "kind_of", "list_items", "problem_with", "text_at"]

_DECODING = "json: cannot unmarshal "
_NAMES = {dict: "object", list: "array", str: "string", bool: "bool", float: "number", int: "number"}
_LARGEST = (1 << 63) - 1
_OBJECT_META = {
    "name": "string",
    "generateName": "string",
    "namespace": "string",
    "selfLink": "string",
    "uid": "types.UID",
    "resourceVersion": "string",
    "generation": "int64",
    "creationTimestamp": "time",
    "deletionTimestamp": "time",
    "deletionGracePeriodSeconds": "int64",
    "labels": "map[string]string",
    "annotations": "map[string]string",
    "ownerReferences": "[]v1.OwnerReference",
    "finalizers": "[]string",
    "managedFields": "[]v1.ManagedFieldsEntry",
}
_STRUCTS = {
    "v1.OwnerReference": {
        "apiVersion": "string",
        "kind": "string",
        "name": "string",
        "uid": "types.UID",
        "controller": "bool",
        "blockOwnerDeletion": "bool",
    },
    "v1.ManagedFieldsEntry": {
        "manager": "string",
        "operation": "v1.ManagedFieldsOperationType",
        "apiVersion": "string",
        "time": "time",
        "fieldsType": "string",
        "subresource": "string",
    },
}
"""The fields of apimachinery's metav1 structs and their Go types; "time" stands for metav1.Time."""
_TEXTS = frozenset(("string", "types.UID", "v1.ManagedFieldsOperationType"))


def text_at(value: dict[str, Any], *path: str) -> str:
    """The text at a path; "" where there is none."""
    found: Any = value
    for name in path:
        found = found.get(name) if type(found) is dict else None
    return found if type(found) is str else ""


def group_version(api_version: str) -> tuple[str, str] | None:
    """Group and version of an apiVersion; None where it has more than one slash."""
    if api_version in {"", "/"}:
        return "", ""
    group, slash, version = api_version.partition("/")
    if not slash:
        return "", group
    return None if "/" in version else (group, version)


def kind_of(value: dict[str, Any]) -> tuple[str, str, str]:
    """Group, version and kind of an object; all are "" where its apiVersion can't be read."""
    found = group_version(text_at(value, "apiVersion"))
    return ("", "", "") if found is None else (*found, text_at(value, "kind"))


def list_items(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The items of a list, with the kinds that they take over from it; None for what isn't a list.

    Whatever has a field `items` is one. `problem_with` must have found nothing.
    """
    if "items" not in value:
        return None
    api_version, kind = text_at(value, "apiVersion"), text_at(value, "kind").removesuffix("List")
    items: list[dict[str, Any]] = []
    for item in value["items"] or []:
        found = item or {}
        if not text_at(found, "kind") and not text_at(found, "apiVersion"):
            found = {**found, "kind": kind, "apiVersion": api_version}
        items.append(found)
    return items


def problem_with(document: Document) -> str:
    """What keeps a document from being an object, in the words of unstructured's decoder; "" if it is one."""
    value = document.value
    if document.problem:
        return document.problem
    if type(value) is not dict:
        return _not_a(value, "unstructured.detector")
    if "items" in value:
        problem = _problem_with_items(value["items"])
        if problem:
            return problem
    if not kind_of(value)[2]:
        return f"Object 'Kind' is missing in '{document.json}'"
    if type(value.get("apiVersion", "")) is str and _is_usual(value.get("metadata")):
        return ""
    return _Typed(document).problem()


def _problem_with_items(items: Any) -> str:
    if items is not None and type(items) is not list:
        return f"{_DECODING}{_NAMES[type(items)]} into Go struct field decodeList.items of type []json.RawMessage"
    for item in items or []:
        if item is not None and type(item) is not dict:
            return _not_a(item, "map[string]interface {}")
    return ""


def _is_usual(metadata: Any) -> bool:
    """Whether metadata has nothing but texts where texts belong: most have."""
    if type(metadata) is not dict:
        return metadata is None
    for key, value in metadata.items():
        if type(value) is str:
            if _OBJECT_META.get(key, "string") not in _TEXTS:
                return False
        elif key in {"labels", "annotations"} and type(value) is dict:
            for text in value.values():
                if type(text) is not str:
                    return False
        else:
            return False
    return True


class _AtOnceError(Exception):
    """What a type that reads itself has against its value: it counts before all else."""


class _Typed:
    """Reads metadata as encoding/json fills metav1.ObjectMeta: the first that doesn't fit is told at the end."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.first = ""

    def problem(self) -> str:
        value = self.document.value
        try:
            for key in self.document.keys(value):
                item = value[key]
                if key == "apiVersion":
                    self.take(item, "string", "metadataOnlyObject", "TypeMeta.apiVersion")
                elif key == "metadata" and item is not None:
                    if type(item) is dict:
                        self.fields(item, _OBJECT_META, "ObjectMeta", "metadata")
                    else:
                        self.refuse(item, "v1.ObjectMeta", "metadataOnlyObject", "metadata")
        except _AtOnceError as error:
            return str(error)
        return self.first

    def fields(self, value: dict[str, Any], types: dict[str, str], struct: str, path: str) -> None:
        for key in self.document.keys(value):
            if key in types:
                self.take(value[key], types[key], struct, f"{path}.{key}")

    def take(self, value: Any, go_type: str, struct: str, path: str) -> None:
        """Check that a value fits a Go type; null fits all."""
        if value is None:
            return
        if go_type in _TEXTS:
            fits = type(value) is str
        elif go_type == "bool":
            fits = type(value) is bool
        elif go_type == "int64":
            fits = type(value) is int and -_LARGEST - 1 <= value <= _LARGEST
        elif go_type == "time":
            self.time(value, struct, path)
            return
        elif go_type.startswith("map"):
            fits = type(value) is dict
            for key in self.document.keys(value) if fits else ():
                self.take(value[key], "string", struct, path)
        else:
            fits = type(value) is list
            for item in value if fits else ():
                self.item(item, go_type.removeprefix("[]"), struct, path)
        if not fits:
            self.refuse(value, go_type, struct, path)

    def item(self, value: Any, go_type: str, struct: str, path: str) -> None:
        types = _STRUCTS.get(go_type)
        if types is None:
            self.take(value, go_type, struct, path)
        elif type(value) is dict:
            self.fields(value, types, go_type.removeprefix("v1."), path)
        elif value is not None:
            self.refuse(value, go_type, struct, path)

    def time(self, value: Any, struct: str, path: str) -> None:
        if type(value) is not str:
            raise _AtOnceError(_mismatch(value, "string", struct, path))
        from navarch.errors import FunctionError
        from navarch.golang.time_parse import parse_in_location
        from navarch.golang.zones import UTC

        try:
            parse_in_location("2006-01-02T15:04:05Z07:00", value, UTC)
        except FunctionError as error:
            raise _AtOnceError(str(error)) from None

    def refuse(self, value: Any, go_type: str, struct: str, path: str) -> None:
        if not self.first:
            self.first = _mismatch(value, go_type, struct, path)


def _mismatch(value: Any, go_type: str, struct: str, path: str) -> str:
    shown = _NAMES[type(value)]
    if go_type == "int64" and shown == "number":
        shown += f" {value if type(value) is int else float_text(value)}"
    return f"{_DECODING}{shown} into Go struct field {struct}.{path} of type {go_type}"


def _not_a(value: Any, go_type: str) -> str:
    return f"{_DECODING}{_NAMES[type(value)]} into Go value of type {go_type}"
