"""Cron schedules: five fields or one of @hourly, @daily, … and the times that they name (UTC or a time zone)."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, tzinfo

__all__ = ["Schedule", "ScheduleError", "parse_schedule"]

_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAYS = {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, _MONTHS, _DAYS)
_FAR = 5 * 366  # days after which there is no such time


class ScheduleError(ValueError):
    """A schedule that can't be read."""


class Schedule(NamedTuple):
    """When something happens. `every` is set (in seconds) for "@every 5m" instead of the fields."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool  # both days and weekdays are restricted: one of them is enough
    every: float = 0.0

    def after(self, moment: float, zone: tzinfo | None = None) -> float | None:
        """The first time later than `moment` (both in seconds since 1970); None if there is none for years."""
        from datetime import UTC, datetime, timedelta

        if self.every:
            return moment - moment % 1 + self.every
        time = datetime.fromtimestamp(moment, zone or UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        last = time + timedelta(days=_FAR)
        while time < last:
            if time.month not in self.months or not self._has_day(time):
                time = (time + timedelta(days=1)).replace(hour=0, minute=0)
            elif time.hour not in self.hours:
                time = (time + timedelta(hours=1)).replace(minute=0)
            elif time.minute not in self.minutes:
                time += timedelta(minutes=1)
            else:
                return time.timestamp()
        return None

    def _has_day(self, time: datetime) -> bool:
        in_month, in_week = time.day in self.days, time.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either else in_month and in_week


def parse_schedule(text: str) -> Schedule:
    """Read a schedule. Raises ScheduleError."""
    text = text.strip()
    if text.startswith("@every "):
        return _every(text)
    fields = _WORDS.get(text, text).split()
    if len(fields) != len(_BOUNDS):
        raise ScheduleError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    sets = [_field(one, number) for number, one in enumerate(fields)]
    free = [one.startswith(("*", "?")) for one in fields]
    minutes, hours, days, months, weekdays = sets
    return Schedule(minutes, hours, days, months, weekdays, either=not free[2] and not free[4])


def _every(text: str) -> Schedule:
    from navarch.errors import NavarchError
    from navarch.golang.duration import parse_duration

    try:
        seconds = parse_duration(text[len("@every ") :]) / 1_000_000_000
    except NavarchError as error:
        raise ScheduleError(f"failed to parse duration {text}: {error}") from error
    nothing: frozenset[int] = frozenset()
    return Schedule(nothing, nothing, nothing, nothing, nothing, either=False, every=max(1.0, seconds // 1))


def _field(text: str, number: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        found.update(_range(part, number))
    return frozenset(found)


def _range(text: str, number: int) -> range:
    low, high = _BOUNDS[number]
    span, slash, step_text = text.partition("/")
    if span in ("*", "?"):
        first, last = low, high
    else:
        start, dash, end = span.partition("-")
        first = _number(start, number)
        last = _number(end, number) if dash else (high if slash else first)
    step = _number(step_text, -1) if slash else 1
    if number == 4 and last == 7:
        raise ScheduleError(f"end of range ({last}) above maximum ({high}): {text}")
    if first < low or last > high or first > last or step == 0:
        raise ScheduleError(f"{text} is not within {low}-{high}")
    return range(first, last + 1, step)


def _number(text: str, number: int) -> int:
    name = _NAMES[number].get(text.lower()) if number >= 0 else None
    if name is not None:
        return name
    if not (text.isascii() and text.isdecimal()):
        raise ScheduleError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)
