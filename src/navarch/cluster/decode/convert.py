"""An object as Kubernetes' own types read and write it, and what strict clients are told about it."""

from __future__ import annotations

from navarch.cluster.decode.reading import unreadable_name
from navarch.cluster.decode.typed import StopError, Walk
from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.problems import Problem
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["convert"]

_TEXT = ("body", "json")
_OWNERS = (
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject "
    "such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
)


def convert(
    obj: Object,
    resource: Resource,
    *,
    validation: str = "Ignore",
    duplicates: tuple[str, ...] = (),
    source: str = "body",
) -> tuple[Object, list[str]]:
    """What typed decoding and encoding make of an object, and the warnings for the client; `obj` stays as it is.

    `validation` is Strict, Warn or Ignore: what is done about unknown and repeated fields. `duplicates` are the
    complaints of reading. `source` is "body" for bodies, "json" for what JSON and merge patches make, "patch" for
    what strategic merge patches and applying make: that never was JSON, and has other messages. Raises Problem (400).
    """
    _check_kind(obj, resource)
    walk = Walk(resource.schema, lenient=source not in _TEXT)
    try:
        made = walk.value(resource.schema, obj)
        error = walk.error
    except StopError as stop:
        error = str(stop)
    except RecursionError:
        error = "exceeded max depth"
    if error:
        raise _refused(obj, resource, error) if source in _TEXT else _unfit(obj, resource, error)
    made["apiVersion"], made["kind"] = resource.api_version, resource.kind
    told = _drop_repeated_owners(made) if source == "body" else []
    if validation == "Ignore" or not (walk.strict or duplicates):
        return made, told
    if validation == "Warn":
        return made, [*duplicates, *(walk.strict if source in _TEXT else sorted(walk.strict)), *told]
    yaml = ["\n  ".join(("yaml: unmarshal errors:", *duplicates))] if duplicates else []
    raise _refused(
        obj,
        resource,
        f"strict decoding error: {', '.join([*yaml, *(walk.strict if source in _TEXT else sorted(walk.strict))])}",
    )


def _drop_repeated_owners(made: Object) -> list[str]:
    """Keep each owner once; the warning if one stood there twice."""
    owners = (made.get("metadata") or {}).get("ownerReferences", ())
    if len(owners) < 2:
        return []
    kept: list[Object] = []
    repeated: list[str] = []
    for owner in owners:
        if owner in kept:
            repeated.append(owner["uid"])
        else:
            kept.append(owner)
    made["metadata"]["ownerReferences"] = kept
    return [f"{_OWNERS}{', '.join(repeated)}"] if repeated else []


def _refused(obj: Object, resource: Resource, why: str) -> Problem:
    kind, version = obj.get("kind") or resource.kind, obj.get("apiVersion") or resource.version
    return bad_request(
        f'{kind} in version "{version.rpartition("/")[2]}" cannot be handled as a {resource.kind}: {why}'
    )


def _unfit(obj: Object, resource: Resource, error: str) -> Problem:
    """What merging made is told in other words, which stand alone: the caller says where they belong."""
    from navarch.cluster.decode.unstructured import fault

    return bad_request(fault(resource.schema, obj) or error)


def _check_kind(obj: Object, resource: Resource) -> None:
    """Raise Problem (400) for an object of another kind or version than the resource's."""
    for name in ("apiVersion", "kind"):
        if type(obj.get(name, "")) is not str and obj[name] is not None:
            raise bad_request(unreadable_name(name, obj[name]))
    said, kind = obj.get("apiVersion") or resource.api_version, obj.get("kind") or resource.kind
    if said == resource.api_version and kind == resource.kind:
        return
    from navarch.cluster.decode.identity import refuse

    refuse(resource, said, kind)
