"""Installing a plugin: fetched, verified, unpacked and loaded beside the others, then put among them, then its hook.

What goes wrong on the way, the hook included, leaves nothing behind. Helm leaves the plugin.
"""

from __future__ import annotations

import os

from navarch.chart.load import reason
from navarch.chart.notices import notice
from navarch.errors import NavarchError, PluginError
from navarch.golang.strconv import quote
from navarch.plugins.install import place
from navarch.plugins.install.archive import open_archive
from navarch.plugins.install.names import check_claim
from navarch.plugins.install.sources import ArchiveSource, FolderSource
from navarch.plugins.load import FILE_NAME, load_plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from navarch.plugins.install.sources import Fetched, RepositorySource, Source
    from navarch.plugins.load import Plugin
    from navarch.plugins.metadata import Metadata
    from navarch.provenance import Verification

__all__ = ["archive_name", "install_plugin", "is_verifiable"]

_ARCHIVE = "archive.tgz"
_TAKEN_AWAY = "the plugin was taken away again; nothing of it is installed"


def is_verifiable(source: Source) -> bool:
    """Whether a source can have a signature."""
    return isinstance(source, ArchiveSource)


def install_plugin(
    source: Source,
    folders: Sequence[str],
    *,
    keyring: str | None = None,
    warn: Callable[[str], object] | None = None,
    check: Callable[[Plugin], object] | None = None,
    verified: Callable[[Verification], object] | None = None,
) -> Plugin:
    """Install a plugin into the first of the folders of plugins, and run its hook.

    `keyring` is the file with the keys that its signature is checked against, None for no check. `check` may raise an
    error for the plugin that came; `verified` is told what came of the signature, when all is in place; `warn` is given
    lines for people. Raises NavarchError, and leaves nothing behind.
    """
    home = folders[0]
    target = os.path.join(home, source.folder_name)
    place.make_folder(home)
    if os.path.lexists(target):
        if warn is not None:
            warn(notice("WARN", "plugin already exists", path=target, error="<nil>"))
        raise PluginError("plugin already exists")
    with place.stage(home) as staging, _Placed() as placed:
        try:
            plugin, verification = _ready(source, os.path.join(staging, "plugin"), target, keyring)
            if check is not None:
                check(plugin)
            with place.locked(home):
                _refuse_double(plugin.name, target, folders)
                placed.move(plugin.folder, target)
            if isinstance(source, ArchiveSource):
                placed.keep_archive(staging, os.path.join(home, archive_name(plugin.metadata)))
        except OSError as error:
            raise PluginError(f"{error.filename or target}: {reason(error)}") from error
        plugin = plugin._replace(folder=target)
        if verification is not None and verified is not None:
            verified(verification)
        _run_hook(plugin)
    return plugin


def _ready(source: Source, tree: str, target: str, keyring: str | None) -> tuple[Plugin, Verification | None]:
    """A plugin made ready in the folder `tree`, to become `target`, and what its signature is. Raises NavarchError."""
    if isinstance(source, ArchiveSource):
        return _from_archive(source, tree, target, keyring)
    return _from_tree(source, tree, target), None


def _run_hook(plugin: Plugin) -> None:
    from navarch.plugins.commands import run_hook

    try:
        run_hook(plugin, "install")
    except NavarchError as error:
        error.hint = error.hint or _TAKEN_AWAY
        raise


class _Placed:
    """What an installation has put in place: taken away again where its block ends with an error."""

    __slots__ = ("_files", "_folder")

    def __init__(self) -> None:
        self._folder = ""
        self._files: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            return
        for path in self._files:
            place.remove_file(path)
        if self._folder:
            place.remove(self._folder)

    def move(self, tree: str, target: str) -> None:
        """Give the plugin's folder its name. Raises PluginError."""
        place.move(tree, target)
        self._folder = target

    def keep_archive(self, staging: str, target: str) -> None:
        """Keep the archive and its signature beside the plugin, where `plugin list` looks for them.

        A signature that is there of another archive of that name is removed.
        """
        place.remove_file(f"{target}.prov")
        for source, path in ((_ARCHIVE, target), (f"{_ARCHIVE}.prov", f"{target}.prov")):
            if os.path.exists(os.path.join(staging, source)):
                os.replace(os.path.join(staging, source), path)
                self._files.append(path)


def archive_name(metadata: Metadata) -> str:
    """The name of a plugin's archive."""
    return f"{metadata.name}-{metadata.version}.tgz"


def _from_tree(source: FolderSource | RepositorySource, tree: str, target: str) -> Plugin:
    """A plugin that is a folder, linked to or cloned as `tree`. Raises NavarchError."""
    if isinstance(source, FolderSource):
        source.check()
        os.symlink(source.path, tree)
    else:
        source.fetch(tree)
    return _load(tree, target)


def _from_archive(
    source: ArchiveSource, tree: str, target: str, keyring: str | None
) -> tuple[Plugin, Verification | None]:
    """A plugin that came as an archive, unpacked below `tree`, and what its verification found. Raises NavarchError."""
    archive = os.path.join(os.path.dirname(tree), _ARCHIVE)
    fetched = source.fetch(archive, verifying=keyring is not None)
    verification = None if keyring is None else _verify(archive, fetched, keyring)
    _unpack(source, archive, tree)
    plugin = _load(source.root(tree), target)
    for version in (fetched.version, fetched.tag):
        check_claim(plugin.metadata, fetched.name, version, fetched.file_name)
    if fetched.provenance:
        with open(f"{archive}.prov", "wb") as file:
            file.write(fetched.provenance)
    return plugin, verification


def _verify(archive: str, fetched: Fetched, keyring: str) -> Verification:
    """Check the signature of an archive. Raises ProvenanceError, PluginError."""
    from navarch.provenance import Keyring
    from navarch.provenance.files import digest_file
    from navarch.provenance.message import verify_digest

    if not fetched.provenance:
        raise PluginError("plugin verification failed: no provenance file (.prov) found")
    try:
        keys = Keyring.load(keyring)
        return verify_digest(digest_file(archive), fetched.provenance, fetched.file_name, keys)
    except NavarchError as error:
        raise error.within("plugin verification failed") from error.__cause__


def _unpack(source: ArchiveSource, archive: str, tree: str) -> None:
    failed = "failed to extract plugin metadata from tarball"
    try:
        with open_archive(archive) as opened:
            opened.metadata()
            failed = source.unpacking
            opened.unpack(tree)
    except NavarchError as error:
        raise error.within(failed) from error.__cause__


def _load(tree: str, target: str) -> Plugin:
    """The plugin in a folder that is to become `target`, by which its faults call it. Raises NavarchError."""
    try:
        return load_plugin(tree)
    except NavarchError as error:
        told = str(error).replace(tree, target)
        raise PluginError(f"plugin is installed but unusable: {told}", hint=_TAKEN_AWAY) from error


def _refuse_double(name: str, target: str, folders: Sequence[str]) -> None:
    """Refuse a name that an installed plugin has: Helm would then load none of them. Raises PluginError."""
    for folder in folders:
        for entry in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            path = os.path.join(folder, entry)
            if entry.startswith(".") or not os.path.exists(os.path.join(path, FILE_NAME)):
                continue
            try:
                taken = load_plugin(path).name == name
            except NavarchError:
                continue
            if taken:
                told = f"{quote(path)} and {quote(target)}"
                raise PluginError(f"two plugins claim the name {quote(name)} at {told}")
