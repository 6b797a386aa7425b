"""Versions in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.templates.functions.semver import FUNCTIONS

CASES = [
    ("semverCompare", (">=1.19-0", "v1.37.0"), "true"),
    ("semverCompare", ("<1.19-0", "1.37.0"), "false"),
    ("semverCompare", ("^1", "2.0.0"), "false"),
    ("semverCompare", ("x y", "1.0.0"), 'error: improper constraint: "x y"'),
    ("semverCompare", ("*", "nope"), "error: invalid semantic version"),
    ("semver", ("nope",), "error: invalid semantic version"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_functions(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_a_version():
    assert str(FUNCTIONS["semver"]("v1.2-rc.1")) == "1.2.0-rc.1"
