"""Rendering a chart through the library: what comes out, what stays as it was, and many renders at once."""

from __future__ import annotations

import copy
import threading

import pytest

import navarch

FILES = {
    "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.2.3\ndependencies:\n- {name: sub, version: 0.1.0}\n",
    "values.yaml": b'count: 2\nlist: [b, a]\nmap: {x: 1}\nsub: {from: parent}\ntext: \'{{ .Values.count }} {{ define "t" }}T{{ end }}{{ include "t" . }}\'\n',
    "templates/_h.tpl": b'{{ define "labels" }}app: {{ .Chart.Name }}\nrelease: {{ .Release.Name }}{{ end }}',
    "templates/a.yaml": (
        b'kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {{- include "labels" . | nindent 4 }}\ndata:\n'
        b"{{- range $i, $x := .Values.list | sortAlpha }}\n  k{{ $i }}: {{ $x | quote }}\n{{- end }}\n"
        b'{{- $_ := set .Values.map "y" (add .Values.count 1) }}\n  map: {{ toJson .Values.map }}\n  tpl: {{ tpl .Values.text . }}\n'
        b'  mine: {{ .Values.mine | default "none" }}\n'
    ),
    "templates/hook.yaml": b"kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
    "templates/NOTES.txt": b"Thank you, {{ .Release.Name }}.",
    "charts/sub/Chart.yaml": b"apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    "charts/sub/templates/s.yaml": b"kind: Service\nmetadata: {name: sub-{{ .Values.from }}}\n",
}


@pytest.fixture
def chart():
    return navarch.Chart.from_files(FILES)


def test_template_sets_hooks_and_notes_apart(chart):
    made = navarch.template(chart, release=navarch.ReleaseInfo(name="one"))
    assert [m.kind for m in made.manifests] == ["ConfigMap", "Service"]
    assert [h.name for h in made.hooks] == ["t"]
    assert made.notes == "Thank you, one."
    assert made.text().startswith("---\n# Source: web/templates/a.yaml\nkind: ConfigMap\n")


def test_render_gives_every_template_but_partials(chart):
    assert sorted(navarch.render(chart)) == [
        "web/charts/sub/templates/s.yaml",
        "web/templates/NOTES.txt",
        "web/templates/a.yaml",
        "web/templates/hook.yaml",
    ]


def test_rendering_changes_neither_the_chart_nor_the_values(chart):
    """Templates may set values; the next render must not see it."""
    values = {"mine": "given", "map": {"z": [1]}, "sub": {"from": "caller"}}
    before = copy.deepcopy(values)
    first = navarch.render(chart, values)
    assert [navarch.render(chart, values) for _ in range(3)] == [first] * 3
    assert values == before
    assert "mine: none" in navarch.render(chart)["web/templates/a.yaml"]
    assert '"z"' not in navarch.render(chart)["web/templates/a.yaml"]


def test_eight_threads_render_as_one_does(chart):
    """Two hundred renders with values of their own, eight at a time."""
    wanted = {i: navarch.render(chart, {"mine": str(i), "count": i}) for i in range(25)}
    fresh = navarch.Chart.from_files(FILES)  # whose templates are compiled while the threads run
    wrong = []
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        for i in range(25):
            mine = (i + number) % 25
            got = navarch.render(fresh, {"mine": str(mine), "count": mine})
            if got != wanted[mine]:
                wrong.append((number, mine))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_eight_threads_with_tpl_of_different_texts():
    chart = navarch.Chart.from_files(
        {
            "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
            "templates/t": b'{{ tpl .Values.t . }}{{ include "q" . }}{{ define "q" }}q{{ end }}',
        },
    )
    wrong = []

    def work(number):
        for i in range(25):
            text = f'{{{{ define "q" }}}}{number}{{{{ end }}}}{{{{ include "q" . }}}}{i}'
            if navarch.render(chart, {"t": text})["c/templates/t"] != f"{number}{i}q":
                wrong.append((number, i))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_errors_in_one_thread_leave_the_others_alone(chart):
    broken = navarch.Chart.from_files({**FILES, "templates/b.yaml": b'{{ if .Values.fail }}{{ fail "no" }}{{ end }}'})
    seen = []

    def work(number):
        for _ in range(15):
            try:
                navarch.render(broken, {"fail": number % 2})
                seen.append((number % 2, ""))
            except navarch.TemplateError as error:
                seen.append((number % 2, str(error)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {(0, ""), (1, "execution error at (web/templates/b.yaml:1:24): no")}
    assert len(seen) == 120


def test_a_chart_for_another_kubernetes_is_refused():
    files = {**FILES, "Chart.yaml": FILES["Chart.yaml"] + b"kubeVersion: '>=99'\n"}
    with pytest.raises(
        navarch.ChartError, match="chart requires kubeVersion: >=99 which is incompatible with Kubernetes v"
    ):
        navarch.template(navarch.Chart.from_files(files))


def test_functions_of_the_caller():
    chart = navarch.Chart.from_files(
        {"Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/t": b"{{ twice 4 }}{{ upper `x` }}"},
    )
    engine = navarch.Engine(functions={"twice": lambda x: x * 2, "upper": lambda x: f"<{x}>"})
    assert engine.render(chart) == {"c/templates/t": "8<x>"}
    with pytest.raises(navarch.TemplateError, match='function "twice" not defined'):
        navarch.render(chart)


def test_what_is_not_yaml_names_the_template_line():
    chart = navarch.Chart.from_files(
        {
            "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
            "templates/t.yaml": b"{{/* x */}}\na: 1\n{{ if true }}\n b: 2\n{{ end }}",
        },
    )
    with pytest.raises(navarch.ManifestError) as caught:
        navarch.template(chart)
    assert caught.value.path == "c/templates/t.yaml"
    assert "c/templates/t.yaml:4" in caught.value.hint
