"""Which media type a client wants: the Accept header."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Clause", "clauses"]


class Clause(NamedTuple):
    """One of the alternatives: "application/json;as=Table;v=v1" has the parameters as and v. "*" matches anything."""

    type: str
    subtype: str
    parameters: dict[str, str]
    quality: float

    def matches(self, media_type: str) -> bool:
        """Whether "application/json" is what is asked for."""
        kind, _, subtype = media_type.partition("/")
        return self.type in (kind, "*") and self.subtype in (subtype, "*")


def clauses(accept: str) -> list[Clause]:
    """The alternatives of an Accept header, the best liked first; without a header anything goes."""
    return sorted(_read(accept.strip() or "*/*"), key=lambda one: (-one.quality, one.type == "*", one.subtype == "*"))


def _read(accept: str) -> Iterator[Clause]:
    for part in accept.split(","):
        name, *words = (word.strip() for word in part.split(";"))
        kind, slash, subtype = name.partition("/")
        if not slash and kind != "*":
            continue
        parameters = {
            key.strip(): value.strip().strip('"') for key, _, value in (word.partition("=") for word in words)
        }
        yield Clause(kind.strip(), subtype.strip() or "*", parameters, _quality(parameters.pop("q", "1")))


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
