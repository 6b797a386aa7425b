"""JSON-like values into the fields of Go structs, with encoding/json's messages for what doesn't fit.

Structs are tables of their fields' types: "string", "bool", "[]uint8" (base64), "any", lists "[]X", maps
"map[string]X", and names of other structs.
"""

from __future__ import annotations

from navarch.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn

    Structs = Mapping[str, Mapping[str, str]]

__all__ = ["Filler", "check_head", "refuse"]

_HEAD = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_ZERO: dict[str, Any] = {"string": "", "bool": False, "[]uint8": b""}


class Filler:
    """Fills structs of one Go package; what they don't have is passed over."""

    __slots__ = ("_package", "_structs")

    def __init__(self, package: str, structs: Structs) -> None:
        self._package = package
        self._structs = structs

    def fill(self, struct: str, value: Any) -> dict[str, Any]:
        """The fields of a struct that a value sets, by their JSON names. Raises ConfigError."""
        return self._struct(struct, value, "", "")

    def _struct(self, go_type: str, value: Any, struct: str, path: str) -> dict[str, Any]:
        if type(value) is not dict:
            self._refuse(value, struct, path, go_type)
        types = self._structs[go_type]
        return {
            key: self._read(types[key], value[key], go_type, f"{path}.{key}" if path else key)
            for key in sorted(value)
            if key in types and value[key] is not None
        }

    def _read(self, go_type: str, value: Any, struct: str, path: str) -> Any:
        """A value for a type. `struct` is the innermost struct, `path` the fields on the way."""
        if go_type == "any":
            return value
        if go_type in self._structs:
            return self._struct(go_type, value, struct, path)
        if go_type == "[]uint8":
            return self._bytes(value, struct, path)
        if go_type.startswith("[]"):
            if type(value) is not list:
                self._refuse(value, struct, path, go_type)
            return [self._element(go_type[2:], item, struct, path) for item in value]
        if go_type.startswith("map[string]"):
            if type(value) is not dict:
                self._refuse(value, struct, path, go_type)
            return {key: self._element(go_type[11:], value[key], struct, path) for key in sorted(value)}
        if type(value) is not (str if go_type == "string" else bool):
            self._refuse(value, struct, path, go_type)
        return value

    def _element(self, go_type: str, value: Any, struct: str, path: str) -> Any:
        """An element of a list or map; null is its type's zero."""
        if value is None:
            return _ZERO.get(go_type, [] if go_type.startswith("[]") else {})
        return self._read(go_type, value, struct, path)

    def _bytes(self, value: Any, struct: str, path: str) -> bytes:
        from binascii import Error, a2b_base64

        if type(value) is not str:
            self._refuse(value, struct, path, "[]uint8")
        try:
            return a2b_base64("".join(value.splitlines()), strict_mode=True)
        except (Error, ValueError):
            from navarch.templates.functions.base import b64dec

            raise ConfigError(b64dec(value)) from None

    def _refuse(self, value: Any, struct: str, path: str, go_type: str) -> NoReturn:
        inner = go_type.removeprefix("[]")
        shown = f"{go_type[: len(go_type) - len(inner)]}{self._package}.{inner}" if inner in self._structs else go_type
        refuse("", value, f"Go struct field {struct}.{path}", shown)


def check_head(document: Any) -> None:
    """Refuse what can't be an object of any kind, in apimachinery's words. Raises ConfigError."""
    start = "couldn't get version/kind; json parse error: "
    if type(document) is not dict:
        refuse(start, document, "Go value", _HEAD)
    for key in ("apiVersion", "kind"):
        if document.get(key) is not None and type(document[key]) is not str:
            refuse(start, document[key], f"Go struct field .{key}", "string")


def refuse(start: str, value: Any, into: str, go_type: str) -> NoReturn:
    """Raise ConfigError for a value that a Go type can't hold."""
    kind = {bool: "bool", str: "string", list: "array", dict: "object"}.get(type(value), "number")
    raise ConfigError(f"{start}json: cannot unmarshal {kind} into {into} of type {go_type}")
