"""sprig's functions on numbers: conversions, arithmetic on int64 and on decimals, ranges of int."""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.cast import to_float64, to_int64, wrap_int64
from navarch.golang.fmt import sprint
from navarch.golang.strconv import NumError, decimal_digits, parse_int, shortest_float
from navarch.golang.types import Int, Ints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Decimal = tuple[int, int]  # coefficient and exponent of ten

__all__ = ["FUNCTIONS"]

INFINITY = float("inf")
_DIVISION_PRECISION = 16


def to_int(value: Any) -> Int:
    return value if type(value) is Int else Int(to_int64(value))


def atoi(text: str) -> Int:
    """strconv.Atoi without its error: 0 for what is no number, the nearest for what doesn't fit."""
    try:
        return Int(parse_int(text))
    except NumError as error:
        return Int(error.value)


def to_decimal(value: Any) -> int:
    """A number whose digits are octal."""
    try:
        return parse_int(sprint(value), 8)
    except NumError:
        return 0


def add(*numbers: Any) -> int:
    total = 0
    for number in numbers:
        total += number if type(number) is Int else to_int64(number)
    return wrap_int64(total)


def add1(number: Any) -> int:
    return wrap_int64(to_int64(number) + 1)


def sub(a: Any, b: Any) -> int:
    return wrap_int64(to_int64(a) - to_int64(b))


def mul(first: Any, *numbers: Any) -> int:
    product = to_int64(first)
    for number in numbers:
        product = wrap_int64(product * to_int64(number))
    return product


def div(a: Any, b: Any) -> int:
    """Division towards zero, as Go's."""
    dividend, divisor = to_int64(a), to_int64(b)
    if divisor == 0:
        raise FunctionError("runtime error: integer divide by zero")
    quotient = abs(dividend) // abs(divisor)
    return wrap_int64(-quotient if (dividend < 0) != (divisor < 0) else quotient)


def mod(a: Any, b: Any) -> int:
    """The remainder of `div`, with the sign of the dividend."""
    dividend, divisor = to_int64(a), to_int64(b)
    if divisor == 0:
        raise FunctionError("runtime error: integer divide by zero")
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def max_(first: Any, *numbers: Any) -> int:
    return max([to_int64(first), *[to_int64(n) for n in numbers]])


def min_(first: Any, *numbers: Any) -> int:
    return min([to_int64(first), *[to_int64(n) for n in numbers]])


def maxf(first: Any, *numbers: Any) -> float:
    """The largest as float64; NaN wins over all but an infinity, 0 over -0."""
    largest = to_float64(first)
    for number in numbers:
        largest = _max_float(largest, to_float64(number))
    return largest


def _max_float(a: float, b: float) -> float:
    if INFINITY in (a, b):
        return INFINITY
    if a != a or b != b:  # noqa: PLR0124
        return a + b
    if a == b == 0:
        return b if repr(a)[0] == "-" else a
    return max(a, b)


def minf(first: Any, *numbers: Any) -> float:
    """The smallest as float64; NaN wins over all but an infinity, -0 over 0."""
    smallest = to_float64(first)
    for number in numbers:
        smallest = -_max_float(-smallest, -to_float64(number))
    return smallest


def floor(value: Any) -> float:
    return _integral(to_float64(value), up=False)


def ceil(value: Any) -> float:
    return _integral(to_float64(value), up=True)


def _integral(number: float, *, up: bool) -> float:
    """Rounded up or down; the sign of a zero stays."""
    import math

    if number - number != 0:
        return number
    return math.copysign(float(math.ceil(number) if up else math.floor(number)), number)


def round_(value: Any, places: int, *round_on: float) -> float:
    """Rounded to decimal places: up from `round_on` (0.5) on, negative numbers always down."""
    number = to_float64(value)
    power = _power_of_ten(places)
    digits = power * number
    fraction = digits - int(digits) if digits - digits == 0 else INFINITY - INFINITY
    rounded = _integral(digits, up=fraction >= (round_on[0] if round_on else 0.5))
    return rounded / power if power else INFINITY - INFINITY


def _power_of_ten(exponent: int) -> float:
    """math.Pow(10, exponent) by Go's successive squaring, whose last bit is not always the nearest one."""
    import math

    if exponent in (0, 1):
        return 10.0**exponent
    result, result_exponent = 1.0, 0
    base, base_exponent = math.frexp(10.0)
    left = abs(exponent)
    while left:
        if abs(base_exponent) > 1 << 12:
            result_exponent += base_exponent
            break
        if left & 1:
            result *= base
            result_exponent += base_exponent
        base *= base
        base_exponent <<= 1
        if base < 0.5:
            base += base
            base_exponent -= 1
        left >>= 1
    if exponent < 0:
        result, result_exponent = 1 / result, -result_exponent
    try:
        return math.ldexp(result, result_exponent)
    except OverflowError:
        return INFINITY


def _decimal(value: Any) -> Decimal:
    """A number as decimal.NewFromFloat has it: by its shortest digits."""
    number = to_float64(value)
    if number - number != 0:
        raise FunctionError(f"Cannot create a Decimal from {shortest_float(number)}")
    digits, point = decimal_digits(number)
    coefficient = int(digits)
    return (-coefficient if number < 0 else coefficient), (point - len(digits) if coefficient else 0)


def _to_float(number: Decimal) -> float:
    """The nearest float64."""
    coefficient, exponent = number
    try:
        return coefficient / 10**-exponent if exponent <= 0 else float(coefficient * 10**exponent)
    except OverflowError:
        return -INFINITY if coefficient < 0 else INFINITY


def _aligned(a: Decimal, b: Decimal) -> tuple[int, int, int]:
    """Both coefficients for the smaller of the exponents, and that exponent."""
    exponent = min(a[1], b[1])
    return a[0] * 10 ** (a[1] - exponent), b[0] * 10 ** (b[1] - exponent), exponent


def _plus(a: Decimal, b: Decimal) -> Decimal:
    x, y, exponent = _aligned(a, b)
    return x + y, exponent


def _minus(a: Decimal, b: Decimal) -> Decimal:
    x, y, exponent = _aligned(a, b)
    return x - y, exponent


def _times(a: Decimal, b: Decimal) -> Decimal:
    return a[0] * b[0], a[1] + b[1]


def _divided(a: Decimal, b: Decimal) -> Decimal:
    """The quotient to 16 decimal places, halves rounded away from zero."""
    if b[0] == 0:
        raise FunctionError("decimal division by 0")
    shift = a[1] - b[1] + _DIVISION_PRECISION
    dividend = abs(a[0]) * 10 ** max(shift, 0)
    divisor = abs(b[0]) * 10 ** max(-shift, 0)
    quotient, rest = divmod(dividend, divisor)
    quotient += 2 * rest >= divisor
    return (-quotient if (a[0] < 0) != (b[0] < 0) else quotient), -_DIVISION_PRECISION


def _chain(operation: Callable[[Decimal, Decimal], Decimal], first: Any, numbers: tuple[Any, ...]) -> float:
    result = _decimal(first)
    for number in numbers:
        result = operation(result, _decimal(number))
    return _to_float(result)


def addf(*numbers: Any) -> float:
    return _chain(_plus, 0.0, numbers)


def add1f(number: Any) -> float:
    return _chain(_plus, number, (1.0,))


def subf(first: Any, *numbers: Any) -> float:
    return _chain(_minus, first, numbers)


def mulf(first: Any, *numbers: Any) -> float:
    return _chain(_times, first, numbers)


def divf(first: Any, *numbers: Any) -> float:
    return _chain(_divided, first, numbers)


def until(count: int) -> list[Int]:
    return until_step(0, count, -1 if count < 0 else 1)


def until_step(start: int, stop: int, step: int) -> list[Int]:
    """From start to before stop; nothing where the step leads away from it."""
    if step == 0:
        return Ints()
    return Ints(map(Int, range(start, stop, step)))


def seq(*bounds: int) -> str:
    """Numbers as the shell's seq prints them: end; start and end; start, step and end."""
    if not 1 <= len(bounds) <= 3:
        return ""
    start = bounds[0] if len(bounds) > 1 else 1
    end = bounds[-1]
    direction = -1 if end < start else 1
    step = bounds[1] if len(bounds) == 3 else direction
    if direction < 0 < step:
        return ""
    return " ".join(map(str, until_step(start, end + direction, step)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "add1": add1,
    "add1f": add1f,
    "addf": addf,
    "atoi": atoi,
    "biggest": max_,
    "ceil": ceil,
    "div": div,
    "divf": divf,
    "float64": to_float64,
    "floor": floor,
    "int": to_int,
    "int64": to_int64,
    "max": max_,
    "maxf": maxf,
    "min": min_,
    "minf": minf,
    "mod": mod,
    "mul": mul,
    "mulf": mulf,
    "round": round_,
    "seq": seq,
    "sub": sub,
    "subf": subf,
    "toDecimal": to_decimal,
    "until": until,
    "untilStep": until_step,
}
