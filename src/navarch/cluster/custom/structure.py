"""The structure that a CustomResourceDefinition's schema gives to objects: which fields there are, and their defaults.

What pruning, defaulting and the checks of objects walk along. A Structure is one node of a schema; those below it are
made when they are first needed. Terms are those of apiextensions' structural schemas.
"""

from __future__ import annotations

from navarch.cluster.custom.formats import known_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["EMPTY", "META", "Structure", "as_list"]

META = frozenset(("apiVersion", "kind", "metadata"))
"""The fields that every whole object has, told by its schema or not."""

_COMBINATIONS = ("anyOf", "oneOf", "allOf", "not")
_UNMADE: Any = object()


class Structure:
    """A node of a schema. `raw` is the node as the CustomResourceDefinition has it.

    Without `choices` it isn't asked of what may be an integer or a string that it is one of them, and formats stand for
    themselves even if they mean nothing: so it is for defaults.

    - `preserve`: fields that aren't listed are kept; `embedded`: the value is a whole object with metadata.
    - `closed`: names that aren't among the properties have no place here.
    - `types` and `format` are those that values are checked for (`typed`: there are any); `combined`: other schemas
      must hold, too (anyOf, oneOf, allOf, not).
    """

    __slots__ = (
        "_branches", "_choices", "_defaults", "_items", "_others", "_properties", "closed", "combined", "embedded",
        "enum", "format", "nullable", "preserve", "raw", "typed", "types",
    )  # fmt: skip

    def __init__(self, raw: dict[str, Any], *, choices: bool = True) -> None:
        self.raw = raw
        self._choices = choices
        self.nullable: bool = raw.get("nullable") is True
        self.preserve: bool = raw.get("x-kubernetes-preserve-unknown-fields") is True
        self.embedded: bool = raw.get("x-kubernetes-embedded-resource") is True
        self.closed = "additionalProperties" not in raw
        type_: str = raw.get("type", "")
        choice = raw.get("x-kubernetes-int-or-string") is True
        self.types: tuple[str, ...] = ("integer", "string") if choice and choices else (type_,) if type_ else ()
        self.format: str = raw.get("format", "")
        if self.format and choices:
            self.format = known_format("" if choice else type_, self.format)
        self.typed = bool(self.types or self.format)
        self.enum: list[Any] = raw.get("enum") or []
        self.combined = any(name in raw for name in _COMBINATIONS)
        self._branches: dict[str, list[Structure]] = {}
        self._properties: dict[str, Structure] = {}
        self._items: Any = _UNMADE
        self._others: Any = _UNMADE
        self._defaults: list[tuple[str, Any, bool]] | None = None

    def named(self, name: str) -> Structure | None:
        """The node of a listed property."""
        found = self._properties.get(name)
        if found is None:
            raw = (self.raw.get("properties") or {}).get(name)
            if raw is None:
                return None
            found = self._properties[name] = Structure(raw, choices=self._choices)
        return found

    @property
    def items(self) -> Structure | None:
        """The node of a list's items."""
        if self._items is _UNMADE:
            raw = self.raw.get("items")
            self._items = Structure(raw, choices=self._choices) if isinstance(raw, dict) else None
        made: Structure | None = self._items
        return made

    @property
    def others(self) -> Structure | None:
        """The node of properties that aren't listed (additionalProperties), None if nothing is said of them."""
        if self._others is _UNMADE:
            raw = self.raw.get("additionalProperties")
            self._others = Structure(raw, choices=self._choices) if isinstance(raw, dict) else None
        made: Structure | None = self._others
        return made

    def branches(self, name: str) -> list[Structure]:
        """The schemas of a combination: anyOf, oneOf, allOf or not (one at most)."""
        found = self._branches.get(name)
        if found is None:
            raw = self.raw.get(name, [])
            found = self._branches[name] = [
                Structure(one, choices=self._choices) for one in (raw if isinstance(raw, list) else [raw])
            ]
        return found

    def field(self, name: str) -> Structure | None:
        """The node of a value by its name, listed or not."""
        return self.named(name) or self.others

    @property
    def default(self) -> Any:
        """What the value is where it is left out; None for nothing."""
        return self.raw.get("default")

    @property
    def defaults(self) -> list[tuple[str, Any, bool]]:
        """The properties that have a default: name, default, and whether null may stand there."""
        if self._defaults is None:
            properties: dict[str, Any] = self.raw.get("properties") or {}
            self._defaults = [
                (name, one["default"], one.get("nullable") is True)
                for name, one in properties.items()
                if one.get("default") is not None
            ]
        return self._defaults


def as_list(value: Any) -> list[Any]:
    """Several schemas or one."""
    return value if isinstance(value, list) else [value]


EMPTY = Structure({})
