"""Numbers held against a CustomResourceDefinition's schema: ranges, bounds and multiples, as kube-openapi has them."""

from __future__ import annotations

from navarch.cluster.custom.result import Finding
from navarch.golang.strconv import shortest_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cluster.custom.result import Result
    from navarch.cluster.custom.structure import Structure

    Number = int | float

__all__ = ["check_number", "is_whole"]

_MOST_EXACT = float(2**53 - 1)
_MOST_FLOAT32 = 3.4028235677973366e38
_NEARLY = 1e-9


def is_whole(number: float) -> bool:
    """Whether a float counts as an integer: within JavaScript's exact range, and but for rounding."""
    if not -_MOST_EXACT <= number <= _MOST_EXACT:
        return False
    whole = float(int(number))
    if number == whole:
        return True
    return abs(number - whole) / (abs(number) + abs(whole)) < _NEARLY


def check_number(value: Number, structure: Structure, path: str, result: Result) -> None:
    """What is wrong with a number."""
    type_, format_ = "", ""
    if len(structure.types) == 1 and structure.types[0] in ("integer", "number"):
        type_, format_ = structure.types[0], structure.format
    fault = _beyond(value, type_, format_, "Checked", path)
    if fault:
        result.add(fault)
    raw = structure.raw
    for name, label, check in _CHECKS:
        bound = raw.get(name)
        if bound is None:
            continue
        fault = _beyond(float(bound), type_, format_, label, path)
        if fault:
            result.add(fault)
        exclusive = raw.get("exclusive" + name.capitalize()) is True
        native = value if fault is None else float(value)
        limit = type(native)(bound)
        wrong = check(native, limit, exclusive)
        if wrong:
            shown = limit if wrong.startswith("factor") else native
            result.add(Finding("", path, shown, wrong.format(path=path)))


def _beyond(number: Number, type_: str, format_: str, label: str, path: str) -> Finding | None:
    """A number that its type and format can't hold."""
    if type_ == "integer":
        most = 2**31 if format_ == "int32" else 2**63
        fits = (type(number) is int or float(number).is_integer()) and -most <= number < most
    else:
        fits = format_ != "float" or abs(number) < _MOST_FLOAT32
    if fits:
        return None
    told = f"with format {format_}" if format_ else "(default format)"
    text = f"{label} value must be of type {type_} {told} in {path}"
    return Finding("whole", path, None, text)


def _text(number: Number) -> str:
    return shortest_float(number) if isinstance(number, float) else str(number)


def _multiple(value: Number, factor: Number, _: bool) -> str:
    if factor <= 0:
        return f"factor MultipleOf declared for {{path}} must be positive: {_text(factor)}"
    if type(value) is int:
        fits = value % int(factor) == 0
    else:
        fits = is_whole(1 / factor * value if factor < 1 else value / factor)
    return "" if fits else f"{{path}} in body should be a multiple of {_text(factor)}"


def _most(value: Number, most: Number, exclusive: bool) -> str:
    if value > most or (exclusive and value == most):
        words = "less than" if exclusive else "less than or equal to"
        return f"{{path}} in body should be {words} {_text(most)}"
    return ""


def _least(value: Number, least: Number, exclusive: bool) -> str:
    if value < least or (exclusive and value == least):
        words = "greater than" if exclusive else "greater than or equal to"
        return f"{{path}} in body should be {words} {_text(least)}"
    return ""


_CHECKS: tuple[tuple[str, str, Callable[[Number, Number, bool], str]], ...] = (
    ("multipleOf", "MultipleOf", _multiple),
    ("minimum", "Minimum boundary", _least),
    ("maximum", "Maximum boundary", _most),
)
