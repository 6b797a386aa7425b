"""Steps of field paths in the form fieldsV1 has: "f:spec", 'k:{"name":"web"}', 'v:"example.com/x"', "i:0".

As long as steps are canonical (keys in order, no blanks, one form for each text), equal text means equal steps.
"""

from __future__ import annotations

from functools import lru_cache

from navarch.errors import JsonError
from navarch.golang.json import decode, dumps, float_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["ElementError", "canonical", "key_step", "order", "shown", "value_step"]

_FIELD, _KEY, _VALUE, _INDEX = "fkvi"
_NUMBER, _STRING, _BOOLEAN, _LIST, _MAP, _NULL = range(6)


class ElementError(ValueError):
    """A text that is no step."""


def key_step(pairs: Sequence[tuple[str, Any]]) -> str:
    """The step to the item of a list that has these fields, ordered by name."""
    told = [f"{dumps(name)}:{_text(value)}" for name, value in pairs]
    return "k:{" + ",".join(told) + "}"


def value_step(value: Any) -> str:
    """The step to the item of a set."""
    return "v:" + _text(value)


def _text(value: Any) -> str:
    kind = type(value)
    if kind is str and value.isascii() and value.replace("-", "").replace(".", "").isalnum():
        return f'"{value}"'
    if kind is int:
        return str(value)
    return float_text(value) if kind is float else dumps(value)


def canonical(step: str) -> str | None:
    """A step as it was sent, in the form that equal ones share; None for unknown sorts. Raises ElementError."""
    if len(step) < 2 or step[1] != ":":
        raise ElementError(step)
    kind = step[0]
    if kind == _FIELD:
        return step
    if kind == _KEY:
        value = _parse(step)
        if type(value) is not dict:
            raise ElementError(step)
        return key_step(sorted(value.items()))
    if kind == _VALUE:
        return value_step(_parse(step))
    if kind == _INDEX:
        try:
            return f"i:{int(step[2:])}"
        except ValueError:
            raise ElementError(step) from None
    return None


def _parse(step: str) -> Any:
    value, error = decode(step[2:])
    if error:
        raise ElementError(step)
    return _whole(value)


def _whole(value: Any) -> Any:
    """A decoded value with its whole numbers as ints."""
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is dict:
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if type(value) is list else value


@lru_cache(maxsize=2048)
def order(step: str) -> tuple[Any, ...]:
    """What steps are sorted by: fields, then keys, values, indices; numbers by size."""
    kind = step[0]
    if kind == _FIELD:
        return (0, step)
    try:
        if kind == _KEY:
            return (1, tuple([(name, _rank(value)) for name, value in sorted(_parse(step).items())]))
        if kind == _VALUE:
            return (2, _rank(_parse(step)))
        return (3, int(step[2:]))
    except (ElementError, JsonError, ValueError, AttributeError):
        return (4, step)


def _rank(value: Any) -> tuple[int, Any]:
    """Values of any sorts beside each other: numbers, texts, booleans, lists, maps, null."""
    if value is None:
        return (_NULL, 0)
    if type(value) is bool:
        return (_BOOLEAN, value)
    if type(value) is str:
        return (_STRING, value)
    if type(value) is list:
        return (_LIST, tuple([_rank(item) for item in value]))
    if type(value) is dict:
        return (_MAP, tuple([(key, _rank(value[key])) for key in sorted(value)]))
    return (_NUMBER, value)


def shown(step: str) -> str:
    """A step as messages write it: ".spec", '[name="web"]', '[="example.com/x"]', "[0]"."""
    kind = step[0]
    if kind == _FIELD:
        return "." + step[2:]
    if kind == _KEY:
        return "[" + ",".join([f"{name}={_shown_value(value)}" for name, value in sorted(_parse(step).items())]) + "]"
    return f"[={_shown_value(_parse(step))}]" if kind == _VALUE else f"[{step[2:]}]"


def _shown_value(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is str:
        from navarch.golang.strconv import quote

        return quote(value)
    if type(value) is list:
        return "[" + ",".join([_shown_value(item) for item in value]) + "]"
    if type(value) is dict:
        return "".join([f"{key}={_shown_value(value[key])}" for key in sorted(value)])
    if type(value) is float:
        from navarch.golang.strconv import format_float

        return format_float(value)
    return str(value)
