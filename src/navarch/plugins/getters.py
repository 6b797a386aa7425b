"""Getters of plugins: what fetches from addresses of other schemes than http, https and oci.

    fetcher = Fetcher(getters=PluginGetters(folders))
    fetcher.get("s3://charts/web-1.0.0.tgz")

Plugins in Helm's folders come first, the first of them by folder; then those in Python.
"""

from __future__ import annotations

import threading

from navarch.errors import DownloadError, PluginError
from navarch.golang.strconv import quote
from navarch.plugins.load import find_plugins
from navarch.plugins.metadata import GetterConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from navarch.plugins.load import Ignored, Plugin
    from navarch.plugins.python import PythonPlugins
    from navarch.repos.getting import Getter, GetterRequest

__all__ = ["TIMEOUT", "PluginGetters"]

TIMEOUT = 600.0
"""How many seconds a plugin may take over one address."""


class PluginGetters:
    """The getter for a scheme. Nothing is looked at before the first question; can be asked from several threads.

    `folders` are those that Helm's plugins are below, `variables` answers what their programs find in their
    environment besides ours, `timeout` is in seconds, None for any; `python` asks the installed packages as well.
    """

    def __init__(
        self,
        folders: Iterable[str],
        *,
        variables: Callable[[], Mapping[str, str]] | None = None,
        timeout: float | None = TIMEOUT,
        ignored: Ignored | None = None,
        python: bool = True,
    ) -> None:
        self._folders = tuple(folders)
        self._variables = variables or dict
        self._timeout = timeout
        self._ignored = ignored
        self._with_python = python
        self._lock = threading.Lock()
        self._plugins: list[Plugin] | None = None
        self._python: PythonPlugins | None = None

    def __call__(self, scheme: str) -> Getter | None:
        """What fetches for a scheme, None where nothing does. Raises PluginError where two plugins have one name."""
        for plugin in self._found():
            config = plugin.metadata.config
            if isinstance(config, GetterConfig) and scheme in config.protocols:
                return lambda request, plugin=plugin: self._fetch(plugin, request)  # type: ignore[misc]
        installed = self.installed()
        return installed.getter(scheme) if installed else None

    def installed(self) -> PythonPlugins | None:
        """The plugins in Python."""
        if not self._with_python:
            return None
        with self._lock:
            if self._python is None:
                from navarch.plugins.python import python_plugins

                self._python = python_plugins(self._ignored)
            return self._python

    def _found(self) -> list[Plugin]:
        with self._lock:
            if self._plugins is None:
                self._plugins = find_plugins(self._folders, type="getter/v1", ignored=self._ignored)
            return self._plugins

    def _fetch(self, plugin: Plugin, request: GetterRequest) -> bytes:
        try:
            return _run(plugin, request, self._variables(), self._timeout)
        except PluginError as error:
            message = f"plugin {quote(plugin.name)} failed to invoke: {error}"
            raise DownloadError(message, url=request.url, hint=error.hint) from error


def _run(plugin: Plugin, request: GetterRequest, variables: Mapping[str, str], timeout: float | None) -> bytes:
    if plugin.metadata.runtime == "subprocess":
        from navarch.plugins import subprocess

        return subprocess.fetch(plugin, request, variables=variables, timeout=timeout)
    from navarch.plugins import wasm

    return wasm.fetch(plugin, request, timeout=None)
