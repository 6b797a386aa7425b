"""What a pod needs from other objects: claims to be scheduled, ConfigMaps and Secrets to be started."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.controllers.index import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from navarch.cluster.controllers.access import Access, Kind
    from navarch.cluster.controllers.promises import Promises

    Object = dict[str, Any]

__all__ = ["CLAIMS", "KINDS", "Needs", "claims", "look"]

CLAIMS: Kind = ("", "persistentvolumeclaims")
_CONFIG_MAPS: Kind = ("", "configmaps")
_SECRETS: Kind = ("", "secrets")
KINDS = frozenset([CLAIMS, _CONFIG_MAPS, _SECRETS])  # what pods wait for
_WORDS = {_CONFIG_MAPS: ("configmap", "ConfigMap"), _SECRETS: ("secret", "Secret")}


class Needs(NamedTuple):
    """What is missing: `volume` says which volume can't be mounted and why ("" for none), `unset` what each container
    lacks, `places` are the objects to wait for.
    """

    volume: str = ""
    unset: Mapping[str, str] = {}
    places: tuple[Place, ...] = ()


def claims(pod: Object) -> Iterator[tuple[str, Object | None]]:
    """The claims that a pod mounts: the name, and the template of those that belong to the pod."""
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"]["claimName"], None
        elif "ephemeral" in volume:
            yield f"{pod['metadata']['name']}-{volume['name']}", volume["ephemeral"].get("volumeClaimTemplate") or {}


def look(access: Access, pod: Object, promises: Promises) -> Needs:
    """What of a pod's needs isn't there, and would not have been made by others."""
    namespace = pod["metadata"].get("namespace", "")
    places: list[Place] = []
    volume = ""
    for name, kind, reference, items in _mounted(pod):
        found = _missing(access, kind, namespace, reference, [one.get("key", "") for one in items or ()])
        if found and not _is_promised(access, promises, kind, namespace, reference):
            places.append(Place(kind, namespace, reference))
            volume = volume or f'MountVolume.SetUp failed for volume "{name}" : {found}'
    unset: dict[str, str] = {}
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        for kind, reference, key in _read(container):
            found = _missing(access, kind, namespace, reference, [key] if key else [])
            if found and not _is_promised(access, promises, kind, namespace, reference):
                places.append(Place(kind, namespace, reference))
                unset.setdefault(container["name"], found)
    return Needs(volume, unset, tuple(places))


def _is_promised(access: Access, promises: Promises, kind: Kind, namespace: str, name: str) -> bool:
    return access.get(kind, namespace, name) is None and promises.cover(namespace, name)


def _mounted(pod: Object) -> Iterator[tuple[str, Kind, str, list[Object] | None]]:
    """The ConfigMaps and Secrets behind volumes: volume, kind, name, wanted keys."""
    for volume in pod["spec"].get("volumes") or ():
        sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
        for source in sources:
            for key, kind in (("configMap", _CONFIG_MAPS), ("secret", _SECRETS)):
                found = source.get(key)
                if found and not found.get("optional"):
                    name = found.get("secretName") or found.get("name", "")
                    yield volume["name"], kind, name, found.get("items")


def _read(container: Object) -> Iterator[tuple[Kind, str, str]]:
    """The ConfigMaps and Secrets behind variables: kind, name, key ("" for all)."""
    for source in container.get("envFrom") or ():
        for key, kind in (("configMapRef", _CONFIG_MAPS), ("secretRef", _SECRETS)):
            found = source.get(key)
            if found and not found.get("optional"):
                yield kind, found.get("name", ""), ""
    for variable in container.get("env") or ():
        for key, kind in (("configMapKeyRef", _CONFIG_MAPS), ("secretKeyRef", _SECRETS)):
            found = (variable.get("valueFrom") or {}).get(key)
            if found and not found.get("optional"):
                yield kind, found.get("name", ""), found.get("key", "")


def _missing(access: Access, kind: Kind, namespace: str, name: str, keys: list[str]) -> str:
    """What isn't there, in the kubelet's words; "" if all is."""
    word, title = _WORDS[kind]
    found = access.get(kind, namespace, name)
    if found is None:
        return f'{word} "{name}" not found'
    have = {*(found.get("data") or ()), *(found.get("binaryData") or ())}
    for key in keys:
        if key not in have:
            return f"couldn't find key {key} in {title} {namespace}/{name}"
    return ""
