"""What plugins add to rendering: the post-renderer that --post-renderer names, template functions written in Python."""

from __future__ import annotations

from navarch.cli.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.cli.call import Call

__all__ = ["find", "post_render_of", "python_functions"]


def find(name: str, arguments: Sequence[str] = (), settings: Settings | None = None) -> Callable[[str], str]:
    """The post-renderer of a name. Raises PluginError where no plugin has it."""
    from navarch.cli.plugins import folders, ignored
    from navarch.plugins.postrender import post_renderer

    settings = settings or Settings()
    return post_renderer(name, arguments, folders=folders(settings), timeout=settings.plugin_timeout, ignored=ignored)


def post_render_of(call: Call) -> Callable[[str], str] | None:
    """What a command line has manifests passed through, None for nothing."""
    name = call.flag("post-renderer")
    return find(name, call.flag("post-renderer-args"), call.settings) if name else None


def python_functions() -> dict[str, Callable[..., Any]]:
    """The template functions that installed packages offer."""
    from navarch.cli.plugins import ignored
    from navarch.plugins.python import python_plugins

    return python_plugins(ignored).functions()
