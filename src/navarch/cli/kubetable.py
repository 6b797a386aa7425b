"""Objects as `kubectl get` prints them: the tables that an API server makes of objects, under headings.

`nav status` shows a release's objects this way. The layout is that of kubectl's printer with its tabwriter: each
table that is printed stands in columns of its own, and headings are repeated only where the columns change.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["TablePrinter", "age", "align"]

_MIN_WIDTH = 6
_PADDING = 3
_TABLE_VERSIONS = ("meta.k8s.io/v1", "meta.k8s.io/v1beta1")
_LINE_ENDS = ("\f", "\n", "\r")

# How ages are told: below so many seconds, in this unit, with the rest in that one.
_SECOND, _MINUTE, _HOUR, _DAY, _YEAR = 1, 60, 3600, 86_400, 86_400 * 365
_AGES = (
    (2 * _MINUTE, _SECOND, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", _SECOND, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


class TablePrinter:
    """Prints one object (or table of objects) after the other, and remembers which headings were printed last."""

    def __init__(self) -> None:
        self._columns: list[Any] | None = None
        self._headed = False
        self._plain = False

    def text(self, found: dict[str, Any]) -> str:
        """What is printed for an answer of the API server: a Table, or an object that it made no table of."""
        if found.get("kind") == "Table" and found.get("apiVersion") in _TABLE_VERSIONS:
            return self._table(found)
        return self._object(found)

    def _table(self, table: dict[str, Any]) -> str:
        columns = table.get("columnDefinitions") or []
        rows = table.get("rows") or []
        headings = not (self._headed and (not columns or columns == self._columns))
        if not columns:
            columns = self._columns or []
        elif columns != self._columns:
            self._columns, self._headed = columns, False
        self._headed = self._headed or bool(rows)
        shown = [index for index, column in enumerate(columns) if not column.get("priority")]
        lines = [[columns[i].get("name", "").upper() for i in shown]] if headings and rows else []
        for row in rows:
            cells = row.get("cells") or []
            lines.append([_cell(cells[i]) for i in shown if i < len(cells)])
        return align(lines)

    def _object(self, found: dict[str, Any]) -> str:
        """Name and age, which is all that is known of any object."""
        metadata = found.get("metadata") or {}
        lines = [] if self._plain else [["NAME", "AGE"]]
        self._plain = True
        return align([*lines, [metadata.get("name", ""), _since(metadata.get("creationTimestamp"))]])


def _cell(value: Any) -> str:
    """A cell's text: one line, without what would steer a terminal."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value
    else:
        from navarch.golang.fmt import sprint

        text = sprint(value)
    ends = [at for at in map(text.find, _LINE_ENDS) if at >= 0] if isinstance(value, str) else []
    kept = text[: min(ends)] if ends else text
    return kept.replace("\x1b", "^[").replace("\r", "\\r") + ("..." if ends else "")


def _since(created: str | None) -> str:
    if not created:
        return "<unknown>"
    from time import time

    from navarch.releases.times import seconds

    return age(time() - seconds(created))


def age(seconds: float) -> str:
    """So many seconds in few characters: 90s, 4m10s, 5h, 3d7h (apimachinery's HumanDuration)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    for limit, unit, name, part, part_name in _AGES:
        if whole < limit:
            rest = whole % unit // part if part else 0
            return f"{whole // unit}{name}" + (f"{rest}{part_name}" if rest else "")
    return f"{whole // _YEAR}y"


def align(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells under each other, by the rules of Go's text/tabwriter with kubectl's widths.

    A column is as wide as its widest cell in adjoining lines that have one; the last cell of a line belongs to none.
    """
    split = ["\t".join(line).replace("\v", "\t").split("\t") for line in lines]
    out = [""] * len(split)
    _columns(split, 0, range(len(split)), out)
    return "".join(f"{line}\n" for line in out)


def _columns(lines: list[list[str]], column: int, rows: range, out: list[str]) -> None:
    """Write the cells of `column` and of those right of it, for adjoining lines."""
    start = rows.start
    while start < rows.stop:
        line = lines[start]
        if len(line) <= column + 1:
            out[start] += line[column] if column < len(line) else ""
            start += 1
            continue
        end = start
        while end < rows.stop and len(lines[end]) > column + 1:
            end += 1
        width = max(_MIN_WIDTH, *(len(lines[row][column]) + _PADDING for row in range(start, end)))
        for row in range(start, end):
            out[row] += lines[row][column].ljust(width)
        _columns(lines, column + 1, range(start, end), out)
        start = end
