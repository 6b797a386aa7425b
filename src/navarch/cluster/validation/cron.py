"""Schedules of CronJobs: what the library that Kubernetes reads them with (robfig/cron) says of those it refuses."""

from __future__ import annotations

from navarch.golang.strconv import NumError, parse_int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["refusal"]

_MONTHS = {name: at for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAYS = {name: at for at, name in enumerate("sun mon tue wed thu fri sat".split())}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_DESCRIPTORS = frozenset("@yearly @annually @monthly @weekly @daily @midnight @hourly".split())
_EVERY = "@every "


class _Refused(Exception):
    pass


def refusal(schedule: str) -> str:
    """Why the schedule isn't one, "" for one that is."""
    try:
        _read(schedule)
    except _Refused as error:
        return str(error)
    return ""


def _refuse(why: str) -> NoReturn:
    raise _Refused(why)


def _read(schedule: str) -> None:
    if not schedule:
        _refuse("empty spec string")
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        schedule = _without_zone(schedule)
    if schedule.startswith("@"):
        _read_descriptor(schedule)
        return
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        _refuse(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    for text, (low, high, names) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if part:
                _read_range(part, low, high, names)


def _without_zone(schedule: str) -> str:
    from navarch.golang.zones import load_location

    head, blank, rest = schedule.partition(" ")
    if not blank:  # the library itself stumbles here, and its caller tells
        _refuse("invalid schedule format: runtime error: slice bounds out of range [:-1]")
    zone = head.partition("=")[2]
    if load_location(zone) is None:
        _refuse(f"provided bad location {zone}: unknown time zone {zone}")
    return rest.strip()


def _read_descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if not text.startswith(_EVERY):
        _refuse(f"unrecognized descriptor: {text}")
    from navarch.errors import NavarchError
    from navarch.golang.duration import parse_duration

    try:
        parse_duration(text.removeprefix(_EVERY))
    except NavarchError as error:
        _refuse(f"failed to parse duration {text}: {error}")


def _read_range(text: str, low: int, high: int, names: dict[str, int]) -> None:
    span, *steps = text.split("/")
    ends = span.split("-")
    if ends[0] in {"*", "?"}:
        start, end = low, high
    else:
        start = _number(ends[0], names)
        if len(ends) > 2:
            _refuse(f"too many hyphens: {text}")
        end = _number(ends[1], names) if len(ends) == 2 else start
    if len(steps) > 1:
        _refuse(f"too many slashes: {text}")
    step = 1
    if steps:
        step = _number(steps[0], {})
        if len(ends) == 1:
            end = high
    if start < low:
        _refuse(f"beginning of range ({start}) below minimum ({low}): {text}")
    if end > high:
        _refuse(f"end of range ({end}) above maximum ({high}): {text}")
    if start > end:
        _refuse(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if not step:
        _refuse(f"step of range should be a positive number: {text}")


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    try:
        number = parse_int(text, function="Atoi")
    except NumError as error:
        _refuse(f"failed to parse int from {text}: {error}")
    if number < 0:
        _refuse(f"negative number ({number}) not allowed: {text}")
    return number
