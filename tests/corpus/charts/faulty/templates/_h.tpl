{{ define "outer" }}{{ include "inner" . }}{{ end }}
{{ define "inner" }}
  {{ .Values.a.b.c }}{{ end }}
{{ define "loop" }}{{ include "loop" . }}{{ end }}{{ define "spin" }}{{ template "spin" . }}{{ end }}