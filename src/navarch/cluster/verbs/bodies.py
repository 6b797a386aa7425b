"""Bodies that aren't the resource's own kind: what is posted to an object's eviction, binding or token."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster import kinds
from navarch.cluster.types.catalog import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.options import Options
    from navarch.cluster.requests import Request

    Object = dict[str, Any]

__all__ = ["Posted", "part", "read_posted"]

_PARTS = {
    "Binding": ("", "v1", "io.k8s.api.core.v1"),
    "Eviction": ("policy", "v1", "io.k8s.api.policy.v1"),
    "Scale": ("autoscaling", "v1", "io.k8s.api.autoscaling.v1"),
    "TokenRequest": ("authentication.k8s.io", "v1", "io.k8s.api.authentication.v1"),
}
_SAME = {"policy/v1beta1": "policy/v1"}
"""Versions that are taken and have the same fields."""


class Posted(NamedTuple):
    """What a client posted: as the kind's type reads it, and as it was sent."""

    object: Object
    given: Object
    options: Options


def part(kind: str) -> Resource:
    """A kind that is no resource, as if it were one."""
    from navarch.cluster.types.builtin import definition

    group, version, package = _PARTS[kind]
    name = kind.lower()
    return Resource(group, version, f"{name}s", name, kind, True, (), definition(f"{package}.{kind}"), version)


def read_posted(request: Request, kind: str) -> Posted:
    """The body of a POST that creates such a part. Raises Problem (400, 415; 422 for the query)."""
    from navarch.cluster.decode import read

    resource, options = part(kind), request.options("CreateOptions")
    body = read(request.body, request.headers.get("content-type", ""), kind, resource.api_version)
    given = body.object
    if kind == "Eviction" and given.get("apiVersion") in _SAME:
        given = {**given, "apiVersion": _SAME[given["apiVersion"]]}
    return Posted(kinds.convert(given, resource, options, body.duplicates), given, options)
