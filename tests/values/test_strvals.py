"""The language of --set and its relatives; the expected values and messages are Helm's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ValuesError
from navarch.values.strvals import parse_file, parse_json, parse_literal, parse_set, parse_string

PARSED = [
    ("", {}),
    ("a=1", {"a": 1}),
    ("a=b,c=d", {"a": "b", "c": "d"}),
    ("a=1,a=2", {"a": 2}),
    ("a.b.c=x", {"a": {"b": {"c": "x"}}}),
    ("a.b=1,a.c=2", {"a": {"b": 1, "c": 2}}),
    ("a=true,b=False,c=NULL,d=null,e=0", {"a": True, "b": False, "c": None, "d": None, "e": 0}),
    ("a=01,b=-1,c=+5,d=1.5,e=1e3,f=-0", {"a": "01", "b": -1, "c": 5, "d": "1.5", "e": "1e3", "f": 0}),
    ("a=9223372036854775807,b=9223372036854775808", {"a": 9223372036854775807, "b": "9223372036854775808"}),
    ("a=", {"a": ""}),
    ("a=,b=1", {"a": "", "b": 1}),
    ("a={}", {"a": [""]}),
    ("a={x,1,true}", {"a": ["x", 1, True]}),
    ("a={x,y},b=1", {"a": ["x", "y"], "b": 1}),
    ("a[0]=x", {"a": ["x"]}),
    ("a[2]=x", {"a": [None, None, "x"]}),
    ("a[0].b=1,a[0].c=2,a[1].b=3", {"a": [{"b": 1, "c": 2}, {"b": 3}]}),
    ("a[1][0]=x", {"a": [None, ["x"]]}),
    ("a[0]={1,2}", {"a": [[1, 2]]}),
    ("a\\.b=c", {"a.b": "c"}),
    ("a=b\\,c", {"a": "b,c"}),
    ("a=b\\=c\\\\", {"a": "b=c\\"}),
    ("a=b=c", {"a": "b=c"}),
    ("a=x.y[0]", {"a": "x.y[0]"}),
    ("a= x ", {"a": " x "}),
    ("=1", {}),
    # a line may end within a path: what was begun is not there, or empty
    ("a[0", {}),
    ("a[0]", {"a": []}),
    ("a[0]=", {"a": [""]}),
    ("a.b=", {"a": {"b": ""}}),
    ("a.", {}),
]


@pytest.mark.parametrize(("line", "values"), PARSED)
def test_set(line: str, values: dict[str, object]) -> None:
    parsed = parse_set(line)
    assert parsed == values
    assert repr(parsed) == repr(values)  # 1 is not True


REFUSED = [
    ("a", 'key "a" has no value'),
    ("a,b=1", 'key "a" has no value (cannot end with ,)'),
    ("a.b", 'key "b" has no value'),
    ("a.=1", 'key map "a" has no value'),
    ("a={x", "list must terminate with '}'"),
    ("a[x]=1", 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'),
    ("a[-1]=1", "negative -1 index not allowed"),
    ("a[65537]=1", "index of 65537 is greater than maximum supported index of 65536"),
    ("a[0]xy=1", "unexpected data at end of array index: ['x' 'y']"),
    ("a=1,a.b=2", "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"),
    ("a=null,a.b=2", "unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}"),
    ("a=x,a[0]=2", "unable to parse key: interface conversion: interface {} is string, not []interface {}"),
    ("a[0]=x,a[0][0]=2", "unable to parse key: interface conversion: interface {} is string, not []interface {}"),
    (
        ".".join("a" * 32) + "=1",
        "value name nested level is greater than maximum supported nested level of 30",
    ),
]


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_what_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValuesError) as caught:
        parse_set(line)
    assert str(caught.value) == message
    assert caught.value.hint.startswith(line + "\n")


def test_values_go_into_what_is_there() -> None:
    values = {"a": {"b": 1}, "l": [1, 2]}
    assert parse_set("a.c=2,l[3]=x", values) is values
    assert values == {"a": {"b": 1, "c": 2}, "l": [1, 2, None, "x"]}


def test_strings_keep_their_text() -> None:
    assert parse_string("a=1,b=true,c={1,null}") == {"a": "1", "b": "true", "c": ["1", "null"]}


def test_files_are_read() -> None:
    assert parse_file("a=x.txt,b.c={y,z}", str.upper) == {"a": "X.TXT", "b": {"c": ["Y", "Z"]}}


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('a={"x":1},b=[1,"2"] ,c=', {"a": {"x": 1.0}, "b": [1.0, "2"], "c": None}),
        ('a="x,y",b.c[0]=true', {"a": "x,y", "b": {"c": [True]}}),
        ("a= ,b= null", {"a": None, "b": None}),
        ('a="\\"}"', {"a": '"}'}),
        ("a=-1.5e3", {"a": -1500.0}),
    ],
)
def test_json(line: str, values: dict[str, object]) -> None:
    assert parse_json(line) == values


@pytest.mark.parametrize("line", ["a=x", "a={", "a=[1,]", "a=1.", "a=01", "a=1 b", 'a="x', "a=1e999"])
def test_what_is_no_json(line: str) -> None:
    with pytest.raises(ValuesError):
        parse_json(line)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a=b,c=d", {"a": "b,c=d"}),
        ("a.b[1].c={x}\\", {"a": {"b": [None, {"c": "{x}\\"}]}}),
        ("a\\.b=1", {"a\\": {"b": "1"}}),
        ("a,b=1", {"a,b": "1"}),
        ("a=", {"a": ""}),
    ],
)
def test_literals(line: str, values: dict[str, object]) -> None:
    assert parse_literal(line) == values


NAMES = st.text("abcxyz09", min_size=1, max_size=4)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)


def escaped(text: str) -> str:
    return "".join("\\" + char if char in ",\\.[]={}" else char for char in text)


@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_escaped_texts_come_back(values: dict[str, str]) -> None:
    line = ",".join(f"{name}={escaped(text)}" for name, text in values.items())
    assert parse_string(line) == values


@given(st.recursive(NAMES, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=8))
def test_paths_build_what_they_say(tree: object) -> None:
    def lines(value: object, path: str) -> list[str]:
        if isinstance(value, dict):
            return [line for key, inner in value.items() for line in lines(inner, f"{path}.{key}")]
        return [f"{path}={value}"]

    assert parse_string(",".join(lines(tree, "top"))) == {"top": tree}


@given(st.text("ab.,=[]{}\\01- \"'", max_size=25))
def test_only_values_errors_come_out(line: str) -> None:
    for parse in (parse_set, parse_string, parse_json, parse_literal):
        with suppress(ValuesError):
            parse(line)
