"""The encoding family: values to YAML, JSON and TOML, and back.

Most are Helm's own (pkg/engine/funcs.go): what goes wrong gives an empty text or a mapping with "Error", and only the
must… functions fail the render. The pretty and raw JSON functions and mustFromJson are sprig's.
"""

from __future__ import annotations

import marshal

from navarch.errors import FunctionError, JsonError, TomlError, YamlError
from navarch.golang import json
from navarch.golang.types import NilList, NilMap
from navarch.golang.yaml.write import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

_MAP = "map[string]interface {}"
_LIST = "[]interface {}"
_NUMBER = frozenset("-0123456789")


def to_yaml(value: Any) -> str:
    """YAML without its last line break; "" for what YAML can't hold."""
    try:
        return dump(value).removesuffix("\n")
    except YamlError:
        return ""


def must_to_yaml(value: Any) -> str:
    try:
        return dump(value).removesuffix("\n")
    except YamlError as error:
        raise FunctionError(error.message) from None


def to_yaml_pretty(value: Any) -> str:
    """The same by goyaml v3, which indents sequences."""
    from navarch.golang.yaml.pretty import dump_pretty

    try:
        return dump_pretty(value).removesuffix("\n")
    except YamlError:
        return ""


_READ_LIMIT = 4_000_000
_SHORT = 40

_read: dict[str, bytes] = {}
_read_size = 0


def from_yaml(text: str) -> dict[str, Any]:
    """A mapping; one with "Error" where the text is none. Longer texts are read once and copied from then on."""
    packed = _read.get(text)
    if packed is not None:
        return marshal.loads(packed)  # type: ignore[no-any-return]
    from navarch.golang.yaml import load_map

    try:
        value = load_map(text)
    except YamlError as error:
        return {"Error": error.message}
    if len(text) > _SHORT:
        _keep(text, value)
    return value


def _keep(text: str, value: dict[str, Any]) -> None:
    """Remember what a text reads to, up to a number of characters in all."""
    global _read_size
    try:
        packed = marshal.dumps(value)
    except ValueError:  # a value of Go's own, like a nil list
        return
    _read_size += len(text)
    if _read_size > _READ_LIMIT:
        _read.clear()
        _read_size = len(text)
    _read[text] = packed


def from_yaml_array(text: str) -> list[Any]:
    from navarch.golang.yaml import load_list

    try:
        return load_list(text)
    except YamlError as error:
        return [error.message]


def to_json(value: Any) -> str:
    """JSON; "" for what JSON can't hold."""
    try:
        return json.dumps(value)
    except JsonError:
        return ""


def must_to_json(value: Any) -> str:
    return _must(json.dumps, value)


def to_pretty_json(value: Any) -> str:
    try:
        return json.dumps_indent(value)
    except JsonError:
        return ""


def must_to_pretty_json(value: Any) -> str:
    return _must(json.dumps_indent, value)


def to_raw_json(value: Any) -> str:
    """JSON with <, > and & as they are. Fails the render, like mustToRawJson."""
    return _must(json.dumps_raw, value)


def _must(encode: Callable[[Any], str], value: Any) -> str:
    try:
        return encode(value)
    except JsonError as error:
        raise FunctionError(error.message) from None


def from_json(text: str) -> dict[str, Any]:
    value, error = json.decode(text)
    if value is None and not error:
        return NilMap()
    if type(value) is not dict:
        if value is None and text.strip(" \t\r\n")[:1] in _NUMBER and error.startswith("json: cannot unmarshal number"):
            value = 0.0  # too large a number is in the first place no mapping
        return {"Error": error if value is None else json.mismatch(value, _MAP)}
    if error:
        value["Error"] = error
    return value


def from_json_array(text: str) -> list[Any]:
    value, error = json.decode(text)
    if value is None and not error:
        return NilList()
    if type(value) is list and not error:
        return value
    if value is None and text.strip(" \t\r\n")[:1] in _NUMBER and error.startswith("json: cannot unmarshal number"):
        value = 0.0
    return [error if value is None or type(value) is list else json.mismatch(value, _LIST)]


def must_from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except JsonError as error:
        raise FunctionError(error.message) from None


def to_toml(value: Any) -> str:
    """TOML; the error's text for what TOML can't hold."""
    from navarch.golang.toml import dumps

    try:
        return dumps(value)
    except TomlError as error:
        return error.message


def must_to_toml(value: Any) -> str:
    from navarch.golang.toml import dumps

    try:
        return dumps(value)
    except TomlError as error:
        raise FunctionError(error.message) from None


def from_toml(text: str) -> dict[str, Any]:
    from navarch.golang.toml import loads

    try:
        return loads(text)
    except TomlError as error:
        return {"Error": error.message}


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "toYaml": to_yaml,
    "mustToYaml": must_to_yaml,
    "toYamlPretty": to_yaml_pretty,
    "fromYaml": from_yaml,
    "fromYamlArray": from_yaml_array,
    "toJson": to_json,
    "mustToJson": must_to_json,
    "toPrettyJson": to_pretty_json,
    "mustToPrettyJson": must_to_pretty_json,
    "toRawJson": to_raw_json,
    "mustToRawJson": to_raw_json,
    "fromJson": from_json,
    "mustFromJson": must_from_json,
    "fromJsonArray": from_json_array,
    "toToml": to_toml,
    "mustToToml": must_to_toml,
    "fromToml": from_toml,
}
