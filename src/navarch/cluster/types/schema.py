"""What values of a type may look like: built-in types and those of custom resources in one form.

Reading an object, filling in what was left out, telling who owns which field, and publishing OpenAPI all go by this.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["ANY", "Field", "Schema"]


class Field:
    """A field of a struct.

    `omitted`: left out of answers when it holds its zero value, as Go's encoder does (not for structs, times and
    quantities that aren't pointers: omitempty does nothing there). `nullable`: a pointer, list, map or bytes, so that
    null and absence are the same; of pointers null alone is the zero value, of the others what is empty as well.
    `default` is what an API server publishes for the field (... stands for none). `strategy` and `merge_key` are those
    of strategic merge patches ("" for none).
    """

    __slots__ = ("default", "merge_key", "name", "nullable", "omitted", "required", "schema", "strategy")

    def __init__(
        self,
        name: str,
        schema: Schema,
        *,
        required: bool = False,
        omitted: bool = True,
        nullable: bool = False,
        default: Any = ...,
        strategy: str = "",
        merge_key: str = "",
    ) -> None:
        self.name = name
        self.schema = schema
        self.required = required
        self.omitted = omitted
        self.nullable = nullable
        self.default = default
        self.strategy = strategy
        self.merge_key = merge_key


class Schema:
    """A type.

    `kind` is one of struct, map, list, string, integer, number, boolean, bytes (base64), quantity, int-or-string,
    time, micro-time, duration, any (nothing is known of the value, or with the format "object" that it is one).

    - struct: `fields` by their names; `open`: fields that aren't listed are kept, as by
      x-kubernetes-preserve-unknown-fields; `embedded`: a whole object with apiVersion, kind and metadata.
    - map, list: `element` is the type of every value.
    - list: `relation` is "atomic", "set" or "map", with the names of the `keys` for "map".
    - map, struct: `relation` is "granular", or "atomic" where one owner has all of it.
    - `name` is that of the published definition ("io.k8s.api.core.v1.PodSpec"), "" for others; `go_type` what messages
      of Go's decoder call it: "v1.PodSpec", "int32".
    """

    __slots__ = (
        "_element", "_fields", "embedded", "enum", "format", "go_type", "keys", "kind", "name", "open", "raw",
        "relation",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        *,
        fields: dict[str, Field] | Callable[[], dict[str, Field]] | None = None,
        element: Schema | Callable[[], Schema] | None = None,
        relation: str = "",
        keys: tuple[str, ...] = (),
        format: str = "",  # noqa: A002 - OpenAPI's word
        enum: tuple[Any, ...] = (),
        open: bool = False,  # noqa: A002
        embedded: bool = False,
        name: str = "",
        go_type: str = "",
        raw: dict[str, Any] | None = None,
    ) -> None:
        self.kind = kind
        self._fields = fields
        self._element = element
        self.relation = relation or ("atomic" if kind == "list" else "granular")
        self.keys = keys
        self.format = format
        self.enum = enum
        self.open = open
        self.embedded = embedded
        self.name = name
        self.go_type = go_type
        self.raw = raw  # a custom resource's schema as it was written, for its checks

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of a struct by name; worked out when first asked for."""
        found = self._fields
        if callable(found):  # another thread may do the same meanwhile: both find the same
            found = self._fields = found()
        return found or {}

    @property
    def element(self) -> Schema:
        """What a map or a list holds; worked out when first asked for."""
        found = self._element
        if callable(found):
            found = self._element = found()
        return found or ANY


ANY = Schema("any")
