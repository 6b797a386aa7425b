"""Plugins: folders with a plugin.yaml, which add commands, ways to fetch, and steps after rendering.

    for plugin in find_plugins(["/home/me/.local/share/helm/plugins"], type="cli/v1"):
        print(plugin.name, plugin.metadata.version)

They are Helm's: the folders, the files, what programs are called with, and the messages.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.plugins.getters import PluginGetters
    from navarch.plugins.load import Plugin, find_plugin, find_plugins, load_all, load_plugin
    from navarch.plugins.metadata import Metadata
    from navarch.plugins.postrender import command_post_renderer, post_renderer
    from navarch.plugins.python import Getter, PostRenderer, PythonPlugins, ValueSource, python_plugins

__all__ = [
    "Getter",
    "Metadata",
    "Plugin",
    "PluginGetters",
    "PostRenderer",
    "PythonPlugins",
    "ValueSource",
    "command_post_renderer",
    "find_plugin",
    "find_plugins",
    "load_all",
    "load_plugin",
    "post_renderer",
    "python_plugins",
]

__getattr__ = later(
    __name__,
    {
        "getters": ("PluginGetters",),
        "load": ("Plugin", "find_plugin", "find_plugins", "load_all", "load_plugin"),
        "metadata": ("Metadata",),
        "postrender": ("command_post_renderer", "post_renderer"),
        "python": ("Getter", "PostRenderer", "PythonPlugins", "ValueSource", "python_plugins"),
    },
)
