"""Who owns which fields of an object after a change."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["own"]


def own(
    api: Api, resource: Resource, live: Object | None, made: Object, given: Any, *, manager: str, subresource: str = ""
) -> None:
    """Write down in `made` that `manager` made it of `live`; `given` is the object as it was sent.

    An empty list of managedFields that was sent means that nobody owns anything any more.
    """
    from navarch.cluster import fields

    meta = given.get("metadata") if type(given) is dict else None
    if type(meta) is dict and meta.get("managedFields") == []:
        made["metadata"]["managedFields"] = []
    fields.updated(
        live,
        made,
        manager=manager,
        api_version=resource.api_version,
        schema=resource.schema,
        now=api.now(),
        subresource=subresource,
        resource=resource,
        catalog=api.catalog,
        given=given,
    )
