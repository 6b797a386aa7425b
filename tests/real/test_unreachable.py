"""The recorded words about configurations that lead to no cluster are still Helm's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from support.oracle import HELM, real_helm
from support.unreachable import CASES, Case, environment, lay_out, serve, shown

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real, real_helm()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace("/", "|"))
def test_helm_says_it(case: Case, tmp_path: Path) -> None:
    with serve() as server:
        command = [HELM, "list", *lay_out(case, tmp_path, server)]
        env = environment(case, tmp_path, server)
        ran = subprocess.run(
            command, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert shown(ran.stderr if ran.returncode else "", tmp_path, server) == case["error"]
