"""Paths in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

CASES = [
    ("base", ("/a/../b.txt",), '"b.txt"'),
    ("base", ("a//c.d/",), '"c.d"'),
    ("base", ("",), '"."'),
    ("clean", ("/a/../b.txt",), '"/b.txt"'),
    ("clean", ("a//c.d/",), '"a/c.d"'),
    ("clean", ("",), '"."'),
    ("dir", ("/a/../b.txt",), '"/"'),
    ("dir", ("a//c.d/",), '"a/c.d"'),
    ("dir", ("",), '"."'),
    ("ext", ("/a/../b.txt",), '".txt"'),
    ("ext", ("a//c.d/",), '""'),
    ("ext", ("",), '""'),
    ("isAbs", ("/a/../b.txt",), "true"),
    ("isAbs", ("a//c.d/",), "false"),
    ("isAbs", ("",), "false"),
    ("osBase", ("/a/../b.txt",), '"b.txt"'),
    ("osBase", ("a//c.d/",), '"c.d"'),
    ("osBase", ("",), '"."'),
    ("osClean", ("/a/../b.txt",), '"/b.txt"'),
    ("osClean", ("a//c.d/",), '"a/c.d"'),
    ("osClean", ("",), '"."'),
    ("osDir", ("/a/../b.txt",), '"/"'),
    ("osDir", ("a//c.d/",), '"a/c.d"'),
    ("osDir", ("",), '"."'),
    ("osExt", ("/a/../b.txt",), '".txt"'),
    ("osExt", ("a//c.d/",), '""'),
    ("osExt", ("",), '""'),
    ("osIsAbs", ("/a/../b.txt",), "true"),
    ("osIsAbs", ("a//c.d/",), "false"),
    ("osIsAbs", ("",), "false"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_functions(call, name, arguments, expected):
    assert call(name, *arguments) == expected
