"""Rendered text as a stream of objects, of which the lint rules look at the kind and the name.

The stream is cut and read by the rules of k8s.io/apimachinery's YAMLOrJSONDecoder, with its errors: documents between
lines of three dashes, or JSON values one after the other where the text begins with a brace.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.yaml.lines import GiveUpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Object", "items_of", "objects_of"]

_CONVERTING = "error converting YAML to JSON: "
_DECODING = "error unmarshaling JSON: while decoding JSON: "
_KINDS = {dict: "object", list: "array", str: "string", bool: "bool", float: "number", int: "number"}


class Object:
    """What of an object the rules look at; what it hasn't is empty."""

    __slots__ = ("api_version", "kind", "name", "namespace")

    def __init__(self) -> None:
        self.api_version = ""
        self.kind = ""
        self.name = ""
        self.namespace = ""


def objects_of(text: str) -> Iterator[Object]:
    """The objects of a text, without empty documents. Raises YamlError at the first that can't be read."""
    if text.lstrip().startswith("{"):
        yield from _json_objects(text)
        return
    for document in _documents(text):
        found = _object(_read(document), text_from_numbers=True)
        if found is not None:
            yield found


def _documents(text: str) -> Iterator[str]:
    """The documents between separators. Raises YamlError where something but a comment follows the dashes."""
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    gathered: list[str] = []
    for line in lines:
        if line.startswith("---"):
            after = line[3:].strip()
            if after and after[0] != "#":
                raise YamlError(f"invalid Yaml document separator: {after}")
            if gathered:
                yield "".join(gathered)
                gathered = []
                continue
        gathered.append(line + "\n")
    if gathered:
        yield "".join(gathered)


def _read(document: str) -> Any:
    """A YAML document with its ints as ints."""
    from navarch.golang.yaml.quick import read

    try:
        return read(document, raw=True)
    except GiveUpError:
        from navarch.golang.yaml.decode import decode

    try:
        return decode(document, raw=True)
    except YamlError as error:
        raise YamlError(_CONVERTING + error.message, line=error.line) from None


def _json_objects(text: str) -> Iterator[Object]:
    """JSON values; what isn't JSON after all is tried as YAML, as long as it may still be that."""
    from json import JSONDecodeError, JSONDecoder

    at = count = 0
    while at < len(text) and text[at:].strip():
        start = len(text) - len(text[at:].lstrip())
        try:
            value, end = JSONDecoder().raw_decode(text, start)
            found = _object(value, text_from_numbers=False)
        except (JSONDecodeError, YamlError) as error:
            if count > 1:
                raise YamlError(_json_fault(text, start, str(error), placed=False)) from None
            try:
                rest = [_object(_read(document), text_from_numbers=True) for document in _documents(text[at:])]
            except YamlError:
                raise YamlError(_json_fault(text, start, str(error))) from None
            yield from filter(None, rest)
            return
        count += 1
        at = end
        if found is not None:
            yield found


def _json_fault(text: str, start: int, otherwise: str, *, placed: bool = True) -> str:
    """encoding/json's words for what is wrong with a text from `start` on, if it is not JSON."""
    from navarch.golang.jsontext import Reader

    reader = Reader(text[start:])
    _, fault = reader.read()
    if not fault or fault.endswith("after top-level value"):
        return otherwise
    if fault == "unexpected end of JSON input":
        return "unexpected EOF"
    offset = len(text[:start].encode("utf-8", "surrogateescape")) + reader.at + 1
    return f"json: offset {offset}: {fault}" if placed else fault


def _object(document: Any, *, text_from_numbers: bool) -> Object | None:
    """An object from a document, None for an empty one. Raises YamlError for fields that can't be text.

    `text_from_numbers`: as sigs.k8s.io/yaml makes numbers and bools text where the field is text.
    """
    if document is None:
        return None
    filler = _Filler(text_from_numbers=text_from_numbers)
    if isinstance(document, dict):
        filler.top(document)
    else:
        filler.refuse(document, "value", "rules.k8sYamlStruct")
    if filler.fault:
        raise YamlError((_DECODING if text_from_numbers else "") + filler.fault)
    return filler.found


class _Filler:
    """Fills an Object as encoding/json fills a struct: keys in any case, the first fault told at the end."""

    def __init__(self, *, text_from_numbers: bool) -> None:
        self.text_from_numbers = text_from_numbers
        self.found = Object()
        self.fault = ""

    def refuse(self, value: object, place: str, go_type: str) -> None:
        kind = _KINDS[type(value)]
        self.fault = self.fault or f"json: cannot unmarshal {kind} into Go {place} of type {go_type}"

    def top(self, document: dict[str, Any]) -> None:
        for key in sorted(document) if self.text_from_numbers else document:
            name, value = key.lower(), document[key]
            if name == "apiversion":
                self.text("api_version", value, "k8sYamlStruct.apiVersion")
            elif name == "kind":
                self.text("kind", value, "k8sYamlStruct.Kind")
            elif name == "metadata":
                self.metadata(value)

    def metadata(self, value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            self.refuse(value, "struct field k8sYamlStruct.Metadata", "rules.k8sYamlMetadata")
            return
        for key in sorted(value) if self.text_from_numbers else value:
            if key.lower() in ("name", "namespace"):
                name = key.lower()
                self.text(name, value[key], f"k8sYamlMetadata.Metadata.{name.capitalize()}")

    def text(self, attribute: str, value: Any, field: str) -> None:
        if isinstance(value, str):
            setattr(self.found, attribute, value)
        elif self.text_from_numbers and isinstance(value, (bool, int, float)):
            setattr(self.found, attribute, _as_text(value))
        elif value is not None:
            self.refuse(value, f"struct field {field}", "string")


def _as_text(value: bool | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    from navarch.golang.strconv import format_float

    return format_float(value, "g", -1, 32)


_ANNOTATIONS = "map[string]string"
_METADATA = f"struct {{ Annotations {_ANNOTATIONS} }}"
_ITEM = f"struct {{ Metadata {_METADATA} }}"


def items_of(text: str) -> list[dict[str, Any]]:
    """The annotations of each item of a List, the first document of a text. Raises YamlError where they are none."""
    items = _in_any_case(_read(text), "items")
    if items is None:
        return []
    if not isinstance(items, list):
        raise _not_a(f"[]{_ITEM}", items, ".Items")
    return [_annotations(item) for item in items]


def _annotations(item: Any) -> dict[str, Any]:
    steps = ((_ITEM, ".Items", "metadata"), (_METADATA, ".Items.Metadata", "annotations"))
    for go_type, place, key in steps:
        if item is not None and not isinstance(item, dict):
            raise _not_a(go_type, item, place)
        item = _in_any_case(item, key)
    if item is not None and not isinstance(item, dict):
        raise _not_a(_ANNOTATIONS, item, ".Items.Metadata.Annotations")
    wrong = [value for value in (item or {}).values() if isinstance(value, (dict, list))]
    if wrong:
        raise _not_a("string", wrong[0], ".Items.Metadata.Annotations")
    return item or {}


def _in_any_case(document: Any, key: str) -> Any:
    if not isinstance(document, dict):
        return None
    return next((document[name] for name in sorted(document, reverse=True) if name.lower() == key), None)


def _not_a(go_type: str, value: Any, place: str) -> YamlError:
    problem = f"json: cannot unmarshal {_KINDS[type(value)]} into Go struct field {place} of type {go_type}"
    return YamlError(_DECODING + problem)
