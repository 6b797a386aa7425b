"""Files of volumes that would hide each other (pkg/api/pod/warnings.go)."""

from __future__ import annotations

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Object = dict[str, Any]
    Place = tuple[str, str]

__all__ = ["overlap_warnings"]


def overlap_warnings(volumes: list[Object]) -> Iterator[str]:
    """The warnings for the volumes of a pod."""
    for volume in volumes:
        name = volume["name"]
        for where, items in _plain(volume):
            for text in _overlaps([(item["path"], "") for item in items]):
                yield f"volume {quote(name)} ({where}): overlapping paths: {text}"
        if "projected" in volume:
            yield from _projected(name, volume["projected"].get("sources") or ())


def _plain(volume: Object) -> Iterator[tuple[str, list[Object]]]:
    """The sources of a volume with files of their own, as messages name them, and their files."""
    if "items" in volume.get("configMap", {}):
        yield f"ConfigMap {quote(volume['configMap'].get('name', ''))}", volume["configMap"]["items"]
    if "items" in volume.get("secret", {}):
        yield f"Secret {quote(volume['secret'].get('secretName', ''))}", volume["secret"]["items"]
    if "items" in volume.get("downwardAPI", {}):
        yield "DownwardAPI", volume["downwardAPI"]["items"]


def _projected(name: str, sources: Any) -> Iterator[str]:
    known: list[Place] = []
    for source in sources:
        if not source:
            yield f"volume {quote(name)} (Projected) has no sources provided"
        for text in _overlaps(_places(source), known):
            yield f"volume {quote(name)} (Projected): overlapping paths: {text}"


def _places(source: Object) -> list[Place]:
    """The files of one source of a projected volume, and what messages call the source."""
    if "items" in source.get("configMap", {}):
        told = f"ConfigMap {quote(source['configMap'].get('name', ''))}"
        return [(item["path"], told) for item in source["configMap"]["items"]]
    if "items" in source.get("secret", {}):
        told = f"Secret {quote(source['secret'].get('name', ''))}"
        return [(item["path"], told) for item in source["secret"]["items"]]
    if "items" in source.get("downwardAPI", {}):
        return [(item["path"], "DownwardAPI") for item in source["downwardAPI"]["items"]]
    if "serviceAccountToken" in source:
        return [(source["serviceAccountToken"]["path"], "ServiceAccountToken")]
    if "clusterTrustBundle" in source:
        bundle = source["clusterTrustBundle"]
        told = quote(bundle.get("name") or bundle.get("signerName", ""))
        return [(bundle["path"], f"ClusterTrustBundle {told}")]
    names = (("certificateChainPath", "chain"), ("keyPath", "key"), ("credentialBundlePath", "credential bundle"))
    certificate = source.get("podCertificate", {})
    return [(certificate[field], f"PodCertificate {told}") for field, told in names if certificate.get(field)]


def _overlaps(places: list[Place], known: list[Place] | None = None) -> Iterator[str]:
    """Which places are, or are below or above, one before them; `known` gets them all."""
    known = [] if known is None else known
    for path, told in places:
        place = (path.rstrip("/"), told)
        for other in known:
            if place[0] and other[0] and _touch(place[0], other[0]):
                yield f"{_shown(place)} with {_shown(other)}"
        known.append(place)


def _touch(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _shown(place: Place) -> str:
    return f"{quote(place[0])} ({place[1]})" if place[1] else quote(place[0])
