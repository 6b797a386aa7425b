"""Values held against the schema of a CustomResourceDefinition: kube-openapi's validator, in its words.

What is wrong is collected as FieldErrors. Where one of several schemas must fit (anyOf, oneOf), the errors told are
those of the one that came nearest, which is why everything that fits is counted on the way.
"""

from __future__ import annotations

from navarch.cluster.custom.correlation import Correlation
from navarch.cluster.custom.formats import has_format, known_format
from navarch.cluster.custom.numbers import check_number, is_whole
from navarch.cluster.custom.result import Finding, Result
from navarch.golang.json import dumps
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure
    from navarch.cluster.validation.errors import FieldError

__all__ = ["validate"]

_TYPES: dict[type, tuple[str, str]] = {
    bool: ("boolean", ""),
    str: ("string", ""),
    int: ("integer", "int64"),
    float: ("number", "float64"),
    list: ("array", ""),
    dict: ("object", ""),
}
"""The type and format that a value has by itself."""


def validate(value: Any, structure: Structure, old: Any = ..., *, path: str = "") -> list[FieldError]:
    """What is wrong with a value, by its schema. `path` is where it stands in its object ("" for the whole).

    With an `old` value, parts that haven't changed since are let be.
    """
    correlation = None if old is ... else Correlation(value, old, structure)
    result = _ratcheted(value, structure, "", correlation)
    return [one.error(path) for one in result.findings()]


def _ratcheted(value: Any, structure: Structure, path: str, correlation: Correlation | None) -> Result:
    result = _check(value, structure, path, correlation)
    if result.errors and correlation is not None and correlation.equal():
        result.errors.clear()
    return result


def _check(value: Any, structure: Structure, path: str, correlation: Correlation | None) -> Result:
    """Everything that a node asks of a value, in the order of kube-openapi's validators."""
    result = Result()
    _check_type(value, structure, path, result)
    if value is None:
        _check_enum(value, structure, path, result)
        return result
    result.count += 3 if structure.typed else 2  # a point for each validator that applies, and one for the whole
    if structure.combined:
        _check_combinations(value, structure, path, result)
    result.count += 1
    type_ = type(value)
    if type_ is str:
        _check_string(value, structure, path, result)
    elif type_ is int or type_ is float:
        result.count += 2
        check_number(value, structure, path, result)
    elif type_ is list:
        _check_list(value, structure, path, result, correlation)
    _check_enum(value, structure, path, result)
    result.count += 1
    if type_ is dict:
        _check_object(value, structure, path, result, correlation)
        result.count += 1
    return result


def _check_type(value: Any, structure: Structure, path: str, result: Result) -> None:
    types, format_ = structure.types, structure.format
    if value is None:
        if types and not structure.nullable:
            result.add(_type_finding(path, ",".join(types), "null"))
        else:
            result.count += 1
        return
    if not structure.typed:
        return
    own, own_format = _TYPES[type(value)]
    fits = (
        own in types
        or (own == "number" and "integer" in types and is_whole(value))
        or (own == "integer" and "number" in types)
    )
    sequence = own in ("string", "array")
    if format_ and not sequence and not fits and own_format != format_:
        result.add(_type_finding(path, format_, own_format))
    elif fits or (format_ and sequence and not {"number", "integer"} & set(types)):
        result.count += 1
    else:
        result.add(_type_finding(path, ",".join(types), own))


def _type_finding(path: str, wanted: str, found: str) -> Finding:
    return Finding("type", path, found, f"{path} in body must be of type {wanted}: {quote(found)}")


def _check_enum(value: Any, structure: Structure, path: str, result: Result) -> None:
    allowed = structure.enum
    if allowed and not any(_equals(value, one) for one in allowed):
        shown = [one if isinstance(one, str) else dumps(one) for one in allowed]
        # what the whole message says is only used to tell findings apart
        result.add(Finding("enum", path, value, f"{path} in body should be one of {allowed}", shown))


def _equals(value: Any, allowed: Any) -> bool:
    """Whether a value is one of the allowed, after Go's conversion of numbers."""
    if value is None or allowed is None:
        return False
    numbers = (int, float)
    if type(value) in numbers and type(allowed) in numbers:
        return bool(type(allowed)(value) == allowed)
    return type(value) is type(allowed) and bool(value == allowed)


def _check_string(value: str, structure: Structure, path: str, result: Result) -> None:
    """The first of length and pattern that is wrong; then the format."""
    raw = structure.raw
    result.count += 1
    longest, shortest, pattern = raw.get("maxLength"), raw.get("minLength"), raw.get("pattern")
    if longest is not None and len(value) > longest:
        text = f"{path} in body should be at most {longest} chars long"
        result.add(Finding("too long", path, value, text, longest))
    elif shortest is not None and len(value) < shortest:
        result.add(Finding("", path, value, f"{path} in body should be at least {shortest} chars long"))
    elif pattern and not _matches(pattern, value):
        result.add(Finding("", path, value, f"{path} in body should match '{pattern}'"))
    format_ = structure.format
    if format_ and known_format("", format_):
        result.count += 1
        if not has_format(format_, value):
            result.add(Finding("type", path, value, f"{path} in body must be of type {format_}: {quote(value)}"))


def _matches(pattern: str, text: str) -> bool:
    from navarch.golang.regexp import compile_regexp

    return bool(compile_regexp(pattern).match(text))


def _check_list(
    value: list[Any], structure: Structure, path: str, result: Result, correlation: Correlation | None
) -> None:
    raw, items = structure.raw, structure.items
    if items is not None:
        for index, item in enumerate(value):
            child = correlation.index(index) if correlation is not None else None
            result.merge(_ratcheted(item, items, f"{path}[{index}]", child))
    size, least, most = len(value), raw.get("minItems"), raw.get("maxItems")
    if least is not None and size < least:
        result.add(Finding("", path, size, f"{path} in body should have at least {least} items"))
    if most is not None and size > most:
        result.add(Finding("too many", path, size, f"{path} in body should have at most {most} items", most))
    if raw.get("uniqueItems") and any(one in value[:index] for index, one in enumerate(value)):
        result.add(Finding("", path, None, f"{path} in body shouldn't contain duplicates"))
    result.count += 2


def _check_object(
    value: dict[str, Any], structure: Structure, path: str, result: Result, correlation: Correlation | None
) -> None:
    raw = structure.raw
    size, least, most = len(value), raw.get("minProperties"), raw.get("maxProperties")
    if least is not None and size < least:
        result.add(Finding("", path, size, f"{path} in body should have at least {least} properties"))
    if most is not None and size > most:
        result.add(Finding("too many", path, size, f"{path} in body should have at most {most} properties", most))
    known: dict[str, Any] = raw.get("properties") or {}
    _check_others(value, structure, path, result, correlation)
    for name in known:
        if name in value:
            place = f"{path}.{name}" if path else name
            below = structure.named(name)
            if below is not None:
                result.merge(_ratcheted(value[name], below, place, _child(correlation, path, name)))
    for name in raw.get("required") or ():
        if name not in value:
            result.add(Finding("required", f"{path}.{name}", None, f"{path}.{name} in body is required"))


def _check_others(
    value: dict[str, Any], structure: Structure, path: str, result: Result, correlation: Correlation | None
) -> None:
    """What isn't among the listed properties."""
    known = structure.raw.get("properties") or {}
    if structure.raw.get("additionalProperties") is False:
        for name in value:
            if name not in known:
                result.add(Finding("", path, name, f"{path}.{name} in body is a forbidden property"))
    elif structure.others is not None:
        for name, inner in value.items():
            if name not in known:
                child = _child(correlation, path, name)
                result.merge(_ratcheted(inner, structure.others, f"{path}.{name}", child))


def _child(correlation: Correlation | None, path: str, name: str) -> Correlation | None:
    if correlation is None or (not path and name in ("kind", "apiVersion")):
        return None
    return correlation.key(name)


def _check_combinations(value: Any, structure: Structure, path: str, result: Result) -> None:
    """anyOf, oneOf, allOf and not."""
    shown = quote(path)
    _check_any(value, structure.branches("anyOf"), path, result)
    _check_one(value, structure.branches("oneOf"), path, result)
    together = structure.branches("allOf")
    if together:
        results = [_check(value, one, path, None) for one in together]
        fitting = sum(not one.errors for one in results)
        for one in results:
            result.merge(one)
        if fitting != len(together):
            more = "" if fitting else ". None validated"
            result.add(Finding("whole", path, None, f"{shown} must validate all the schemas (allOf){more}"))
    for branch in structure.branches("not"):
        if not _check(value, branch, path, None).errors:
            result.add(Finding("whole", path, None, f"{shown} must not validate the schema (not)"))


def _check_any(value: Any, branches: list[Structure], path: str, result: Result) -> None:
    best: Result | None = None
    for one in branches:
        found = _check(value, one, path, None)
        if not found.errors:
            result.merge(found)
            return
        if best is None or found.count > best.count:
            best = found
    if best is not None:
        text = f"{quote(path)} must validate at least one schema (anyOf)"
        result.add(Finding("whole", path, None, text))
        result.merge(best)


def _check_one(value: Any, branches: list[Structure], path: str, result: Result) -> None:
    if not branches:
        return
    results = [_check(value, one, path, None) for one in branches]
    fitting = [one for one in results if not one.errors]
    if len(fitting) == 1:
        result.merge(fitting[0])
        return
    more = f"Found {len(fitting)} valid alternatives" if fitting else "Found none valid"
    text = f"{quote(path)} must validate one and only one schema (oneOf). {more}"
    result.add(Finding("whole", path, None, text))
    if not fitting:
        result.merge(max(results, key=lambda one: one.count))
