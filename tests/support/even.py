"""Outputs of two programs, made comparable: without times, ages, namespaces, and the widths of columns they make."""

from __future__ import annotations

import re

__all__ = ["ageless", "even", "unlogged"]

_TIMES = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?Z| ?[+-]\d\d:?\d\d)?( UTC)?"), "<time>"),
    (re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)?(ms|µs|s)\b"), "<duration>"),
    (re.compile(r"\b1[789]\d{8}\b"), "<unix time>"),
    (re.compile(r"^([IWE])\d{4} [\d:.]+ +\d+ ", re.MULTILINE), r"\1 <time and process> "),
    (re.compile(r"(?<=\S)[ \t]+"), " "),
]
# the last column of a table, where it isn't seconds; none of YAML's values
_AGES = re.compile(r"(?<=[^:\s-] )\d+[mhdy](\d+[smhd])?$", re.MULTILINE)

_LOGGED = re.compile(r"^[IWE]\d{4} [\d:.]+ +\d+ (request|reflector)\.go:.*\n", re.MULTILINE)


def unlogged(text: str) -> str:
    """What Helm said, without the lines in which its client logs a request or a watch that it gave up itself.

    Whether there is such a line is a race within Helm.
    """
    return _LOGGED.sub("", text)


def ageless(text: str) -> str:
    """Without the ages in minutes and more that tables have once seconds are made alike and columns are set apart by one blank."""
    return _AGES.sub("<duration>", text)


def even(text: str, namespace: str) -> str:
    text = text.replace(namespace, "<namespace>")
    for pattern, word in _TIMES:
        text = pattern.sub(word, text)
    return ageless("\n".join(line.rstrip() for line in text.split("\n")))
