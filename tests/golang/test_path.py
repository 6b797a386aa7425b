"""Go's path and filepath; the expected values are Go's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ChartError
from navarch.golang.path import base, clean, dirname, ext, is_abs, join, match, split
from navarch.golang.strconv import quote

PATHS = [
    ("", '"." "." "." "" false'),
    ("/", '"/" "/" "/" "" true'),
    ("//", '"/" "/" "/" "" true'),
    ("a", '"a" "." "a" "" false'),
    ("a/", '"a" "a" "a" "" false'),
    ("/a", '"a" "/" "/a" "" true'),
    ("/a/b", '"b" "/a" "/a/b" "" true'),
    ("a/b/", '"b" "a/b" "a/b" "" false'),
    ("a//b", '"b" "a" "a/b" "" false'),
    ("./a", '"a" "." "a" "" false'),
    ("a/.", '"." "a" "a" "." false'),
    ("a/..", '".." "a" "." "." false'),
    ("../a", '"a" ".." "../a" "" false'),
    ("a/../b", '"b" "." "b" "" false'),
    ("a/../../b", '"b" ".." "../b" "" false'),
    ("/..", '".." "/" "/" "." true'),
    ("/../a", '"a" "/" "/a" "" true'),
    ("a/b/../../c", '"c" "." "c" "" false'),
    ("..", '".." "." ".." "." false'),
    ("../..", '".." ".." "../.." "." false'),
    ("/a/../..", '".." "/" "/" "." true'),
    ("a/./b", '"b" "a" "a/b" "" false'),
    ("...", '"..." "." "..." "." false'),
    ("a/.../b", '"b" "a/..." "a/.../b" "" false'),
    ("a.b", '"a.b" "." "a.b" ".b" false'),
    ("a.b/c", '"c" "a.b" "a.b/c" "" false'),
    ("a.b.c", '"a.b.c" "." "a.b.c" ".c" false'),
    (".h", '".h" "." ".h" ".h" false'),
    ("a/.h", '".h" "a" "a/.h" ".h" false'),
    ("a.", '"a." "." "a." "." false'),
    ("é/ü.x", '"ü.x" "é" "é/ü.x" ".x" false'),
    (" a / b ", '" b " " a " " a / b " "" false'),
]

MATCHED = [
    ("*", "abc", True),
    ("*", "a/b", False),
    ("*.txt", "a.txt", True),
    ("*.txt", "a/b.txt", False),
    ("a*/b", "abc/b", True),
    ("a*/b", "a/c/b", False),
    ("a?c", "abc", True),
    ("a?c", "a/c", False),
    ("a?c", "aéc", True),
    ("[a-c]x", "bx", True),
    ("[a-c]x", "dx", False),
    ("[^a-c]x", "dx", True),
    ("[^a-c]x", "ax", False),
    ("[]a]", "]", "syntax error in pattern"),
    ("[-]", "-", "syntax error in pattern"),
    ("[x-]", "x", "syntax error in pattern"),
    ("[a-", "a", "syntax error in pattern"),
    ("[a", "a", "syntax error in pattern"),
    ("a[", "a", "syntax error in pattern"),
    ("a[", "ab", "syntax error in pattern"),
    ("a[", "x", "syntax error in pattern"),
    ("\\*", "*", True),
    ("\\*", "x", False),
    ("a\\", "a", "syntax error in pattern"),
    ("[\\]a]", "]", True),
    ("[\\-x]", "-", True),
    ("", "", True),
    ("", "x", False),
    ("a*b*c*d", "axbxcxd", True),
    ("a*b*c*d/x", "abcd/x", True),
    ("*x", "xxx", True),
    ("*[", "x", "syntax error in pattern"),
    ("[^é]", "ü", True),
    ("*?", "語", True),
    ("*??", "語", True),
    ("**", "a/b", False),
    ("a**b", "ab", True),
    ("[[]", "[", True),
    ("a/*/c", "a/b/c", True),
    ("é*", "é", True),
    ("*é", "aé", True),
]


@pytest.mark.parametrize(("path", "shown"), PATHS)
def test_a_path_is_taken_apart(path, shown):
    parts = [quote(part) for part in (base(path), dirname(path), clean(path), ext(path))]
    assert f"{' '.join(parts)} {str(is_abs(path)).lower()}" == shown


def test_paths_are_joined_and_split():
    assert join("a", "", "b/../c", "/d") == "a/c/d"
    assert join("", "") == ""
    assert join("/", "a") == "/a"
    assert split("a/b/c") == ("a/b/", "c")
    assert split("c") == ("", "c")


@pytest.mark.parametrize(("pattern", "name", "result"), MATCHED)
def test_a_name_matches_a_shell_pattern(pattern, name, result):
    try:
        found = match(pattern, name)
    except ChartError as error:
        found = str(error)
    assert found == result


paths = st.text(alphabet="ab./", max_size=12)


@given(paths)
def test_cleaning_once_is_enough(path):
    once = clean(path)
    assert clean(once) == once
    assert is_abs(once) == is_abs(path)


@given(paths)
def test_a_directory_and_a_base_make_the_path(path):
    assert clean(join(dirname(path.rstrip("/") or path), base(path))) == clean(path) or ".." in path


def matches(pattern, name):
    """The same by trying everything, for patterns without classes."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return matches(pattern[1:], name) or bool(name and name[0] != "/" and matches(pattern, name[1:]))
    if not name or (pattern[0] == "?" and name[0] == "/"):
        return False
    return pattern[0] in ("?", name[0]) and matches(pattern[1:], name[1:])


@given(st.text(alphabet="ab/*?", max_size=8), st.text(alphabet="ab/", max_size=8))
def test_matching_is_what_trying_everything_finds(pattern, name):
    assert match(pattern, name) == matches(pattern, name)


@given(st.text(alphabet="ab[]^-\\*?é/", max_size=8), st.text(alphabet="abé/-]", max_size=6))
def test_any_pattern_matches_or_is_refused(pattern, name):
    with suppress(ChartError):
        assert match(pattern, name) in (True, False)
