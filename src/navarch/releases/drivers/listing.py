"""Lists of stored records, in parts: names alone, metadata, or whole objects. What the cluster's drivers ask with.

Sources: the API conventions of Kubernetes on limit and continue, tables and partial metadata.
"""

from __future__ import annotations

from navarch.errors import ApiError
from navarch.kube.reading import json_object
from navarch.releases.drivers.base import Head, split_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from navarch.kube.transport import Transport

__all__ = ["OWNED", "chosen", "every", "heads", "items", "metadata_of", "names"]

OWNED = "owner=helm"
"""The label selector of all records."""

_PAGE = 500
_FEW = 250
_METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def items(transport: Transport, path: str, selector: str, *, cached: bool = False) -> Iterator[dict[str, Any]]:
    """The objects that a selector names. Raises KubernetesError.

    `cached`: as the server remembers them, which is much quicker where there are many, and may miss the very last.
    """
    for answer in _answers(transport, path, selector, "application/json", 0 if cached else _PAGE, cached=cached):
        yield from answer.get("items") or ()


def heads(transport: Transport, path: str, selector: str, *, cached: bool = False) -> Iterator[Head]:
    """What the metadata of these objects tells, `cached` as with `items`. Raises KubernetesError."""
    for answer in _answers(transport, path, selector, _METADATA, 0, cached=cached):
        yield from _heads(answer, "")


def names(transport: Transport, path: str, namespace: str, *, fresh: bool = False) -> tuple[list[Head], bool]:
    """All records of a namespace ("": of all), and whether they are those that the server remembers.

    Within a namespace the table that `kubectl get` shows is enough: names are its first column. A server that is asked
    for the state of this very moment may read every record from its store; where there are more than a few of them,
    and it needn't be `fresh`, what it remembers has to do. Raises KubernetesError.
    """
    accept, more = (_TABLE, (("includeObject", "None"),)) if namespace else (_METADATA, ())
    found: list[Head] = []
    for answer in _answers(transport, path, OWNED, accept, 0 if fresh else _FEW, *more):
        found += _heads(answer, namespace)
        if not fresh and (answer.get("metadata") or {}).get("continue"):
            cached = _answers(transport, path, OWNED, accept, 0, *more, cached=True)
            return [head for answer in cached for head in _heads(answer, namespace)], True
    return found, False


def _heads(answer: dict[str, Any], namespace: str) -> Iterator[Head]:
    """The records that a list of metadata, or a table, tells of."""
    for row in answer.get("rows") or ():
        key = row["cells"][0]
        name, revision = split_key(key)
        if name:  # anything may be labelled as if it were Helm's
            yield Head(key, namespace, name, revision, "", {})
    for item in answer.get("items") or ():
        found = head(metadata_of(item))
        if found.name:
            yield found


def metadata_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object's metadata; an empty dict where it has none."""
    found = item.get("metadata")
    return found if type(found) is dict else {}


def head(metadata: dict[str, Any]) -> Head:
    """What an object's metadata tells of the record in it."""
    labels = metadata.get("labels") or {}
    key = str(metadata.get("name") or "")
    return Head(key, metadata.get("namespace") or "", *split_key(key), labels.get("status") or "", labels)


def chosen(wanted: Sequence[Head]) -> str:
    """A selector of some records, and of as few others as can be."""
    names, revisions = {head.name for head in wanted}, {head.revision for head in wanted}
    return f"{every(wanted)},{_one_of('name', names)},{_one_of('version', revisions)}"


def every(wanted: Sequence[Head]) -> str:
    """A selector of all records; where the latest of each release are wanted, it leaves out superseded ones."""
    return OWNED if any(head.status == "superseded" for head in wanted) else f"{OWNED},status!=superseded"


def _one_of(label: str, values: Iterable[object]) -> str:
    return f"{label} in ({','.join(sorted(map(str, values)))})"


def _answers(
    transport: Transport,
    path: str,
    selector: str,
    accept: str,
    page: int,
    *more: tuple[str, str],
    cached: bool = False,
) -> Iterator[dict[str, Any]]:
    """The parts of a list, `page` objects at a time (0: all at once)."""
    query = [("labelSelector", selector), *more]
    if cached:
        query.append(("resourceVersion", "0"))
    if page:
        query.append(("limit", str(page)))
    token = ""
    while True:
        asked = [*query, ("continue", token)] if token else query
        try:
            answer = json_object(transport.request("GET", path, query=asked, accept=accept))
        except ApiError as error:
            token = _fresh_token(error) if token else ""
            if not token:
                raise
            continue
        yield answer
        token = (answer.get("metadata") or {}).get("continue") or ""
        if not token:
            return


def _fresh_token(error: ApiError) -> str:
    """What a server says to go on with that has forgotten the state a list began in; "" for all other errors."""
    if not (error.is_expired or error.is_gone):
        return ""
    from json import loads

    try:
        return str(loads(error.body)["metadata"]["continue"])
    except (ValueError, KeyError, TypeError):
        return ""
