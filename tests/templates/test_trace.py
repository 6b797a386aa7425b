"""From an error to its place: template, line, column, the calls that led there, and Helm's words."""

from __future__ import annotations

import pytest

import navarch
from navarch.errors import TemplateError

CHART = b"apiVersion: v2\nname: c\nversion: 1.0.0\n"


def failure(templates, values=None, *, strict=False):
    files = {"Chart.yaml": CHART, **{f"templates/{name}": text.encode() for name, text in templates.items()}}
    with pytest.raises(TemplateError) as caught:
        navarch.render(navarch.Chart.from_files(files), values or {}, strict=strict)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column", "action"),
    [
        ("{{ .Values.a.b }}", 1, 11, ".Values.a.b"),
        ("one\ntwo {{ .Values.a.b }}", 2, 15, ".Values.a.b"),
        ("é {{ .Values.a.b }}", 1, 14, ".Values.a.b"),  # columns count bytes, as Go's do
        ("{{\n  upper\n  .Values.num }}", 3, 10, ".Values.num"),
        ('{{ "a" | upper "b" }}', 1, 10, "upper"),
        ("{{ if .x }}{{ end }}{{ if (index .Values.l 5) }}{{ end }}", 1, 28, "index .Values.l 5"),
        ("{{ $x := .Values.num }}\n{{- $x.y.z }}", 2, 7, "$x.y.z"),
        ("{{ range .Values.l }}\n{{ .a.b }}{{ end }}", 2, 6, ".a.b"),
        ("{{ with .Values }}{{ upper .num }}{{ end }}", 1, 28, ".num"),
        ('{{ template "none" . }}', 1, 13, '{{template "none" .}}'),
        ("{{ .Values.l | join .Values.num }}", 1, 28, ".Values.num"),
        ("{{ list 1 2 (fail 3) }}", 1, 19, "3"),
    ],
)
def test_an_error_knows_its_place(text, line, column, action):
    error = failure({"t": text}, {"num": 1, "l": [1], "a": None})
    assert (error.template, error.line, error.column) == ("c/templates/t", line, column)
    assert error.chain == (("c/templates/t", line, column, action),)
    assert f"c/templates/t:{line}:{column - 1}" in str(error)


def test_the_chain_goes_through_include_template_and_tpl():
    templates = {
        "_h.tpl": '{{ define "a" }}{{ template "b" . }}{{ end }}\n{{ define "b" }}{{ tpl .Values.text . }}{{ end }}',
        "t": 'x\n {{ include "a" . | indent 2 }}',
    }
    error = failure(templates, {"text": 'y\n{{ include "c" . }}{{ define "c" }}{{ .Values.q.w }}{{ end }}'})
    assert [(place[0], place[1]) for place in error.chain] == [
        ("c/templates/t", 2),
        ("c/templates/_h.tpl", 1),
        ("c/templates/_h.tpl", 2),
        ("gotpl", 2),
        ("gotpl", 2),
    ]
    assert error.chain[-1][3] == ".Values.q.w"
    assert (error.template, error.line) == ("gotpl", 2)


def test_include_chain_in_helm_s_words():
    """As Helm 4.3.1 prints it."""
    templates = {
        "_h.tpl": '{{ define "outer" }}{{ include "inner" . }}{{ end }}\n{{ define "inner" }}\n  {{ .Values.a.b.c }}{{ end }}',
        "t": 'x: {{ include "outer" . | nindent 4 }}',
    }
    assert str(failure(templates)).split("\n") == [
        "c/templates/t:1:6",
        '  executing "c/templates/t" at <include "outer" .>:',
        "    error calling include:",
        "c/templates/_h.tpl:1:23",
        '  executing "outer" at <include "inner" .>:',
        "    error calling include:",
        "c/templates/_h.tpl:3:12",
        '  executing "inner" at <.Values.a.b.c>:',
        "    nil pointer evaluating interface {}.b",
    ]


@pytest.mark.parametrize("call", ['fail "words"', 'required "words" .Values.none'])
def test_the_chart_s_own_words_come_without_the_chain(call):
    templates = {"_h.tpl": '{{ define "h" }}\n {{ ' + call + " }}{{ end }}", "t": '{{ include "h" . }}'}
    error = failure(templates)
    assert str(error) == "execution error at (c/templates/t:1:3): words"
    assert error.template == "c/templates/_h.tpl"
    assert error.line == 2


def test_parse_errors_name_the_file_and_line():
    error = failure({"t": "a\nb {{ .x"})
    assert str(error) == "parse error at (c/templates/t:2): unclosed action"
    assert (error.template, error.line) == ("c/templates/t", 2)


def test_strict_mode_names_the_missing_key():
    error = failure({"t": "{{ .Values.none }}"}, strict=True)
    assert str(error).endswith('map has no entry for key "none"')
    assert error.chain[-1][3] == ".Values.none"


def test_endless_includes_are_cut_off():
    error = failure({"t": '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}'})
    assert "rendering template has a nested reference name: x: unable to execute template" in str(error)
    assert len(error.chain) > 1000


def test_endless_templates_are_cut_off():
    error = failure({"t": '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}'})
    assert "exceeded maximum template depth" in str(error)


def test_a_caller_s_function_is_part_of_the_chain():
    def odd(_value):
        raise ValueError("not today")

    files = {"Chart.yaml": CHART, "templates/t": b'{{ include "h" . }}{{ define "h" }}\n{{ odd 1 }}{{ end }}'}
    with pytest.raises(TemplateError) as caught:
        navarch.Engine(functions={"odd": odd}).render(navarch.Chart.from_files(files))
    assert "error calling odd: not today" in str(caught.value)
    assert [place[1] for place in caught.value.chain] == [1, 2]


def test_errors_are_the_same_when_rendered_again():
    files = {"Chart.yaml": CHART, "templates/t": b'{{ include "h" . }}{{ define "h" }}\n{{ .Values.a.b }}{{ end }}'}
    chart = navarch.Chart.from_files(files)
    seen = set()
    for _ in range(3):
        with pytest.raises(TemplateError) as caught:
            navarch.render(chart)
        seen.add((str(caught.value), caught.value.chain))
    assert len(seen) == 1
