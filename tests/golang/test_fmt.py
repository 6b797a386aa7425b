"""Go's fmt: formats of every kind; the expected values are Go's."""

from __future__ import annotations

import pytest

from navarch.golang.duration import Duration
from navarch.golang.fmt import plain, sprint, sprintf, sprintln, text
from navarch.golang.types import Int, Lists, NilList, NilMap, StringMap, Strings, Uint8, Values

inf = float("inf")

FORMATS = [
    ("%v %v %v %v", (1e6, 123456.0, 1e-5, -0.0), "1e+06 123456 1e-05 -0"),
    ("%v|%v", (1e21, 12345678901234.0), "1e+21|1.2345678901234e+13"),
    ("%s|%s", ("a", Int(5)), "a|%!s(int=5)"),
    ("%d|%d", (Int(5), "x"), "5|%!d(string=x)"),
    ("%d|%d", (1.5, True), "%!d(float64=1.5)|%!d(bool=true)"),
    ("%d", (None,), "%!d(<nil>)"),
    ("%v|%s|%t|%T", (None, None, None, None), "<nil>|%!s(<nil>)|%!t(<nil>)|<nil>"),
    ("%s", ([Int(1), "a", None, 2.5],), "[%!s(int=1) a <nil> %!s(float64=2.5)]"),
    ("%d", ({"a": Int(1), "b": "x"},), "map[%!d(string=a):1 %!d(string=b):%!d(string=x)]"),
    ("%v", ({"b": Int(1), "a": [None, {"c": 1.5}]},), "map[a:[<nil> map[c:1.5]] b:1]"),
    ("%+v", ({"b": Int(1)},), "map[b:1]"),
    (
        "%#v",
        ({"b": Int(1), "a": [None, {"c": 1.5}]},),
        'map[string]interface {}{"a":[]interface {}{interface {}(nil), map[string]interface {}{"c":1.5}}, "b":1}',
    ),
    ("%#v", ({"s": 'q"', "n": NilList()},), 'map[string]interface {}{"n":[]interface {}(nil), "s":"q\\""}'),
    (
        "%#v|%#v|%#v",
        (Strings(["a"]), Lists([[Int(1)]]), StringMap({"_0": "x"})),
        '[]string{"a"}|[][]interface {}{[]interface {}{1}}|map[string]string{"_0":"x"}',
    ),
    ("%#v|%#v|%#v|%#v", (Uint8(65), 1.0, 1e6, True), "0x41|1|1e+06|true"),
    (
        "%v|%d|%s|%q|%x|%X|%#v",
        (b"A\xc5\xbc", b"A\xc5\xbc", b"A\xc5\xbc", b"A\xc5\xbc", b"A\xc5\xbc", b"A\xc5\xbc", b"A\xc5\xbc"),
        '[65 197 188]|[65 197 188]|Aż|"Aż"|41c5bc|41C5BC|[]byte{0x41, 0xc5, 0xbc}',
    ),
    (
        "%b|%t",
        (b"A\xc5\xbc", b"A\xc5\xbc"),
        "[1000001 11000101 10111100]|[%!t(uint8=65) %!t(uint8=197) %!t(uint8=188)]",
    ),
    (
        "%v|%#v|%s|%x",
        ([b"A\xc5\xbc"], [b"A\xc5\xbc"], [b"A\xc5\xbc"], [b"A\xc5\xbc"]),
        "[[65 197 188]]|[]interface {}{[]uint8{0x41, 0xc5, 0xbc}}|[Aż]|[41c5bc]",
    ),
    ("%T %T %T %T %T", (Int(1), 1, 1.0, [], {}), "int int64 float64 []interface {} map[string]interface {}"),
    ("%8T|%-6T|%.3T", (Int(1), "x", 1.0), "     int|string|flo"),
    (
        "%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o|%O|%b|%#b",
        (
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
            Int(42),
        ),
        "   42|42   |00042|+42| 42|2a|2A|0x2a|52|052|0o52|101010|0b101010",
    ),
    (
        "%.3d|%8.3d|%-8.3d|%08.3d|%.0d|%5.0d|%+05d|% 05d",
        (Int(7), Int(7), Int(7), Int(7), Int(0), Int(0), Int(7), Int(-7)),
        "007|     007|007     |     007||     |+0007|-0007",
    ),
    (
        "%x|%#X|%b|%o|%d",
        (Int(-255), Int(-255), Int(-5), Int(-8), -9223372036854775808),
        "-ff|-0XFF|-101|-10|-9223372036854775808",
    ),
    (
        "%c|%q|%U|%#U|%+q|%#q|%c|%U",
        (Int(0x17C), Int(0x17C), Int(0x17C), Int(0x17C), Int(0x17C), Int(39), Int(-1), Int(-1)),
        "ż|'ż'|U+017C|U+017C 'ż'|'\\u017c'|'\\''|�|U+FFFFFFFFFFFFFFFF",
    ),
    (
        "%5c|%-5c|%05c|%8U|%-8U|%.6U|%#12U",
        (Int(65), Int(65), Int(65), Int(65), Int(65), Int(65), Int(65)),
        "    A|A    |0000A|  U+0041|U+0041  |U+000041|  U+0041 'A'",
    ),
    (
        "%f|%.2f|%8.3f|%-8.2f|%08.2f|%+.1f|% .1f|%F",
        (3.14159, 3.14159, 3.14159, 3.14159, -3.14159, 3.14159, 3.14159, 3.14159),
        "3.141590|3.14|   3.142|3.14    |-0003.14|+3.1| 3.1|3.141590",
    ),
    (
        "%e|%.2E|%g|%G|%.3g|%10.3g|%.10g|%.0g",
        (123456.789, 123456.789, 123456.789, 1e-10, 123456.789, 123456.789, 123456.789, 123456.789),
        "1.234568e+05|1.23E+05|123456.789|1E-10|1.23e+05|  1.23e+05|123456.789|1e+05",
    ),
    (
        "%#g|%#.3g|%#v|%#f|%#.0f|%#e|%#.0e|%#x|%#G",
        (1.0, 100000.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
        "1.00000|1.00e+05|1|1.000000|1.|1.000000e+00|1.e+00|0x1.0000p+00|0.00000",
    ),
    (
        "%x|%X|%.3x|%b|%x|%.0x",
        (1.5, -1.5, 3.14159, 1.0, 0.0, 1.99),
        "0x1.8p+00|-0X1.8P+00|0x1.922p+01|4503599627370496p-52|0x0p+00|0x1p+01",
    ),
    ("%v|%5v|%05d|%+v|% f|%06.1f", (inf, -inf, inf, inf, inf, -inf), "+Inf| -Inf|%!d(float64= +Inf)|+Inf| Inf|  -Inf"),
    ("%t|%5t|%-7t|%q|%s", (True, False, True, True, True), "true|false|true   |%!q(bool=true)|%!s(bool=true)"),
    (
        "%q|%+q|%#q|%#q|%.2q|%8q",
        ("żó\n", "żó\n", "żó", "a`b", "żółw", "a"),
        '"żó\\n"|"\\u017c\\u00f3\\n"|`żó`|"a`b"|"żó"|     "a"',
    ),
    (
        "%x|%X|% x|%#x|%# X",
        ("żó", "żó", "żó", "żó", "żó"),
        "c5bcc3b3|C5BCC3B3|c5 bc c3 b3|0xc5bcc3b3|0XC5 0XBC 0XC3 0XB3",
    ),
    (
        "%5s|%-5s|%.2s|%5.1s|%05s|%-05s|%s",
        ("ab", "ab", "żółw", "żółw", "ab", "ab", ""),
        "   ab|ab   |żó|    ż|000ab|ab   |",
    ),
    ("%x|%5x|%-5x|%.1x", ("", "", "", "ab"), "|     |     |61"),
    (
        "%x|%X|%q|%s",
        (["a", "bc"], Strings(["a", "bc"]), Strings(["a", "bc"]), {"k": "v"}),
        '[61 6263]|[61 6263]|["a" "bc"]|map[k:v]',
    ),
    ("%6.2f|%v", ([1.0, 2.5], [True, "x"]), "[  1.00   2.50]|[true x]"),
    ("%5v|%-5v|%05v", ([Int(1), None, "a"], {"a": Int(1)}, [Int(1)]), "[    1 <nil>     a]|map[a    :1    ]|[00001]"),
    (
        "%*d|%-*d|%.*f|%*.*f",
        (Int(5), Int(42), Int(5), Int(42), Int(2), 3.14159, Int(8), Int(3), 2.71828),
        "   42|42   |3.14|   2.718",
    ),
    ("%*d|%*d|%.*f", (Int(-5), Int(42), "x", Int(42), Int(-1), 1.5), "42   |%!(BADWIDTH)42|%!(BADPREC)1.500000"),
    ("%*d", (Int(10000000), Int(1)), "%!(BADWIDTH)1"),
    ("%[2]d %[1]d|%[2]*[1]d|%[3]v", (Int(1), Int(6)), "6 1|     1|%!v(BADINDEX)"),
    ("%[2]d %d", (Int(1), Int(2)), "2 %!d(MISSING)"),
    ("%[x]d %[1d %[]d %[-1]d", (Int(1),), "%!d(BADINDEX) %!d(BADINDEX) %!d(BADINDEX)"),
    ("%[2]2d|%[1].2d|%[1]*.[2]*[1]d", (Int(3), Int(4)), "%!d(BADINDEX)|%!d(BADINDEX)|0003"),
    ("%d %d", (Int(1),), "1 %!d(MISSING)"),
    ("%d", (Int(1), "b", None, [Int(2)]), "1%!(EXTRA string=b, <nil>, []interface {}=[2])"),
    ("x", (Int(1),), "x%!(EXTRA int=1)"),
    ("%", (), "%!(NOVERB)"),
    ("%d%", (Int(1),), "1%!(NOVERB)"),
    ("%-", (), "%!(NOVERB)"),
    ("%5", (), "%!(NOVERB)"),
    ("%!", (), "%!!(MISSING)"),
    ("%z|%w|%ż|%.", (Int(1), "x", Int(2), Int(3)), "%!z(int=1)|%!w(string=x)|%!ż(int=2)|%!.(int=3)"),
    ("%%|%5%|%-5%|%.2%", (), "%|%|%|%"),
    ("%99999999d", (Int(1),), "%!(NOVERB)%!(EXTRA int=1)"),
    ("%s %s", (Duration(90000000000), [Duration(1500)]), "1m30s [1.5µs]"),
    (
        "%d|%v|%T|%x|%#v|%t",
        (Duration(90), Duration(90), Duration(90), Duration(90), Duration(90), Duration(90)),
        "90|90ns|time.Duration|39306e73|90|%!t(time.Duration=90)",
    ),
    ("%p", ("x",), "%!p(string=x)"),
    ("%v|%s|%5.1f|%T", (2j, 2j, 2j, 2j), "(0+2i)|%!s(complex128=(0+2i))|(  0.0 +2.0i)|complex128"),
    ("%s%v%d%q", ("a", "b", "c", "d"), 'ab%!d(string=c)"d"'),
    ("%v %d %s", (Int(1), Int(2), "x"), "1 2 x"),
    ("%q", (Int(65),), "'A'"),
]

TEXTS = [
    ("żółw", "żółw"),
    (Int(-5), "-5"),
    (7, "7"),
    (True, "true"),
    (None, "<nil>"),
    (0.0, "0"),
    (-0.0, "-0"),
    (2.0, "2"),
    (999999.0, "999999"),
    (1e6, "1e+06"),
    (-1e6, "-1e+06"),
    (1234567.0, "1.234567e+06"),
    (0.0001, "0.0001"),
    (0.00001, "1e-05"),
    (1e21, "1e+21"),
    (0.1, "0.1"),
    (inf, "+Inf"),
    (float("nan"), "NaN"),
    ([], "[]"),
    ({}, "map[]"),
    (NilMap(), "map[]"),
    ([Int(1), None, ["a", {}]], "[1 <nil> [a map[]]]"),
    ({"b": 1.5, "a": None, "B": b"x"}, "map[B:[120] a:<nil> b:1.5]"),
    (Values({"a": Strings(["x", "y"])}), "map[a:[x y]]"),
    (Uint8(65), "65"),
    (Duration(90_000_000_000), "1m30s"),
    ([Duration(0)], "[0s]"),
    (1j, "(0+1i)"),
]


class Point:
    """A struct as other modules would bring one."""

    go_type = "geo.Point"
    go_kind = "struct"

    go_fields = ("X", "Y", "Name")
    X, Y, Name = Int(1), None, "p"


class Pointer(Point):
    go_type = "*geo.Point"
    go_kind = "ptr"


class Named(Point):
    def go_string(self):
        return "named"


@pytest.mark.parametrize(("form", "arguments", "expected"), FORMATS)
def test_sprintf(form, arguments, expected):
    assert sprintf(form, *arguments) == expected


@pytest.mark.parametrize(("value", "expected"), TEXTS)
def test_text(value, expected):
    assert text(value) == expected
    assert plain(value) == expected
    assert sprintf("%v", value) == expected
    assert sprint(value) == expected


def test_a_format_is_parsed_the_same_way_twice():
    assert [sprintf("%s-%d-%5.1f", "a", Int(1), 2.25) for _ in range(2)] == ["a-1-  2.2"] * 2


def test_structs():
    assert text(Point()) == "{1 <nil> p}"
    assert sprintf("%+v %d", Point(), Point()) == "{X:1 Y:<nil> Name:p} {1 <nil> %!d(string=p)}"
    assert sprintf("%#v", Point()) == 'geo.Point{X:1, Y:interface {}(nil), Name:"p"}'


def test_a_pointer_shows_as_one_but_in_an_action():
    assert text(Pointer()) == "{1 <nil> p}"
    assert sprint(Pointer()) == "&{1 <nil> p}"
    assert sprintf("%#v", Pointer()) == '&geo.Point{X:1, Y:interface {}(nil), Name:"p"}'


def test_a_stringer_shows_itself_for_verbs_that_take_text():
    assert sprintf("%v %s %q %x", *[Named()] * 4) == 'named named "named" 6e616d6564'
    assert sprintf("%d", Named()) == "{1 <nil> %!d(string=p)}"
    assert sprint([Named()]) == "[named]"


def test_an_address_is_a_hexadecimal_number():
    assert sprintf("%p", {}).startswith("0x")
    assert sprintf("%p", NilList()) == "0x0"


def test_sprint_puts_blanks_between_operands_that_are_not_strings():
    assert sprint("a", Int(1), Int(2), "b", None, True, "c") == "a1 2b<nil> truec"
    assert sprint() == ""


def test_sprintln_puts_blanks_between_all_operands():
    assert sprintln("a", Int(1), None) == "a 1 <nil>\n"
    assert sprintln() == "\n"
