"""Globs of chart files; the expected values are what Helm's .Files.Glob finds."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.glob import compile_glob

NAMES = [
    "a",
    "b",
    "ab",
    "a/b",
    "a/b/c",
    "config/a.yaml",
    "config/b.yml",
    "config/sub/c.yaml",
    "files/x.json",
    ".hidden",
    "README.md",
    "aXb",
    "a-b",
    "é.txt",
    "a.yaml/x",
]

FOUND = [
    ("*", ".hidden README.md a a-b aXb ab b é.txt"),
    (
        "**",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    ("*.yaml", ""),
    ("**.yaml", "config/a.yaml config/sub/c.yaml"),
    ("config/*", "config/a.yaml config/b.yml"),
    ("config/**", "config/a.yaml config/b.yml config/sub/c.yaml"),
    ("config/*.yaml", "config/a.yaml"),
    ("**/*.yaml", "config/a.yaml config/sub/c.yaml"),
    ("config/*.{yaml,yml}", "config/a.yaml config/b.yml"),
    ("{config,files}/*", "config/a.yaml config/b.yml files/x.json"),
    ("?", "a b"),
    ("a?b", "a-b aXb"),
    ("[ab]", "a b"),
    ("[!ab]", ""),
    ("[a-b]", "a b"),
    ("[!a-b]", ""),
    ("a/*/c", "a/b/c"),
    ("a/**", "a/b a/b/c"),
    ("a**", "a a-b a.yaml/x a/b a/b/c aXb ab"),
    ("{a,ab}", "a ab"),
    ("{a*,b}/*", "a/b"),
    ("{a*,b}", "a a-b aXb ab b"),
    ("*{a,b}", "a a-b aXb ab b"),
    ("{a,b}{a,b}", "ab"),
    ("config/{a,b}*", "config/a.yaml config/b.yml"),
    ("**/{a,c}.yaml", "config/a.yaml config/sub/c.yaml"),
    ("\\*", ""),
    ("\\a", "a"),
    ("{a", "a"),
    ("a}", ""),
    ("a,b", ""),
    ("{a,b", "a b"),
    (
        "[a",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    (
        "[]",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    (
        "[a-b",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    (
        "[ab",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    (
        "[b-a]",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    ("", ""),
    ("{}", ""),
    ("{,a}", "a"),
    ("{a,}", "a"),
    ("**/", ""),
    ("*/*", "a.yaml/x a/b config/a.yaml config/b.yml files/x.json"),
    ("**{a,b}**", "a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml config/sub/c.yaml"),
    ("é*", "é.txt"),
    ("[é].txt", ""),
    ("?.txt", ""),
    ("[!a]*", ".hidden README.md b é.txt"),
    ("*-*", "a-b"),
    (
        "a[X-]b",
        (
            ".hidden README.md a a-b a.yaml/x a/b a/b/c aXb ab b config/a.yaml config/b.yml "
            "config/sub/c.yaml files/x.json é.txt"
        ),
    ),
    ("{*.md,*.txt}", "README.md é.txt"),
    ("*{", ""),
]


def found(pattern):
    try:
        test = compile_glob(pattern)
        return " ".join(sorted(name for name in NAMES if test(name)))
    except FunctionError as error:
        return f"error: {error}"


@pytest.mark.parametrize(("pattern", "names"), FOUND)
def test_a_glob_finds_files(pattern, names):
    assert found(pattern) == names


def test_a_pattern_of_many_levels_is_refused_or_works():
    with suppress(FunctionError):
        compile_glob("{" * 5000 + "a")("a")


def expand(pattern):
    """The patterns without alternatives that one with them stands for."""
    start = pattern.find("{")
    if start < 0:
        return [pattern]
    end = pattern.index("}", start)
    middles = pattern[start + 1 : end].split(",")
    return [pattern[:start] + middle + rest for middle, rest in product(middles, expand(pattern[end + 1 :]))]


def matches(pattern, name):
    """Whether a pattern of *, ** and ? matches, by trying everything."""
    if not pattern:
        return not name
    if pattern.startswith("**"):
        return matches(pattern[2:], name) or bool(name and matches(pattern, name[1:]))
    if pattern[0] == "*":
        return matches(pattern[1:], name) or bool(name and name[0] != "/" and matches(pattern, name[1:]))
    if not name or (pattern[0] == "?" and name[0] == "/"):
        return False
    return pattern[0] in ("?", name[0]) and matches(pattern[1:], name[1:])


pieces = st.sampled_from(["a", "b", "/", "*.", "x*", "a?", "{a,b}", "{ab,x}"])
names = st.text(alphabet="abx/.", min_size=1, max_size=8)


@given(st.lists(pieces, min_size=1, max_size=5).map("".join), names)
def test_what_is_found_fits_the_pattern_as_written(pattern, name):
    # the library may miss names, but these patterns let it add none
    assume("*x*" not in pattern)
    if compile_glob(pattern)(name):
        assert any(matches(plain, name) for plain in expand(pattern))


@given(st.text(alphabet="ab/.", min_size=1, max_size=8), names)
def test_a_plain_pattern_matches_itself_alone(pattern, name):
    assert compile_glob(pattern)(name) == (pattern == name)


@given(names)
def test_the_usual_patterns_mean_what_they_say(name):
    assert compile_glob("**")(name)
    assert compile_glob("*")(name) == ("/" not in name)
    assert compile_glob("a/**")(name) == name.startswith("a/")
    assert compile_glob("**.x")(name) == name.endswith(".x")


@given(st.text(alphabet="ab/*?{}[]!,-\\é", max_size=10), names)
def test_any_pattern_is_a_glob(pattern, name):
    with suppress(FunctionError):
        assert compile_glob(pattern)(name) in (True, False)
