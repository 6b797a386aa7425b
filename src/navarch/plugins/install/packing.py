"""Plugin archives written: NAME-VERSION.tgz, all files of a plugin's folder below a folder of its name, and signed.

Nothing of the machine gets into one but the files' times and permissions; with one time for all of them (`epoch`) the
same folder is the same bytes everywhere.
"""

from __future__ import annotations

import os
from gzip import GzipFile
from stat import S_ISDIR, S_ISREG
from tarfile import DIRTYPE, GNU_FORMAT, TarFile, TarInfo

from navarch.chart.load import reason
from navarch.errors import PluginError
from navarch.files import PartFile
from navarch.plugins.install.installing import archive_name
from navarch.plugins.install.place import make_folder
from navarch.plugins.load import load_plugin
from navarch.plugins.metadata import CliConfig, GetterConfig, SubprocessConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, BinaryIO

    from navarch.plugins.load import Plugin
    from navarch.plugins.metadata import Metadata, PlatformCommand, WasmConfig
    from navarch.provenance import Signatory

__all__ = ["metadata_text", "package_plugin", "plugin_to_package"]


def plugin_to_package(folder: str) -> Plugin:
    """The plugin in a folder, which can be packaged. Raises PluginError."""
    try:
        found = os.stat(folder)
    except OSError as error:
        raise PluginError(f"stat {folder}: {reason(error)}") from error
    if not S_ISDIR(found.st_mode):
        raise PluginError("plugin package only supports directories, not tarballs")
    try:
        return load_plugin(folder)
    except PluginError as error:
        raise error.within("invalid plugin directory") from error.__cause__


def package_plugin(
    plugin: Plugin, destination: str, *, signatory: Signatory | None = None, epoch: int | None = None
) -> str:
    """Write a plugin's archive into a folder, and with a `signatory` its signature beside it; answers its path.

    Both are there, or none is. `epoch` is the time of all files, in seconds since 1970. Raises PluginError for a
    folder with something else than files and folders in it, ProvenanceError.
    """
    make_folder(destination)
    path = os.path.normpath(os.path.join(destination, archive_name(plugin.metadata)))
    part = PartFile(path)
    try:
        with part as file:
            _write(plugin, file, {part.path, path, f"{path}.prov"}, epoch)
            if signatory is not None:
                _write_signature(part.path, path, plugin.metadata, signatory)
    except OSError as error:
        raise PluginError(f"failed to create tarball: open {path}: {reason(error)}") from error
    return path


def _write(plugin: Plugin, file: BinaryIO, without: set[str], epoch: int | None) -> None:
    """Write an archive, which is no part of itself."""
    own = {os.path.realpath(name) for name in without}
    with (
        GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        TarFile(mode="w", fileobj=packed, format=GNU_FORMAT) as tar,
    ):
        for found, name in _walk(plugin.folder, plugin.name):
            if os.path.realpath(found) not in own:
                _add(tar, found, name, epoch)
    file.flush()


def _walk(folder: str, name: str) -> Iterator[tuple[str, str]]:
    """(path, name in the archive) of a folder and all that is in it, in the order of their names."""
    yield folder, name
    for entry in sorted(os.listdir(folder), key=os.fsencode):
        path = os.path.join(folder, entry)
        if os.path.isdir(path) and not os.path.islink(path):
            yield from _walk(path, f"{name}/{entry}")
        else:
            yield path, f"{name}/{entry}"


def _add(tar: TarFile, path: str, name: str, epoch: int | None) -> None:
    found = os.stat(path) if name.count("/") == 0 else os.lstat(path)
    info = TarInfo(name)
    info.mode = found.st_mode & 0o777
    info.mtime = int(found.st_mtime + 0.5) if epoch is None else epoch
    if S_ISDIR(found.st_mode):
        info.type = DIRTYPE
        tar.addfile(info)
    elif S_ISREG(found.st_mode):
        info.size = found.st_size
        with open(path, "rb") as file:
            tar.addfile(info, file)
    else:
        raise PluginError(
            f"failed to create plugin tarball: {path} is neither a file nor a folder",
            hint="links and the like in an archive are refused when it is installed",
        )


def _write_signature(part: str, path: str, metadata: Metadata, signatory: Signatory) -> None:
    from navarch.provenance.files import digest_file, write_file
    from navarch.provenance.message import message

    text = message(os.path.basename(path), digest_file(part), metadata_text(metadata))
    write_file(f"{path}.prov", signatory.sign(text))


def metadata_text(metadata: Metadata) -> str:
    """A plugin's metadata in the YAML that is signed: the fields of Helm's types, by their names in Go."""
    from navarch.golang.yaml import dump

    return dump(
        {
            "APIVersion": metadata.api_version,
            "Config": _config(metadata),
            "Name": metadata.name,
            "Runtime": metadata.runtime,
            "RuntimeConfig": _runtime_config(metadata.runtime_config),
            "SourceURL": metadata.source_url,
            "Type": metadata.type,
            "Version": metadata.version,
        }
    )


def _config(metadata: Metadata) -> dict[str, Any]:
    config = metadata.config
    if isinstance(config, CliConfig):
        return {
            "IgnoreFlags": config.ignore_flags,
            "LongHelp": config.long_help,
            "ShortHelp": config.short_help,
            "Usage": config.usage,
        }
    return {"Protocols": _list(config.protocols)} if isinstance(config, GetterConfig) else {}


def _runtime_config(config: SubprocessConfig | WasmConfig) -> dict[str, Any]:
    if isinstance(config, SubprocessConfig):
        by_scheme = [
            {"PlatformCommand": _commands(one.commands), "Protocols": _list(one.protocols)}
            for one in config.protocol_commands
        ]
        return {
            "PlatformCommand": _commands(config.commands),
            "PlatformHooks": {event: _commands(found) for event, found in sorted(config.hooks.items())} or None,
            "ProtocolCommands": by_scheme or None,
        }
    return {
        "AllowedHosts": _list(config.allowed_hosts),
        "Config": dict(sorted(config.config.items())) or None,
        "EntryFuncName": config.entry,
        "FileSystem": {"CreateTempDir": config.create_temp_dir},
        "HostFunctions": _list(config.host_functions),
        "Memory": {
            "MaxHTTPResponseBytes": config.max_http_response_bytes,
            "MaxPages": config.max_pages,
            "MaxVarBytes": config.max_var_bytes,
        },
        "Timeout": config.timeout,
    }


def _commands(commands: Sequence[PlatformCommand]) -> list[dict[str, Any]] | None:
    return [
        {"Architecture": one.arch, "Args": _list(one.args), "Command": one.command, "OperatingSystem": one.os}
        for one in commands
    ] or None


def _list(texts: Sequence[str]) -> list[str] | None:
    """A list of texts; Go writes null for none."""
    return list(texts) or None
