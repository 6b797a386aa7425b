"""The compiler: the same source for the same body, marks that fit it, code that lasts."""

from __future__ import annotations

import ast
import marshal
import random as chance
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import TemplateError
from navarch.templates.compile import compile_body, generate, marks, origins
from navarch.templates.engine import Renderer, TemplateSet
from navarch.templates.functions import SIGNATURES
from navarch.templates.nodes import Text
from navarch.templates.parse import parse
from navarch.templates.runtime import namespace
from support.grammar import Grammar

# What generated code may name besides: Python's own, the function's parameters, and what it makes of them.
OTHERS = {"type", "str", "R", "d", "o", "w", "x", "_"}

TEMPLATES = [
    "plain",
    "",
    "{{ .Values.a }}{{ .Values.a.b.c.d.e.f }}",
    '{{ printf "%s-%d" .Values.a 5 | quote | nindent 4 }}',
    "{{ $x := 1 }}{{ if $x }}{{ $x = 2 }}{{ else if .b }}{{ $x }}{{ else }}c{{ end }}{{ range $i, $e := .l }}{{ break }}{{ end }}",
    '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ include "a" (dict "x" .y "z" (list 1 "q" nil)) }}{{ end }}',
    '{{ with $x := .Values }}{{ .y | default "d" | trunc 5 }}{{ end }}{{ eq .a "b" }}{{ and .a (or .b .c) }}',
    "{{ upper 5 }}{{ nil }}{{ .a 1 }}{{ 1 2 }}{{ $.x.y }}{{ (list 1).x }}{{ 9223372036854775808 }}",
    '{{ "\\"\'\\n\\x00é\U0001f600{}%s\\\\" }}{{ `{{ }} """ \'\'\'` }}text """ \\ \' {x} %s \x01\x02\x03',
]


def bodies(text, name="t"):
    return parse(name, text, SIGNATURES).bodies


def some_templates(count=150):
    grammar = Grammar(chance.Random(20))
    texts = [grammar.template(3) for _ in range(count)]
    return [*TEMPLATES, *texts]


def parsed_bodies():
    for text in some_templates():
        try:
            yield from bodies(text)
        except TemplateError:
            continue


def test_the_same_body_gives_the_same_source():
    for text in some_templates():
        try:
            first = [generate(body) for body in bodies(text)]
        except TemplateError:
            continue
        assert [generate(body) for body in bodies(text)] == first


def test_the_source_does_not_hang_on_hashing():
    """Two processes, whose strings hash otherwise, make the same."""
    import subprocess
    import sys

    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import test_compile as t, hashlib\n"
        "print(hashlib.sha256(''.join(t.generate(b) for b in t.parsed_bodies()).encode()).hexdigest())"
    )
    here = __file__.rpartition("/")[0]
    paths = [here, here.rpartition("/")[0]]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, *paths],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_marking_changes_nothing():
    """`marks` makes the source again: each of its marks must lie on code of the line that it names."""
    for body in parsed_bodies():
        source = generate(body)
        if "\x01" in source or "\x02" in source:
            continue  # the control characters of a text, which never get into a line as such
        lines = source.split("\n")
        for mark in marks(body):
            assert 1 <= mark.line <= len(lines)
            assert 0 <= mark.start < mark.end <= len(lines[mark.line - 1])
            piece = lines[mark.line - 1][mark.start : mark.end]
            ast.parse(piece, mode="eval")


def test_marks_nest():
    for body in parsed_bodies():
        found = marks(body)
        for one in found:
            for other in found:
                if one.line == other.line and one.start < other.start < one.end:
                    assert other.end <= one.end


def test_marks_stand_where_the_template_says():
    text = 'a {{ upper .Values.x }}\n{{ fail "é" | quote }} {{ required "m" .y }}'
    (body,) = bodies(text)
    found = {mark.call: text[mark.base + mark.node.pos :] for mark in marks(body) if mark.call}
    assert found["upper"].startswith("upper .Values.x")
    assert found["fail"].startswith('fail "é"')
    assert found["required"].startswith("required")


def test_generated_code_uses_only_what_the_runtime_holds():
    allowed = namespace(strict=False, custom={}).keys() | OTHERS
    for body in parsed_bodies():
        for node in ast.walk(ast.parse(generate(body))):
            if isinstance(node, ast.Name):
                known = node.id in allowed or node.id[:2] in ("f_", "i_", "c_")
                assert known or (node.id[0] in "vdrpe" and node.id[1:].isdigit()), node.id
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node.value) in ("R", "o")


def test_every_line_has_a_statement_behind_it():
    for body in parsed_bodies():
        known = origins(body)
        count = generate(body).count("\n")
        assert set(known) <= set(range(1, count + 1))
        assert all(item in set(known.values()) for item in body.items if isinstance(item, Text) and item.text)


@pytest.mark.parametrize("text", TEMPLATES)
def test_code_can_be_marshalled(text):
    for body in bodies(text):
        code = compile_body(body)
        assert isinstance(code, CodeType)
        assert marshal.loads(marshal.dumps(code)) == code


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (TEMPLATES[8], '"\'\n\x00é\U0001f600{}%s\\{{ }} """ \'\'\'text """ \\ \' {x} %s \x01\x02\x03'),
        ("{{ 'a' }}{{ `\\n` }}", "97\\n"),
        ("\u2028{{ 1 }}\x85{{ 2 }}\x0c", "\u20281\x852\x0c"),
        ("\ud800{{ 1 }}\udcff", "\ud8001\udcff"),
    ],
)
def test_texts_come_through_as_they_are(text, output):
    assert rendered(text) == output


def rendered(text):
    templates = TemplateSet([("t", text)])
    return Renderer().render(templates, {"t": ({}, "")})["t"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ if 1 }}" * 90 + "x" + "{{ end }}" * 90,
        "{{ with 1 }}" * 40 + "x" + "{{ end }}" * 40,
        "{{ range list 1 }}" * 18 + "x" + "{{ end }}" * 18,
        "{{ if 0 }}" + "{{ else if 0 }}y" * 1000 + "{{ else }}x{{ end }}",
        "{{ " + "(" * 190 + '"x"' + ")" * 190 + " }}",
        '{{ "x"' + ' | printf "%s"' * 40 + " }}",
        "".join(f"{{{{ $v{i} := {i} }}}}" for i in range(2000)) + "x",
    ],
)
def test_what_nests_within_reason_compiles(text):
    assert rendered(text) == "x"


@pytest.mark.parametrize(
    "text",
    [
        "{{ if 1 }}" * 5000 + "x" + "{{ end }}" * 5000,
        "{{ range list 1 }}" * 500 + "x" + "{{ end }}" * 500,
        "{{ " + "(upper " * 5000 + '"x"' + ")" * 5000 + " }}",
        '{{ "x"' + " | upper" * 20000 + " }}",
    ],
)
def test_what_nests_beyond_reason_is_refused_clearly(text):
    try:
        assert rendered(text).upper() == "X"
    except TemplateError as error:
        assert "too deep" in str(error) or "depth" in str(error)  # noqa: PT017


@given(st.randoms(use_true_random=False))
def test_whatever_parses_compiles(random):
    try:
        found = bodies(Grammar(random).template(3))
    except TemplateError:
        return
    for body in found:
        assert compile_body(body) == compile_body(body)
