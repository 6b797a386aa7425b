"""Chart.yaml, requirements.yaml, Chart.lock and sums of files: from parsed YAML to classes, as Go fills its structs.

Names of fields match without regard to case; numbers and bools become text where the field is text; null leaves a
field as it is; unknown fields are passed over; what doesn't fit is told in encoding/json's words.

A document in which all numbers are floats is enough for nearly every chart: only whole numbers of seven digits and
more (`appVersion: 20240131`) read otherwise as int and as float. `InexactError` asks for the document with exact
numbers.
"""

from __future__ import annotations

from navarch.chart.model import Dependency, Lock, Maintainer, Metadata
from navarch.errors import ChartError, NavarchError
from navarch.golang.types import NilList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # what a field is in Go, the attribute that holds it, and how it is read
    Field = tuple[str, Callable[["_Place", Any, Any], Any]]

__all__ = ["InexactError", "decode_api_version", "decode_lock", "decode_metadata", "decode_sums", "json_kind"]


class InexactError(Exception):
    """A number that must become text could have been written as int or as float."""


class _Place:
    """Where in the document a value stands: the innermost struct and the fields on the way to it."""

    __slots__ = ("exact", "package", "path", "struct")

    def __init__(self, package: str, *, exact: bool, struct: str = "", path: str = "") -> None:
        self.package = package
        self.exact = exact
        self.struct = struct
        self.path = path

    def field(self, struct: str, name: str) -> _Place:
        path = f"{self.path}.{name}" if self.path else name
        return _Place(self.package, exact=self.exact, struct=struct, path=path)

    def refuse(self, value: object, wanted: str) -> ChartError:
        """encoding/json's error for a value that doesn't fit a Go type."""
        into = f"Go struct field {self.struct}.{self.path}" if self.struct else "Go value"
        problem = f"json: cannot unmarshal {json_kind(value)} into {into} of type {wanted}"
        return ChartError(f"error unmarshaling JSON: while decoding JSON: {problem}")


class _Base:
    """The one field that tells which loader a chart needs."""

    __slots__ = ("api_version",)

    def __init__(self) -> None:
        self.api_version = ""


class _Sums:
    """The digests of files that a signature is for."""

    __slots__ = ("files",)

    def __init__(self) -> None:
        self.files: dict[str, str] | None = None


def decode_api_version(document: Any, *, exact: bool = False) -> str:
    """The apiVersion of a parsed Chart.yaml. Raises ChartError where the document or the field has the wrong type."""
    base = _Base()
    _struct(_Place("loader", exact=exact), document, base, "chartBase", _BASE)
    return base.api_version


def decode_metadata(document: Any, data: Metadata, *, package: str = "v2", exact: bool = False) -> None:
    """Fill `data` from a parsed Chart.yaml, or from requirements.yaml on top of that.

    Raises ChartError where a field has the wrong type. `package` is the Go package of the chart's API version; `exact`
    says that the document's ints are ints.
    """
    _struct(_Place(package, exact=exact), document, data, "Metadata", _METADATA)


def decode_lock(document: Any, *, package: str = "v2", exact: bool = False) -> Lock:
    """The lock in a parsed Chart.lock. Raises ChartError where a field has the wrong type."""
    _check_time(document)
    lock = Lock()
    _struct(_Place(package, exact=exact), document, lock, "Lock", _LOCK)
    return lock


def decode_sums(document: Any) -> dict[str, str]:
    """The digests of files by name, in the second document of a signed text, whose ints are ints. Raises ChartError."""
    sums = _Sums()
    _struct(_Place("provenance", exact=True), document, sums, "SumCollection", _SUMS)
    return sums.files or {}


def _struct(place: _Place, document: Any, target: Any, struct: str, fields: dict[str, Field]) -> None:
    """Fields in the order of their sorted names, so that of two spellings of one the last in that order wins."""
    if document is None:
        return
    if type(document) is not dict:
        raise place.refuse(document, f"{place.package}.{struct}")
    for key in sorted(document):
        name = key if key in fields else _fold(key, fields)
        if name is None:
            continue
        attribute, read = fields[name]
        value = read(place.field(struct, name), document[key], getattr(target, attribute))
        setattr(target, attribute, value)


def _fold(key: str, fields: dict[str, Field]) -> str | None:
    folded = key.casefold()
    return next((name for name in fields if name.casefold() == folded), None)


def _string(place: _Place, value: Any, before: str) -> str:
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return before
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        if not place.exact and value.is_integer() and abs(value) >= 1e6:
            raise InexactError
        from navarch.golang.strconv import format_float

        return format_float(value, "g", -1, 32)
    raise place.refuse(value, "string")


def _bool(place: _Place, value: Any, before: bool) -> bool:
    if value is None:
        return before
    if type(value) is not bool:
        raise place.refuse(value, "bool")
    return value


def _strings(place: _Place, value: Any, _before: list[str]) -> list[str]:
    if value is None:
        return []
    if type(value) is not list:
        raise place.refuse(value, "[]string")
    return [_string(place, item, "") for item in value]


def _string_map(place: _Place, value: Any, before: dict[str, str] | None) -> dict[str, str] | None:
    if value is None:
        return None
    if type(value) is not dict:
        raise place.refuse(value, "map[string]string")
    return {**(before or {}), **{key: _string(place, value[key], "") for key in sorted(value)}}


def _anything(place: _Place, value: Any, _before: list[Any]) -> list[Any]:
    if value is None:
        return []
    if type(value) is not list:
        raise place.refuse(value, "[]interface {}")
    return [_floats(item) for item in value]


def _floats(value: Any) -> Any:
    """A value as encoding/json reads it into an interface: all numbers are floats."""
    if type(value) is int:
        return float(value)
    if type(value) is list:
        return [_floats(item) for item in value]
    if type(value) is dict:
        return {key: _floats(item) for key, item in value.items()}
    return value


def _check_time(document: Any) -> None:
    """A time that can't be read ends decoding at once, whatever else is wrong."""
    if type(document) is not dict:
        return
    for key, value in document.items():
        if key.casefold() != "generated" or value is None:
            continue
        if type(value) is not str:
            problem = "Time.UnmarshalJSON: input is not a JSON string"
            raise ChartError(f"error unmarshaling JSON: while decoding JSON: {problem}")
        from navarch.golang.time_parse import parse_in_location
        from navarch.golang.zones import UTC

        try:
            parse_in_location("2006-01-02T15:04:05Z07:00", value, UTC)
        except NavarchError as error:
            raise ChartError(f"error unmarshaling JSON: while decoding JSON: {error}") from error


def _structs(cls: type, struct: str, fields: dict[str, Field]) -> Callable[[_Place, Any, Any], Any]:
    """Lists of pointers to structs. As in Go, elements that are there already are filled further, not replaced."""

    def read(place: _Place, value: Any, before: list[Any]) -> list[Any]:
        if value is None:
            return NilList()
        if type(value) is not list:
            raise place.refuse(value, f"[]*{place.package}.{struct}")
        found: list[Any] = []
        for index, item in enumerate(value):
            target = before[index] if index < len(before) and before[index] is not None else cls()
            _struct(place, item, target, struct, fields)
            found.append(None if item is None else target)
        return found

    return read


def json_kind(value: object) -> str:
    """encoding/json's name for what a value is in JSON."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"


_MAINTAINER: dict[str, Field] = {
    "name": ("name", _string),
    "email": ("email", _string),
    "url": ("url", _string),
}
_DEPENDENCY: dict[str, Field] = {
    "name": ("name", _string),
    "version": ("version", _string),
    "repository": ("repository", _string),
    "condition": ("condition", _string),
    "tags": ("tags", _strings),
    "enabled": ("enabled", _bool),
    "import-values": ("import_values", _anything),
    "alias": ("alias", _string),
}
_METADATA: dict[str, Field] = {
    "name": ("name", _string),
    "home": ("home", _string),
    "sources": ("sources", _strings),
    "version": ("version", _string),
    "description": ("description", _string),
    "keywords": ("keywords", _strings),
    "maintainers": ("maintainers", _structs(Maintainer, "Maintainer", _MAINTAINER)),
    "icon": ("icon", _string),
    "apiVersion": ("api_version", _string),
    "condition": ("condition", _string),
    "tags": ("tags", _string),
    "appVersion": ("app_version", _string),
    "deprecated": ("deprecated", _bool),
    "annotations": ("annotations", _string_map),
    "kubeVersion": ("kube_version", _string),
    "dependencies": ("dependencies", _structs(Dependency, "Dependency", _DEPENDENCY)),
    "type": ("type", _string),
}
_LOCK: dict[str, Field] = {
    "generated": ("generated", _string),
    "digest": ("digest", _string),
    "dependencies": ("dependencies", _structs(Dependency, "Dependency", _DEPENDENCY)),
}
_SUMS: dict[str, Field] = {"files": ("files", _string_map)}
_BASE: dict[str, Field] = {"apiVersion": ("api_version", _string)}
