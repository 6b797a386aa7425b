"""What is wrong with a field of an object, in the words of apimachinery's field.Error."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.problems import Cause
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

__all__ = [
    "OMITTED",
    "FieldError",
    "Literal",
    "as_json",
    "causes",
    "duplicate",
    "forbidden",
    "internal",
    "invalid",
    "not_found",
    "required",
    "too_few",
    "too_long",
    "too_long_characters",
    "too_many",
    "too_short",
    "type_invalid",
    "unsupported",
]

_WORDS = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
    "FieldValueTooFew": "Too few",
    "InternalError": "Internal error",
    "FieldValueTypeInvalid": "Invalid value",
    "FieldValueTooShort": "Too short",
}
_WITHOUT_VALUE = frozenset(
    ["FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong", "FieldValueTooShort", "InternalError"]
)


class Literal(str):
    """A value that is shown as it stands, without quotes."""

    __slots__ = ()


OMITTED = Literal("")
"""Stands for a value that isn't shown."""


class FieldError(NamedTuple):
    """One finding: `type` is the reason that causes carry ("FieldValueInvalid"), `value` what was found there.

    Strings are shown quoted by Go's rules, numbers and booleans plainly, all else as JSON; a Literal as it stands.
    """

    type: str
    field: str
    value: Any
    detail: str

    @property
    def message(self) -> str:
        """The text without the field."""
        text = _WORDS[self.type]
        if self.type not in _WITHOUT_VALUE and self.value is not OMITTED:
            text = f"{text}: {_shown(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    def cause(self) -> Cause:
        """As answers list it."""
        return Cause(self.field, self.type, self.message)


def _shown(value: Any) -> str:
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    return as_json(value)


def as_json(value: Any) -> Literal:
    """The value as Go's encoding/json writes it: how pointers, lists, maps and strings of named types are shown."""
    from navarch.golang.json import dumps

    return Literal(dumps(value))


def required(path: str, detail: str = "") -> FieldError:
    """A value must be given."""
    return FieldError("FieldValueRequired", path, "", detail)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError("FieldValueInvalid", path, value, detail)


def type_invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value isn't of the type that the field has."""
    return FieldError("FieldValueTypeInvalid", path, value, detail)


def duplicate(path: str, value: Any, detail: str = "") -> FieldError:
    """The value must occur only once."""
    return FieldError("FieldValueDuplicate", path, value, detail)


def not_found(path: str, value: Any, detail: str = "") -> FieldError:
    """The value names something that isn't there."""
    return FieldError("FieldValueNotFound", path, value, detail)


def forbidden(path: str, detail: str) -> FieldError:
    """The value must not be given here."""
    return FieldError("FieldValueForbidden", path, "", detail)


def unsupported(path: str, value: Any, supported: Iterable[str]) -> FieldError:
    """The value is none of those; they are listed in the order given."""
    named = ", ".join([quote(one) for one in supported])
    return FieldError("FieldValueNotSupported", path, value, f"supported values: {named}" if named else "")


def too_long(path: str, most: int) -> FieldError:
    """More than so many bytes."""
    detail = "value is too long" if most < 0 else f"may not be more than {most} {'byte' if most == 1 else 'bytes'}"
    return FieldError("FieldValueTooLong", path, "<value omitted>", detail)


def too_long_characters(path: str, most: int) -> FieldError:
    """More than so many characters."""
    unit = "character" if most == 1 else "characters"
    detail = "value is too long" if most < 0 else f"may not be more than {most} {unit}"
    return FieldError("FieldValueTooLong", path, "<value omitted>", detail)


def too_short(path: str, value: Any, least: int) -> FieldError:
    """Fewer than so many characters."""
    unit = "character" if least == 1 else "characters"
    detail = "value is too short" if least < 0 else f"must be at least {least} {unit}"
    return FieldError("FieldValueTooShort", path, value, detail)


def too_many(path: str, found: int, most: int) -> FieldError:
    """More than so many items; `found` below zero isn't shown, nor is `most`."""
    detail = "has too many items" if most < 0 else f"must have at most {most} {'item' if most == 1 else 'items'}"
    return FieldError("FieldValueTooMany", path, found if found >= 0 else OMITTED, detail)


def too_few(path: str, found: int, least: int) -> FieldError:
    """Fewer than so many items."""
    detail = "has too few items" if least < 0 else f"must have at least {least} {'item' if least == 1 else 'items'}"
    return FieldError("FieldValueTooFew", path, found, detail)


def internal(path: str, detail: str) -> FieldError:
    """The check itself failed."""
    return FieldError("InternalError", path, "", detail)


def causes(errors: Sequence[FieldError]) -> list[Cause]:
    """All of them as answers list them."""
    return [one.cause() for one in errors]
