"""`nav registry serve` where the packages that only the server needs are missing."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from navarch.cli.main import main

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    import pytest

FIND_SPEC = importlib.util.find_spec


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in {"granian", "starlette"} else FIND_SPEC(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    assert main(["registry", "serve", "--listen", "127.0.0.1:0"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "the server needs packages that aren't installed: granian, starlette" in err
