"""Versions and constraints; the expected values are those of Masterminds/semver."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError, VersionError
from navarch.golang.semver import Version, parse_constraint, parse_strict, parse_version, satisfies
from navarch.golang.types import type_of

VERSIONS = [
    ("1.2.3", '1.2.3 1.2.3 "" "" 1.2.3'),
    ("v1.2.3", '1.2.3 1.2.3 "" "" v1.2.3'),
    ("1", '1.0.0 1.0.0 "" "" 1'),
    ("1.2", '1.2.0 1.2.0 "" "" 1.2'),
    ("v1", '1.0.0 1.0.0 "" "" v1'),
    ("1.2.3-beta.1", '1.2.3-beta.1 1.2.3 "beta.1" "" 1.2.3-beta.1'),
    ("1.2.3-beta.1+b345.x", '1.2.3-beta.1+b345.x 1.2.3 "beta.1" "b345.x" 1.2.3-beta.1+b345.x'),
    ("1.2+meta", '1.2.0+meta 1.2.0 "" "meta" 1.2+meta'),
    ("01.02.03", '1.2.3 1.2.3 "" "" 01.02.03'),
    ("1.2.3-0", '1.2.3-0 1.2.3 "0" "" 1.2.3-0'),
    ("1.2.3--", '1.2.3-- 1.2.3 "-" "" 1.2.3--'),
    ("1.2.3-01", "error: version segment starts with 0"),
    ("1.2.3-a..b", "error: invalid semantic version"),
    ("1.2.3-", "error: invalid semantic version"),
    ("1.2.3+", "error: invalid semantic version"),
    ("1.2.3+a_b", "error: invalid semantic version"),
    ("1.2.3.4", "error: invalid semantic version"),
    ("", "error: invalid semantic version"),
    ("v", "error: invalid semantic version"),
    ("V1.2", "error: invalid semantic version"),
    ("1.2.x", "error: invalid semantic version"),
    (" 1.2.3", "error: invalid semantic version"),
    ("1.2.3 ", "error: invalid semantic version"),
    ("1..2", "error: invalid semantic version"),
    ("18446744073709551615.0.0", '18446744073709551615.0.0 18446744073709551615.0.0 "" "" 18446744073709551615.0.0'),
    (
        "18446744073709551616.0.0",
        ('error: error parsing version segment: strconv.ParseUint: parsing "18446744073709551616": value out of range'),
    ),
    ("1.2.3-é", "error: invalid semantic version"),
    ("-1.2.3", "error: invalid semantic version"),
    (
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxx"
        ),
        "error: version string is too long (max 256 bytes)",
    ),
]

COMPARED = [
    ("1.2.3", "1.2.3", "0"),
    ("1.2.3", "1.2.4", "-1"),
    ("1.3.0", "1.2.9", "1"),
    ("2.0.0", "10.0.0", "-1"),
    ("1.2.3-a", "1.2.3", "-1"),
    ("1.2.3", "1.2.3-a", "1"),
    ("1.2.3-a", "1.2.3-b", "-1"),
    ("1.2.3-a.1", "1.2.3-a", "1"),
    ("1.2.3-1", "1.2.3-a", "-1"),
    ("1.2.3-2", "1.2.3-11", "-1"),
    ("1.2.3-a+x", "1.2.3-a+y", "0"),
    ("1.0.0-rc.1", "1.0.0-beta.11", "1"),
    ("1.2.3-99999999999999999999", "1.2.3-1", "1"),
]

CONSTRAINTS = [
    ("=1.2.3", "1.2.3", "true"),
    ("1.2.3", "1.2.4", "false"),
    ("!=1.2.3", "1.2.3", "false"),
    ("!=1.x", "1.4.0", "false"),
    ("!=1.x", "2.0.0", "true"),
    ("!=1.2.x", "1.2.9", "false"),
    (">1.2.3", "1.2.4", "true"),
    (">1", "1.9.0", "false"),
    (">1", "2.0.0", "true"),
    (">1.1", "1.1.9", "false"),
    (">1.1", "1.2.0", "true"),
    ("<1.2", "1.1.9", "true"),
    ("<1.2", "1.2.0-rc1", "false"),
    ("<1.2-0", "1.2.0-rc1", "false"),
    (">=1.14-0", "1.14.0-gke.1", "true"),
    (">=1.14", "1.15.0-gke.1", "false"),
    ("<=1.2", "1.2.9", "true"),
    ("<=1", "1.9.9", "true"),
    ("<=1", "2.0.0", "false"),
    ("<=1.2.3", "1.2.4", "false"),
    ("=>1.2", "1.2.0", "true"),
    ("=<1.2.0", "1.2.0", "true"),
    ("~1.2.3", "1.2.9", "true"),
    ("~1.2.3", "1.3.0", "false"),
    ("~1", "1.9.0", "true"),
    ("~1.2", "1.3.0", "false"),
    ("~>1.2", "1.2.5", "true"),
    ("~0.0.0", "5.0.0", "true"),
    ("~*", "9.9.9", "true"),
    ("^1.2.3", "1.9.0", "true"),
    ("^1.2.3", "2.0.0", "false"),
    ("^0.2.3", "0.2.9", "true"),
    ("^0.2.3", "0.3.0", "false"),
    ("^0.0.3", "0.0.3", "true"),
    ("^0.0.3", "0.0.4", "false"),
    ("^0.0", "0.0.9", "true"),
    ("^0", "0.9.0", "true"),
    ("^*", "3.0.0", "false"),
    ("*", "1.0.0", "true"),
    ("*", "1.0.0-rc1", "false"),
    ("*-0", "1.0.0-rc1", "true"),
    ("1.2.x", "1.2.7", "true"),
    ("1.X", "1.9.0", "true"),
    ("v1.2", "1.2.3", "true"),
    ("1.2 - 2.3", "2.3.4", "true"),
    ("1.2.0 - 2.3.0", "2.3.0", "true"),
    ("1.2.0 - 2.3.0", "2.3.1", "false"),
    ("1.2-beta - 2", "1.2.0-rc", "true"),
    (">=1.0, <2.0", "1.5.0", "true"),
    (">=1.0 <2.0", "2.0.0", "false"),
    (">=1.0,<2.0 || >3", "3.1.0", "false"),
    (">=1.0,<2.0 || >3", "4.0.0", "true"),
    ("<1.0||>=2", "0.5.0", "true"),
    (">= 1.2 , != 1.3", "1.3.0", "false"),
    ("1.2.3-beta || 2", "1.2.3-beta", "true"),
    ("", "1.0.0", 'error: improper constraint: ""'),
    (">", "1.0.0", 'error: improper constraint: ">"'),
    (">>1", "1.0.0", 'error: improper constraint: ">>1"'),
    ("==1", "1.0.0", 'error: improper constraint: "==1"'),
    ("1 || ", "1.0.0", 'error: improper constraint: " "'),
    ("1,,2", "1.0.0", 'error: improper constraint: "1,,2"'),
    ("1.2.3.4", "1.0.0", 'error: improper constraint: "1.2.3.4"'),
    ("a", "1.0.0", 'error: improper constraint: "a"'),
    ("1.xx", "1.0.0", "error: constraint parser error"),
    ("1|2", "1.0.0", "error: constraint parser error"),
    ("1.2.3-01", "1.0.0", "error: constraint parser error"),
    ("1 - 2 - 3", "1.0.0", 'error: improper constraint: ">= 1, <= 2 - 3"'),
    ("1.2.3.4 - 5", "1.0.0", 'error: improper constraint: "1.>= 2.3.4, <= 5 "'),
    (">=1.2 - 3", "1.0.0", 'error: improper constraint: ">=>= 1.2, <= 3 "'),
    (
        "1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1",
        "1.0.0",
        "error: too many constraint groups (max 32)",
    ),
    (
        (
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "11111111111111111111111111111111111111111111111111111111111111111111111111111111"
            "111111111111111111111111111111111"
        ),
        "1.0.0",
        "error: constraint string is too long (max 512 bytes)",
    ),
    ("*", "x", "error: invalid semantic version"),
    ("1 -2", "1.0.0", 'error: improper constraint: "1 -2"'),
]

STRICT = [
    ("1.2.3", "1.2.3"),
    ("1.2.3-x+y", "1.2.3-x+y"),
    ("", "version string empty"),
    ("1.2", "invalid semantic version"),
    ("1.2.3.4", "invalid characters in version"),
    ("v1.2.3", "invalid characters in version"),
    ("a.b.c", "invalid characters in version"),
    ("01.2.3", "version segment starts with 0"),
    ("1.2.03", "version segment starts with 0"),
    ("1.2.3-", "invalid prerelease string"),
    ("1.2.3-a..b", "invalid prerelease string"),
    ("1.2.3-a.01", "version segment starts with 0"),
    ("1.2.3+", "invalid metadata string"),
    ("1.2.3+a..b", "invalid metadata string"),
    ("1.2.-x", 'strconv.ParseUint: parsing "": invalid syntax'),
    ("1.2.99999999999999999999", 'strconv.ParseUint: parsing "99999999999999999999": value out of range'),
    ("1." * 129, "version string is too long (max 256 bytes)"),
]


@pytest.mark.parametrize(("text", "parts"), VERSIONS)
def test_a_version_is_parsed_loosely(text, parts):
    try:
        v = parse_version(text)
        found = f'{v} {v.major}.{v.minor}.{v.patch} "{v.pre}" "{v.metadata}" {v.original}'
    except VersionError as error:
        found = f"error: {error}"
    assert found == parts


@pytest.mark.parametrize(("text", "result"), STRICT)
def test_a_version_is_parsed_strictly(text, result):
    try:
        found = str(parse_strict(text))
    except VersionError as error:
        found = str(error)
    assert found == result


@pytest.mark.parametrize(("one", "other", "order"), COMPARED)
def test_versions_are_ordered(one, other, order):
    assert str(parse_version(one).compare(parse_version(other))) == order


@pytest.mark.parametrize(("constraint", "version", "answer"), CONSTRAINTS)
def test_a_version_satisfies_a_constraint_or_not(constraint, version, answer):
    try:
        found = str(satisfies(constraint, version)).lower()
    except VersionError as error:
        found = f"error: {error}"
    assert found == answer


def test_a_constraint_prints_its_clauses():
    assert str(parse_constraint(">=1.2,<3 || 1.x - 2")) == ">=1.2 <3 || >=1.x <=2"


def test_versions_that_follow():
    version = parse_version("v1.2.3-rc.1+b5")
    following = [version.next_patch(), version.next_minor(), version.next_major()]
    assert [v.original for v in following] == ["v1.2.3", "v1.3.0", "v2.0.0"]
    assert str(version.with_prerelease("a.1")) == "1.2.3-a.1+b5"
    assert str(version.with_metadata("")) == "1.2.3-rc.1"
    assert type_of(following[0]) == "semver.Version"
    with pytest.raises(VersionError, match="patch version increment would overflow uint64"):
        parse_version("0.0.18446744073709551615").next_patch()


def test_templates_find_the_methods_under_go_s_names():
    version: Any = parse_version("v1.2.3-rc.1")
    other = parse_version("1.2.3")
    assert all(callable(getattr(version, name)) for name in Version.go_methods)
    assert (type_of(version.Major()), type_of(version.Compare(other))) == ("uint64", "int")
    orders = [version.LessThan(other), version.GreaterThan(other), version.Equal(other), version.LessThanEqual(version)]
    assert orders == [True, False, False, True]
    assert version.MarshalJSON() == b'"1.2.3-rc.1"'
    with pytest.raises(FunctionError, match="invalid prerelease string"):
        version.SetPrerelease("é")


identifiers = st.from_regex(r"(0|[1-9][0-9]{0,2}|[a-z-][0-9a-z-]{0,3})", fullmatch=True)
numbers = st.integers(0, 30)
versions = st.builds(
    lambda a, b, c, pre, meta: Version(a, b, c, ".".join(pre), ".".join(meta)),
    numbers,
    numbers,
    numbers,
    st.lists(identifiers, max_size=3),
    st.lists(identifiers, max_size=2),
)


@given(versions)
def test_a_printed_version_reads_back_both_ways(version):
    assert parse_version(str(version)) == version == parse_strict(str(version))


@given(versions, versions, versions)
def test_the_order_is_total(a, b, c):
    assert a.compare(b) == -b.compare(a)
    assert a.compare(a) == 0
    low, middle, high = sorted([a, b, c])
    assert low.compare(middle) <= 0 >= middle.compare(high)
    assert low.compare(high) <= 0


@given(versions, versions)
def test_constraints_agree_with_the_order(version, bound):
    if version.pre and not bound.pre:
        assert not satisfies(f">={bound}", str(version))
        return
    order = version.compare(bound)
    found = [satisfies(operator + str(bound), str(version)) for operator in ("<", "<=", "=", ">=", ">", "!=")]
    assert found == [order < 0, order <= 0, order == 0, order >= 0, order > 0, order != 0]


@given(versions)
def test_tilde_and_caret_take_the_version_itself(version):
    assert satisfies(f"~{version}", str(version))
    assert satisfies(f"^{version}", str(version))


@given(st.text(alphabet="0123456789.xX*v-+|<>=!~^, abé", max_size=20))
def test_any_text_is_a_constraint_or_refused(text):
    with suppress(VersionError):
        parse_constraint(text).check(Version(1, 2, 3))


@given(st.text(alphabet="0123456789.v-+aé", max_size=20))
def test_any_text_is_a_version_or_refused(text):
    with suppress(VersionError):
        assert parse_version(text).original == text
