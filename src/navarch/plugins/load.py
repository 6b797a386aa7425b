"""Finding plugins in folders and reading their plugin.yaml."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from navarch.errors import NavarchError, PluginError, YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from navarch.plugins.metadata import Metadata

    # told of each plugin.yaml that can't be loaded, and why
    Ignored = Callable[[str, NavarchError], None]

__all__ = ["FILE_NAME", "WASM_FILE", "Plugin", "find_plugin", "find_plugins", "load_all", "load_plugin"]

FILE_NAME = "plugin.yaml"
WASM_FILE = "plugin.wasm"

_LARGEST = 1 << 20
"""How many bytes a plugin.yaml may have."""


class Plugin(NamedTuple):
    """A plugin on this machine: the folder it is in, and what its plugin.yaml says."""

    folder: str
    metadata: Metadata

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.metadata.name


def load_plugin(folder: str) -> Plugin:
    """The plugin in a folder. Raises PluginError: no plugin.yaml, or one that isn't valid."""
    from navarch.golang.strconv import quote

    data = _read(os.path.join(folder, FILE_NAME))
    try:
        metadata = parse_metadata(data)
    except NavarchError as error:
        raise PluginError(f"failed to load plugin {quote(folder)}: {error}") from error
    if metadata.runtime == "extism/v1":
        _check_wasm(os.path.join(folder, WASM_FILE))
    return Plugin(folder, metadata)


def _read(path: str) -> bytes:
    """A plugin.yaml. Raises PluginError where there is none that can be read."""
    from navarch.golang.strconv import quote

    start = f"failed to read plugin at {quote(path)}"
    try:
        if stat.S_ISFIFO(os.stat(path).st_mode):
            raise PluginError(f"{start}: {path} is not a file")
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        from navarch.chart.load import reason

        verb = "read" if isinstance(error, IsADirectoryError) else "open"
        raise PluginError(f"{start}: {verb} {path}: {reason(error)}") from error
    if len(data) > _LARGEST:
        raise PluginError(f"{start}: {path} is larger than {_LARGEST >> 20} MiB")
    return data


def _check_wasm(path: str) -> None:
    from navarch.golang.strconv import quote

    try:
        os.stat(path)
    except FileNotFoundError as error:
        raise PluginError(f"wasm binary missing for extism/v1 plugin: {quote(path)}") from error
    except OSError as error:
        from navarch.chart.load import reason

        failed = f"failed to stat extism/v1 plugin wasm binary {quote(path)}"
        raise PluginError(f"{failed}: stat {path}: {reason(error)}") from error


def parse_metadata(data: bytes) -> Metadata:
    """What a plugin.yaml says. Raises PluginError or YamlError with Helm's message."""
    from navarch.golang.strconv import quote
    from navarch.golang.yaml.structs import parse
    from navarch.plugins import legacy, v1

    try:
        root = parse(data)
        version = v1.api_version(root)
    except YamlError as error:
        raise PluginError(f"failed to peek plugin.yaml API version: {error}") from error
    if not version:
        return legacy.read(root)
    if version == "v1":
        return v1.read(root)
    raise PluginError(f"invalid plugin apiVersion: {quote(version)}")


def load_all(folder: str, *, ignored: Ignored | None = None) -> list[Plugin]:
    """The plugins in the folders right below one, sorted by folder; none where there is no such folder.

    What can't be loaded is passed over, and told to `ignored`. Raises PluginError where two claim one name.
    """
    from navarch.golang.path import join

    found = []
    for name in _folders(folder):
        place = join(folder, name)
        try:
            found.append(load_plugin(place))
        except NavarchError as error:
            if ignored is not None:
                ignored(os.path.join(place, FILE_NAME), error)
    _refuse_duplicates(found)
    return found


def _folders(folder: str) -> list[str]:
    """The names right below a folder that have a plugin.yaml, sorted."""
    try:
        names = sorted(os.listdir(folder or "."), key=os.fsencode)
    except OSError:
        return []
    return [name for name in names if os.path.lexists(os.path.join(folder, name, FILE_NAME))]


def _refuse_duplicates(plugins: Iterable[Plugin]) -> None:
    from navarch.golang.strconv import quote

    places: dict[str, str] = {}
    for plugin in plugins:
        if plugin.name in places:
            where = f"{quote(places[plugin.name])} and {quote(plugin.folder)}"
            raise PluginError(f"two plugins claim the name {quote(plugin.name)} at {where}")
        places[plugin.name] = plugin.folder


def find_plugins(folders: Iterable[str], *, type: str = "", ignored: Ignored | None = None) -> list[Plugin]:  # noqa: A002
    """The plugins below several folders, those of one type ("cli/v1", …) where one is given.

    Names have to be unique only below one folder. Raises PluginError as `load_all` does.
    """
    found = [plugin for folder in folders for plugin in load_all(folder, ignored=ignored)]
    return [plugin for plugin in found if type in ("", plugin.metadata.type)]


def find_plugin(
    folders: Iterable[str],
    name: str,
    *,
    type: str = "",  # noqa: A002
    ignored: Ignored | None = None,
) -> Plugin:
    """The first plugin of a name, and of a type where one is given. Raises PluginError where there is none."""
    for plugin in find_plugins(folders, type=type, ignored=ignored):
        if plugin.name == name:
            return plugin
    raise PluginError(f"plugin: {{Name:{name} Type:{type}}} not found")
