"""Chart.yaml and Chart.lock written: the YAML that Helm makes of the fields it knows, in alphabetical order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.model import Dependency, Lock, Metadata

__all__ = ["dependency_fields", "lock_yaml", "metadata_fields", "metadata_yaml", "requirements_yaml"]

_ZERO_TIME = "0001-01-01T00:00:00Z"


def metadata_fields(metadata: Metadata) -> dict[str, Any]:
    """All fields, in the order of Helm's chart.Metadata and with their names in JSON and YAML."""
    return {
        "name": metadata.name,
        "home": metadata.home,
        "sources": metadata.sources,
        "version": metadata.version,
        "description": metadata.description,
        "keywords": metadata.keywords,
        "maintainers": [{"name": one.name, "email": one.email, "url": one.url} for one in metadata.maintainers],
        "icon": metadata.icon,
        "apiVersion": metadata.api_version,
        "condition": metadata.condition,
        "tags": metadata.tags,
        "appVersion": metadata.app_version,
        "deprecated": metadata.deprecated,
        "annotations": metadata.annotations,
        "kubeVersion": metadata.kube_version,
        "dependencies": [dependency_fields(one) for one in metadata.dependencies],
        "type": metadata.type,
    }


def dependency_fields(dependency: Dependency) -> dict[str, Any]:
    """All fields, in the order of Helm's chart.Dependency."""
    return {
        "name": dependency.name,
        "version": dependency.version,
        "repository": dependency.repository,
        "condition": dependency.condition,
        "tags": dependency.tags,
        "enabled": dependency.enabled,
        "import-values": dependency.import_values,
        "alias": dependency.alias,
    }


def metadata_yaml(metadata: Metadata, *, dependencies: bool = True) -> str:
    """Chart.yaml for some metadata; `dependencies` is off for v1 charts, which keep theirs in requirements.yaml."""
    from navarch.golang.yaml import dump

    fields = metadata_fields(metadata)
    fields["maintainers"] = list(map(_present, fields["maintainers"]))
    fields["dependencies"] = list(map(_needed, fields["dependencies"])) if dependencies else ()
    text: str = dump(_present(fields))
    return text


def requirements_yaml(metadata: Metadata) -> str:
    """requirements.yaml of a v1 chart: the charts that it depends on."""
    from navarch.golang.yaml import dump

    text: str = dump({"dependencies": [_needed(dependency_fields(one)) for one in metadata.dependencies]})
    return text


def lock_yaml(lock: Lock) -> str:
    """Chart.lock for a lock."""
    from navarch.golang.types import NilList
    from navarch.golang.yaml import dump

    named = type(lock.dependencies) is not NilList
    text: str = dump(
        {
            "dependencies": [_needed(dependency_fields(one)) for one in lock.dependencies] if named else None,
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


def _needed(fields: dict[str, Any]) -> dict[str, Any]:
    """A dependency's fields that are written; name and repository are there even if they are empty."""
    return _present(fields) | {"name": fields["name"], "repository": fields["repository"]}


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
