"""What the validator of custom objects found, on the way to the words of the API."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.validation import errors
from navarch.cluster.validation.errors import Literal
from navarch.golang.strconv import shortest_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = ["Finding", "Result", "shown"]


class Finding(NamedTuple):
    """A rule that is broken. `sort` says how it is told; "whole" findings name no field.

    `bound` is the most that there may be, or the list of values that may be there.
    """

    sort: str
    path: str
    value: Any
    text: str
    bound: Any = None

    def error(self, base: str) -> FieldError:
        """As the API tells it, for a value that stands at `base` in its object."""
        inner = self.path.removeprefix(".")
        field = f"{base}.{inner}" if base and inner else inner or base or "<nil>"
        if self.sort == "whole":
            return errors.invalid(base or "<nil>", "", self.text)
        if self.sort == "required":
            return errors.required(field)
        if self.sort == "enum":
            return errors.unsupported(field, shown(self.value), self.bound)
        if self.sort == "too long":
            return errors.too_long(field, self.bound)
        if self.sort == "too many":
            return errors.too_many(field, self.value, self.bound)
        value = "" if self.value is None else shown(self.value)
        make = errors.type_invalid if self.sort == "type" else errors.invalid
        return make(field, value, self.text)


def shown(value: Any) -> Any:
    """A value as messages show it: numbers as Go prints them."""
    return Literal(shortest_float(value)) if isinstance(value, float) else value


class Result:
    """Findings, and how much was right."""

    __slots__ = ("count", "errors")

    def __init__(self) -> None:
        self.count = 0
        self.errors: list[Finding] = []

    def add(self, finding: Finding) -> None:
        self.errors.append(finding)

    def merge(self, other: Result) -> None:
        self.count += other.count
        self.errors += other.errors

    def findings(self) -> list[Finding]:
        """The findings, those that say the same but once."""
        return list({one.text: one for one in reversed(self.errors)}.values())[::-1]
