"""What Helm's engine answers to template snippets, and what ours does."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

import navarch
from navarch.chart.capabilities import HelmVersion
from navarch.manifests.render import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from navarch.cache import Cache

__all__ = ["CONTEXT", "EVALUATE", "HELM", "VALUES", "asked", "ours", "real_helm", "shown", "theirs"]

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_BIN = os.path.join(os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle"), "bin")
EVALUATE = os.path.join(_BIN, "evaluate")
HELM = os.path.join(_BIN, "helm")

with open(os.path.join(HERE, "snippets", "values.yaml"), encoding="utf-8") as _file:
    VALUES = _file.read()
"""The values of snippets that bring none."""

CONTEXT: dict[str, dict[str, str]] = {
    "files": {"a.txt": "one\ntwo\n", "b.txt": "b", "conf/x.ini": "k=v\n", "conf/y.bin": "\x00\x01"},
    "more": {"more": '{{ define "c.name" }}{{ .Chart.Name | trunc 63 }}{{ end }}more of {{ include "c.name" . }}\n'},
}
"""What lies beside every snippet: the chart's files, and another template."""

_CHART = b"apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: '4.5'\n"

Question = dict[str, Any]
"""{"t": template, "y": values as YAML, "strict": bool, "lint": bool, "files": {name: text}, "more": {name: text}}"""

Answer = dict[str, str]
"""{"out": text} or {"err": message}"""


def asked(template: str, *, values: str = VALUES, strict: bool = False) -> Question:
    """The question that a snippet is."""
    return {"t": template, "y": values, "strict": strict, **CONTEXT}


def real_helm() -> pytest.MarkDecorator:
    """A mark for tests that need Helm itself. In CI with the means to install it, its absence is a failure."""
    must = os.environ.get("CI") == "true" and os.path.isdir(os.path.join(HERE, "..", "..", "shared"))
    missing = not (os.path.exists(EVALUATE) and os.path.exists(HELM))
    return pytest.mark.skipif(missing and not must, reason="the real Helm is not installed (make test-real does it)")


def theirs(questions: Sequence[Question], *, seconds: float = 10) -> list[Answer | None]:
    """Helm's answers; None where its engine crashed or took too long."""
    lines = (json.dumps({"id": str(i), **question}) for i, question in enumerate(questions))
    text = _evaluate("\n".join(lines) + "\n", seconds)
    if text is None:
        if len(questions) < 2:
            return [None] * len(questions)
        middle = len(questions) // 2
        halves = (questions[:middle], questions[middle:])
        return [answer for half in halves for answer in theirs(half, seconds=seconds / 2 + 1)]
    found: dict[str, Answer] = {}
    for line in text.split("\n"):
        if line:
            answer = json.loads(line)
            found[answer.pop("id")] = answer
    return [found.get(str(i)) for i in range(len(questions))]


def _evaluate(lines: str, seconds: float) -> str | None:
    """What the engine's program writes; None where it fails."""
    environment = {**os.environ, "TZ": "UTC"}
    try:
        done = subprocess.run(
            [EVALUATE], input=lines, capture_output=True, text=True, timeout=seconds, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode else done.stdout


def ours(question: Mapping[str, Any], cache: Cache | None = None) -> Answer:
    """Our answer, through the library. Whatever is raised besides NavarchError comes through."""
    files = {"Chart.yaml": _CHART, "templates/t": question["t"].encode("utf-8", "surrogateescape")}
    files |= {f"templates/{name}": text.encode() for name, text in question.get("more", {}).items()}
    files |= {name: text.encode() for name, text in question.get("files", {}).items()}
    release = navarch.ReleaseInfo(name="rel", namespace="demo", revision=1, is_install=True)
    try:
        values = pickle.loads(_parsed(question.get("y", "")))
        chart = navarch.Chart.from_files(files)
        engine = Engine(strict=question.get("strict", False), lint=question.get("lint", False), cache=cache)
        rendered = engine.render(chart, values, release=release, capabilities=_capabilities())
        return {"out": shown(rendered["c/templates/t"])}
    except navarch.NavarchError as error:
        return {"err": shown(str(error))}


@lru_cache(maxsize=1)
def _capabilities() -> navarch.Capabilities:
    """The defaults, but for the version that Helm's library, which the oracle is made of, gives itself."""
    return navarch.Capabilities(helm_version=HelmVersion("v4.3"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> bytes:
    """Values as they are read, packed, since templates may change them. Raises NavarchError."""
    return pickle.dumps(navarch.parse_values(text))


def shown(text: str) -> str:
    """A text as JSON carries it: what is not UTF-8 becomes U+FFFD."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
