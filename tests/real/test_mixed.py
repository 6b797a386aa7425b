"""Releases that change hands between Helm and nav at every step: all is as if Helm had done it alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from support import turns
from support.cluster import Cluster, write_chart
from support.even import even
from support.lockstep import SCENARIOS, SHARED, needs_lockstep, play

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real, needs_lockstep]

MIXED = [
    SHARED / "scenarios" / "lifecycle.yaml",
    SCENARIOS / "moves.yaml",
    SCENARIOS / "recover.yaml",
    SCENARIOS / "keep-policy.yaml",
    SCENARIOS / "subcharts.yaml",
    SCENARIOS / "archives.yaml",
]


@pytest.mark.parametrize("first", ["helm", "nav"])
@pytest.mark.parametrize("scenario", MIXED, ids=[path.stem for path in MIXED])
def test_in_turn(scenario: Path, first: str, kubeconfig: str, tmp_path: Path) -> None:
    candidate = [sys.executable, turns.__file__, first]
    paths = {"PYTHONPATH": os.path.dirname(os.path.dirname(turns.__file__))}
    play(scenario, candidate, kubeconfig, tmp_path, paths)


CHART = {
    "values.yaml": "color: blue\n",
    "templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n"
        "data: {color: '{{ .Values.color }}', revision: '{{ .Release.Revision }}'}\n"
    ),
    "templates/hook.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: '{{ .Release.Name }}-hook'\n"
        "  annotations: {helm.sh/hook: 'post-install,post-upgrade,post-rollback'}\n"
    ),
    "templates/NOTES.txt": "It is {{ .Values.color }}.\n",
}
LIFE = [
    "install r {c} --set color=a --labels team=x",
    "upgrade r {c} --set color=b --description two",
    "upgrade r {c} --reuse-values --labels team=y",
    "rollback r 1",
    "upgrade r {c} --reset-then-reuse-values --set color=c",
    "uninstall r --keep-history",
]
READ = [
    "history r",
    "get values r --all",
    "get manifest r --revision 2",
    "get notes r",
    "get hooks r",
    "list -a",
    "get metadata r --revision 2",
]


@pytest.mark.parametrize("driver", ["secret", "configmap"])
@pytest.mark.parametrize("pattern", ["hn", "nh", "hhn", "nnh"])
def test_each_reads_what_the_other_wrote(pattern: str, driver: str, cluster: Cluster, tmp_path: Path) -> None:
    chart = write_chart(str(tmp_path), CHART)
    env = {"HELM_DRIVER": driver}
    spaces = cluster.namespace("pure"), cluster.namespace("mixd")
    for number, line in enumerate(LIFE):
        words = line.format(c=chart)
        assert cluster.helm(f"{words} -n {spaces[0]}", env=env).code == 0
        program = cluster.helm if pattern[number % len(pattern)] == "h" else cluster.nav
        done = program(f"{words} -n {spaces[1]}", env=env)
        assert done.code == 0, done.err
    for line in READ:
        pure = cluster.helm(f"{line} -n {spaces[0]}", env=env)
        for program in (cluster.helm, cluster.nav):
            mixed = program(f"{line} -n {spaces[1]}", env=env)
            assert even(mixed.out, spaces[1]) == even(pure.out, spaces[0]), (line, program)
