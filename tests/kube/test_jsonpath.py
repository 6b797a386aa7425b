"""JSONPath templates. Expected is what `helm show values --jsonpath` prints."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import UsageError
from navarch.kube.jsonpath import Path, render

VALUES = {
    "a": 1.0,
    "b": [1.0, 2.5, "x", {"c": "d"}, None, True],
    "m": {"z": 1.0, "y": {"x": 2.0}},
    "s": "its",
    "n": None,
    "l": [{"name": "a", "v": 1.0}, {"name": "b", "v": 2.0}],
    "big": 1000000.0,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{.m}", '{"y":{"x":2},"z":1}'),
        ("{.m.z}", "1"),
        ("{.big}", "1e+06"),
        ("{.b[0]}", "1"),
        ("{.b[*]}", '1 2.5 x {"c":"d"} null true'),
        ("{.b[-1]}", "true"),
        ("{.b[1:3]}", "2.5 x"),
        ("{.b[::2]}", "1 x null"),
        ("{.b[0,1]}", "1 2.5"),
        ("{.b[0:0]}", ""),
        ("{.b[9]}", ""),
        ("{.b[3].c}", "d"),
        ("{['m']}", '{"y":{"x":2},"z":1}'),
        ("{.m['z','y']}", '1 {"x":2}'),
        ('{.l[?(@.name=="b")].v}', "2"),
        ("{.l[?(@.name!='a')].name}", "b"),
        ('{.l[?(@.name<"b")].name}', "a"),
        ("{.l[?(@.v==1)].name}", ""),  # a float and an int can't be compared
        ("{.l[?(@.name)].v}", "1 2"),
        ("{.l[?(@.nope)]}x", "x"),
        ("{.l[*].name}", "a b"),
        ('{range .l[*]}{.name}={.v}{"\\n"}{end}done', "a=1\nb=2\ndone"),
        ("{range .l[*]}{range .x}{end}{.name}{end}", ""),
        ("{range .b[*]}[{@}]{end}", '[1][2.5][x][{"c":"d"}][<no value>][true]'),
        ("{.nope}", ""),
        ("x{.n}y", "xnully"),
        ("{.n.x}", ""),
        ("{..name}", "a b"),
        ("{.m.*}", '{"x":2} 1'),
        ("{@.s} {$.s}", "its its"),
        ("{'q'}{\"\\u00e9\"}", "qé"),
        ("{'it\\'s'}", "it's"),
        ("{1}{-2.5}{true}", "1-2.5true"),
        ("{end}", ""),
        ("{foo}", ""),
    ],
)
def test_what_a_template_finds(template, text):
    assert render(template, VALUES) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{", "unclosed action"),
        ("{.a", "unclosed action"),
        ("{#}", "unrecognized character in action: U+0023 '#'"),
        ("{.b[x]}", "invalid array index x"),
        ("{.b[", "unterminated array"),
        ("{.b[-]}", "array index - is not a number"),
        ("{....a}", "invalid multiple recursive descent"),
        ("{.l[?(@.name=='a')", "unclosed array expect ]"),
        ("{.l[?(@.name", "unterminated filter"),
        ('{"open}', "unterminated quoted string"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
        ("{+}", "cannot parse number +"),
    ],
)
def test_templates_that_can_not_be_read(template, message):
    with pytest.raises(UsageError) as caught:
        render(template, VALUES)
    assert str(caught.value) == message


@given(st.text(st.sampled_from("{}[]().*?@$'\"abmnl0-:,= !<\\range end"), max_size=24))
def test_any_template_prints_or_is_refused(template):
    with suppress(UsageError):
        assert isinstance(render(template, VALUES), str)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{.m.z}", [1.0]),
        ("{.m.missing.more}", []),
        ("{.n}", [None]),
        ("{.b[9]}", []),
        ("{.l[*].name}", ["a", "b"]),
        ("{.l[?(@.v>1.0)].name}", ["b"]),
        ("{.l[?(@.v>1)].name}", []),
        ("{.s[0]}", []),
    ],
)
def test_a_path_finds_values_in_an_object(template: str, found: list[object]) -> None:
    """Expected: what FindResults with AllowMissingKeys finds first."""
    assert Path(template).find(VALUES) == found


def test_a_path_must_be_a_template() -> None:
    with pytest.raises(UsageError, match="unterminated array"):
        Path("{.a[}")
