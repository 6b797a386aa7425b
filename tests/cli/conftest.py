"""A command line run in this process, away from the home folder and the settings of whoever runs the tests."""

import os
from typing import NamedTuple

import pytest

from navarch.cli.main import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder, the current one, with no variables set that a command looks at."""
    for name in list(os.environ):
        if name.startswith(("HELM_", "XDG_", "KUBE", "NAVARCH_", "COBRA_", "NAV_")) or name in (
            "NO_COLOR",
            "GNUPGHOME",
            "SOURCE_DATE_EPOCH",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["nav"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nav(home, capsysbinary):
    """Runs a command line: nav("show", "chart", "web") gives its exit code and what it wrote."""

    def run(*words):
        capsysbinary.readouterr()
        code = main(list(words))
        written = capsysbinary.readouterr()
        return Ran(code, written.out.decode("utf-8", "surrogateescape"), written.err.decode("utf-8", "surrogateescape"))

    return run


@pytest.fixture
def write(home):
    """Writes files: write({"web/Chart.yaml": "…"})."""

    def files(contents):
        for name, text in contents.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return files
