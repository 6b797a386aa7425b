"""Small questions to objects that every controller asks: owners, labels, conditions, times, percentages, hashes."""

from __future__ import annotations

import hashlib
import json

from navarch.kube.selectors import object_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Object = dict[str, Any]

__all__ = [
    "canonical",
    "condition",
    "controller_of",
    "hash_of",
    "is_active",
    "is_available",
    "is_ready",
    "key_of",
    "matches",
    "most",
    "owner_reference",
    "ready_since",
    "reference_to",
    "scaled",
    "seconds",
    "suffix",
    "without_empty",
]

_SAFE = "bcdfghjklmnpqrstvwxz2456789"  # no vowels, no 0, 1, 3: names can't become words
most = 2**31 - 1  # what Kubernetes takes for "no limit" in 32-bit fields


def key_of(obj: Object) -> tuple[str, str]:
    """Namespace ("" for none) and name."""
    metadata = obj["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def controller_of(obj: Object) -> Object | None:
    """The owner reference that has `controller: true`."""
    for one in obj["metadata"].get("ownerReferences") or ():
        if one.get("controller"):
            return one  # type: ignore[no-any-return]
    return None


def owner_reference(owner: Object) -> Object:
    """A reference that makes `owner` the controller of another object."""
    metadata = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def reference_to(obj: Object) -> Object:
    """A reference to an object as it is now; parts that it lacks are left out."""
    metadata = obj["metadata"]
    made = {
        "kind": obj["kind"],
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
        "uid": metadata.get("uid"),
        "apiVersion": obj["apiVersion"],
        "resourceVersion": metadata.get("resourceVersion"),
    }
    return {key: value for key, value in made.items() if value}


def matches(selector: Object | None, labels: Mapping[str, str] | None) -> bool:
    """Whether a LabelSelector selects these labels. An absent one selects nothing, an empty one everything.

    Who asks often makes the `object_selector` once.
    """
    return selector is not None and object_selector(selector).matches(labels or {})


def condition(status: Object | None, kind: str) -> Object | None:
    """The condition of that type."""
    for one in (status or {}).get("conditions") or ():
        if one.get("type") == kind:
            return one  # type: ignore[no-any-return]
    return None


def scaled(value: Any, total: int, *, up: bool) -> int:
    """A number, or a percentage of `total` rounded up or down (intstr.GetScaledValueFromIntOrPercent)."""
    if isinstance(value, int):
        return value
    text = str(value)
    if not text.endswith("%") or not text[:-1].lstrip("-").isdecimal():
        return 0
    share = int(text[:-1]) * total
    return -(-share // 100) if up else share // 100


def seconds(text: str | None) -> float:
    """An RFC 3339 time as seconds since 1970; 0 for none."""
    if not text:
        return 0.0
    if len(text) == len("2006-01-02T15:04:05Z") and text[-1] == "Z":  # as all times of the controllers
        year, month = int(text[:4]), int(text[5:7])
        if month < 3:
            year, month = year - 1, month + 12
        days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + int(text[8:10]) - 719469
        return float(days * 86400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19]))
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def canonical(value: Any) -> str:
    """A value as JSON with sorted keys: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _safe(number: int) -> str:
    return "".join(_SAFE[ord(one) % len(_SAFE)] for one in str(number))


def hash_of(value: Any, salt: int | None = None) -> str:
    """A name's part that stands for a value: up to ten letters, always the same. `salt` tells collisions apart."""
    text = canonical(value) + ("" if salt is None else f"/{salt}")
    return _safe(int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest(), "big"))


def suffix(owner: str, number: int) -> str:
    """The five letters behind the name of the `number`-th object that `owner` makes."""
    digest = hashlib.blake2s(f"{owner}/{number}".encode(), digest_size=5).digest()
    return "".join(_SAFE[one % len(_SAFE)] for one in digest)


def is_ready(pod: Object) -> bool:
    """Whether a pod has the condition Ready."""
    found = condition(pod.get("status"), "Ready")
    return found is not None and found.get("status") == "True"


def ready_since(pod: Object) -> float:
    """When a pod became ready, in seconds since 1970."""
    found = condition(pod.get("status"), "Ready")
    return seconds((found or {}).get("lastTransitionTime"))


def is_available(pod: Object, min_ready: int, now: float) -> bool:
    """Whether a pod has been ready for `min_ready` seconds."""
    return is_ready(pod) and (min_ready == 0 or ready_since(pod) + min_ready <= now)


def is_active(pod: Object) -> bool:
    """Whether a pod runs or will: neither finished nor on its way out."""
    phase = pod.get("status", {}).get("phase")
    return phase not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]


def without_empty(status: Object, keep: Iterable[str] = ()) -> Object:
    """A status as Go writes it: fields with zero values are left out, save those in `keep`."""
    kept = frozenset(keep)
    return {key: value for key, value in status.items() if key in kept or (value not in (None, 0, "", [], {}))}
