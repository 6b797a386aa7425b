{{ define "need" }}
  {{- required "a password is needed" .Values.password }}
{{- end }}{{ define "check" }}{{ if ne .Values.mode "one" }}{{ printf "mode %s is unknown" .Values.mode | fail }}{{ end }}{{ end }}