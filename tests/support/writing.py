"""Command lines that would change releases, as far as they come without a cluster, and what Helm answers to them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from functools import lru_cache
from typing import Any

from support.oracle import HELM, HERE

__all__ = ["ANSWERS", "FOLDER", "command_lines", "even", "helm_answer", "variables"]

FOLDER = os.path.join(HERE, "cli", "writing")
ANSWERS = os.path.join(FOLDER, "commands.jsonl")
_TIMES = r"\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"


@lru_cache(maxsize=1)
def command_lines() -> tuple[str, ...]:
    with open(os.path.join(FOLDER, "commands.txt"), encoding="utf-8") as file:
        return tuple(line for line in file.read().split("\n") if line and not line.startswith("#"))


def variables(home: str) -> dict[str, str]:
    """The whole environment: nobody listens where the cluster would be."""
    return {"HOME": home, "TZ": "UTC", "KUBERNETES_MASTER": "http://127.0.0.1:1"}


def even(text: str) -> str:
    """An output without what changes from run to run and from place to place."""
    return re.sub(_TIMES, "<time>", text).replace(FOLDER, "<here>")


def helm_answer(line: str) -> dict[str, Any]:
    """What Helm answers: exit code, stdout and stderr."""
    done = subprocess.run(
        [HELM, *shlex.split(line)],
        env=variables("/nonexistent"),
        cwd=FOLDER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return {"code": done.returncode, "out": even(done.stdout.decode()), "err": even(done.stderr.decode())}
