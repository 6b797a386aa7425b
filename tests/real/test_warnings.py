"""Warnings that an API server sends: Helm's words, but for the time and the process that they tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support.cluster import write_chart

if TYPE_CHECKING:
    from pathlib import Path

    from support.cluster import Cluster, Done

pytestmark = pytest.mark.real

CHART = {
    "values.yaml": "double: false\nimage: nginx\n",
    "templates/deploy.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      containers:
      - name: main
        image: {{ .Values.image }}
        env: [{name: A, value: "1"}{{ if .Values.double }}, {name: A, value: "2"}{{ end }}]
""",
    "templates/hook.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}", annotations: {helm.sh/hook: pre-install}}
""",
    "templates/endpoints.yaml": """
apiVersion: v1
kind: Endpoints
metadata: {name: "{{ .Release.Name }}"}
""",
}
LINES = [
    "install w {c}",
    "upgrade w {c} --set image=other",
    "upgrade w {c} --set image=third,double=true --server-side=false",
    "rollback w 1",
    "status w",
    "uninstall w",
]


def test_the_same_warnings(cluster: Cluster, tmp_path: Path) -> None:
    """Each that Helm tells, and no other; Helm tells them once a request, so repeated and in the order of its requests."""
    chart = write_chart(str(tmp_path), CHART)
    spaces = cluster.namespace("warn"), cluster.namespace("warn")
    cluster.kubectl("label", "namespace", *spaces, "pod-security.kubernetes.io/warn=restricted")
    for number, line in enumerate(LINES):
        words = line.format(c=chart)
        theirs = told(cluster.helm(f"{words} -n {spaces[0]}"), spaces[0])
        ours = told(cluster.nav(f"{words} -n {spaces[1]}"), spaces[1])
        assert ours == theirs, line
        assert number or len(theirs) > 1


def told(done: Done, namespace: str) -> set[str]:
    """The lines of stderr, without the time and the process that the warnings' begin with."""
    return {re.sub(r"^[IWE]\d{4} [\d:.]+ +\d+ ", "", line) for line in done.err.replace(namespace, "ns").splitlines()}
