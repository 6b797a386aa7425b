"""Go's types where Python's alone don't show them, and the names Go gives to types and kinds.

    Python                Go                          where it comes from
    None                  nil
    bool, str, float      bool, string, float64
    complex               complex128                  a literal like 1i
    int                   int64                       --set, arithmetic functions, TOML
    Int                   int                         literals in templates, len, int, range indexes
    Uint8                 uint8                       index of a string or []uint8
    Uint64                uint64                      the numbers of a version
    bytes                 []uint8                     .Files.GetBytes
    dict                  map[string]interface {}
    list                  []interface {}
    Strings, Ints, Lists  []string, []int, [][]interface {}
    Maps                  []map[string]interface {}  fromToml's arrays of tables
    StringMap             map[string]string           split, urlParse's relatives
    Values                common.Values               .Values and .Template
    NilList, NilStrings   nil []interface {}, []string  rest and initial of nothing, concat of nothing
    NilMap                nil map[string]interface {} fromYaml "null"
    other classes         their `go_type` and `go_kind` attributes (Time, Duration, Version, Files, …)

The containers are subclasses, so that everything that takes a list or a dict takes them too; only what prints or
compares types looks at the difference. A nil slice or map is an empty one that prints otherwise (null in JSON); it has
`go_nil = True`, and nothing can be put into a nil map.
"""

from __future__ import annotations

from navarch.errors import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    _List = list[Any]
    _Dict = dict[str, Any]
    _StringDict = dict[str, str]
else:
    _List, _Dict, _StringDict = list, dict, dict

__all__ = [
    "Int",
    "Ints",
    "Lists",
    "Maps",
    "NilList",
    "NilMap",
    "NilStrings",
    "StringMap",
    "Strings",
    "Uint8",
    "Uint64",
    "Values",
    "kind_of",
    "type_of",
]


class Int(int):
    """Go's int. Arithmetic on it gives a plain int, Go's int64, which is what sprig's arithmetic returns."""

    __slots__ = ()
    go_type = "int"
    go_kind = "int"


class Uint8(int):
    """Go's uint8 (byte)."""

    __slots__ = ()
    go_type = "uint8"
    go_kind = "uint8"


class Uint64(int):
    """Go's uint64."""

    __slots__ = ()
    go_type = "uint64"
    go_kind = "uint64"


class Strings(_List):
    """Go's []string."""

    __slots__ = ()
    go_type = "[]string"
    go_kind = "slice"


class Ints(_List):
    """Go's []int; the items are `Int`."""

    __slots__ = ()
    go_type = "[]int"
    go_kind = "slice"


class Lists(_List):
    """Go's [][]interface {}."""

    __slots__ = ()
    go_type = "[][]interface {}"
    go_kind = "slice"


class Maps(_List):
    """Go's []map[string]interface {}."""

    __slots__ = ()
    go_type = "[]map[string]interface {}"
    go_kind = "slice"


class NilList(_List):
    """Go's nil []interface {}."""

    __slots__ = ()
    go_type = "[]interface {}"
    go_kind = "slice"
    go_nil = True


class NilStrings(Strings):
    """Go's nil []string."""

    __slots__ = ()
    go_nil = True


class StringMap(_Dict):
    """Go's map[string]string: a missing key is an empty text."""

    __slots__ = ()
    go_type = "map[string]string"
    go_kind = "map"
    go_elem = "string"

    def get(self, key: str, default: Any = "") -> Any:
        """The value of a key, Go's zero value where there is none."""
        return dict.get(self, key, default)


class NilMap(_Dict):
    """Go's nil map[string]interface {}."""

    __slots__ = ()
    go_type = "map[string]interface {}"
    go_kind = "map"
    go_nil = True


class Values(_Dict):
    """Helm's common.Values, the named map type behind .Values, with the methods that templates may call."""

    __slots__ = ()
    go_methods = {  # noqa: RUF012 - a table
        "YAML": ("", "string"),
        "Table": ("string", "common.Values"),
        "AsMap": ("", "map[string]interface {}"),
        "PathValue": ("string", "any"),
    }
    go_type = "common.Values"
    go_kind = "map"
    go_base = "map[string]interface {}"

    def YAML(self) -> str:  # noqa: N802 - Go's name
        from navarch.golang.yaml import dump

        return dump(self)

    def AsMap(self) -> _Dict:  # noqa: N802 - Go's name
        return dict(self)

    def Table(self, path: str) -> Values:  # noqa: N802 - Go's name
        """The mapping at a dotted path. Raises FunctionError where there is none."""
        found: Any = self
        for name in path.split("."):
            found = found.get(name)
            if not isinstance(found, dict):
                raise FunctionError(f'"{name}" is not a table')
        return Values(found)

    def PathValue(self, path: str) -> Any:  # noqa: N802 - Go's name
        """The value at a dotted path. Raises FunctionError where there is none, or a mapping."""
        head, _, last = path.rpartition(".")
        if not path:
            raise FunctionError("YAML path cannot be empty")
        try:
            table = self.Table(head) if head else self
        except FunctionError:
            table = Values()
        if last not in table or isinstance(table[last], dict):
            raise FunctionError(f'"{last}" is not a value')
        return table[last]


_TYPES: dict[type, tuple[str, str]] = {
    type(None): ("<nil>", "invalid"),
    str: ("string", "string"),
    bool: ("bool", "bool"),
    int: ("int64", "int64"),
    float: ("float64", "float64"),
    complex: ("complex128", "complex128"),
    dict: ("map[string]interface {}", "map"),
    list: ("[]interface {}", "slice"),
    bytes: ("[]uint8", "slice"),
}


def type_of(value: object) -> str:
    """The name that `%T` prints for a value: "float64", "[]interface {}", "*semver.Version"."""
    known = _TYPES.get(type(value))
    if known:
        return known[0]
    return str(getattr(value, "go_type", type(value).__name__))


def kind_of(value: object) -> str:
    """The name of a value's reflect.Kind: "map", "slice", "ptr"; "invalid" for nil."""
    known = _TYPES.get(type(value))
    if known:
        return known[1]
    return str(getattr(value, "go_kind", "struct"))
