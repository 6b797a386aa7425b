"""Outputs of two programs, made comparable: without times, ages, namespaces, and the widths of columns they make."""

from __future__ import annotations

import re

__all__ = ["even", "unlogged"]

_TIMES = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?Z| ?[+-]\d\d:?\d\d)?( UTC)?"), "<time>"),
    (re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)?(ms|µs|s)\b"), "<duration>"),
    (re.compile(r"\b1[789]\d{8}\b"), "<unix time>"),
    (re.compile(r"^([IWE])\d{4} [\d:.]+ +\d+ ", re.MULTILINE), r"\1 <time and process> "),
    (re.compile(r"(?<=\S)[ \t]+"), " "),
]

_LOGGED = re.compile(r"^[IWE]\d{4} [\d:.]+ +\d+ (request|reflector)\.go:.*\n", re.MULTILINE)


def unlogged(text: str) -> str:
    """What Helm said, without the lines in which its client logs a request or a watch that it gave up itself.

    Whether there is such a line is a race within Helm.
    """
    return _LOGGED.sub("", text)


def even(text: str, namespace: str) -> str:
    text = text.replace(namespace, "<namespace>")
    for pattern, word in _TIMES:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))
