"""The rules of .helmignore, as Helm applies them."""

from __future__ import annotations

import pytest

from navarch.chart.ignore import ignored_by_default, parse_rules
from navarch.errors import ChartError

CASES = [
    ("*.txt", "a.txt", False, True),
    ("*.txt", "d/a.txt", False, True),
    ("*.txt", "a.txt.bak", False, False),
    ("a", "d/a", False, True),
    ("a/", "a", False, False),
    ("a/", "d/a", True, True),
    ("/a", "a", False, True),
    ("/a", "d/a", False, False),
    ("/*.tgz", "x.tgz", False, True),
    ("/*.tgz", "charts/x.tgz", False, False),
    ("d/*", "d/a", False, True),
    ("d/*", "d/e/a", False, False),
    ("a*z.txt", "a1z.txt", False, True),
    ("a*z.txt", "az.tx", False, False),
    ("ab*b", "ab", False, False),
    ("[ab]?", "bx", False, True),
    ("[^a]*", "a.txt", False, False),
    ("# a", "a", False, False),
    ("  a  ", "a", False, True),
    ("\\a", "a", False, True),
    ("é*", "éa", False, True),
    # a rule that is turned round leaves out all that doesn't match it
    ("!a", "b", False, True),
    ("!a", "a", False, False),
    ("!a/", "a", False, True),
    ("a\n!*.txt", "b.txt", False, False),
    ("a\n!*.txt", "a", False, True),
]


@pytest.mark.parametrize(("rules", "path", "folder", "out"), CASES)
def test_rules(rules: str, path: str, folder: bool, out: bool) -> None:
    assert parse_rules(rules.encode()).ignore(path, folder=folder) is out


def test_a_byte_order_mark_and_windows_lines() -> None:
    rules = parse_rules(b"\xef\xbb\xbfa\r\nb\r\n")
    assert rules.ignore("a", folder=False)
    assert rules.ignore("b", folder=False)


@pytest.mark.parametrize("path", ["templates/.x", "templates/.xy"])
def test_hidden_templates_are_always_left_out(path: str) -> None:
    assert ignored_by_default(path)
    assert parse_rules(b"").ignore(path, folder=False)


@pytest.mark.parametrize("path", ["templates/.", "templates/.a/b", "templates/d/.x", "x/templates/.y", ".x"])
def test_other_hidden_files_are_not(path: str) -> None:
    assert not ignored_by_default(path)


def test_what_is_no_rule() -> None:
    with pytest.raises(ChartError, match=r"double-star \(\*\*\) syntax is not supported"):
        parse_rules(b"a/**\n")
    with pytest.raises(ChartError, match="syntax error in pattern"):
        parse_rules(b"[a\n")
