{{/* The name of everything that belongs to a release; no longer than a DNS label may be. */}}
{{- define "guestbook.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What pods are found by. It never changes, since a Deployment's selector can't. */}}
{{- define "guestbook.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels that every object carries. */}}
{{- define "guestbook.labels" -}}
{{ include "guestbook.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "guestbook.serviceAccount" -}}
{{- $own := ternary (include "guestbook.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $own -}}
{{- end -}}

{{- define "guestbook.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- list $registry .Values.image.repository | compact | join "/" }}:{{ .Values.image.tag -}}
{{- end -}}

{{/* Values that fit the schema and still can't work. */}}
{{- define "guestbook.check" -}}
{{- if not .Values.cache.enabled -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}
{{- fail "several pods need one place for the entries: set cache.enabled=true" -}}
{{- end -}}
{{- end -}}
{{- end -}}
