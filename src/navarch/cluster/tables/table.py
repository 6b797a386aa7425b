"""Tables and bare metadata, as `Accept: application/json;as=Table;v=v1;g=meta.k8s.io` and its like ask for."""

from __future__ import annotations

from importlib import import_module

from navarch.cluster.problems import bad_request
from navarch.cluster.tables.columns import columns_of
from navarch.cluster.tables.shown import ages, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.cluster.tables.shown import Age
    from navarch.cluster.types.catalog import Resource

    Printer = Callable[[dict[str, Any], Age], list[Any]]

__all__ = ["partial", "partial_list", "table"]

_MODULES = ("pods", "workloads", "network", "others")
_UNSEEN = {
    "apps/daemonsets": "deprecated.daemonset.template.generation",
    "apps/deployments": "deprecated.deployment.rollback.to",
}
"""Annotations that stand for fields of a server's own form of an object, from which the metadata is taken."""
_INCLUDED = ("Metadata", "Object", "None", "")


def table(
    resource: Resource,
    objects: Sequence[dict[str, Any]],
    *,
    now: str,
    include: str = "Metadata",
    list_meta: dict[str, Any] | None = None,
    subresource: str = "",
    headers: bool = True,
    version: str = "v1",
    shown: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A Table of objects: those of a list with its metadata as `list_meta`, or a single one with its resourceVersion.

    The objects are those of the stored version; `shown` makes of one what goes into its row for include "Object".
    `subresource` is "scale" where the objects are Scales. `headers` is False for all but the first event of a watch.
    Raises Problem (400) for an `include` that there isn't.
    """
    if include not in _INCLUDED:
        allowed = "must be 'Metadata', 'Object', 'None', or empty"
        raise bad_request(
            f'Unable to convert to Table as requested: includeObject: Invalid value: "{include}": {allowed}'
        )
    columns, printer = _printer(resource, subresource)
    if list_meta is None:
        list_meta = {"resourceVersion": objects[0]["metadata"].get("resourceVersion", "")} if objects else {}
    if (resource.group, resource.plural) == ("flowcontrol.apiserver.k8s.io", "flowschemas"):
        objects = sorted(objects, key=_precedence)
    age = ages(now)
    rows = [_row(one, printer(one, age), resource, include, version, shown) for one in objects]
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": _filled(list_meta),
        "columnDefinitions": columns if headers else None,
        "rows": None if not rows and printer is _plain else rows,
    }


def partial(resource: Resource, obj: dict[str, Any], *, version: str = "v1") -> dict[str, Any]:
    """An object's metadata alone, as PartialObjectMetadata."""
    metadata = obj["metadata"]
    unseen = _UNSEEN.get(f"{resource.group}/{resource.plural}", "")
    if unseen in metadata.get("annotations", ()):
        rest = {key: value for key, value in metadata["annotations"].items() if key != unseen}
        metadata = {key: rest if key == "annotations" else value for key, value in metadata.items()}
        if not rest:
            del metadata["annotations"]
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": metadata}


def partial_list(
    resource: Resource, objects: Sequence[dict[str, Any]], list_meta: dict[str, Any], *, version: str = "v1"
) -> dict[str, Any]:
    """The metadata of a list's objects, as PartialObjectMetadataList."""
    items = [partial(resource, one, version=version) for one in objects]
    kind = "PartialObjectMetadataList"
    return {"kind": kind, "apiVersion": f"meta.k8s.io/{version}", "metadata": _filled(list_meta), "items": items}


def _filled(list_meta: dict[str, Any]) -> dict[str, Any]:
    """A list's metadata as its type writes it: lists of custom objects have empty fields."""
    return {name: value for name, value in list_meta.items() if value != ""}


def _row(
    obj: dict[str, Any],
    cells: list[Any],
    resource: Resource,
    include: str,
    version: str,
    shown: Callable[[dict[str, Any]], dict[str, Any]] | None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"cells": cells}
    if resource.plural == "pods" and not resource.group:
        from navarch.cluster.tables.pods import CONDITIONS

        phase = obj.get("status", {}).get("phase")
        if phase in CONDITIONS:
            row["conditions"] = CONDITIONS[phase]
    if include == "Object":
        row["object"] = shown(obj) if shown else obj
    else:
        row["object"] = None if include == "None" else partial(resource, obj, version=version)
    return row


def _printer(resource: Resource, subresource: str) -> tuple[list[dict[str, Any]], Printer]:
    """The columns of a resource, and what makes rows of its objects."""
    if resource.custom is not None:
        from navarch.cluster.tables.custom import Columns, scale_columns

        version = resource.custom
        custom = (
            scale_columns(version) if subresource == "scale" else Columns(version.get("additionalPrinterColumns", []))
        )
        return custom.definitions, custom.row
    group, plural = ("autoscaling", "scale") if subresource == "scale" else (resource.group, resource.plural)
    for name in _MODULES:
        found: Printer | None = import_module(f"navarch.cluster.tables.{name}").PRINTERS.get(f"{group}/{plural}")
        if found is not None:
            return columns_of(group, plural), found
    return columns_of("", "limitranges"), _plain


def _plain(obj: dict[str, Any], _: Age) -> list[Any]:
    """The cells of a resource without columns of its own."""
    return [name_of(obj), obj["metadata"].get("creationTimestamp", "0001-01-01T00:00:00Z")]


def _precedence(schema: dict[str, Any]) -> tuple[int, str]:
    """FlowSchemas come in the order in which they are tried."""
    return schema.get("spec", {}).get("matchingPrecedence", 0), name_of(schema)
