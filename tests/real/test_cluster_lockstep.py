"""Scenarios on the embedded cluster: what Helm does there is what it does on a real API server, and nav does the same."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from navarch.cluster import LocalCluster
from support.cluster import HELM, NAV
from support.lockstep import SCENARIOS, SHARED, alone, load, needs_lockstep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.real, needs_lockstep]

_SHARED = sorted((SHARED / "scenarios").glob("*.yaml"))
# Each takes half a minute: of ours a run plays every fourth, and all of them if NAVARCH_ALL_SCENARIOS is set.
_OURS = sorted(SCENARIOS.glob("*.yaml"))[:: 1 if os.environ.get("NAVARCH_ALL_SCENARIOS") else 4]


def _differences(
    path: Path, candidate: str, first: str, second: str, folder: Path, *, settle: Callable[[], None] | None = None
) -> int:
    """Play a scenario with Helm on one cluster and with a candidate on another (or the same); what differs is printed.

    Where there are controllers, `settle` waits for them, and of what they made the names are passed over: they are
    random, as are addresses.
    """
    module = load(folder)
    if settle is not None:
        module.KINDS = module.KINDS.replace("replicasets,", "").replace("pods,", "")

    class OnItsOwn(module.Side):  # type: ignore[misc, name-defined]
        """A side with its own cluster."""

        def __init__(self, name: str, command: list[str], _: object, charts: Path) -> None:
            super().__init__(name, command, first if name == "lsa" else second, charts)

        def even(self, text: str) -> str:
            """Servers are at ports of their own, with certificates for names of their own."""
            text = re.sub(
                r"certificate is valid for .*, not ", "certificate is valid for others, not ", super().even(text)
            )
            if settle is not None:
                text = re.sub(r"\b([a-z0-9-]+-[a-z0-9]{6,10})-[a-z0-9]{5}\b", r"\1-<pod>", text)
                text = re.sub(r"\b10\.244\.\d+\.\d+|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<made up>", text)
            return re.sub(r"https://127\.0\.0\.1:\d{4,5}\b", "https://<server>", text)

        def state(self) -> str:
            if settle is not None:
                settle()
            return str(super().state())

    module.Side = OnItsOwn
    return int(module.play(path, argparse.Namespace(candidate=candidate, kubeconfig="", verbose=False)))


@pytest.mark.parametrize("path", [*_SHARED, *_OURS], ids=lambda path: path.stem)
def test_helm_finds_a_real_api_server(path: Path, kubeconfig: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Field ownership included. Without controllers, as the real one beside it has none."""
    named = tmp_path / "kubeconfig"
    with LocalCluster(controllers=False) as embedded, alone(path, kubeconfig):
        with open(embedded.kubeconfig, encoding="utf-8") as file:  # messages name a kubeconfig's entries
            text = re.sub(r"user: navarch\b|(?<=users:\n- name: )navarch\b", _as_admin, file.read())
        named.write_text(text.replace(" navarch\n", " oracle\n"), encoding="utf-8")
        assert _differences(path, shlex.quote(HELM), kubeconfig, str(named), tmp_path) == 0, capsys.readouterr().out


def _as_admin(found: re.Match[str]) -> str:
    return found[0].replace("navarch", "admin")


@pytest.mark.parametrize("path", _SHARED, ids=lambda path: path.stem)
def test_nav_does_what_helm_does(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Both on the embedded cluster, with its controllers."""
    with LocalCluster() as embedded:
        config = embedded.kubeconfig
        assert _differences(path, shlex.quote(NAV), config, config, tmp_path, settle=embedded.settle) == 0, (
            capsys.readouterr().out
        )
