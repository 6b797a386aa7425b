"""The structs of a record as data, and how encoding/json reads and writes them: the step between `codec` and JSON.

A struct is a table of fields in Go's order. Read, it is a dict with all of its fields, checked and in that order, and
after them those that nobody here knows. Sources: pkg/release/v1, pkg/chart/v2, pkg/chart/common.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import NamedTuple

from navarch.errors import RecordError
from navarch.golang.json import dumps, type_name
from navarch.releases.times import ZERO, canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Read = Callable[[Any, "Field", "Place"], Any]

__all__ = [
    "CHART",
    "EXECUTION",
    "HOOK",
    "INFO",
    "RELEASE",
    "Field",
    "Struct",
    "corrupt_at",
    "is_canonical",
    "read_struct",
    "write_struct",
]


class Field(NamedTuple):
    """A field: its name in JSON, its kind (see `_READ`), Go's name of its type, whether it is left out when empty."""

    name: str
    kind: str
    go_type: str
    omit: bool = False
    inner: Struct | None = None


class Struct:
    """A struct of Go: its name there, and its fields."""

    __slots__ = ("by_folded", "fields", "name", "names")

    def __init__(self, name: str, *fields: Field) -> None:
        self.name = name
        self.fields = fields
        self.names = frozenset(field.name for field in fields)
        self.by_folded = {field.name.lower(): field.name for field in fields}


class Place(NamedTuple):
    """Where in a record something stands, for messages: the innermost struct, and the path from the outermost."""

    struct: str
    path: str

    def inside(self, struct: str, name: str) -> Place:
        return Place(struct, f"{self.path}.{name}" if self.path else name)


def _text(name: str, *, omit: bool = True, go_type: str = "string") -> Field:
    return Field(name, "text", go_type, omit)


def _texts(name: str, go_type: str = "[]string") -> Field:
    return Field(name, "texts", go_type, omit=True)


def _time(name: str, *, omit: bool = True) -> Field:
    return Field(name, "time", "time.Time", omit)


def _soft_time(name: str) -> Field:
    """A time for which old records hold an empty text."""
    return Field(name, "soft time", "time.Time", omit=True)


def _int(name: str) -> Field:
    return Field(name, "int", "int", omit=True)


_DEPENDENCY = Struct(
    "Dependency",
    _text("name", omit=False),
    _text("version"),
    _text("repository", omit=False),
    _text("condition"),
    _texts("tags"),
    Field("enabled", "bool", "bool", omit=True),
    Field("import-values", "list", "[]interface {}", omit=True),
    _text("alias"),
)
_MAINTAINER = Struct("Maintainer", _text("name"), _text("email"), _text("url"))
_METADATA = Struct(
    "Metadata",
    _text("name"),
    _text("home"),
    _texts("sources"),
    _text("version"),
    _text("description"),
    _texts("keywords"),
    Field("maintainers", "structs", "[]*v2.Maintainer", omit=True, inner=_MAINTAINER),
    _text("icon"),
    _text("apiVersion"),
    _text("condition"),
    _text("tags"),
    _text("appVersion"),
    Field("deprecated", "bool", "bool", omit=True),
    Field("annotations", "text map", "map[string]string", omit=True),
    _text("kubeVersion"),
    Field("dependencies", "structs", "[]*v2.Dependency", omit=True, inner=_DEPENDENCY),
    _text("type"),
)
_LOCK = Struct(
    "Lock",
    _time("generated", omit=False),
    _text("digest", omit=False),
    Field("dependencies", "structs", "[]*v2.Dependency", inner=_DEPENDENCY),
)
_FILE = Struct("File", _text("name", omit=False), Field("data", "bytes", "[]uint8"), _time("modtime"))
CHART = Struct(
    "Chart",
    Field("metadata", "struct", "v2.Metadata", inner=_METADATA),
    Field("lock", "struct", "v2.Lock", inner=_LOCK),
    Field("templates", "structs", "[]*common.File", inner=_FILE),
    Field("values", "map", "map[string]interface {}"),
    Field("schema", "bytes", "[]uint8"),
    _time("schemamodtime", omit=False),
    Field("files", "structs", "[]*common.File", inner=_FILE),
    _time("modtime"),
)
EXECUTION = Struct(
    "hookExecutionJSON",
    _soft_time("started_at"),
    _soft_time("completed_at"),
    _text("phase", omit=False, go_type="v1.HookPhase"),
)
HOOK = Struct(
    "Hook",
    _text("name"),
    _text("kind"),
    _text("path"),
    _text("manifest"),
    _texts("events", "[]v1.HookEvent"),
    Field("last_run", "struct", "map[string]interface {}", inner=EXECUTION),
    _int("weight"),
    _texts("delete_policies", "[]v1.HookDeletePolicy"),
    _texts("output_log_policies", "[]v1.HookOutputLogPolicy"),
)
INFO = Struct(
    "infoJSON",
    _soft_time("first_deployed"),
    _soft_time("last_deployed"),
    _soft_time("deleted"),
    _text("description"),
    _text("status", go_type="common.Status"),
    _int("rollback_revision"),
    _text("notes"),
    Field("resources", "map", "map[string][]runtime.Object", omit=True),
)
RELEASE = Struct(
    "Release",
    _text("name"),
    Field("info", "struct", "map[string]interface {}", omit=True, inner=INFO),
    Field("chart", "struct", "v2.Chart", omit=True, inner=CHART),
    Field("config", "map", "map[string]interface {}", omit=True),
    _text("manifest"),
    Field("hooks", "structs", "[]*v1.Hook", omit=True, inner=HOOK),
    _int("version"),
    _text("namespace"),
    _text("apply_method"),
)


def read_struct(value: Any, struct: Struct, place: Place | None = None, *, go_type: str = "") -> dict[str, Any]:
    """A JSON object as a dict with all fields of the struct in order, then the unknown ones.

    Raises RecordError with encoding/json's message for what doesn't fit.
    """
    place = place or Place("", "")
    if type(value) is not dict:
        raise _mismatch(value, go_type or struct.name, place)
    if not struct.names.issuperset(value):
        value = _folded(value, struct)
    # messages name a struct that reads itself by the one around it
    name = place.struct if struct in (INFO, EXECUTION) else struct.name
    known = {
        field.name: _READ[field.kind](value.get(field.name), field, place.inside(name, field.name))
        for field in struct.fields
    }
    if len(value) > len(known) or not struct.names.issuperset(value):
        known.update({name: item for name, item in value.items() if name not in known})
    return known


def _folded(value: dict[str, Any], struct: Struct) -> dict[str, Any]:
    """The object with Go's spelling of its names: what is not found by case is found without."""
    folded = {}
    for name, item in value.items():
        known = name if name in struct.names else struct.by_folded.get(name.lower(), name)
        folded[known] = item
    return folded


def _mismatch(value: Any, go_type: str, place: Place, number: str = "") -> RecordError:
    where = f"struct field {place.struct}.{place.path}" if place.path else "value"
    return RecordError(f"json: cannot unmarshal {number or type_name(value)} into Go {where} of type {go_type}")


def _read_text(value: Any, field: Field, place: Place) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    raise _mismatch(value, field.go_type, place)


def _read_int(value: Any, field: Field, place: Place) -> int:
    if value is None:
        return 0
    if type(value) is not float:
        raise _mismatch(value, field.go_type, place)
    if not value.is_integer() or abs(value) >= 2**63:
        raise _mismatch(value, field.go_type, place, f"number {dumps(value)}")
    return int(value)


def _read_bool(value: Any, field: Field, place: Place) -> bool:
    if value is None or type(value) is bool:
        return bool(value)
    raise _mismatch(value, field.go_type, place)


def _read_time(value: Any, _field: Field, _place: Place) -> str:
    if value is None:
        return ""
    if type(value) is not str:
        raise RecordError("Time.UnmarshalJSON: input is not a JSON string")
    return canonical(value) if value else _empty_time()


def _read_soft_time(value: Any, field: Field, place: Place) -> str:
    return "" if value == "" else _read_time(value, field, place)


def _empty_time() -> str:
    raise RecordError('parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"')


def _read_bytes(value: Any, field: Field, place: Place) -> str | None:
    """Base64 stays base64: nobody looks into most of it."""
    if value is None:
        return None
    if type(value) is not str:
        raise _mismatch(value, field.go_type, place)
    try:
        decoded = a2b_base64(value, strict_mode=True)
    except (Base64Error, ValueError):
        return _mended(value)
    return value if is_canonical(value, decoded) else _mended(value)


def is_canonical(text: str | bytes, decoded: bytes) -> bool:
    """Whether base64 has just the padding that it needs: CPython's decoder lets more pass than Go's."""
    return len(text) == (len(decoded) + 2) // 3 * 4


def _mended(value: str) -> str:
    """Base64 as Go would write it again: without line breaks. Raises RecordError for what Go refuses."""
    from binascii import b2a_base64

    from navarch.golang.runes import to_bytes

    at = corrupt_at(to_bytes(value))
    if at is not None:
        raise RecordError(f"illegal base64 data at input byte {at}")
    return b2a_base64(a2b_base64(value), newline=False).decode()


def corrupt_at(data: bytes) -> int | None:
    """Where Go's base64.StdEncoding stops reading, None where it doesn't."""
    alphabet = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    quantum = 0
    for at, byte in enumerate(data):
        if byte in alphabet:
            quantum = (quantum + 1) % 4
        elif byte not in b"\r\n":
            return at if byte != 0x3D or quantum < 2 else _corrupt_padding(data, at, quantum)
    return None if quantum == 0 else len(data) - quantum


def _corrupt_padding(data: bytes, at: int, quantum: int) -> int | None:
    """The same from the first "=" on, which stands after `quantum` characters of its four."""
    at = _after_breaks(data, at + 1)
    if quantum == 2:
        if at == len(data):
            return at
        if data[at] != 0x3D:
            return at - 1
        at = _after_breaks(data, at + 1)
    return None if at == len(data) else at


def _after_breaks(data: bytes, at: int) -> int:
    while at < len(data) and data[at] in b"\r\n":
        at += 1
    return at


def _read_list(value: Any, field: Field, place: Place) -> list[Any] | None:
    if value is None or type(value) is list:
        return value
    raise _mismatch(value, field.go_type, place)


def _read_texts(value: Any, field: Field, place: Place) -> list[str] | None:
    items = _read_list(value, field, place)
    if items is None:
        return None
    one = field._replace(go_type=field.go_type.removeprefix("[]"))
    return [_read_text(item, one, place) for item in items]


def _read_map(value: Any, field: Field, place: Place) -> dict[str, Any] | None:
    if value is None or type(value) is dict:
        return value
    raise _mismatch(value, field.go_type, place)


def _read_text_map(value: Any, field: Field, place: Place) -> dict[str, str] | None:
    found = _read_map(value, field, place)
    one = field._replace(go_type="string")
    return None if found is None else {key: _read_text(item, one, place) for key, item in found.items()}


def _read_inner(value: Any, field: Field, place: Place) -> dict[str, Any] | None:
    if value is None or field.inner is None:
        return None
    return read_struct(value, field.inner, place, go_type=field.go_type)


def _read_structs(value: Any, field: Field, place: Place) -> list[dict[str, Any] | None] | None:
    items = _read_list(value, field, place)
    one = field._replace(go_type=field.go_type.removeprefix("[]*"))
    return None if items is None else [_read_inner(item, one, place) for item in items]


_READ: Mapping[str, Read] = {
    "text": _read_text,
    "texts": _read_texts,
    "int": _read_int,
    "bool": _read_bool,
    "time": _read_time,
    "soft time": _read_soft_time,
    "bytes": _read_bytes,
    "list": _read_list,
    "map": _read_map,
    "text map": _read_text_map,
    "struct": _read_inner,
    "structs": _read_structs,
}


def write_struct(value: Mapping[str, Any], struct: Struct) -> str:
    """A struct as json.Marshal writes it; fields that are missing count as empty, unknown ones come last.

    Raises JsonError for values that JSON can't hold.
    """
    parts = []
    for field in struct.fields:
        item = value.get(field.name)
        if item or not field.omit:
            parts.append(f'"{field.name}":{_write(item, field)}')
    if not struct.names.issuperset(value):
        parts += [f"{dumps(name)}:{dumps(item)}" for name, item in value.items() if name not in struct.names]
    return "{" + ",".join(parts) + "}"


def _write(item: Any, field: Field) -> str:
    if item and field.inner is not None:
        if type(item) is list:
            return "[" + ",".join(["null" if one is None else write_struct(one, field.inner) for one in item]) + "]"
        return write_struct(item, field.inner)
    if item or field.kind not in _EMPTY:
        return dumps(item)
    return _EMPTY[field.kind]


_EMPTY = {"text": '""', "time": f'"{ZERO}"'}
