"""A way to call template functions by name and see what Go would make of the result."""

from __future__ import annotations

import pytest

from navarch.errors import FunctionError
from navarch.golang.fmt import sprintf
from navarch.golang.types import type_of
from navarch.templates.functions import load


def in_go_syntax(value):
    """A value as %#v prints it, with its type where that doesn't show: int64(5), but "x"."""
    shown, name = sprintf("%#v", value), type_of(value)
    if isinstance(value, str | bool | bytes) or value is None or shown.startswith(name):
        return shown
    return f"{name}({shown})"


@pytest.fixture(scope="session")
def call():
    """Call the function of a name: the result in Go syntax, or "error: " and what is wrong."""

    def call_by_name(name, *arguments):
        try:
            return in_go_syntax(load(name)(*arguments))
        except FunctionError as error:
            return f"error: {error}"

    return call_by_name
