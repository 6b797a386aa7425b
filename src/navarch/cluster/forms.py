"""The forms in which objects are sent: JSON or YAML, whole, as tables or as metadata alone."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from navarch.cluster.media import clauses
from navarch.cluster.problems import not_acceptable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["PLAIN", "Form", "dumps", "encode", "negotiate", "shaped"]

_JSON = "application/json"
_YAML = "application/yaml"
_PARTIAL = ("PartialObjectMetadata", "PartialObjectMetadataList")


class Form(NamedTuple):
    """`shape` is "" for objects as they are, Table, PartialObjectMetadata or PartialObjectMetadataList."""

    content_type: str = _JSON
    shape: str = ""
    version: str = "v1"  # of meta.k8s.io, for shapes


PLAIN = Form()


@lru_cache(maxsize=64)
def negotiate(accept: str) -> Form:
    """The best liked form of an Accept header that can be made. Raises Problem (406)."""
    for clause in clauses(accept):
        media = next((one for one in (_JSON, _YAML) if clause.matches(one)), "")
        if not media:
            continue
        given = clause.parameters
        shape = given.get("as", "")
        if not shape:
            return Form(media)
        if given.get("g") == "meta.k8s.io" and given.get("v") in {"v1", "v1beta1"} and shape in {"Table", *_PARTIAL}:
            return Form(media, shape, given["v"])
    raise not_acceptable([_JSON, _YAML, "application/vnd.kubernetes.protobuf"])


def dumps(value: Any) -> bytes:
    """JSON as API servers send it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def encode(value: Any, form: Form, *, pretty: bool = False) -> bytes:
    """A whole answer in JSON or YAML; shapes are always compact JSON."""
    if form.shape:
        return dumps(value)
    if form.content_type == _YAML:
        from navarch.golang.yaml.write import dump

        return dump(value).encode()
    if pretty:
        return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return dumps(value)


def shaped(
    resource: Resource,
    objects: list[Object],
    form: Form,
    *,
    include: str,
    now: str,
    meta: Object | None,
    subresource: str = "",
    headers: bool = True,
) -> Any:
    """Objects as a Table, or their metadata alone; `meta` is that of the list, None for a single object."""
    from navarch.cluster import tables

    if form.shape == "Table":
        return tables.table(
            resource,
            objects,
            include=include or "Metadata",
            now=now,
            list_meta=meta,
            version=form.version,
            subresource=subresource,
            headers=headers,
        )
    if meta is None:
        return tables.partial(resource, objects[0], version=form.version)
    return tables.partial_list(resource, objects, meta, version=form.version)
