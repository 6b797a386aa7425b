"""Tables, log lines and the bytes that go out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cli.output import columns, encode, table, warn


def test_a_table_pads_every_column():
    rows = [("NAME", "VERSION", "REPOSITORY", "STATUS"), ("foo", "1.0.0", "", "missing")]
    assert table(rows) == "NAME\tVERSION\tREPOSITORY\tSTATUS \nfoo \t1.0.0  \t          \tmissing"


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (5, "NAME \nab...\nabc  "),
        (4, "NAME\na...\nabc "),
        (1, "N...\na...\na..."),
        (0, "NAME     \nabcdefghi\nabc      "),
        (9, "NAME     \nabcdefghi\nabc      "),
    ],
)
def test_long_cells_are_cut(width, text):
    assert table([("NAME",), ("abcdefghi",), ("abc",)], width=width) == text


def test_wide_letters_count_twice():
    assert columns("日本") == 4
    assert columns("e\u0301") == 1
    assert table([("a", "b"), ("日本", "c")]) == "a   \tb\n日本\tc"


def test_log_lines(capsysbinary):
    warn("this chart is deprecated")
    warn("odd", level="INFO", path="a b", plain="x/y", empty="", quoted='"')
    assert capsysbinary.readouterr().err == (
        b'level=WARN msg="this chart is deprecated"\nlevel=INFO msg=odd path="a b" plain=x/y empty="" quoted="\\""\n'
    )


@given(st.binary())
def test_bytes_of_a_file_go_out_as_they_came(data):
    assert encode(data.decode("utf-8", "surrogateescape")) == data


def test_what_no_byte_stands_for_is_replaced():
    assert encode("a\ud800b\udcffc") == b"a\xef\xbf\xbdb\xffc"
