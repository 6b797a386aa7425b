"""sprig's functions on numbers; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int, Uint8

CONVERSIONS = [
    ("int", ("42",), "int(42)"),
    ("int", ("0x1f",), "int(31)"),
    ("int", ("010",), "int(8)"),
    ("int", ("08",), "int(0)"),
    ("int", ("0b11",), "int(3)"),
    ("int", ("0o17",), "int(15)"),
    ("int", ("1_000",), "int(1000)"),
    ("int", ("2.00",), "int(2)"),
    ("int", ("1.0.",), "int(1)"),
    ("int", (".0",), "int(0)"),
    ("int", ("2.5",), "int(0)"),
    ("int", ("",), "int(0)"),
    ("int", (" 1",), "int(0)"),
    ("int", ("9223372036854775808",), "int(0)"),
    ("int", ("-9223372036854775808",), "int(-9223372036854775808)"),
    ("int", (3.99,), "int(3)"),
    ("int", (-3.99,), "int(-3)"),
    ("int", (1e19,), "int(-9223372036854775808)"),
    ("int", (True,), "int(1)"),
    ("int", (None,), "int(0)"),
    ("int", (["1"],), "int(0)"),
    ("int", (Uint8(65),), "int(65)"),
    ("int64", (Int(5),), "int64(5)"),
    ("int64", (3.0,), "int64(3)"),
    ("int64", ("12345678901234567890",), "int64(0)"),
    ("float64", ("1.5e3",), "float64(1500)"),
    ("float64", ("0x1p-2",), "float64(0.25)"),
    ("float64", ("1_0.5",), "float64(10.5)"),
    ("float64", ("inf",), "float64(+Inf)"),
    ("float64", ("-Infinity",), "float64(-Inf)"),
    ("float64", ("1e400",), "float64(0)"),
    ("float64", ("nan!",), "float64(0)"),
    ("float64", ("",), "float64(0)"),
    ("float64", (Int(7),), "float64(7)"),
    ("float64", (False,), "float64(0)"),
    ("float64", (None,), "float64(0)"),
    ("atoi", ("42",), "int(42)"),
    ("atoi", ("-7",), "int(-7)"),
    ("atoi", ("4.2",), "int(0)"),
    ("atoi", ("0x1f",), "int(0)"),
    ("atoi", ("99999999999999999999x",), "int(9223372036854775807)"),
    ("atoi", ("-99999999999999999999",), "int(-9223372036854775808)"),
    ("toDecimal", ("777",), "int64(511)"),
    ("toDecimal", (755.0,), "int64(493)"),
    ("toDecimal", ("789",), "int64(0)"),
    ("toDecimal", (-10.0,), "int64(-8)"),
]

INTEGERS = [
    ("add", (), "int64(0)"),
    ("add", (Int(1), "2", 3.9, True, None), "int64(7)"),
    ("add", (9223372036854775807, Int(1)), "int64(-9223372036854775808)"),
    ("add1", (Int(41),), "int64(42)"),
    ("add1", (9223372036854775807,), "int64(-9223372036854775808)"),
    ("sub", (Int(3), Int(5)), "int64(-2)"),
    ("sub", (-9223372036854775808, Int(1)), "int64(9223372036854775807)"),
    ("mul", (Int(3), "4", 2.9), "int64(24)"),
    ("mul", (9223372036854775807, Int(3), Int(5)), "int64(9223372036854775793)"),
    ("mul", (Int(7),), "int64(7)"),
    ("div", (Int(7), Int(2)), "int64(3)"),
    ("div", (Int(-7), Int(2)), "int64(-3)"),
    ("div", (Int(7), Int(0)), "error: runtime error: integer divide by zero"),
    ("div", (-9223372036854775808, Int(-1)), "int64(-9223372036854775808)"),
    ("mod", (Int(7), Int(-3)), "int64(1)"),
    ("mod", (Int(-7), Int(3)), "int64(-1)"),
    ("mod", (Int(7), "x"), "error: runtime error: integer divide by zero"),
    ("max", (Int(1), "9", 3.0), "int64(9)"),
    ("biggest", (Int(-1), Int(-2)), "int64(-1)"),
    ("min", (Int(1), "-9", 3.0), "int64(-9)"),
    ("min", (Int(5),), "int64(5)"),
]

FLOATS = [
    ("addf", (0.1, 0.2), "float64(0.3)"),
    ("addf", (), "float64(0)"),
    ("addf", ("1.5", Int(2), True), "float64(4.5)"),
    ("addf", ("inf", 1.0), "error: Cannot create a Decimal from +Inf"),
    ("add1f", (1.1,), "float64(2.1)"),
    ("subf", (10.0, 3, 0.1), "float64(6.9)"),
    ("subf", (1.5,), "float64(1.5)"),
    ("mulf", (1.1, "1.1", Int(3)), "float64(3.63)"),
    ("mulf", (1e300, 1e300), "float64(+Inf)"),
    ("mulf", (-1e300, 1e300), "float64(-Inf)"),
    ("mulf", (1e-300, 1e-300), "float64(0)"),
    ("divf", (10.0, 3), "float64(3.3333333333333335)"),
    ("divf", (2.0, -3), "float64(-0.6666666666666667)"),
    ("divf", (1.0, 0), "error: decimal division by 0"),
    ("divf", (1e-10, 3e10), "float64(0)"),
    ("maxf", (1.5, Int(3), "2.5"), "float64(3)"),
    ("maxf", ("nan", 1.0), "float64(NaN)"),
    ("maxf", ("nan", "inf"), "float64(+Inf)"),
    ("minf", (1.5, Int(3), "-2.5"), "float64(-2.5)"),
    ("minf", (0.0, -0.0), "float64(-0)"),
    ("floor", (-1.5,), "float64(-2)"),
    ("floor", (1.999,), "float64(1)"),
    ("ceil", (-0.5,), "float64(-0)"),
    ("ceil", ("inf",), "float64(+Inf)"),
    ("ceil", (123.0001,), "float64(124)"),
    ("round", (123.555555, 3), "float64(123.556)"),
    ("round", (123.5, 0), "float64(124)"),
    ("round", (-2.5, 0), "float64(-3)"),
    ("round", (-2.4, 0), "float64(-3)"),
    ("round", (3.5, 0, 0.6), "float64(3)"),
    ("round", (1234.5, -2), "float64(1200)"),
    ("round", (0.1, 400), "float64(NaN)"),
    ("round", (5.015, 2), "float64(5.01)"),
    ("round", ("x", 1), "float64(0)"),
    ("round", (1.23456789, 25), "float64(1.23456789)"),
]

RANGES = [
    ("until", (3,), "[]int{0, 1, 2}"),
    ("until", (0,), "[]int{}"),
    ("until", (-3,), "[]int{0, -1, -2}"),
    ("untilStep", (3, 6, 2), "[]int{3, 5}"),
    ("untilStep", (6, 3, -2), "[]int{6, 4}"),
    ("untilStep", (3, 6, 0), "[]int{}"),
    ("untilStep", (3, 6, -1), "[]int{}"),
    ("untilStep", (6, 3, 1), "[]int{}"),
    ("seq", (), '""'),
    ("seq", (5,), '"1 2 3 4 5"'),
    ("seq", (-3,), '"1 0 -1 -2 -3"'),
    ("seq", (2, 5), '"2 3 4 5"'),
    ("seq", (5, 2), '"5 4 3 2"'),
    ("seq", (0, 2, 10), '"0 2 4 6 8 10"'),
    ("seq", (10, -3, 0), '"10 7 4 1"'),
    ("seq", (0, -2, -5), '"0 -2 -4"'),
    ("seq", (0, 2, -5), '""'),
    ("seq", (0, -2, 5), '""'),
    ("seq", (1, 2, 3, 4), '""'),
    ("seq", (1,), '"1"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CONVERSIONS)
def test_conversions(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), INTEGERS)
def test_integers(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), FLOATS)
def test_floats(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), RANGES)
def test_ranges(call, name, arguments, expected):
    assert call(name, *arguments) == expected
