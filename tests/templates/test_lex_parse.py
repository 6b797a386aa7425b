"""The lexer and the parser: what text/template refuses, in its words, and how it writes what it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import TemplateError
from navarch.templates.functions import SIGNATURES
from navarch.templates.lex import ACTION, tokens
from navarch.templates.nodes import Action, If, Range, Template, Text, With
from navarch.templates.parse import parse
from support.grammar import Grammar

# text/template's answers, "LINE: message", to texts with the name "gotpl"
REFUSED = [
    ("{{", "1: unclosed action"),
    ("{{ ", "1: unclosed action"),
    ("a\n{{ upper\n", "3: unclosed action started at gotpl:2"),
    ("{{ .x", "1: unclosed action"),
    ('{{ "a', "1: unterminated quoted string"),
    ('{{ "a\nb" }}', "1: unterminated quoted string"),
    ("{{ `a", "1: unterminated raw quoted string"),
    ("{{ 'a", "1: unterminated character constant"),
    ("{{ (.x }}", "1: unclosed left paren"),
    ("{{ ((1) }}", "1: unclosed left paren"),
    ("{{ .x) }}", "1: unexpected right paren"),
    ("{{ . }", '1: unexpected "}" in operand'),
    ("{{}}", "1: missing value for command"),
    ("{{ | }}", '1: unexpected "|" in command'),
    ("{{ | upper }}", '1: unexpected "|" in command'),
    ("{{ 1 | 2 }}", "1: non executable command in pipeline stage 2"),
    ('{{ upper | "a" }}', "1: non executable command in pipeline stage 2"),
    ("{{ . | . }}", "1: non executable command in pipeline stage 2"),
    ("{{ nil | nil }}", "1: non executable command in pipeline stage 2"),
    ("{{ $x }}", '1: undefined variable "$x"'),
    ("{{ $x := }}", "1: missing value for command"),
    ("{{ $x, $y := 1 }}", "1: too many declarations in command"),
    ("{{ $x := $y := 1 }}", '1: undefined variable "$y"'),
    ("{{ $x : = 1 }}", '1: undefined variable "$x"'),
    ("{{ $x :1 }}", '1: undefined variable "$x"'),
    ("{{ range $a, $b, $c := . }}{{ end }}", "1: too many declarations in range"),
    ("{{ range $a, 1 := . }}{{ end }}", "1: range can only initialize variables"),
    ("{{ range $a, }}{{ end }}", "1: missing value for range"),
    ("{{ with $a, $b := . }}{{ end }}", "1: too many declarations in with"),
    ("{{ if }}{{ end }}", "1: missing value for if"),
    ("{{ range }}{{ end }}", "1: missing value for range"),
    ("{{ with }}{{ end }}", "1: missing value for with"),
    ("{{ if . }}", "1: unexpected EOF"),
    ("{{ if . }}{{ else }}", "1: unexpected EOF"),
    ("{{ else }}", "1: unexpected {{else}}"),
    ("{{ end }}", "1: unexpected {{end}}"),
    ("{{ if . }}{{ end }}{{ end }}", "1: unexpected {{end}}"),
    ("{{ if . }}{{ else }}{{ else }}{{ end }}", "1: expected end; found {{else}}"),
    ("{{ else if . }}{{ end }}", "1: unexpected {{else}}"),
    ("{{ range . }}{{ else if . }}{{ end }}", "1: unexpected <if> in input"),
    ("{{ with . }}{{ else if . }}{{ end }}", "1: unexpected <if> in input"),
    ("{{ if . }}{{ else with . }}{{ end }}", "1: unexpected <with> in input"),
    ("{{ else x }}", '1: unexpected "x" in else'),
    ("{{ if . }}{{ else range . }}{{ end }}", "1: unexpected <range> in else"),
    ("{{ end x }}", '1: unexpected "x" in end'),
    ("{{ define }}{{ end }}", '1: unexpected "}}" in define clause'),
    ("{{ define x }}{{ end }}", '1: unexpected "x" in define clause'),
    ('{{ define "x" y }}{{ end }}', '1: unexpected "y" in define clause'),
    ('{{ define "x" }}', "1: unexpected EOF"),
    ('{{ if . }}{{ define "x" }}{{ end }}{{ end }}', "1: unexpected <define> in command"),
    ('{{ define "x" }}{{ define "y" }}{{ end }}{{ end }}', "1: unexpected <define> in command"),
    ("{{ define 1 }}{{ end }}", '1: unexpected "1" in define clause'),
    ('{{ define "x" }}{{ else }}{{ end }}', "1: unexpected {{else}} in define clause"),
    ("{{ template }}", '1: unexpected "}}" in template clause'),
    ("{{ template x }}", '1: unexpected "x" in template clause'),
    ("{{ template 1 }}", '1: unexpected "1" in template clause'),
    ('{{ template "x" | }}', '1: unexpected "|" in template clause'),
    ("{{ block }}{{ end }}", '1: unexpected "}}" in block clause'),
    ('{{ block "x" }}{{ end }}', "1: missing value for block clause"),
    ('{{ block "x" . }}', "1: unexpected EOF"),
    ("{{ break }}", "1: {{break}} outside {{range}}"),
    ("{{ continue }}", "1: {{continue}} outside {{range}}"),
    ("{{ break 1 }}", '1: unexpected "1" in {{break}}'),
    ("{{ range . }}{{ break x }}{{ end }}", '1: unexpected "x" in {{break}}'),
    ("{{ range . }}{{ else }}{{ continue }}{{ end }}", "1: {{continue}} outside {{range}}"),
    ('{{ range . }}{{ define "x" }}{{ break }}{{ end }}{{ end }}', "1: unexpected <define> in command"),
    ("{{ nofunc }}", '1: function "nofunc" not defined'),
    ("{{ nofunc 1 }}", '1: function "nofunc" not defined'),
    ("{{ upper nofunc }}", '1: function "nofunc" not defined'),
    ("{{ .a..b }}", "1: unexpected <.> in operand"),
    ("{{ .a. }}", "1: unexpected <.> in operand"),
    ("{{ ..a }}", '1: unexpected . after term "."'),
    ("{{ .a1 }}{{ .a-b }}", "1: bad character U+002D '-'"),
    ("{{ .a@ }}", "1: bad character U+0040 '@'"),
    ("{{ @ }}", '1: unexpected "@" in command'),
    ("{{ # }}", '1: unexpected "#" in command'),
    ("{{ é }}", '1: function "é" not defined'),
    ("{{ a b }}", "1: bad character U+00A0"),
    ("{{ upper! }}", "1: bad character U+0021 '!'"),
    ("{{ $x! }}", "1: bad character U+0021 '!'"),
    ('{{ "a"b }}', '1: unexpected "b" in operand'),
    ("{{ 1a }}", '1: bad number syntax: "1a"'),
    ("{{ 0x1g }}", '1: bad number syntax: "0x1g"'),
    ("{{ 1.2.3 }}", '1: unexpected ".3" in operand'),
    ("{{ 1e }}", '1: illegal number syntax: "1e"'),
    ("{{ 0x }}", '1: illegal number syntax: "0x"'),
    ("{{ 0b12 }}", '1: bad number syntax: "0b12"'),
    ("{{ 08 }}", '1: integer overflow: "08"'),
    ("{{ 1__2 }}", '1: illegal number syntax: "1__2"'),
    ("{{ 18446744073709551616 }}", '1: integer overflow: "18446744073709551616"'),
    ("{{ 1e400 }}", '1: illegal number syntax: "1e400"'),
    ("{{ 1+2 }}", '1: bad number syntax: "1+2"'),
    ("{{ - }}", '1: illegal number syntax: "-"'),
    ("{{ -x }}", '1: bad number syntax: "-x"'),
    ("{{ + 1 }}", '1: illegal number syntax: "+"'),
    ("{{ '' }}", "1: invalid syntax"),
    ("{{ 'ab' }}", "1: malformed character constant: 'ab'"),
    ("{{ '\\q' }}", "1: invalid syntax"),
    ('{{ "\\q" }}', "1: invalid syntax"),
    ('{{ "\\x1" }}', "1: invalid syntax"),
    ('{{ "\\u12" }}', "1: invalid syntax"),
    ('{{ "\\400" }}', "1: invalid syntax"),
    ("{{ '\\'' }}{{ nope }}", '1: function "nope" not defined'),
    ("{{ true.x }}", '1: unexpected . after term "true"'),
    ('{{ "a".x }}', '1: unexpected . after term "\\"a\\""'),
    ("{{ 1.x }}", '1: bad number syntax: "1.x"'),
    ("{{ nil.x }}", '1: unexpected . after term "nil"'),
    ("{{ (nil).x.y }}{{ end }}", "1: unexpected {{end}}"),
    ("{{ .x(1) }}", '1: unexpected "(" in operand'),
    ("{{ upper(1) }}", '1: unexpected "(" in operand'),
    ("{{ (1)(2) }}", '1: unexpected "(" in operand'),
    ("{{ (.x).y.z }}{{ end }}", "1: unexpected {{end}}"),
    ("{{ .x.y }}.z }}{{ end }}", "1: unexpected {{end}}"),
    ("{{/* x }}", "1: unclosed comment"),
    ("{{/* x */ }}", "1: comment ends before closing delimiter"),
    ("{{/* x */}}{{ end }}", "1: unexpected {{end}}"),
    ("{{- /* x */ -}}{{ end }}", "1: unexpected {{end}}"),
    ("{{ /* x */ }}", '1: unexpected "/" in command'),
    ("{{/*}}", "1: unclosed comment"),
    ("{{- }}", "1: missing value for command"),
    ("{{ -}}", "1: missing value for command"),
    ("{{--}}", '1: bad number syntax: "--"'),
    ("{{-}}", '1: illegal number syntax: "-"'),
    ("{{-1}}{{ end }}", "1: unexpected {{end}}"),
    ("{{1-}}", '1: bad number syntax: "1-"'),
    ("{{- 1 -}}{{ end }}", "1: unexpected {{end}}"),
    ("{{ range . }}\n{{ if . }}\n\n{{ end }}", "4: unexpected EOF"),
    ("line\n\n{{ if . }}\n{{ nofunc\n}}", '4: function "nofunc" not defined'),
    ("{{ upper\n  .x\n  nofunc }}", '3: function "nofunc" not defined'),
    ('{{ "a"\n| \n2 }}', "3: non executable command in pipeline stage 2"),
    ('{{ define "a" }}x{{ end }}{{ define "a" }}y{{ end }}', '1: template: multiple definition of template "a"'),
    ('{{ define "a" }}{{ end }}{{ define "a" }}y{{ end }}{{ end }}', "1: unexpected {{end}}"),
    ('{{ block "a" . }}x{{ end }}{{ define "a" }}y{{ end }}', '1: template: multiple definition of template "a"'),
    ("{{ =x }}", '1: unexpected "=" in command'),
    ("{{ x=1 }}", "1: bad character U+003D '='"),
    ("{{ , }}", '1: unexpected "," in command'),
    ("{{ if , }}{{ end }}", '1: unexpected "," in if'),
    ("{{ [ }}", '1: unexpected "[" in command'),
    ("{{ {.x} }}", '1: unexpected "{" in command'),
    ("{{ .x[0] }}", "1: bad character U+005B '['"),
    ("{{ 1,2 }}", '1: unexpected "," in operand'),
    ('{{ upper "a", "b" }}', '1: unexpected "," in operand'),
    ('{{ if eq .a "b" }}{{ else if }}{{ end }}', "1: missing value for if"),
    ("{{ $ }}{{ $.x }}{{ $x.y }}", '1: undefined variable "$x"'),
    ("{{ $1 }}", '1: undefined variable "$1"'),
    ("{{ $é := 1 }}{{ $é }}{{ end }}", "1: unexpected {{end}}"),
    ("{{ break }}\n{{ end }}", "1: {{break}} outside {{range}}"),
    ("{{ continue\n}}", "2: {{continue}} outside {{range}}"),
    ("\n{{ range . }}{{ end }}{{ break }}", "2: {{break}} outside {{range}}"),
]

# operands after "index nil", and how Go's errors show the command
SHOWN = [
    ("index nil .", "index nil ."),
    ("index nil $.Values", "index nil $.Values"),
    ("index nil   1_000   0x1F", "index nil 1_000 0x1F"),
    ('index nil "a\\tb"', 'index nil "a\\tb"'),
    ('index nil `raw\n"x"`', 'index nil `raw\n"x"`'),
    ("index nil 'a' '\\n'", "index nil 'a' '\\n'"),
    ("index nil 1.50 -2 +3 .5 1e3", "index nil 1.50 -2 +3 .5 1e3"),
    ("index nil true false nil", "index nil true false nil"),
    ('index nil (upper   "x")', 'index nil (upper "x")'),
    ('index nil (  "x"|upper|lower  )', 'index nil ("x" | upper | lower)'),
    ('index nil (upper\n "x")', 'index nil (upper "x")'),
    ("index nil (1) ((1))", "index nil (1) ((1))"),
    ("index nil (.Values.map).zone", "index nil (.Values.map).zone"),
    ("index nil ($v := 1)", "index nil ($v := 1)"),
    ("index nil now.Year", "index nil now.Year"),
    ('index nil "{{ }}"', 'index nil "{{ }}"'),
]

TAKEN = [
    "{{ 1 | }}",
    "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
    "{{ .1 }}",
    "{{ range $i, $x := . }}{{ break }}{{ else }}{{ end }}",
    "{{ if . }}{{ else if . }}{{ else }}{{ end }}",
    "{{ with . }}{{ else with . }}{{ end }}",
    "{{ nil }}",
    '{{ block "a" . }}{{ end }}{{ template "a" }}',
    "}} { {",
    "",
]


def parsed(text):
    return parse("gotpl", text, SIGNATURES)


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_refused(text, message):
    with pytest.raises(TemplateError) as caught:
        parsed(text)
    assert str(caught.value) == f"template: gotpl:{message}"
    assert caught.value.line == int(message.partition(":")[0])
    assert caught.value.template == "gotpl"


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_taken(text):
    parsed(text)


@pytest.mark.parametrize(("command", "shown"), SHOWN)
def test_how_a_command_is_shown(command, shown):
    (item,) = parsed("{{ $v := 1 }}{{ " + command + " }}").bodies[0].items[1:]
    assert str(item.pipe) == shown


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a {{- 1 }} b", ["a", 1, " b"]),
        ("a {{ 1 -}} \n b", ["a ", 1, "b"]),
        ("a\n\t {{- 1 -}}\r\n b", ["a", 1, "b"]),
        ("a {{-1}} b", ["a ", 1, " b"]),
        ("a {{/* c */}} b", ["a ", " b"]),
        ("a {{- /* c */ -}} b", ["a", "b"]),
        ("{{- 1 -}}", [1]),
        ("a\u00a0{{- 1 }}", ["a\u00a0", 1]),
        (" {{- 1 -}} {{- 2 -}} ", [1, 2]),
    ],
)
def test_trim_markers(text, pieces):
    found = [item.text if isinstance(item, Text) else 1 for item in parsed(text).bodies[0].items]
    assert found == [piece if isinstance(piece, str) else 1 for piece in pieces]


def test_definitions_are_bodies_of_their_own():
    source = parsed('a{{ define "x" }}b{{ end }}c{{ block "y" 1 }}  {{ end }}')
    assert [(body.name, body.empty) for body in source.bodies] == [("gotpl", False), ("x", False), ("y", True)]
    assert [type(item) for item in source.bodies[0].items] == [Text, Text, Template]
    assert source.bodies[0].items[-1].name == "y"


def test_blocks_nest():
    (outer,) = (
        parsed("{{ if 1 }}{{ with 2 }}{{ range 3 }}{{ . }}{{ end }}{{ else }}n{{ end }}{{ end }}").bodies[0].items
    )
    assert isinstance(outer, If)
    (with_,) = outer.body
    assert isinstance(with_, With)
    (range_,) = with_.body
    assert isinstance(range_, Range)
    assert isinstance(range_.body[0], Action)
    assert str(outer) == "{{if 1}}{{with 2}}{{range 3}}{{.}}{{end}}{{else}}n{{end}}{{end}}"


def test_statements_know_where_they_stand():
    text = "one\n{{ upper\n .x }} {{- if .y }}z{{ end }}"
    for item in parsed(text).bodies[0].items[1:]:
        assert text.startswith(("upper", ".y"), item.base + item.pos)


def test_a_number_is_what_go_s_constants_are():
    texts = ["1", "0x1F", "0b11", "0o17", "017", "1_000", "'a'", "1.0", "1e3", "1.5", "0x1p4", "18446744073709551615"]
    numbers = [parsed("{{ " + text + " }}").bodies[0].items[0].pipe.commands[0].args[0] for text in texts]
    assert [(n.integer, n.is_float) for n in numbers[:7]] == [(v, False) for v in (1, 31, 3, 15, 15, 1000, 97)]
    assert [(n.real, n.is_float) for n in numbers[7:11]] == [(1.0, True), (1000.0, True), (1.5, True), (16.0, True)]


@pytest.mark.parametrize("depth", [50, 200])
def test_parentheses_nest(depth):
    parsed("{{ " + "(" * depth + "1" + ")" * depth + " }}")


def test_parentheses_nest_no_deeper_than_go_lets_them():
    with pytest.raises(TemplateError, match="max expression depth exceeded"):
        parsed("{{ " + "(" * 10_001 + "1" + ")" * 10_001 + " }}")


# properties


@given(st.randoms(use_true_random=False))
def test_what_is_shown_can_be_read_again(random):
    """A statement's text is a template again, which is shown as the same text."""
    try:
        bodies = parsed(Grammar(random).template(2)).bodies
    except TemplateError:
        return
    shown = "".join(map(str, bodies[0].items))
    texts = [item.text for item in bodies[0].items if isinstance(item, Text)]
    if "{{" in "".join(texts) or any(text.endswith("{") for text in texts):
        return
    functions = dict.fromkeys(SIGNATURES)
    again = parse("gotpl", shown, functions).bodies[0]
    assert "".join(map(str, again.items)) == shown


@given(st.text(alphabet="{}-/*().|$=:,\"'`\\ \n\txi01e+_@é", max_size=60), st.booleans())
def test_tokens_cover_their_text(text, closed):
    """Tokens stand one behind the other, with nothing but blanks between them, up to the end or an error."""
    found = tokens(text, closed)
    end = 0
    for kind, piece, pos, _ in found[:-1]:
        assert text[pos : pos + len(piece)] == piece
        assert not text[end:pos].strip(" \t\r\n")
        assert kind not in ("error", "close")
        end = pos + len(piece)
    kind, _, pos, _ = found[-1]
    assert kind in ("error", "close")
    assert kind == "error" or pos == len(text)
    assert end <= pos <= len(text)


@given(st.text(alphabet="{}-/*().|$=:,\"'`\\ \nxi0 end range", max_size=80))
def test_only_template_errors_come_of_nonsense(text):
    try:
        parsed("{{" + text)
    except TemplateError as error:
        assert str(error).startswith("template: gotpl:")  # noqa: PT017


@given(st.text(alphabet="\"`'}{\\ a\n", max_size=30))
def test_an_action_ends_where_its_tokens_do(text):
    """The quick scan for the end of an action agrees with the lexer about quotes."""
    match = ACTION.match(text + " }}")
    if match is None:
        assert tokens(text + " }}", closed=False)[-1][0] == "error"
    elif match.end() == len(text) + 3:
        assert tokens(text)[-1][1] not in ("unterminated quoted string", "unterminated raw quoted string")
