"""The inputs that commands about charts have in common: the chart that is named, and the values that are given."""

from __future__ import annotations

import os

from navarch.errors import ChartError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.values.sources import ValueOptions

__all__ = ["locate_chart", "value_options"]


def locate_chart(call: Call, reference: str) -> str:
    """The absolute path of a chart. Raises NavarchError for one that is not on this machine."""
    reference = reference.strip()
    if not call.flag("repo"):
        if os.path.exists(reference):
            return os.path.abspath(reference)
        if os.path.isabs(reference) or reference.startswith("."):
            raise ChartError(f'path "{reference}" not found')
        if "://" not in reference:
            _check_repository(call, reference)
    raise NavarchError(
        f'"{reference}" is not a folder or archive here, and charts from repositories and registries are not in this '
        "version of Navarch yet",
    )


def _check_repository(call: Call, reference: str) -> None:
    """Refuse what is no chart of a repository that was added. Raises ChartError."""
    name, slash, _ = reference.partition("/")
    if not slash:
        raise ChartError(f"non-absolute URLs should be in form of repo_name/path_to_chart, got: {reference}")
    from navarch.cli.choices import repositories

    if name not in dict(repositories(call.settings)):
        raise ChartError(f"repo {name} not found")


def value_options(call: Call) -> ValueOptions:
    """The values that a command line gives."""
    from navarch.values.sources import ValueOptions

    return ValueOptions(
        files=call.flag("values"),
        set=call.flag("set"),
        set_string=call.flag("set-string"),
        set_file=call.flag("set-file"),
        set_json=call.flag("set-json"),
        set_literal=call.flag("set-literal"),
    )
