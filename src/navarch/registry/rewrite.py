"""Charts changed in place: another Chart.yaml or values.yaml in an archive whose other files stay as they are."""

from __future__ import annotations

from navarch.chart.model import Metadata
from navarch.errors import ChartError, JsonError, NavarchError, YamlError
from navarch.registry.orchestrate import written
from navarch.registry.plan import is_deep
from navarch.registry.problems import invalid, wrong_kind, wrong_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.model import Chart
    from navarch.registry.problems import Problem

__all__ = ["read_metadata", "values_text", "with_metadata", "with_values"]

_TEXTS = frozenset(name.replace("_", "") for name in Metadata.__slots__) - {"dependencies", "deprecated"}
"""Chart.yaml's fields that have nothing but text in them, in lower case."""


def read_metadata(body: bytes, stored: Metadata) -> Metadata:
    """Chart.yaml's fields from JSON, in the place of those that are stored. Raises Problem (400).

    Name and version have to stay. The API version stays where none is given, and the charts that are asked for do in
    any case: what "dependencies" lists in this API are the charts that are there.
    """
    from navarch.chart.checks import check_metadata
    from navarch.chart.decode import decode_metadata

    fields = _fields(body)
    metadata = Metadata(dependencies=stored.dependencies)
    try:
        decode_metadata(fields, metadata, exact=True)
    except ChartError:
        raise _no_metadata() from None
    _check_same("name", stored.name, metadata.name)
    _check_same("version", stored.version, metadata.version)
    metadata.api_version = metadata.api_version or stored.api_version
    metadata.dependencies = stored.dependencies
    try:
        check_metadata(metadata)
    except ChartError as error:
        raise wrong_kind("body", "metadata", str(error)) from error
    return metadata


def _fields(body: bytes) -> dict[str, Any]:
    from navarch.golang.json import loads

    try:
        found = loads(body.decode("utf-8", "surrogateescape"))
    except JsonError:
        raise _no_metadata() from None
    if not isinstance(found, dict):
        raise _no_metadata()
    fields = {name: value for name, value in found.items() if name.lower() != "dependencies"}
    if any(_is_wrong(name.lower(), value) for name, value in fields.items()):
        raise _no_metadata()
    return fields


def _is_wrong(name: str, value: Any) -> bool:
    """Whether a field has a number or a bool where all is text. YAML's readers would make text of it, JSON's don't."""
    if name == "deprecated":
        return isinstance(value, float)
    return name in _TEXTS and _has_number(value)


def _has_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_number, value))
    return isinstance(value, float | bool)


def _no_metadata() -> Problem:
    return wrong_kind("body", "metadata", "unknown")


def _check_same(field: str, stored: str, given: str) -> None:
    if given != stored:
        raise wrong_value(field, stored, given)


def with_metadata(archive: bytes, chart: Chart, metadata: Metadata) -> bytes:
    """The archive of a chart with another Chart.yaml. Raises Problem (400)."""
    try:
        files: dict[str, bytes | None] = dict(written(metadata))
    except YamlError:
        raise _no_metadata() from None
    files.setdefault("requirements.yaml", None)
    return _changed(archive, chart.name, files)


def values_text(body: bytes) -> tuple[bytes, bool]:
    """The values.yaml for a body in JSON or YAML, and whether it was JSON. Raises Problem (400).

    YAML stays as it was written. A key that stands twice in it is refused, though in an archive Helm takes the last:
    who changes values here means one of them, and wouldn't hear that the other is gone.
    """
    from navarch.chart.documents import load_values
    from navarch.golang.json import loads
    from navarch.golang.yaml import dump

    try:
        found = loads(body.decode("utf-8", "surrogateescape"))
    except JsonError:
        try:
            is_good = bool(body.strip()) and not is_deep(load_values(body))
        except NavarchError:
            is_good = False
        if not is_good:
            raise _no_values() from None
        _check_repeats(body)
        return body, False
    if not isinstance(found, dict) or is_deep(found):
        raise _no_values()
    try:
        return dump(found).encode("utf-8", "surrogateescape"), True
    except YamlError:  # what YAML can't spell: control characters, keys of more than 1,024 characters
        raise _no_values() from None


def _check_repeats(body: bytes) -> None:
    """Refuse YAML in which a key stands twice. Raises Problem (400)."""
    from navarch.golang.yaml.repeats import repeats_in

    repeated = repeats_in(body)
    if repeated:
        raise invalid("values", repeated)


def _no_values() -> Problem:
    return wrong_kind("values", "map", "unknown")


def with_values(archive: bytes, chart: Chart, text: bytes) -> bytes:
    """The archive of a chart with another values.yaml."""
    return _changed(archive, chart.name, {"values.yaml": text})


def _changed(archive: bytes, chart: str, files: dict[str, bytes | None]) -> bytes:
    """An archive with other files in the place of some; None for those that are to be gone."""
    from navarch.chart.archive import read_archive
    from navarch.chart.package import pack

    stored = read_archive(archive)
    times = {name: when // 1_000_000_000 for name, _, when in stored}
    entries = [(name, data, times.get(name, 0)) for name, data in files.items() if data is not None]
    entries += [(name, data, times[name]) for name, data, _ in stored if name not in files]
    entries.sort(key=lambda entry: entry[0] != "Chart.yaml")
    return pack((f"{chart}/{name}", data, max(when, 0)) for name, data, when in entries)
