"""Custom objects on their way in: what a server makes of what was sent, before it is checked.

The metadata is read by its type as that of any object; fields that the schema doesn't know are taken out and reported
to strict clients; defaults come in. After apiextensions' unstructuredSchemaCoercer.
"""

from __future__ import annotations

from navarch.cluster.custom.pruning import drop_nulls, fill, prune
from navarch.cluster.custom.schema import Root, structure_of
from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure
    from navarch.cluster.problems import Problem
    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["WrongError", "coerce_embedded", "convert", "from_stored", "read_metadata", "to_stored"]

_TOO_LARGE = 2**63
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class WrongError(Exception):
    """Why an object can't be read; `errors` are the fields at fault, where they are known."""

    def __init__(self, text: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(text)
        self.errors = errors


def convert(
    obj: Object,
    resource: Resource,
    *,
    validation: str = "Ignore",
    duplicates: tuple[str, ...] = (),
    source: str = "body",
) -> tuple[Object, list[str]]:
    """A custom object as the server keeps it, and the warnings for the client; `obj` stays as it is.

    `validation` is Strict, Warn or Ignore: what is done about unknown and repeated fields. `duplicates` are the
    complaints of reading. With `source` "apply", nothing but the metadata is looked at before the checks: nulls and
    unknown fields that merging left go when the object is stored. Raises Problem (400).
    """
    strict = list(duplicates)
    try:
        made = _plain(obj, strict)
        _check_version(made, resource)
        if made.get("kind") == resource.kind:
            structure = structure_of(resource)
            strict += _coerce(made, structure, merged=source == "apply")
            fill(made, structure)
        elif "metadata" in made:  # what else is wrong is told when the object is checked
            made["metadata"] = read_metadata(made["metadata"], "metadata", [])
    except WrongError as error:
        raise _refused(obj, resource, str(error)) from None
    except RecursionError:
        raise _refused(obj, resource, "exceeded max depth") from None
    made.setdefault("metadata", {})
    if validation == "Ignore" or not strict:
        return made, []
    if validation == "Warn":
        return made, strict
    raise _refused(obj, resource, f"strict decoding error: {', '.join(strict)}")


def from_stored(obj: Object, resource: Resource) -> Object:
    """A stored object through a version: as the schemas have it today, with the defaults of the stored version."""
    schema = resource.schema
    other = obj["apiVersion"] != resource.api_version
    if not isinstance(schema, Root) or not (other or schema.changed):
        return obj
    made = _plain(obj, [])
    if schema.stored.raw:
        prune(made, schema.stored)
        drop_nulls(made, schema.stored)
        fill(made, schema.stored)
    return _to_version(made, resource.api_version, schema.structure) if other else made


def to_stored(obj: Object, resource: Resource) -> Object:
    """An object of a version in the one in which it is stored, by the schema of that.

    What it doesn't know is taken out in place; what is left out is filled in, as a server does whenever it reads one.
    """
    schema = resource.schema
    obj = _written(obj)
    if not isinstance(schema, Root):
        return obj
    if resource.version != resource.storage:
        obj = _plain(obj, [])
    made = _to_version(obj, f"{resource.group}/{resource.storage}", schema.stored)
    fill(made, schema.stored)
    return made


def _written(value: Any) -> Any:
    """A value as it comes back when it has been written as JSON: 2.0 is 2. The same one where nothing changes."""
    if type(value) is dict:
        made: Any = {name: _written(inner) for name, inner in value.items()}
        return made if any(made[name] is not value[name] for name in value) else value
    if type(value) is list:
        made = [_written(inner) for inner in value]
        return made if any(one is not other for one, other in zip(made, value, strict=True)) else value
    if type(value) is float and value.is_integer() and -_TOO_LARGE <= value < _TOO_LARGE:
        return int(value)
    return value


def _to_version(obj: Object, api_version: str, structure: Structure) -> Object:
    """Make an object one of another version, in place: what that doesn't know is lost."""
    obj["apiVersion"] = api_version
    if structure.raw:
        prune(obj, structure)
        drop_nulls(obj, structure)
    return obj


def _plain(obj: Object, strict: list[str]) -> Object:
    """A copy without what reading noted in it; the notes about repeated fields go to `strict`."""
    from navarch.cluster.decode.reading import Repeated

    def walk(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            if isinstance(value, Repeated):
                strict.extend(f'duplicate field "{_join(path, name)}"' for name in dict.fromkeys(value.repeats()))
            return {name: walk(inner, _join(path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return float(value) if isinstance(value, float) or _is_large(value) else value

    made: Object = walk(obj, "")
    return made


def _is_large(value: Any) -> bool:
    """Whether a number is an integer that Go reads as a float."""
    return type(value) is int and not -_TOO_LARGE <= value < _TOO_LARGE


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refused(obj: Object, resource: Resource, why: str) -> Problem:
    kind, version = obj.get("kind") or resource.kind, obj.get("apiVersion") or resource.version
    shown = str(version).rpartition("/")[2]
    return bad_request(f'{kind} in version "{shown}" cannot be handled as a {resource.kind}: {why}')


def _check_version(obj: Object, resource: Resource) -> None:
    """Raise Problem (400) for an object of another version, or one that doesn't say what it is."""
    if not obj.get("kind"):
        from navarch.cluster.decode.reading import unrecognized
        from navarch.golang.json import dumps

        text = dumps(obj)
        raise unrecognized(text.encode(), resource.kind, f"Object 'Kind' is missing in '{text}'")
    said = obj.get("apiVersion", "")
    if said != resource.api_version:
        expected = f"the expected API version ({resource.api_version})"
        raise bad_request(f"the API version in the data ({said}) does not match {expected}")


def _coerce(obj: Object, structure: Structure, *, merged: bool) -> list[str]:
    """Metadata by its type, unknown fields out; the complaints for strict clients."""
    unknown: list[str] = []
    metadata = None
    if "metadata" in obj:
        metadata = read_metadata(obj["metadata"], "metadata", unknown)
    if not merged:
        embedded: list[str] = []
        if structure.raw:
            unknown += prune(obj, structure)
            drop_nulls(obj, structure)
        coerce_embedded(obj, structure, "", embedded)
        unknown += sorted(embedded)
    if metadata is not None:
        obj["metadata"] = metadata
    return [f'unknown field "{path}"' for path in unknown]


def read_metadata(value: Any, path: str, unknown: list[str]) -> Object:
    """ObjectMeta as its type reads and writes it; unknown fields are told below `path`. Raises WrongError."""
    from navarch.cluster.decode.typed import StopError, Walk
    from navarch.cluster.types.builtin import definition

    walk = Walk(lenient=False)
    try:
        made = walk.value(definition(_META), value) if value is not None else {}
    except StopError as stop:
        raise WrongError(str(stop)) from None
    if walk.error:
        raise WrongError(walk.error)
    begin = 'unknown field "'
    unknown += [f"{path}.{note[len(begin) : -1]}" for note in walk.strict if note.startswith(begin)]
    return made or {}


def coerce_embedded(value: Any, structure: Structure | None, path: str, unknown: list[str]) -> None:
    """The metadata of whole objects inside of an object."""
    if structure is None:
        return
    if type(value) is list:
        for index, item in enumerate(value):
            coerce_embedded(item, structure.items, f"{path}[{index}]", unknown)
    elif type(value) is dict:
        if structure.embedded:
            _coerce_whole(value, path, unknown)
        for name, inner in value.items():
            if type(inner) is dict or type(inner) is list:
                coerce_embedded(inner, structure.field(name), _join(path, name), unknown)


def _coerce_whole(value: Object, path: str, unknown: list[str]) -> None:
    begin = f"{path}." if path else ""
    for name in ("apiVersion", "kind"):
        if name in value and not isinstance(value[name], str):
            raise _wrong(begin + name, value[name], "must be a string")
    if "metadata" in value:
        try:
            value["metadata"] = read_metadata(value["metadata"], f"{begin}metadata", unknown)
        except WrongError as error:
            raise _wrong(f"{begin}metadata", value["metadata"], str(error)) from None


def _wrong(path: str, value: Any, detail: str) -> WrongError:
    from navarch.cluster.validation.errors import invalid

    error = invalid(path, value, detail)
    return WrongError(f"{path}: {error.message}", (error,))
