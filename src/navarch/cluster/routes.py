"""From a path to what it stands for: a resource, an object, a part of an object."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.types.catalog import Catalog, Resource

__all__ = ["Target", "resolve"]

_OF_NAMESPACES = frozenset(["status", "finalize"])


class Target(NamedTuple):
    """`namespace` is None for all of them; `name` is "" for the whole collection; `rest` follows a subresource."""

    resource: Resource
    namespace: str | None
    name: str
    subresource: str
    rest: str = ""


def resolve(catalog: Catalog, path: str) -> Target | None:
    """What an API path ("/api/v1/…", "/apis/apps/v1/…") stands for; None if there is no such resource."""
    from urllib.parse import unquote

    words = [unquote(word) for word in path.strip("/").split("/")]
    if words[0] == "api" and len(words) > 2:
        group, version, words = "", words[1], words[2:]
    elif words[0] == "apis" and len(words) > 3:
        group, version, words = words[1], words[2], words[3:]
    else:
        return None
    namespace = None
    if words[0] == "namespaces" and len(words) > 2 and not (len(words) == 3 and words[2] in _OF_NAMESPACES):
        namespace, words = words[1], words[2:]
    resource = catalog.find(group, version, words[0])
    if resource is None or (namespace is not None and not resource.namespaced):
        return None
    name, subresource = (*words[1:3], "", "")[:2]
    return Target(resource, namespace, name, subresource, "/".join(words[3:]))
