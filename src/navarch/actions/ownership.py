"""Whose object is it? The marks that a release puts on its objects, and the check before one is taken or deleted.

The marks are a label and two annotations; an object without them, or with another release's, is not ours.
"""

from __future__ import annotations

from navarch.errors import KubernetesError, NavarchError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource

    Found = dict[str, Any] | KubernetesError | None

__all__ = ["Owned", "claim", "existing", "fault", "sort_by_owner"]

_MANAGED_BY = "app.kubernetes.io/managed-by"
_HELM = "Helm"
_NAME = "meta.helm.sh/release-name"
_NAMESPACE = "meta.helm.sh/release-namespace"


def claim(resources: Iterable[Resource], name: str, namespace: str) -> None:
    """Put a release's marks on objects that are about to be applied."""
    for resource in resources:
        metadata = resource.metadata
        labels = {**_texts(metadata.get("labels")), _MANAGED_BY: _HELM}
        annotations = {**_texts(metadata.get("annotations")), _NAME: name, _NAMESPACE: namespace}
        marked = {**metadata, "labels": labels, "annotations": annotations}
        resource.object = {**resource.object, "metadata": marked}


def fault(found: Mapping[str, Any], name: str, namespace: str) -> str:
    """Why an object of the cluster is not this release's, in Helm's words; "" if it is."""
    metadata = found.get("metadata") or {}
    annotations = _texts(metadata.get("annotations"))
    faults = [
        ("label", _wrong(_texts(metadata.get("labels")), _MANAGED_BY, _HELM)),
        ("annotation", _wrong(annotations, _NAME, name)),
        ("annotation", _wrong(annotations, _NAMESPACE, namespace)),
    ]
    told = "; ".join(f"{where} validation error: {words}" for where, words in faults if words)
    return told and f"invalid ownership metadata; {told}"


def _wrong(marks: Mapping[str, str], key: str, value: str) -> str:
    if key not in marks:
        return f"missing key {quote(key)}: must be set to {quote(value)}"
    if marks[key] != value:
        return f"key {quote(key)} must equal {quote(value)}: current value is {quote(marks[key])}"
    return ""


def _texts(table: object) -> dict[str, str]:
    """Labels or annotations; null counts as "", and a mapping with anything else in it as empty (apimachinery)."""
    if not isinstance(table, dict):
        return {}
    texts = {key: "" if value is None else value for key, value in table.items()}
    return texts if all(isinstance(value, str) for value in texts.values()) else {}


def existing(
    client: Client, resources: Sequence[Resource], name: str, namespace: str, *, adopt: bool
) -> list[Resource]:
    """Those of the resources that are on the cluster already, as copies.

    Raises NavarchError for the first that is another's, unless `adopt`; and for the first that can't be looked up.
    """
    named = []
    invalid: NavarchError | None = None
    for resource in resources:
        if not resource.metadata.get("generateName"):
            named.append(resource)
        elif resource.name:
            invalid = NavarchError("metadata.name and metadata.generateName cannot both be set")
            break
    there = []
    for resource, found in zip(named, _look_up(client, named), strict=True):
        if isinstance(found, KubernetesError):
            raise found.within(f"could not get information about the resource {resource}")
        if found is None:
            continue
        words = "" if adopt else fault(found, name, namespace)
        if words:
            raise NavarchError(f"{resource} exists and cannot be imported into the current release: {words}")
        there.append(resource.copy())
    if invalid:
        raise invalid
    return there


class Owned:
    """Resources sorted by whether a release may delete them; those that are gone already are in none of the lists."""

    __slots__ = ("others", "ours", "unknown")

    def __init__(self) -> None:
        self.ours: list[Resource] = []
        self.others: list[Resource] = []
        self.unknown: list[tuple[Resource, KubernetesError]] = []


def sort_by_owner(client: Client, resources: Sequence[Resource], name: str, namespace: str) -> Owned:
    """Look resources up and tell apart whose they are."""
    owned = Owned()
    for resource, found in zip(resources, _look_up(client, resources), strict=True):
        if isinstance(found, KubernetesError):
            owned.unknown.append((resource.copy(), found))
        elif found is not None:
            (owned.others if fault(found, name, namespace) else owned.ours).append(resource.copy())
    return owned


def _look_up(client: Client, resources: Sequence[Resource]) -> Sequence[Found]:
    """What the cluster has of each resource: metadata at least, None for nothing, the error where it doesn't say."""
    return client.look_up(resources) if resources else ()
