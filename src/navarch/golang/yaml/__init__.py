"""YAML as Helm reads and writes it: sigs.k8s.io/yaml over goyaml v2, to the letter.

Reading tries the quick reader (`quick`), which knows the plain block style of charts and gives up at anything else;
the complete one (`reader`, `scan`, `compose`, `decode`) then answers, with goyaml's messages. Writing is `write`;
`pretty` is goyaml v3's style, which only toYamlPretty uses.
"""

from __future__ import annotations

from navarch import later
from navarch.errors import YamlError
from navarch.golang.yaml.lines import GiveUpError
from navarch.golang.yaml.quick import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.yaml.heads import head
    from navarch.golang.yaml.pretty import dump_pretty
    from navarch.golang.yaml.write import dump

__all__ = ["dump", "dump_pretty", "head", "load", "load_all", "load_list", "load_map"]

_CONVERTING = "error converting YAML to JSON: "
_DECODING = "error unmarshaling JSON: while decoding JSON: "


def load(text: str | bytes, *, exact: bool = False) -> Any:
    """The first document, as sigs.k8s.io/yaml's Unmarshal reads it into an interface.

    Gives None, bool, float, str, list and dict with string keys; every number is a float, as in Go's JSON. With
    `exact`, integers are ints: for documents that fill structs, where numbers may become text.
    Raises YamlError with the text that Unmarshal's error has.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError:
            return _load_completely(text, exact=exact)
    try:
        return read(text, raw=exact)
    except (GiveUpError, RecursionError):
        return _load_completely(text, exact=exact)


def _load_completely(text: str | bytes, *, exact: bool) -> Any:
    from navarch.golang.yaml.decode import decode

    try:
        return decode(text, raw=exact)
    except YamlError as error:
        raise YamlError(_CONVERTING + error.message, line=error.line) from None


def load_map(text: str | bytes, go_type: str = "map[string]interface {}") -> dict[str, Any]:
    """The first document, which must be a mapping or null (an empty dict); `go_type` is what the error calls it."""
    value = load(text)
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise _mismatch(value, go_type)


def load_list(text: str | bytes) -> list[Any]:
    """The first document, which must be a sequence or null (an empty list)."""
    value = load(text)
    if type(value) is list:
        return value
    if value is None:
        return []
    raise _mismatch(value, "[]interface {}")


def load_all(text: str | bytes) -> dict[str, Any]:
    """A values file: the mappings of all its documents, later ones merged over earlier ones (Helm's LoadValues)."""
    from navarch.golang.yaml.documents import split_documents

    values: dict[str, Any] = {}
    for document in split_documents(text):
        try:
            current = load_map(document)
        except YamlError as error:
            raise YamlError(f"cannot unmarshal yaml document: {error.message}", line=error.line) from None
        values = _merged(values, current)
    return values


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        current = out.get(key)
        out[key] = _merged(current, value) if type(value) is dict and type(current) is dict else value
    return out


def _mismatch(value: object, go_type: str) -> YamlError:
    names = {dict: "object", list: "array", str: "string", bool: "bool", float: "number"}
    return YamlError(f"{_DECODING}json: cannot unmarshal {names[type(value)]} into Go value of type {go_type}")


__getattr__ = later(__name__, {"heads": ("head",), "pretty": ("dump_pretty",), "write": ("dump",)})
