"""Command lines through the real Helm and through nav, on the charts of examples/."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.oracle import HELM, real_helm

if TYPE_CHECKING:
    from collections.abc import Sequence

CHARTS = Path(__file__).parents[2] / "examples/charts"
NAV = os.path.join(sysconfig.get_path("scripts"), "nav")

pytestmark = [pytest.mark.real, real_helm()]

LINES = [
    "template demo guestbook",
    "template demo guestbook -n web --set replicas=3,image.tag=x",
    "template demo guestbook -f guestbook/values/production.yaml",
    "template demo guestbook -f guestbook/values/production.yaml --kube-version 1.30 -a monitoring.coreos.com/v1",
    "template demo guestbook --show-only templates/deployment.yaml",
    "template demo guestbook --show-only templates/none.yaml",
    "template demo guestbook --skip-tests --no-hooks",
    "template demo guestbook --is-upgrade",
    "template guestbook --generate-name --name-template {{print`x-`}}y",
    "template demo guestbook --set ingres.enabled=true",
    "template demo guestbook --set replicas=many",
    "template demo guestbook --set-json {",
    "template Demo guestbook",
    "template demo nowhere",
    "lint guestbook",
    "lint guestbook --strict --with-subcharts",
    "lint guestbook --set replicas=many",
    "show all guestbook",
    "show values guestbook",
    "show chart guestbook",
    "dependency list guestbook",
    "env HELM_NAMESPACE",
    "completion bash --no-descriptions --nope",
]


def answer(command: str, words: Sequence[str], home: Path) -> tuple[int, str, str]:
    home.mkdir(exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC"}
    done = subprocess.run([command, *words], cwd=CHARTS, env=environment, capture_output=True, text=True, check=False)
    # both name themselves in their texts
    return done.returncode, done.stdout.replace(str(home), "~"), done.stderr.replace("nav ", "helm ")


@pytest.mark.parametrize("line", LINES)
def test_nav_answers_what_helm_answers(line: str, tmp_path: Path) -> None:
    words = line.split()
    assert answer(NAV, words, tmp_path / "ours") == answer(HELM, words, tmp_path / "theirs")


def test_what_nav_creates_helm_takes(tmp_path: Path) -> None:
    subprocess.run([NAV, "create", "made"], cwd=tmp_path, check=True, capture_output=True)
    for words in (["lint", "made"], ["template", "x", "made"], ["package", "made"]):
        subprocess.run([HELM, *words], cwd=tmp_path, check=True, capture_output=True, env={"HOME": str(tmp_path)})
    ours = subprocess.run([NAV, "template", "x", "made-0.1.0.tgz"], cwd=tmp_path, capture_output=True, check=True)
    theirs = subprocess.run(
        [HELM, "template", "x", "made"], cwd=tmp_path, capture_output=True, check=True, env={"HOME": str(tmp_path)}
    )
    assert ours.stdout == theirs.stdout
