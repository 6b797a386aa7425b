"""Chart.yaml and Chart.lock written: the YAML that Helm makes of the fields it knows, in alphabetical order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.model import Dependency, Lock, Metadata

__all__ = ["lock_yaml", "metadata_yaml"]

_ZERO_TIME = "0001-01-01T00:00:00Z"


def metadata_yaml(metadata: Metadata, *, dependencies: bool = True) -> str:
    """Chart.yaml for some metadata; `dependencies` is off for v1 charts, which keep theirs in requirements.yaml."""
    from navarch.golang.yaml import dump

    data = metadata
    fields: dict[str, Any] = {
        "apiVersion": data.api_version,
        "appVersion": data.app_version,
        "annotations": data.annotations,
        "condition": data.condition,
        "dependencies": [_dependency(d) for d in data.dependencies] if dependencies else (),
        "deprecated": data.deprecated,
        "description": data.description,
        "home": data.home,
        "icon": data.icon,
        "keywords": data.keywords,
        "kubeVersion": data.kube_version,
        "maintainers": [_present({"name": m.name, "email": m.email, "url": m.url}) for m in data.maintainers],
        "name": data.name,
        "sources": data.sources,
        "tags": data.tags,
        "type": data.type,
        "version": data.version,
    }
    text: str = dump(_present(fields))
    return text


def lock_yaml(lock: Lock) -> str:
    """Chart.lock for a lock."""
    from navarch.golang.yaml import dump

    text: str = dump(
        {
            "dependencies": [_dependency(d) for d in lock.dependencies] or None,
            "digest": lock.digest,
            "generated": normal_time(lock.generated),
        },
    )
    return text


def normal_time(text: str) -> str:
    """A time in RFC 3339 as Go writes it: no zeros at the end of a fraction, Z where there is no offset."""
    if not text:
        return _ZERO_TIME
    if text.endswith(("+00:00", "-00:00")):
        text = text[:-6] + "Z"
    whole, point, rest = text.partition(".")
    if not point:
        return text
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    kept = digits.rstrip("0")
    return whole + (f".{kept}" if kept else "") + rest[len(digits) :]


def _dependency(dependency: Dependency) -> dict[str, Any]:
    """A dependency's fields; name and repository are there even if they are empty."""
    found = {"name": dependency.name, "repository": dependency.repository}
    return found | _present(
        {
            "version": dependency.version,
            "condition": dependency.condition,
            "tags": dependency.tags,
            "enabled": dependency.enabled,
            "import-values": dependency.import_values,
            "alias": dependency.alias,
        },
    )


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
