"""Scenarios played by the real Helm and by a candidate in step (../shared/oracle/lockstep)."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.control_plane import ORACLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LOCKSTEP", "SCENARIOS", "SHARED", "needs_lockstep", "play"]

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
LOCKSTEP = SHARED / "oracle" / "lockstep"
SCENARIOS = ROOT / "tests" / "lockstep"

needs_lockstep = pytest.mark.skipif(not LOCKSTEP.exists(), reason="no ../shared/oracle/lockstep")


def play(
    scenario: Path, candidate: Sequence[str], kubeconfig: str, folder: Path, env: Mapping[str, str] | None = None
) -> None:
    """Play a scenario. Raises AssertionError with the differences."""
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "ORACLE": ORACLE, **(env or {})}
    words = [sys.executable, str(LOCKSTEP), "--kubeconfig", kubeconfig, "--candidate", shlex.join(candidate)]
    done = subprocess.run(
        [*words, str(scenario)], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
