"""The folder that plugins are in: a plugin appears in it whole or not at all, and vanishes at once.

Plugins are made ready in a folder of their own beside the others, of which none of Helm's programs sees a plugin.yaml,
and get their name by a rename.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from navarch.chart.load import reason
from navarch.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["locked", "make_folder", "move", "remove", "remove_file", "stage"]

_PREFIX = ".nav-plugin-"
_ABANDONED = 24 * 3600
"""After how many seconds what another run made ready belongs to nobody."""


def make_folder(path: str) -> None:
    """Make a folder, if it isn't there. Raises PluginError."""
    try:
        os.makedirs(path, 0o755, exist_ok=True)
    except OSError as error:
        raise PluginError(f"mkdir {error.filename or path}: {reason(error)}") from error


@contextmanager
def stage(home: str) -> Iterator[str]:
    """A new folder within the folder of plugins, which is gone when the block ends. Raises PluginError."""
    from shutil import rmtree
    from tempfile import mkdtemp

    _sweep(home)
    try:
        folder = mkdtemp(prefix=_PREFIX, dir=home)
    except OSError as error:
        raise PluginError(f"mkdir {home}: {reason(error)}") from error
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


@contextmanager
def locked(home: str) -> Iterator[None]:
    """A block that no other process is in for the same folder of plugins. Raises OSError."""
    import fcntl

    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(home: str) -> None:
    """Delete what runs that were killed have left."""
    from shutil import rmtree

    try:
        entries = [entry for entry in os.scandir(home) if entry.name.startswith(_PREFIX)]
        old = [entry.path for entry in entries if entry.stat().st_mtime < time.time() - _ABANDONED]
    except OSError:
        return
    for path in old:
        rmtree(path, ignore_errors=True)


def move(source: str, target: str) -> None:
    """Give a folder its name, which nothing may have yet. Raises PluginError."""
    try:
        if os.path.lexists(target):
            raise PluginError("plugin already exists")
        os.rename(source, target)
    except OSError as error:
        raise PluginError(f"rename {source} {target}: {reason(error)}") from error


def remove(folder: str) -> None:
    """Remove a plugin, at once for all who look, if it is there; of a link only the link. Raises PluginError."""
    try:
        if os.path.islink(folder):
            os.unlink(folder)
            return
        with stage(os.path.dirname(folder)) as bin_:
            os.rename(folder, os.path.join(bin_, "plugin"))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise PluginError(f"unlinkat {folder}: {reason(error)}") from error


def remove_file(path: str) -> None:
    """Remove a file, if it is there and can be removed."""
    try:
        os.unlink(path)
    except OSError:
        pass
