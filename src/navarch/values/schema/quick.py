"""The short way to say that values fit a schema.

For a schema that is proven to be plain, `Quick` makes one Python function for each subschema that it meets, which only
answers yes or no. Where it says no, the complete way decides and finds the words.
"""

from __future__ import annotations

import marshal

from navarch.values.schema.document import compare, equals, is_whole, kind_of
from navarch.values.schema.drafts import ANNOTATIONS, LATEST, below, draft_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    Check = Callable[[Any], bool]
    Make = Callable[[Any, str], Check | None]
    Schema = dict[str, Any]

    class CheckTop(Protocol):
        """Whether a chart's values fit."""

        def __call__(self, values: Any, touched: Iterable[str] | None = None, /) -> bool: ...


__all__ = ["Quick"]

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
_SHAPES = frozenset(("properties", "required", "additionalProperties", "type", "items", "enum"))


class Quick:
    """A plain schema as functions. `fall_back` answers for a subschema, given its place, with the complete check."""

    __slots__ = ("_document", "_draft", "_fall_back", "_idle", "_known")

    def __init__(self, document: Schema, fall_back: Callable[[str], Check]) -> None:
        self._document = document
        named = document.get("$schema")
        draft = draft_of(named) if named else None
        self._draft = (draft or LATEST).version
        self._idle = ANNOTATIONS | {"format"} if self._draft >= 2019 else ANNOTATIONS
        self._fall_back = fall_back
        self._known: dict[str, Check | None] = {}

    def check(self) -> CheckTop:
        """Whether values fit. What the properties at the top were found to fit with last is remembered.

        The answer may be asked for with the names of the `touched` values: all others are as in values that fitted.
        """
        document = self._document
        properties = document.get("properties")
        if type(properties) is not dict or ("$ref" in document and self._draft < 2019):
            return _whole(self._make(document, "") or _yes)
        rest = self._make({name: value for name, value in document.items() if name != "properties"}, "") or _yes
        if "additionalProperties" in document or "patternProperties" in document:
            return _whole(self._make(document, "") or _yes)
        parts: dict[str, Any] = {name: (inner, below("/properties", name)) for name, inner in properties.items()}

        def check(values: Any, touched: Iterable[str] | None = None) -> bool:
            if type(values) is not dict:
                return rest(values)
            for name in values if touched is None else touched:
                part = parts.get(name)
                if type(part) is tuple:
                    made = self._make(*part)
                    part = parts[name] = _remembering(made) if made else None
                if part is not None and name in values and not part(values[name]):
                    return False
            return rest(values)

        return check

    def _at(self, schema: Any, at: str) -> Check | None:
        if at not in self._known:
            self._known[at] = self._make(schema, at)
        return self._known[at]

    def _make(self, schema: Any, at: str) -> Check | None:
        """The function for a schema; None where everything fits."""
        if schema is True:
            return None
        if schema is False:
            return _no
        if "$ref" in schema:
            rest = {name: value for name, value in schema.items() if name != "$ref"}
            if self._draft < 2019 and "const" in rest:
                return self._fall_back(at)
            others = self._make(rest, at) if self._draft >= 2019 else None
            return _both(self._refer(schema["$ref"]), others)
        words = schema.keys() - self._idle
        if not words:
            return None
        if words <= _SHAPES:
            return self._shape(schema, at)
        checks = [self._shape({name: schema[name] for name in words & _SHAPES}, at)]
        for name in words - _SHAPES:
            make = _MAKERS.get(name)
            if make is None or (name == "if" and self._draft < 7):
                return self._fall_back(at)
            checks.append(make(schema, at, self._make))
        return _all_of([check for check in checks if check])

    def _refer(self, reference: str) -> Check:
        """What a reference leads to, looked up at its first use: references may form rings."""
        place = reference[1:]
        found: list[Check | None] = []

        def check(value: Any) -> bool:
            if not found:
                found.append(self._at(self._lookup(place), place))
            target = found[0]
            return target is None or target(value)

        return check

    def _lookup(self, place: str) -> Any:
        value: Any = self._document
        for part in place.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if type(value) is list else value[key]
        return value

    def _shape(self, schema: Schema, at: str) -> Check | None:
        """Types, and what is in mappings and lists."""
        check = _type_check(schema["type"]) if "type" in schema else None
        if "enum" in schema:
            check = _both(check, _enum_check(schema["enum"]))
        if schema.keys() & {"properties", "required", "additionalProperties"}:
            check = _both(check, self._object(schema, at))
        if "items" in schema:
            items = schema["items"]
            check = _both(check, self._fall_back(at) if type(items) is list else self._items(items, f"{at}/items"))
        return check

    def _object(self, schema: Schema, at: str) -> Check:
        parts: dict[str, Any] = {
            name: (inner, below(f"{at}/properties", name)) for name, inner in schema.get("properties", {}).items()
        }
        required = schema.get("required", ())
        others: Any = schema.get("additionalProperties", True), f"{at}/additionalProperties"

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for name in required:
                if name not in value:
                    return False
            nonlocal others
            rest = others  # looked at once: another thread may be making it
            if type(rest) is tuple:
                rest = others = self._make(*rest)
            for name, inner in value.items():
                part = parts.get(name, rest)
                if type(part) is tuple:
                    part = parts[name] = self._make(*part)
                if part is not None and not part(inner):
                    return False
            return True

        return check

    def _items(self, schema: Any, at: str) -> Check | None:
        inner: Any = schema, at

        def check(value: Any) -> bool:
            if not isinstance(value, list):
                return True
            nonlocal inner
            each = inner
            if type(each) is tuple:
                each = inner = self._make(*each)
            return each is None or all(map(each, value))

        return check


def _all(schema: Schema, at: str, make: Make) -> Check | None:
    checks = [make(inner, f"{at}/allOf/{index}") for index, inner in enumerate(schema["allOf"])]
    return _all_of([check for check in checks if check])


def _any(schema: Schema, at: str, make: Make) -> Check | None:
    checks = [make(inner, f"{at}/anyOf/{index}") for index, inner in enumerate(schema["anyOf"])]
    if None in checks:
        return None
    return lambda value: any(check(value) for check in checks if check)


def _one(schema: Schema, at: str, make: Make) -> Check:
    checks = [make(inner, f"{at}/oneOf/{index}") or _yes for index, inner in enumerate(schema["oneOf"])]
    return lambda value: sum(check(value) for check in checks) == 1


def _not(schema: Schema, at: str, make: Make) -> Check:
    check = make(schema["not"], f"{at}/not")
    return _no if check is None else lambda value: not check(value)


def _if(schema: Schema, at: str, make: Make) -> Check:
    test = make(schema["if"], f"{at}/if") or _yes
    then = make(schema.get("then", True), f"{at}/then") or _yes
    other = make(schema.get("else", True), f"{at}/else") or _yes
    return lambda value: then(value) if test(value) else other(value)


def _pattern(schema: Schema, _at: str, _make: Make) -> Check:
    from navarch.golang.regexp import compile_regexp

    match = compile_regexp(schema["pattern"]).match
    return lambda value: match(value) if isinstance(value, str) else True


def _size(name: str, kind: type[str | list[Any]], sign: int) -> Callable[[Schema, str, Make], Check]:
    """A keyword that limits a length; `sign` is 1 for the least, -1 for the most."""

    def make(schema: Schema, _at: str, _make: Make) -> Check:
        limit = schema[name] * sign
        return lambda value: len(value) * sign >= limit if isinstance(value, kind) else True

    return make


def _limit(name: str, refused: int) -> Callable[[Schema, str, Make], Check]:
    """A keyword that limits a number; `refused` is how a number that breaks it compares with the limit."""

    def make(schema: Schema, _at: str, _make: Make) -> Check:
        limit = schema[name]
        return lambda value: compare(value, limit) != refused if kind_of(value) == "number" else True

    return make


_MAKERS: dict[str, Callable[[Schema, str, Make], Check | None]] = {
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "if": _if,
    "pattern": _pattern,
    "minLength": _size("minLength", str, 1),
    "maxLength": _size("maxLength", str, -1),
    "minItems": _size("minItems", list, 1),
    "maxItems": _size("maxItems", list, -1),
    "minimum": _limit("minimum", -1),
    "maximum": _limit("maximum", 1),
}


def _whole(check: Check) -> CheckTop:
    return lambda values, _touched=None: check(values)


def _yes(_value: Any) -> bool:
    return True


def _no(_value: Any) -> bool:
    return False


def _both(one: Check | None, other: Check | None) -> Check | None:
    if one is None or other is None:
        return one or other
    return lambda value: one(value) and other(value)


def _all_of(checks: list[Check]) -> Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda value: all(check(value) for check in checks)


_type_checks: dict[str, Check] = {}


def _type_check(named: str | list[str]) -> Check:
    names = (named,) if type(named) is str else tuple(named)
    key = " ".join(names)
    if key not in _type_checks:
        _type_checks[key] = _make_type_check(names)
    return _type_checks[key]


def _make_type_check(names: tuple[str, ...]) -> Check:
    fitting = frozenset(kind for name in names for kind in _PYTHON_TYPES[name])
    whole = "integer" in names

    def check(value: Any) -> bool:
        if type(value) in fitting and (type(value) is not float or kind_of(value)):
            return True
        kind = kind_of(value)
        return kind in names or (whole and kind == "number" and is_whole(value))

    return check


def _enum_check(items: list[Any]) -> Check:
    texts = frozenset(item for item in items if type(item) is str)

    def check(value: Any) -> bool:
        if type(value) is str:
            return value in texts
        return any(equals(value, item) for item in items)

    return check


def _remembering(check: Check) -> Check:
    """The check, but not again for a mapping or list that was found fit just before."""
    fit: list[bytes] = []

    def remembered(value: Any) -> bool:
        kind = type(value)
        if kind is not dict and kind is not list:
            return check(value)
        try:
            packed = marshal.dumps(value, 2)
        except ValueError:
            return check(value)
        if packed in fit:
            return True
        if not check(value):
            return False
        fit.insert(0, packed)
        del fit[2:]
        return True

    return remembered
