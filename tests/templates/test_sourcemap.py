"""Where rendered lines come from."""

from __future__ import annotations

import pytest

import navarch

CHART = b"apiVersion: v2\nname: c\nversion: 1.0.0\n"


def origins(templates: dict[str, str], values: dict[str, object] | None = None) -> list[tuple[str, str]]:
    """The lines of templates/a.yaml, each with its origin as text."""
    chart = navarch.Chart.from_files(
        {"Chart.yaml": CHART, **{f"templates/{name}": text.encode() for name, text in templates.items()}},
    )
    rendered = navarch.render(chart, values)["c/templates/a.yaml"]
    lines = navarch.Engine().source_map(chart, values)["c/templates/a.yaml"]
    assert len(lines) == len(rendered.split("\n"))
    return [(text, str(line)) for text, line in zip(rendered.split("\n"), lines, strict=True)]


def test_text_and_actions_keep_their_lines() -> None:
    assert origins({"a.yaml": "one\n{{ .Release.Name }}\n{{- /* gone */}}\nfour"}) == [
        ("one", "c/templates/a.yaml:1"),
        ("release-name", "c/templates/a.yaml:2"),
        ("four", "c/templates/a.yaml:4"),
    ]


def test_each_turn_of_a_range_has_the_same_origin() -> None:
    found = origins({"a.yaml": "{{ range .Values.l }}\n- {{ . }}\n{{- end }}"}, {"l": ["x", "y"]})
    assert found == [
        ("", "c/templates/a.yaml:1"),
        ("- x", "c/templates/a.yaml:2"),
        ("- y", "c/templates/a.yaml:2"),
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('{{ include "h" . }}', ["a: 1", "b: 2"]),
        ('{{ include "h" . | indent 2 }}', ["  a: 1", "  b: 2"]),
        ('{{ include "h" . | trim }}', ["a: 1", "b: 2"]),
        ('{{ include "h" . | replace ":" "=" }}', ["a= 1", "b= 2"]),
        ('{{ template "h" . }}', ["a: 1", "b: 2"]),
    ],
)
def test_included_lines_name_the_helper_and_the_call(call: str, expected: list[str]) -> None:
    found = origins({"_h.tpl": '\n{{ define "h" -}}\na: 1\nb: 2\n{{- end }}', "a.yaml": f"top:\n{call}"})
    assert found == [
        ("top:", "c/templates/a.yaml:1"),
        (expected[0], "c/templates/_h.tpl:3, called from c/templates/a.yaml:2"),
        (expected[1], "c/templates/_h.tpl:4, called from c/templates/a.yaml:2"),
    ]


def test_nindent_puts_a_line_before() -> None:
    found = origins({"_h.tpl": '{{ define "h" }}a: 1{{ end }}', "a.yaml": 'x: {{- include "h" . | nindent 2 }}'})
    assert found[1] == ("  a: 1", "c/templates/_h.tpl:1, called from c/templates/a.yaml:1")


def test_includes_in_includes_are_all_told() -> None:
    helpers = '{{ define "inner" }}i{{ end }}\n{{ define "outer" }}{{ include "inner" . }}{{ end }}'
    assert origins({"_h.tpl": helpers, "a.yaml": '\n{{ include "outer" . }}'})[1] == (
        "i",
        "c/templates/_h.tpl:1, called from c/templates/_h.tpl:2, called from c/templates/a.yaml:2",
    )


def test_tpl_counts_the_lines_of_its_text() -> None:
    found = origins({"a.yaml": "{{ tpl .Values.t . }}"}, {"t": "p: 1\nq: {{ .Release.Name }}"})
    assert found[1] == ("q: release-name", "gotpl:2, called from c/templates/a.yaml:1")


def test_a_yaml_error_is_traced_to_the_template() -> None:
    helper = '{{ define "h" }}ok: 1\nbad: : x{{ end }}'
    chart = navarch.Chart.from_files(
        {
            "Chart.yaml": CHART,
            "templates/_h.tpl": helper.encode(),
            "templates/a.yaml": b'kind: A\n---\nkind: B\n{{ include "h" . }}\n',
        },
    )
    with pytest.raises(navarch.ManifestError) as caught:
        navarch.Engine().template(chart)
    assert str(caught.value).startswith("YAML parse error on c/templates/a.yaml: ")
    assert caught.value.line == 5
    assert caught.value.hint.endswith("comes from c/templates/_h.tpl:2, called from c/templates/a.yaml:4")
