"""Values files: one or more YAML documents, each a mapping, merged in order (values.yaml of charts, -f of users)."""

from __future__ import annotations

from navarch.errors import ValuesError, YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    class Parse(Protocol):
        """How YAML is read: a document to JSON's types, all numbers float.

        With `exact`, numbers keep the type YAML gives them, for what becomes text in Chart.yaml. Raises YamlError.
        """

        def __call__(self, data: bytes, /, *, exact: bool = False) -> Any: ...


__all__ = ["load_values", "merge_maps", "parse_yaml"]


def parse_yaml(data: bytes, /, *, exact: bool = False) -> Any:
    """The `Parse` used where none is given."""
    from navarch.golang import yaml

    return yaml.load(data, exact=exact)


def load_values(data: bytes, parse: Parse = parse_yaml) -> dict[str, Any]:
    """The values in a file. Raises ValuesError where a document isn't YAML or isn't a mapping."""
    if data and not data.endswith(b"\n"):
        data += b"\n"  # as Helm does, which shows where a block ends the file
    if not data.startswith(b"---") and b"\n---" not in data:
        return _document(data, parse) if data else {}
    values: dict[str, Any] = {}
    for document in _split(data):
        values = _merged(values, _document(document, parse))
    return values


def _document(data: bytes, parse: Parse) -> dict[str, Any]:
    try:
        values = parse(data)
    except YamlError as error:
        raise ValuesError(f"cannot unmarshal yaml document: {error}") from error
    if values is None:
        return {}
    if type(values) is not dict:
        raise ValuesError(
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: "
            f"json: cannot unmarshal {_kind(values)} into Go value of type map[string]interface {{}}"
        )
    return values


def _kind(value: object) -> str:
    from navarch.chart.decode import json_kind

    return json_kind(value)


def _split(data: bytes) -> Iterator[bytes]:
    """The documents between lines that begin with three dashes; after the dashes only a comment may stand."""
    lines: list[bytes] = []
    for line in data.split(b"\n"):
        if not line.startswith(b"---"):
            lines.append(line.removesuffix(b"\r"))
            continue
        rest = line[3:].strip()
        if rest and not rest.startswith(b"#"):
            text = rest.decode("utf-8", "surrogateescape")
            raise ValuesError(f"error reading yaml document: invalid Yaml document separator: {text}")
        if lines:
            yield b"\n".join([*lines, b""])
        lines = []
    if any(lines):
        yield b"\n".join(lines)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    try:
        return merge_maps(under, over)
    except RecursionError:
        from navarch.golang.recursion import call_deep

        deep: dict[str, Any] = call_deep(merge_maps, under, over)
        return deep


def merge_maps(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Two mappings in one; where both have a key, mappings are merged and anything else is `over`'s."""
    merged = dict(under)
    for key, value in over.items():
        if type(value) is dict:
            before = merged.get(key)
            if type(before) is dict:
                merged[key] = merge_maps(before, value)
                continue
        merged[key] = value
    return merged
