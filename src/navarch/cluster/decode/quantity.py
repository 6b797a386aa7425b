"""Amounts of resources ("500m", "1Gi", "2e3") and how they are written: apimachinery's resource.Quantity."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

__all__ = ["MILLI", "ZERO", "Quantity", "QuantityError", "parse"]

MILLI = -3
_NANO = -9
_MAX_DIGITS = 18
_LARGEST = (1 << 63) - 1
_FAR = 1000  # exponents further apart than this are compared, never written out
_DECIMAL, _BINARY, _EXPONENT = "DecimalSI", "BinarySI", "DecimalExponent"
_DECIMAL_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES = {exponent: suffix for suffix, exponent in _DECIMAL_SUFFIXES.items()}
_BINARY_NAMES = {exponent: suffix for suffix, exponent in _BINARY_SUFFIXES.items()}
_SHAPE = r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)"
_BAD_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_BAD_NUMBER = "unable to parse numeric part of quantity"
_BAD_SUFFIX = "unable to parse quantity's suffix"
_match_shape = None


class QuantityError(ValueError):
    """A text that isn't a quantity; the message is apimachinery's."""


class Quantity:
    """`unscaled` times ten to the power of `scale`. `text` is how it was written, where that is kept; "" if not."""

    __slots__ = ("form", "scale", "text", "unscaled")

    def __init__(self, unscaled: int, scale: int = 0, form: str = _DECIMAL, text: str = "") -> None:
        self.unscaled = unscaled
        self.scale = scale
        self.form = form
        self.text = text

    def __str__(self) -> str:
        if not self.text:
            self.text = self._canonical()
        return self.text

    def _canonical(self) -> str:
        """The usual form: as few digits as can be, and an exponent that has a suffix."""
        if not self.unscaled:
            return "0"
        if self.form == _BINARY:
            whole = self.rounded(0)
            if whole.compare(self) == 0 and abs(self.whole()) >= 1024:
                digits, exponent = _without_factors(self.whole(), 1024)
                return f"{digits}{_BINARY_NAMES.get(exponent * 10, '')}"
        digits, times = _without_factors(self.unscaled, 10)
        exponent = self.scale + times
        digits *= 10 ** (exponent % 3)
        exponent -= exponent % 3
        if self.form == _EXPONENT:
            return f"{digits}e{exponent}" if exponent else str(digits)
        return f"{digits}{_DECIMAL_NAMES.get(exponent, '')}"

    def whole(self) -> int:
        """The value in ones, rounded away from zero."""
        return self.scaled(0)

    def milli(self) -> int:
        """The value in thousandths, rounded away from zero."""
        return self.scaled(MILLI)

    def scaled(self, scale: int) -> int:
        """The value in units of ten to the power of `scale`, rounded away from zero."""
        shift = self.scale - scale
        if shift >= 0:
            return int(self.unscaled * 10 ** min(shift, _FAR))
        if -shift > len(str(self.unscaled)):
            return (self.unscaled > 0) - (self.unscaled < 0)
        amount: int = -(-abs(self.unscaled) // 10**-shift)
        return amount if self.unscaled > 0 else -amount

    def rounded(self, scale: int) -> Quantity:
        """Without digits below ten to the power of `scale`; the same object if there are none."""
        if self.scale >= scale:
            return self
        return Quantity(self.scaled(scale), scale, self.form)

    def compare(self, other: Quantity) -> int:
        """-1, 0 or 1: less than the other, equal, greater."""
        mine, others = _aligned(self, other)
        return (mine > others) - (mine < others)

    def __add__(self, other: Quantity) -> Quantity:
        form = self.form if self.unscaled else other.form
        mine, others = _aligned(self, other)
        return Quantity(mine + others, min(self.scale, other.scale), form)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + Quantity(-other.unscaled, other.scale, other.form)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.compare(other) == 0

    def __hash__(self) -> int:
        digits, times = _without_factors(self.unscaled, 10)
        return hash((digits, self.scale + times if digits else 0))

    def __bool__(self) -> bool:
        return self.unscaled != 0

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"


ZERO = Quantity(0, text="0")


def _aligned(one: Quantity, other: Quantity) -> tuple[int, int]:
    """Both values in the smaller of their units; values of very different sizes keep only their order."""
    scale = min(one.scale, other.scale)
    return one.unscaled * 10 ** min(one.scale - scale, _FAR), other.unscaled * 10 ** min(other.scale - scale, _FAR)


def _without_factors(amount: int, factor: int) -> tuple[int, int]:
    """An amount divided by a factor as often as it goes, and how often that was."""
    times = 0
    while amount and amount % factor == 0:
        amount //= factor
        times += 1
    return amount, times


def parse(text: str) -> Quantity:
    """The quantity that a text means. Raises QuantityError."""
    found = _split(text)
    if found is None:
        raise QuantityError(_BAD_FORMAT)
    sign, number, fraction, suffix = found.groups()
    fraction = fraction or ""
    form, exponent = _interpret(suffix)
    unscaled, scale = int((number or "0") + fraction), exponent - len(fraction)
    if form == _BINARY:
        unscaled, scale = unscaled << exponent, -len(fraction)
    signed = -unscaled if sign == "-" else unscaled
    if _is_short(number, fraction, form, exponent, scale, unscaled):
        kept = text if _is_canonical(number, fraction, form, exponent, scale) else ""
        return Quantity(signed, scale, form, kept)
    if not number and not fraction and "0" not in text[: -len(suffix)]:
        raise QuantityError(_BAD_NUMBER)
    return _bounded(signed, scale, form)


def _split(text: str) -> Match[str] | None:
    global _match_shape
    if _match_shape is None:
        import re

        _match_shape = re.compile(_SHAPE).fullmatch
    return _match_shape(text) if text else None


def _interpret(suffix: str) -> tuple[str, int]:
    if suffix in _DECIMAL_SUFFIXES:
        return _DECIMAL, _DECIMAL_SUFFIXES[suffix]
    if suffix in _BINARY_SUFFIXES:
        return _BINARY, _BINARY_SUFFIXES[suffix]
    digits = suffix[1:]
    if suffix[0] in "eE" and digits.lstrip("+-").isdigit() and abs(int(digits)) <= _LARGEST:
        exponent = int(digits) & 0xFFFFFFFF
        return _EXPONENT, exponent - (1 << 32) if exponent >> 31 else exponent
    raise QuantityError(_BAD_SUFFIX)


def _is_short(number: str, fraction: str, form: str, exponent: int, scale: int, unscaled: int) -> bool:
    """Whether Kubernetes keeps it as an int64 with a scale; all else is rounded and bounded."""
    digits = len(number or "0") + len(fraction)
    if form == _BINARY:
        return not fraction and 15 - digits - int(exponent * 3 / 10) - 1 >= 0
    return digits <= _MAX_DIGITS and scale >= _NANO and unscaled <= _LARGEST


def _is_canonical(number: str, fraction: str, form: str, exponent: int, scale: int) -> bool:
    """Whether Kubernetes keeps the text as it was written: its quick test for the canonical form."""
    shifted = (number or "0") + fraction
    if form == _BINARY:
        return exponent % 10 == 0 and int(shifted) & 7 != 0
    return scale % 3 == 0 and not shifted.endswith("000") and shifted[0] != "0"


def _bounded(signed: int, scale: int, form: str) -> Quantity:
    """Values with many digits: nothing below a billionth, binary ones not above int64."""
    amount = Quantity(abs(signed), scale, form)
    if amount.unscaled:
        amount = amount.rounded(_NANO)
    if form == _BINARY:
        if amount.compare(Quantity(_LARGEST)) > 0:
            amount = Quantity(_LARGEST, 0, form)
        if 0 < amount.scaled(_NANO) < 10**9:
            amount.form = _DECIMAL
    return Quantity(-amount.unscaled if signed < 0 else amount.unscaled, amount.scale, amount.form)
