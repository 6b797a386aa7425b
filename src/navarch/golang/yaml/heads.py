"""The head of a rendered document: what Helm's manifest sorter reads of it, and the check that all of it is YAML.

Helm decodes each document into its SimpleHead; here the same fields are read, with the same errors.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.yaml import load
from navarch.golang.yaml.lines import GiveUpError
from navarch.golang.yaml.skim import skim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Head", "head", "head_of"]

_METADATA_TYPE = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }'
_DECODING = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
_KINDS = {dict: "object", list: "array", str: "string", bool: "bool", float: "number", int: "number"}


class Head:
    """What the sorter knows of a document. Without metadata, the name is "" and there are no annotations."""

    __slots__ = ("annotations", "api_version", "kind", "name")

    def __init__(self, api_version: str = "", kind: str = "", name: str = "") -> None:
        self.api_version = api_version
        self.kind = kind
        self.name = name
        self.annotations: dict[str, str] = {}


def head(text: str) -> Head:
    """The head of a document, all of which is checked. Raises YamlError with the text of Unmarshal's error."""
    try:
        return head_of(skim(text))
    except (GiveUpError, RecursionError):
        return head_of(load(text, exact=True))


def head_of(document: Any) -> Head:
    """The head of a decoded document whose integers are ints. Raises YamlError where a field has the wrong type."""
    reader = _Reader()
    found = Head()
    if document is not None:
        reader.top(found, document)
    if reader.error:
        raise YamlError(reader.error)
    return found


class _Reader:
    """Fills a head as encoding/json fills a struct: what doesn't fit is told at the end, the first of it."""

    def __init__(self) -> None:
        self.error = ""

    def refuse(self, value: object, place: str, go_type: str) -> None:
        if not self.error:
            self.error = f"{_DECODING}{_KINDS[type(value)]} into Go {place} of type {go_type}"

    def top(self, found: Head, document: Any) -> None:
        if type(document) is not dict:
            self.refuse(document, "value", "util.SimpleHead")
            return
        for key in sorted(document):
            name = key.lower()
            value = document[key]
            if value is None:
                if name == "metadata":
                    found.name, found.annotations = "", {}
            elif name == "apiversion":
                found.api_version = self.text(value, "SimpleHead.apiVersion", found.api_version)
            elif name == "kind":
                found.kind = self.text(value, "SimpleHead.kind", found.kind)
            elif name == "metadata":
                self.metadata(found, value)

    def metadata(self, found: Head, value: Any) -> None:
        if type(value) is not dict:
            self.refuse(value, "struct field SimpleHead.metadata", _METADATA_TYPE)
            return
        for key in sorted(value):
            name = key.lower()
            item = value[key]
            if item is None:
                if name == "annotations":
                    found.annotations = {}
            elif name == "name":
                found.name = self.text(item, ".metadata.name", found.name)
            elif name == "annotations":
                self.annotations(found.annotations, item)

    def annotations(self, annotations: dict[str, str], value: Any) -> None:
        if type(value) is not dict:
            self.refuse(value, "struct field .metadata.annotations", "map[string]string")
            return
        for key in sorted(value):
            annotations[key] = self.text(value[key], ".metadata.annotations", "")

    def text(self, value: Any, field: str, current: str) -> str:
        """A value as text, which sigs.k8s.io/yaml makes of numbers and bools where the field is a string."""
        if type(value) is str:
            return value
        if value is None:
            return current
        if type(value) is bool:
            return "true" if value else "false"
        if type(value) is int:
            return str(value)
        if type(value) is float:
            from navarch.golang.strconv import format_float

            return format_float(value, "g", -1, 32)
        self.refuse(value, f"struct field {field}", "string")
        return current
