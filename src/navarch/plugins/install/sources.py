"""What a plugin may be installed from: a folder, an archive here or on the web, a registry, a git repository.

Which of them a word means is found out as Helm does: oci:// is a registry, what exists is a file, http(s):// with an
archive's ending is one, anything else has to be a repository.
"""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

from navarch.errors import DownloadError, NavarchError, PluginError
from navarch.oci.reference import is_oci
from navarch.plugins.install.names import check_folder_name, claim, is_archive, plain_name
from navarch.plugins.install.verifying import PROOF_LIMIT
from navarch.plugins.load import FILE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.net.access import Access
    from navarch.oci.registry import Registry
    from navarch.repos.fetch import Fetcher

__all__ = ["ArchiveSource", "Fetched", "FolderSource", "RegistrySource", "RepositorySource", "Source", "find_source"]


class Fetched(NamedTuple):
    """An archive that was fetched.

    `name` and `version` are what its name says it holds, `tag` is what it was tagged as in a registry, each "" where
    nothing is said; `provenance` is its signature, or b"".
    """

    file_name: str
    name: str
    version: str
    provenance: bytes
    tag: str = ""


class FolderSource:
    """A folder on this machine, which is linked to."""

    __slots__ = ("folder_name", "path")

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.folder_name = check_folder_name(os.path.basename(self.path), path)

    def check(self) -> None:
        """Raises PluginError for what is no plugin's folder."""
        if not os.path.isdir(self.path):
            raise PluginError("expected plugin to be a directory (containing a file 'plugin.yaml')")
        if not os.path.exists(os.path.join(self.path, FILE_NAME)):
            raise PluginError("plugin metadata (plugin.yaml) missing")


class ArchiveSource:
    """An archive: how it is fetched is told by the classes below, which word its faults as Helm does.

    `unpacking` is said before that which is wrong with the archive.
    """

    folder_name: str
    unpacking: str

    def fetch(self, target: str, *, verifying: bool) -> Fetched:
        """Bring the archive into the file `target`. Raises NavarchError."""
        raise NotImplementedError

    def root(self, tree: str) -> str:
        """The plugin's folder in an unpacked archive: the top, or the first folder below it with a plugin.yaml.

        Raises PluginError where there is none.
        """
        names = ["", *sorted(os.listdir(tree), key=os.fsencode)]
        folders = (os.path.join(tree, name) if name else tree for name in names)
        found = next((folder for folder in folders if os.path.exists(os.path.join(folder, FILE_NAME))), None)
        if found is None:
            raise PluginError(f"{FILE_NAME} not found in {tree} or its immediate subdirectories")
        return found


class FileSource(ArchiveSource):
    """An archive on this machine."""

    unpacking = "failed to extract archive"

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.folder_name = check_folder_name(plain_name(os.path.basename(self.path)), path)

    def fetch(self, target: str, *, verifying: bool) -> Fetched:
        from navarch.chart.load import reason

        try:
            shutil.copyfile(self.path, target)
        except OSError as error:
            failed = "failed to get verification data: failed to read plugin file" if verifying else ""
            verb = "read" if isinstance(error, IsADirectoryError) else "open"
            raise PluginError(f"{failed or 'failed to read archive'}: {verb} {self.path}: {reason(error)}") from error
        file_name = os.path.basename(self.path)
        return Fetched(file_name, *claim(file_name), self._proof(verifying=verifying))

    def _proof(self, *, verifying: bool) -> bytes:
        """The signature beside the archive; one that can't be read only matters where it is to be verified."""
        from navarch.provenance.files import read_file

        path = f"{self.path}.prov"
        if not os.path.lexists(path):
            return b""
        try:
            return read_file(path, most=PROOF_LIMIT)
        except NavarchError as error:
            if not verifying:
                return b""
            failed = f"failed to get verification data: failed to access provenance file {path}"
            raise error.within(failed) from error.__cause__

    def root(self, tree: str) -> str:
        folder = os.path.join(tree, self.folder_name)
        path = os.path.join(folder, FILE_NAME)
        if not os.path.exists(path):
            missing = f"{FILE_NAME} not found in expected directory {folder}"
            raise PluginError(f"{missing}: stat {path}: no such file or directory")
        return folder


class WebSource(ArchiveSource):
    """An archive on a web server."""

    unpacking = "extracting files from archive"

    def __init__(self, url: str, fetcher: Fetcher, access: Access) -> None:
        self.url = url
        self._access = access
        self.file_name = url.rpartition("/")[2]
        self.folder_name = check_folder_name(plain_name(self.file_name), url)
        self._fetcher = fetcher

    def fetch(self, target: str, *, verifying: bool) -> Fetched:
        try:
            with open(target, "wb") as file:
                self._fetcher.get(self.url, access=self._access, sink=file.write)
        except DownloadError as error:
            if verifying:
                raise error.within("failed to get verification data: failed to download plugin") from error.__cause__
            raise
        return Fetched(self.file_name, *claim(self.file_name), self._proof())

    def _proof(self) -> bytes:
        try:
            return self._fetcher.get(f"{self.url}.prov", access=self._access, limit=PROOF_LIMIT).data
        except DownloadError:
            return b""


class RegistrySource(ArchiveSource):
    """An archive in a registry."""

    unpacking = "failed to extract plugin"

    def __init__(self, source: str, version: str, registry: Callable[[], Registry]) -> None:
        from navarch.plugins.install.registry import plugin_name

        self.source = source
        self.version = version
        self.folder_name = check_folder_name(plugin_name(source), source)
        self._registry = registry

    def fetch(self, target: str, *, verifying: bool) -> Fetched:
        from navarch.plugins.install.registry import pull_plugin

        try:
            with self._registry() as registry:
                pulled = pull_plugin(registry, self.source, self.version, target)
        except NavarchError as error:
            failed = f"failed to pull plugin from {self.source}"
            if verifying:
                failed = f"failed to get verification data: {failed}"
            raise error.within(failed) from error.__cause__
        return Fetched(pulled.title, *claim(pulled.title), pulled.provenance, pulled.version)

    def root(self, tree: str) -> str:
        try:
            return super().root(tree)
        except PluginError as error:
            raise PluginError("plugin metadata (plugin.yaml) missing") from error


class RepositorySource:
    """A repository of source code, at a version or constraint ("": its newest state)."""

    __slots__ = ("folder_name", "remote", "version")

    def __init__(self, source: str, version: str, fetcher: Fetcher) -> None:
        from navarch.plugins.install.vcs import detect, refuse_others

        kind, self.remote = detect(source, fetcher)
        refuse_others(kind)
        self.version = version
        self.folder_name = check_folder_name(os.path.basename(source.rstrip("/")), source)

    def fetch(self, folder: str) -> None:
        """Bring the source code into a new folder. Raises NavarchError."""
        from navarch.plugins.install.git import clone

        copy = clone(self.remote, folder)
        if self.version:
            copy.go_to(self.version, self.remote)
        if not os.path.exists(os.path.join(folder, FILE_NAME)):
            raise PluginError("plugin metadata (plugin.yaml) missing")


Source = FolderSource | ArchiveSource | RepositorySource


def find_source(
    source: str, version: str, *, fetcher: Fetcher, access: Access, registry: Callable[[], Registry]
) -> Source:
    """What a word means. `registry` opens a client for registries, `access` is for web servers. Raises NavarchError."""
    if is_oci(source):
        return RegistrySource(source, version, registry)
    try:
        if os.path.exists(source):
            return FileSource(source) if is_archive(source) else FolderSource(source)
        if source.startswith(("http://", "https://")) and is_archive(source):
            return WebSource(source, fetcher, access)
        return RepositorySource(source, version, fetcher)
    except NavarchError as error:
        from navarch.golang.strconv import quote

        told = f"cannot get information about plugin source {quote(source)}"
        raise error.within(f"{told} (if it's a local directory, does it exist?), last error was") from error.__cause__
