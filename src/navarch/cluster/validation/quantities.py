"""Amounts as objects write them ("500m", "1Gi"), compared exactly: apimachinery's resource.Quantity."""

from __future__ import annotations

from re import compile as _compile

__all__ = ["MAX_MILLI", "milli", "nano", "sign", "whole", "written"]

_parse = _compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([eE])([+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)").fullmatch

_NANO = 10**9
_SCALES = {
    **{suffix: 10 ** (3 * at) for at, suffix in enumerate(["n", "u", "m", "", "k", "M", "G", "T", "P", "E"])},
    **{f"{suffix}i": _NANO << (10 * at) for at, suffix in enumerate("KMGTPE", 1)},
}
MAX_MILLI = ((1 << 63) - 1) // 1000
"""Above it an amount has no count of thousandths in 64 bits."""

_LONGEST = 64


def nano(text: str | float | None) -> int:
    """The amount in billionths, rounded up from zero; zero for what can't be read, which decoding refuses."""
    if text is None:
        return 0
    found = _parse(str(text)[:_LONGEST])
    if found is None:
        return 0
    minus, integer, fraction, letter, power, suffix = found.groups()
    digits = int((integer + (fraction or "")) or "0")
    places = len(fraction or "")
    scale = _NANO * 10 ** min(max(int(power), 0), _LONGEST) if letter else _SCALES[suffix or ""]
    if letter and int(power) < 0:
        places += min(-int(power), _LONGEST)
    number: int = -(-digits * scale // 10**places)
    return -number if minus == "-" else number


def _up(number: int, scale: int) -> int:
    """Divided, rounded away from zero."""
    return -(-number // scale) if number >= 0 else number // scale


def milli(text: str | float | None) -> int:
    """Quantity.MilliValue: thousandths, rounded away from zero."""
    return _up(nano(text), 10**6)


def whole(text: str | float | None) -> int:
    """Quantity.Value: whole numbers, rounded away from zero."""
    return _up(nano(text), _NANO)


def sign(text: str | float | None) -> int:
    """-1, 0 or 1."""
    number = nano(text)
    return (number > 0) - (number < 0)


def written(number: int, *, binary: bool) -> str:
    """An amount in billionths as Quantity.String has it: the biggest unit that needs no fraction."""
    if binary and not number % _NANO and abs(number) >= 1024 * _NANO:
        power = 0
        number //= _NANO
        while power < 6 and not number % 1024:
            number, power = number // 1024, power + 1
        return f"{number}{'KMGTPE'[power - 1]}i" if power else str(number)
    power = -3
    while number and power < 6 and not number % 1000:
        number, power = number // 1000, power + 1
    if not number:
        return "0"
    return f"{number}{['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'][power + 3]}"
