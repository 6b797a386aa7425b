"""Kubernetes' own resources and types, as a server of version 1.36 has them.

Both come from tables that `tools/cluster-types` writes, and are read when they are first needed: the list of resources
in a millisecond, a type with its fields when something is asked of it. `types/table.py` tells the form of types. A line
of resources.txt is a resource, below a line for the version of a group with the version that is stored and the place of
its definitions; lines that are set in are subresources:

    [GROUP/VERSION STORED PREFIX]
    PLURAL|SINGULAR|KIND|SCOPE|VERB,…[|SHORT NAME,…[|CATEGORY,…]]
      NAME [GROUP/VERSION/]KIND VERB,…
"""

from __future__ import annotations

from functools import partial

from navarch.cluster.types.catalog import Resource, Subresource
from navarch.cluster.types.schema import Field, Schema
from navarch.cluster.types.table import lines, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.cluster.types.table import Row, Shape

__all__ = ["builtin", "definition"]

LETTERS: dict[str, tuple[str, str, str]] = {
    "s": ("string", "", "string"),
    "i": ("integer", "int32", "int32"),
    "l": ("integer", "int64", "int64"),
    "b": ("boolean", "", "bool"),
    "d": ("number", "double", "float64"),
    "y": ("bytes", "byte", "[]uint8"),
    "q": ("quantity", "", "resource.Quantity"),
    "o": ("int-or-string", "int-or-string", "intstr.IntOrString"),
    "t": ("time", "date-time", "v1.Time"),
    "m": ("micro-time", "date-time", "v1.MicroTime"),
    "j": ("any", "", ""),
    "x": ("any", "object", ""),
}
"""Kind, format and Go's name of what a letter stands for."""

WRITES_ITSELF = frozenset("tmqojx")

_plain = {
    letter: Schema(kind, format=form, go_type=go)
    for letter, (kind, form, go) in LETTERS.items()
    if letter not in WRITES_ITSELF
}
_definitions: dict[str, Schema] = {}


def definition(name: str) -> Schema:
    """The type of a published definition ("io.k8s.api.core.v1.PodSpec"); KeyError if there is none of that name.

    Named strings and numbers are found in the same way ("io.k8s.api.core.v1.Protocol"). Always the same object.
    """
    found = _definitions.get(name)
    if found is None:
        found = _definitions.setdefault(name, _define(name))
    return found


def _define(name: str, mark: str = "") -> Schema:
    table = lines()
    letter = table.letter(name)
    if letter:
        kind, form, _ = LETTERS[letter]
        return Schema(kind, format=form, enum=table.read(name).enum, name=name, go_type=_go_name(name))
    relation = mark or table.mark(name)
    return Schema("struct", fields=partial(_fields, name), relation=relation, name=name, go_type=_go_name(name))


def _go_name(name: str) -> str:
    """A type as Go prints it: the package's own name, then the type's."""
    return ".".join(name.split(".")[-2:])


def _fields(name: str) -> dict[str, Field]:
    return {row.name: _field(row) for row in lines().read(name).rows}


def _field(row: Row) -> Field:
    schema = _schema(row.shape)
    composite = schema.kind in ("list", "map", "bytes")
    never_empty = not row.pointer and (schema.kind == "struct" or _writes_itself(row.shape))
    return Field(
        row.name,
        schema,
        required=row.required,
        omitted=row.omitzero or not (row.kept or never_empty),
        nullable=row.pointer or composite,
        default=row.default,
        strategy=row.strategy,
        merge_key=row.merge_key,
    )


def _writes_itself(shape: Shape) -> bool:
    return shape.kind == "&" and lines().letter(shape.name) in WRITES_ITSELF


def _schema(shape: Shape) -> Schema:
    if shape.kind == "&":
        return _define(shape.name, shape.mark) if shape.mark else definition(shape.name)
    if shape.inner is None:
        return _plain[shape.kind]
    element = _schema(shape.inner)
    go = _go_name(shape.name) if shape.name else _composite(shape, element)
    kind = "list" if shape.kind == "[" else "map"
    return Schema(kind, element=element, relation=shape.mark, keys=shape.keys, go_type=go)


def _composite(shape: Shape, element: Schema) -> str:
    if shape.kind == "[":
        return f"[]{element.go_type}"
    return f"map[{_go_name(shape.key) if shape.key else 'string'}]{element.go_type}"


def builtin() -> list[Resource]:
    """All resources of Kubernetes itself, in the order in which a server tells them."""
    return [resource for section in text("resources.txt").split("[")[1:] for resource in _section(section)]


def _section(section: str) -> Iterator[Resource]:
    """The resources of a group's version: the address and a paragraph for each."""
    header, *rows = section.splitlines()
    for paragraph in "\n".join(rows).replace("\n  ", "\0").splitlines():
        line, *subresources = paragraph.split("\0")
        yield _resource(header.rstrip("]").split(" "), line, tuple(_subresource(one) for one in subresources))


def _resource(address: list[str], line: str, subresources: tuple[Subresource, ...]) -> Resource:
    plural, singular, kind, scope, verbs, short_names, categories = [*line.split("|"), "", ""][:7]
    group_version, storage, prefix = address
    group, _, version = group_version.partition("/")
    can = tuple(verbs.split(","))
    return Resource(
        group=group,
        version=version,
        plural=plural,
        singular=singular,
        kind=kind,
        namespaced=scope == "Namespaced",
        verbs=can,
        schema=definition(f"{prefix}.{kind}"),
        storage=storage,
        short_names=tuple(short_names.split(",")) if short_names else (),
        categories=tuple(categories.split(",")) if categories else (),
        subresources=subresources,
        list_kind=f"{kind}List" if "list" in can else "",
    )


def _subresource(line: str) -> Subresource:
    name, kind, verbs = line.split(" ")
    group, _, rest = kind.rpartition("/")[0].partition("/")
    return Subresource(name, group, rest, kind.rpartition("/")[2], tuple(verbs.split(",")))
