"""Post-renderers: what manifests pass through before they are applied, as functions from text to text.

client.install("web", chart, post_render=post_renderer("labels", ["team=web"], folders=[plugins]))
client.install("web", chart, post_render=command_post_renderer(["sed", "s/latest/1.2/"]))
"""

from __future__ import annotations

import os

from navarch.errors import PluginError
from navarch.golang.strconv import quote
from navarch.plugins.load import find_plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from navarch.plugins.load import Ignored, Plugin

    PostRender = Callable[[str], str]

__all__ = ["TIMEOUT", "command_post_renderer", "post_renderer"]

TYPE = "postrenderer/v1"
TIMEOUT = 600.0
"""How many seconds a post-renderer may take."""


def post_renderer(
    name: str,
    arguments: Sequence[str] = (),
    *,
    folders: Iterable[str] = (),
    timeout: float | None = TIMEOUT,
    ignored: Ignored | None = None,
    python: bool = True,
) -> PostRender:
    """The post-renderer of a name: a plugin below one of the folders, or (with `python`) of an installed package.

    Raises PluginError where there is none. What it answers raises PluginError: it failed, took more than `timeout`
    seconds (None: it may), or answered nothing.
    """
    try:
        plugin = find_plugin(folders, name, type=TYPE, ignored=ignored)
    except PluginError:
        installed = _installed(name, arguments, ignored) if python else None
        if installed is None:
            raise
        return installed
    return lambda manifests: _run(plugin, manifests, arguments, timeout)


def command_post_renderer(words: Sequence[str], *, timeout: float | None = TIMEOUT) -> PostRender:
    """A post-renderer that is a program: manifests to its stdin, what to apply from its stdout.

    Its function raises PluginError as `post_renderer`'s does.
    """
    from navarch.plugins.subprocess import run

    name = os.path.basename(words[0])

    def render(manifests: str) -> str:
        return _text(name, run(name, words, env=os.environ, data=_data(manifests), timeout=timeout, quiet=True))

    return render


def _installed(name: str, arguments: Sequence[str], ignored: Ignored | None) -> PostRender | None:
    from navarch.plugins.python import python_plugins

    function = python_plugins(ignored).post_renderer(name)
    return None if function is None else lambda manifests: _checked(name, function(manifests, arguments))


def _run(plugin: Plugin, manifests: str, arguments: Sequence[str], timeout: float | None) -> str:
    try:
        if plugin.metadata.runtime == "subprocess":
            from navarch.plugins import subprocess

            data = subprocess.post_render(plugin, _data(manifests), arguments, variables={}, timeout=timeout)
        else:
            from navarch.plugins import wasm

            data = wasm.post_render(plugin, _data(manifests), arguments, timeout=None)
    except PluginError as error:
        error.within(f"failed to invoke post-renderer plugin {quote(plugin.name)}")
        raise
    return _text(plugin.name, data)


def _data(manifests: str) -> bytes:
    return manifests.encode("utf-8", "surrogateescape")


def _text(name: str, data: bytes) -> str:
    return _checked(name, data.decode("utf-8", "surrogateescape"))


def _checked(name: str, text: str) -> str:
    if not text.strip():
        raise PluginError(f"post-renderer {quote(name)} produced empty output")
    return text
