"""Scenarios through the real Helm and through nav in step, on one API server: what they print, and what is left.

The scenarios are those of tests/lockstep and of the shared folder; `oracle/lockstep` there says what they may hold.
A driver can't be chosen in a scenario, so some are played once more with another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cluster import NAV
from support.lockstep import SCENARIOS, SHARED, needs_lockstep, play

if TYPE_CHECKING:
    from pathlib import Path

ALL = sorted([*SCENARIOS.glob("*.yaml"), *(SHARED / "scenarios").glob("*.yaml")])

pytestmark = [pytest.mark.real, needs_lockstep]


@pytest.mark.parametrize("scenario", ALL, ids=[f"{path.parent.name}-{path.stem}" for path in ALL])
def test_nav_does_what_helm_does(scenario: Path, kubeconfig: str, tmp_path: Path) -> None:
    play(scenario, [NAV], kubeconfig, tmp_path)


@pytest.mark.parametrize("name", ["recover", "list-flags"])
def test_records_in_config_maps(name: str, kubeconfig: str, tmp_path: Path) -> None:
    play(SCENARIOS / f"{name}.yaml", [NAV], kubeconfig, tmp_path, {"HELM_DRIVER": "configmap"})
