"""`nav version`: print which Helm this behaves as, and which Navarch it is."""

from __future__ import annotations

import sys

from navarch import __version__
from navarch.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "HELM", "KUBERNETES", "run"]

HELM = "v4.3.1"  # whose behaviour this is
KUBERNETES = "v1.37"  # the cluster it takes for granted where none is asked

ABOUT = {
    "version": """
Print the version. Version is the version of Helm whose behaviour this is, so that what asks for Helm's version gets
an answer it can use; NavarchVersion is our own. GitCommit, GitTreeState and GoVersion, which Helm has, are empty.

With --template the same names can be used in a Go template: --template '{{.Version}}'.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "version": (
        ("short", "", "bool", "false", "print nothing but the number"),
        ("template", "", "string", "", "Go template to print the version with"),
    ),
}


def run(call: Call) -> int:
    """Print the version. Raises TemplateError for a --template that can't be rendered."""
    if template := call.flag("template"):
        text = _rendered(template)
    elif call.flag("short"):
        text = f"{HELM}+navarch.{__version__}\n"
    else:
        pairs = ", ".join(f'{name}:"{value}"' for name, value in _facts().items())
        text = f"version.BuildInfo{{{pairs}}}\n"
    write(text)
    return 0


def _facts() -> dict[str, str]:
    return {
        "Version": HELM,
        "GitCommit": "",
        "GitTreeState": "",
        "GoVersion": "",
        "KubeClientVersion": KUBERNETES,
        "NavarchVersion": __version__,
        "PythonVersion": sys.version.partition(" ")[0],
    }


def _rendered(template: str) -> str:
    from navarch.templates.engine import render_text

    return render_text("_", template, _BuildInfo())


class _BuildInfo:
    """The facts as a Go struct, for templates."""

    go_type = "version.BuildInfo"
    go_kind = "struct"
    go_fields = tuple(_facts())

    def __init__(self) -> None:
        for name, value in _facts().items():
            setattr(self, name, value)
