"""Where a template went wrong, and the includes that led there."""

import navarch

chart = navarch.Chart.from_files(
    {
        "Chart.yaml": b"apiVersion: v2\nname: slip\nversion: 1.0.0\n",
        "templates/_names.tpl": b'{{ define "name" }}\n{{ .Values.owner.name }}\n{{ end }}',
        "templates/config.yaml": b'owner: {{ include "name" . }}\n',
    }
)
try:
    navarch.render(chart)
except navarch.TemplateError as error:
    print(f"{error.template}, line {error.line}, column {error.column}")
    for template, line, column, action in error.chain:
        print(f"  {template}:{line}:{column} {action}")
    print(error)
