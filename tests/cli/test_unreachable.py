"""What is said of configurations that lead to no cluster, in Helm's words (unreachable.toml has them)."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from navarch.cli.cluster import open_client
from navarch.cli.settings import Settings
from navarch.errors import KubernetesError
from support.unreachable import CASES, Case, environment, lay_out, serve, shown

if TYPE_CHECKING:
    from pathlib import Path


def given(flags: list[str]) -> dict[str, object]:
    """Flags as their values by name."""
    values: dict[str, object] = {}
    words = iter(flags)
    for word in words:
        name = word.removeprefix("--")
        if name == "kube-insecure-skip-tls-verify":
            values[name] = True
        else:
            values[name] = [next(words)] if name == "kube-as-group" else next(words)
    return values


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace("/", "|"))
def test_helms_words(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        flags = lay_out(case, tmp_path, server)
        monkeypatch.chdir(tmp_path)
        for name in set(os.environ) - set(found := environment(case, tmp_path, server)):
            monkeypatch.delenv(name)
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        error = ""
        try:
            open_client(Settings(given(flags))).transport.request("GET", "/version")
        except KubernetesError as problem:
            error = str(problem)
        assert shown(error, tmp_path, server) == case["error"]
