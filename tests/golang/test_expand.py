"""os.Expand. What is expected is Go's own table (os/env_test.go)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.expand import expand

VALUES = {
    "*": "all the args",
    "#": "NARGS",
    "$": "PID",
    "1": "ARGUMENT1",
    "HOME": "/usr/gopher",
    "H": "(Value of H)",
    "home_1": "/usr/foo",
    "_": "underscore",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("$*", "all the args"),
        ("$$", "PID"),
        ("${*}", "all the args"),
        ("$1", "ARGUMENT1"),
        ("${1}", "ARGUMENT1"),
        ("now is the time", "now is the time"),
        ("$HOME", "/usr/gopher"),
        ("$home_1", "/usr/foo"),
        ("${HOME}", "/usr/gopher"),
        ("${H}OME", "(Value of H)OME"),
        ("A$$$#$1$H$home_1*B", "APIDNARGSARGUMENT1(Value of H)/usr/foo*B"),
        ("start$+middle$^end$", "start$+middle$^end$"),
        ("mixed$|bag$$$", "mixed$|bagPID$"),
        ("$", "$"),
        ("$}", "$}"),
        ("${", ""),
        ("${}", ""),
    ],
)
def test_expand(text, expected):
    assert expand(text, lambda name: VALUES.get(name, "")) == expected


@given(st.text(alphabet="ab ${}_1*", max_size=30), st.text(alphabet="abc_123", min_size=1, max_size=5))
def test_a_name_in_braces_is_replaced_wherever_it_stands(text, name):
    plain = text.replace("$", "")
    named = "v" + name
    assert expand(f"{plain}${{{named}}}{plain}", {named: "$x"}.__getitem__) == f"{plain}$x{plain}"


@given(st.text(max_size=30))
def test_what_has_no_dollar_stays(text):
    plain = text.replace("$", "")
    assert expand(plain, str.upper) == plain
