"""The rules for Chart.yaml."""

from __future__ import annotations

from navarch.chart.lint.addresses import is_email, is_request_url, is_url
from navarch.chart.lint.report import ERROR, INFO, WARNING
from navarch.chart.load import load_metadata
from navarch.errors import ChartError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.chart.lint.report import Report
    from navarch.chart.model import Maintainer, Metadata

__all__ = ["lint_chartfile"]

_FILE = "Chart.yaml"


def lint_chartfile(report: Report) -> None:
    """All rules for Chart.yaml; most of them only if it can be read."""
    try:
        if report.is_folder(_FILE):
            report.add(ERROR, _FILE, "should be a file, not a directory")
        data = report.read(_FILE)
        metadata = load_metadata(data)
    except ChartError as error:
        report.add(ERROR, _FILE, f"unable to parse YAML\n\t{error}")
        return
    from navarch.chart.lint.strict import strict_fault

    fault = strict_fault(data)
    if fault is not None:
        report.add(WARNING, _FILE, f"failed to strictly parse chart metadata file\n\t{fault}")
    fields = _fields(data)
    for severity, rule in _RULES:
        report.sound(severity, _FILE, rule(metadata, fields))


def _fields(data: bytes) -> dict[str, Any]:
    """Chart.yaml as it stands, for what its fields' types are."""
    from navarch.golang.yaml import load

    document = load(data)
    return document if isinstance(document, dict) else {}


def _name(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    if not metadata.name:
        return "name is required"
    from navarch.golang.path import base
    from navarch.golang.strconv import quote

    return None if base(metadata.name) == metadata.name else f"chart name {quote(metadata.name)} is invalid"


def _api_version(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    if not metadata.api_version:
        return 'apiVersion is required. The value must be either "v1" or "v2"'
    if metadata.api_version not in ("v1", "v2"):
        return f'apiVersion \'{metadata.api_version}\' is not valid. The value must be either "v1" or "v2"'
    return None


def _is_text(field: str) -> Callable[[Metadata, dict[str, Any]], str | None]:
    """A rule that a field, if it is there, is a string."""

    def rule(_metadata: Metadata, fields: dict[str, Any]) -> str | None:
        if field not in fields or isinstance(fields[field], str):
            return None
        from navarch.golang.types import type_of

        return f"{field} should be of type string but it's of type {type_of(fields[field])}"

    return rule


def _version(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    if not metadata.version:
        return "version is required"
    from navarch.golang.semver import parse_version

    try:
        version = parse_version(metadata.version)
    except VersionError:
        return f"version '{metadata.version}' is not a valid SemVer"
    if version.compare(parse_version("0.0.0-0")) <= 0:
        return f'version "{version}" is less than or equal to "0.0.0-0"'
    return None


def _strict_version(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    from navarch.golang.semver import parse_strict

    try:
        parse_strict(metadata.version)
    except VersionError:
        return f"version '{metadata.version}' is not a valid SemVerV2"
    return None


def _maintainers(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    entries: Sequence[Maintainer | None] = metadata.maintainers
    for maintainer in entries:
        if maintainer is None:
            return "a maintainer entry is empty"
        name, email, url = maintainer.name, maintainer.email, maintainer.url
        if not name:
            return "each maintainer requires a name"
        if email and not is_email(email):
            return f"invalid email '{email}' for maintainer '{name}'"
        if url and not is_url(url):
            return f"invalid url '{url}' for maintainer '{name}'"
    return None


def _sources(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    wrong = (source for source in metadata.sources if not is_request_url(source))
    return next((f"invalid source URL '{source}'" for source in wrong), None)


def _icon_there(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    return None if metadata.icon else "icon is recommended"


def _icon(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    wrong = metadata.icon and not is_request_url(metadata.icon)
    return f"invalid icon URL '{metadata.icon}'" if wrong else None


def _type(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    if not metadata.type or metadata.api_version == "v2":
        return None
    return f"chart type is not valid in apiVersion '{metadata.api_version}'. It is valid in apiVersion 'v2'"


def _dependencies(metadata: Metadata, _fields: dict[str, Any]) -> str | None:
    if not metadata.dependencies or metadata.api_version == "v2":
        return None
    version = metadata.api_version
    return (
        f"dependencies are not valid in the Chart file with apiVersion '{version}'. They are valid in apiVersion 'v2'"
    )


_RULES: tuple[tuple[int, Callable[[Metadata, dict[str, Any]], str | None]], ...] = (
    (ERROR, _name),
    (ERROR, _api_version),
    (ERROR, _is_text("version")),
    (ERROR, _version),
    (ERROR, _is_text("appVersion")),
    (ERROR, _maintainers),
    (ERROR, _sources),
    (INFO, _icon_there),
    (ERROR, _icon),
    (ERROR, _type),
    (ERROR, _dependencies),
    (WARNING, _strict_version),
)
