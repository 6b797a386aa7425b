"""Updating and uninstalling plugins. Only those from repositories of source code can be updated, as in Helm."""

from __future__ import annotations

import os

from navarch.chart.load import reason
from navarch.chart.notices import notice
from navarch.errors import PluginError
from navarch.plugins.install import place
from navarch.plugins.install.git import WorkingCopy
from navarch.plugins.install.installing import archive_name
from navarch.plugins.install.vcs import UnknownError, detect_folder, refuse_others
from navarch.plugins.load import FILE_NAME, load_plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.plugins.load import Plugin

__all__ = ["uninstall_plugin", "update_plugin"]


def update_plugin(plugin: Plugin, *, warn: Callable[[str], object]) -> Plugin:
    """Bring a plugin's working copy up to date; answers the plugin as it is then, whose hook is still to be run.

    `warn` is given lines for people. Raises PluginError.
    """
    folder = os.path.realpath(plugin.folder)
    try:
        refuse_others(detect_folder(folder))
    except UnknownError as error:
        told = "cannot get information about plugin source"
        warn(notice("WARN", told, location=folder, error=str(error)))
        raise PluginError(told) from error
    copy = WorkingCopy(folder)
    installed = _installed(os.path.dirname(plugin.folder), copy.remote(), warn)
    if copy.is_dirty():
        raise PluginError("plugin repo was modified")
    copy.update(owned=not os.path.islink(plugin.folder), check=lambda: _check(folder, installed))
    return load_plugin(installed)


def _check(folder: str, installed: str) -> None:
    """Raise PluginError for what is no plugin any more."""
    if not os.path.exists(os.path.join(folder, FILE_NAME)):
        raise PluginError("plugin metadata (plugin.yaml) missing")
    load_plugin(installed)


def _installed(home: str, remote: str, warn: Callable[[str], object]) -> str:
    """The folder that a plugin from this address has among the plugins. Raises PluginError."""
    path = os.path.join(home, os.path.basename(remote.rstrip("/")))
    try:
        os.stat(path)
    except OSError as error:
        warn(notice("WARN", "plugin does not exist", path=path, error=f"stat {path}: {reason(error)}"))
        raise PluginError("plugin does not exist") from error
    return path


def uninstall_plugin(plugin: Plugin) -> None:
    """Remove a plugin and the archive that it came from; its hook is still to be run. Raises PluginError."""
    place.remove(plugin.folder)
    if plugin.metadata.version:
        archive = os.path.join(os.path.dirname(plugin.folder), archive_name(plugin.metadata))
        place.remove_file(archive)
        place.remove_file(f"{archive}.prov")
