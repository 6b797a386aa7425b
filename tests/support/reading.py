"""Command lines that read releases, out of files by HELM_DRIVER=memory, and what Helm answers to them."""

from __future__ import annotations

import os
import shlex
import subprocess
from functools import lru_cache
from typing import Any

from support.oracle import HELM, HERE

__all__ = ["ANSWERS", "FOLDER", "command_lines", "helm_answer", "split", "variables"]

FOLDER = os.path.join(HERE, "cli", "reading")
ANSWERS = os.path.join(FOLDER, "commands.jsonl")


@lru_cache(maxsize=1)
def command_lines() -> tuple[str, ...]:
    with open(os.path.join(FOLDER, "commands.txt"), encoding="utf-8") as file:
        return tuple(line for line in file.read().split("\n") if line and not line.startswith("#"))


def split(line: str) -> tuple[dict[str, str], list[str]]:
    """The variables before a command line, and its words."""
    words = shlex.split(line)
    at = next(i for i, word in enumerate([*words, ""]) if "=" not in word or not word.split("=")[0].isupper())
    return dict(word.split("=", 1) for word in words[:at]), words[at:]


def variables(line: str, home: str) -> dict[str, str]:
    """The whole environment of a command line."""
    return {
        "HOME": home,
        "TZ": "UTC",
        "KUBECONFIG": os.path.join(home, "none"),
        "HELM_DRIVER": "memory",
        "HELM_MEMORY_DRIVER_DATA": "releases.yaml",
        **split(line)[0],
    }


def helm_answer(line: str) -> dict[str, Any]:
    """What Helm answers: exit code, stdout and stderr."""
    done = subprocess.run(
        [HELM, *split(line)[1]],
        env=variables(line, "/nonexistent"),
        cwd=FOLDER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return {"code": done.returncode, "out": done.stdout.decode(), "err": done.stderr.decode()}
