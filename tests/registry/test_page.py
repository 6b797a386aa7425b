"""The examples of docs/registry.md, in their order, against a registry that they take for the one at :8099."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.asgi import registry
from support.spaces import Served

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs/registry.md"
USUAL = "http://127.0.0.1:8099"
NAV = (sys.executable, "-c", "from navarch.cli.main import entry; entry()")


def test_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    fences = re.findall(r"^```(\w+) (?:serving|plan)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert [language for language, _ in fences] == ["console", "yaml", "console", *["python", "text"] * 3]
    names: dict[str, object] = {}
    printed = ""
    with Served(registry()) as server:
        for language, text in fences:
            if language == "yaml":
                Path("plan.yaml").write_text(text)
            elif language == "console":
                run(text, server.url)
            elif language == "text":
                assert printed == text
            else:
                with contextlib.redirect_stdout(io.StringIO()) as output:
                    exec(compile(text.replace(USUAL, server.url), str(PAGE), "exec"), names)
                printed = output.getvalue()


def run(text: str, url: str) -> None:
    parts = re.split(r"^\$ nav (.*)\n", text, flags=re.MULTILINE)
    for line, shown in zip(parts[1::2], parts[2::2], strict=True):
        done = subprocess.run(
            [*NAV, *shlex.split(line)],
            env={**os.environ, "NAVARCH_REGISTRY": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
        if shown != "…\n":
            assert done.stdout.replace(url, USUAL) == shown, line
