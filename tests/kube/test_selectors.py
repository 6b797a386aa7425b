"""Label selectors: what labels.Parse reads, how it refuses, and which labels match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import UsageError
from navarch.kube.selectors import Requirement, Selector, equality_selector, parse_selector

SETS = ({"a": "b"}, {"a": "5", "x/y": ""}, {})
NAME = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
VALUE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
PREFIX = r"prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"


@pytest.mark.parametrize(
    ("text", "string", "matches"),
    [
        ("", "", (1, 1, 1)),
        ("a", "a", (1, 1, 0)),
        ("!a", "!a", (0, 0, 1)),
        ("a=b", "a=b", (1, 0, 0)),
        ("a==b", "a==b", (1, 0, 0)),
        ("a!=b", "a!=b", (0, 1, 1)),
        ("a in (c,b)", "a in (b,c)", (1, 0, 0)),
        ("a notin (b, 5)", "a notin (5,b)", (0, 0, 1)),
        ("a>4", "a>4", (0, 1, 0)),
        ("a<6", "a<6", (0, 1, 0)),
        ("a=", "a=", (0, 0, 0)),
        ("a=,b", "a=,b", (0, 0, 0)),
        ("a in ()", "a in ()", (0, 0, 0)),
        ("a in (,b)", "a in (,b)", (1, 0, 0)),
        ("a in (b,)", "a in (,b)", (1, 0, 0)),
        ("in in (in)", "in in (in)", (0, 0, 0)),
        ("a=in", "a=in", (0, 0, 0)),
        ("x/y=", "x/y=", (0, 1, 0)),
        ("b,a", "a,b", (0, 0, 0)),
        (" a = b ", "a=b", (1, 0, 0)),
        ("a>1,a<9", "a>1,a<9", (0, 1, 0)),
    ],
)
def test_what_is_read(text: str, string: str, matches: tuple[int, ...]) -> None:
    """Recorded from apimachinery's labels.Parse."""
    selector = parse_selector(text)
    assert str(selector) == string
    assert tuple(selector.matches(labels) for labels in SETS) == matches


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,", "found '', expected: identifier after ','"),
        ("a,,b", "found ',', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (=", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
        ("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"),
        ("-a", f'unable to parse requirement: <nil>: Invalid value: "-a": {NAME}'),
        ("P/q", f'unable to parse requirement: <nil>: Invalid value: "P/q": {PREFIX}'),
        ("/q", 'unable to parse requirement: <nil>: Invalid value: "/q": prefix part must be non-empty'),
        ("a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {VALUE}'),
        ("a=" + "v" * 64, f'unable to parse requirement: values[0][a]: Invalid value: "{"v" * 64}": must be no more than 63 bytes'),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str) -> None:
    """Recorded from apimachinery's labels.Parse."""
    with pytest.raises(UsageError) as caught:
        parse_selector(text)
    assert str(caught.value) == message


NAMES = st.text("abcXYZ019", min_size=1, max_size=5)
REQUIREMENTS = st.one_of(
    st.builds(Requirement, NAMES, st.sampled_from(["", "!"]), st.just(())),
    st.builds(Requirement, NAMES, st.sampled_from(["=", "==", "!="]), st.tuples(NAMES)),
    st.builds(Requirement, NAMES, st.sampled_from(["in", "notin"]), st.lists(NAMES, min_size=1, unique=True).map(sorted).map(tuple)),
    st.builds(Requirement, NAMES, st.sampled_from([">", "<"]), st.tuples(st.integers(0, 99).map(str))),
)  # fmt: skip


@given(st.lists(REQUIREMENTS, max_size=4))
def test_what_is_written_is_read_back(requirements: list[Requirement]) -> None:
    selector = Selector(tuple(sorted(requirements, key=lambda one: one.key)))
    assert parse_selector(str(selector)) == selector


@given(st.text("ab!=<>(), in\t-/.é", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed = parse_selector(text)
    except UsageError:
        return
    assert parse_selector(str(parsed)) == parsed


@given(st.dictionaries(NAMES, NAMES, max_size=3), st.dictionaries(NAMES, NAMES, max_size=5))
def test_equality(wanted: dict[str, str], labels: dict[str, str]) -> None:
    assert equality_selector(wanted).matches(labels) == (wanted.items() <= labels.items())
    assert parse_selector(str(equality_selector(wanted))) == equality_selector(wanted)
