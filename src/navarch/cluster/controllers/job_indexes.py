"""The numbers of an Indexed Job's pods, and sets of them as text ("1,3-5,7")."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Object = dict[str, Any]

__all__ = ["INDEX", "failed_count", "format_indexes", "index_of", "parse_indexes"]

INDEX = "batch.kubernetes.io/job-completion-index"
_FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"


def _number(pod: Object, name: str) -> int | None:
    text = (pod["metadata"].get("annotations") or {}).get(name, "")
    return int(text) if text.isascii() and text.isdecimal() else None


def index_of(pod: Object) -> int | None:
    """The number of a pod; None if it has none."""
    return _number(pod, INDEX)


def failed_count(pod: Object) -> int:
    """How many pods of the same number had failed before this one."""
    return _number(pod, _FAILURE_COUNT) or 0


def parse_indexes(text: str) -> set[int]:
    """The numbers in a text; parts that aren't numbers are skipped."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first.isdecimal() and (not dash or last.isdecimal()):
            found.update(range(int(first), int(last or first) + 1))
    return found


def format_indexes(numbers: Iterable[int]) -> str:
    """Numbers as text; from three in a row on as a range, as Kubernetes writes two in a row singly."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(_run(first, last) for first, last in runs)


def _run(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
