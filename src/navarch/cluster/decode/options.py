"""DeleteOptions in the body of a request. The messages are the API server's, which tells them without a preface."""

from __future__ import annotations

from navarch.cluster.decode.reading import DELETE_OPTIONS, read
from navarch.cluster.decode.typed import StopError, Walk
from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_options"]

_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_SCHEME = "pkg/runtime/scheme.go:111"


def read_options(body: bytes, content_type: str = "application/json") -> dict[str, Any]:
    """The DeleteOptions in a body, unknown fields left out; every version's are the same. Raises Problem (400, 415)."""
    from navarch.cluster.types.builtin import definition

    given = read(body, content_type, DELETE_OPTIONS, "v1").object
    kind, version = given.get("kind") or DELETE_OPTIONS, given.get("apiVersion") or "v1"
    if kind != DELETE_OPTIONS:
        raise bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "{_SCHEME}"')
    walk = Walk(definition(_NAME))
    try:
        made: dict[str, Any] = walk.value(definition(_NAME), given)
    except StopError as error:
        raise bad_request(str(error)) from None
    if walk.error:
        raise bad_request(walk.error)
    return made
