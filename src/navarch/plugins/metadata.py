"""What a plugin.yaml says, in one form for both of its formats: the legacy one and apiVersion v1.

`config` is what the plugin's type needs, `runtime_config` what runs it. Whatever is optional in the file is empty here.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import PluginError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CliConfig",
    "EmptyConfig",
    "GetterConfig",
    "Metadata",
    "PlatformCommand",
    "ProtocolCommand",
    "SubprocessConfig",
    "WasmConfig",
    "check",
    "is_name",
    "is_version",
]


class CliConfig(NamedTuple):
    """A plugin that adds a command: its usage line, its help, and whether it gets the flags of its command line."""

    usage: str = ""
    short_help: str = ""
    long_help: str = ""
    ignore_flags: bool = False


class GetterConfig(NamedTuple):
    """A plugin that fetches: the schemes of addresses that it is for."""

    protocols: tuple[str, ...] = ()


class EmptyConfig(NamedTuple):
    """The configuration of the types that have none: postrenderer/v1, test/v1."""


class PlatformCommand(NamedTuple):
    """A command line for an operating system and architecture in Go's names; "" means any."""

    os: str = ""
    arch: str = ""
    command: str = ""
    args: tuple[str, ...] = ()


class ProtocolCommand(NamedTuple):
    """What fetches from addresses of these schemes."""

    protocols: tuple[str, ...] = ()
    commands: tuple[PlatformCommand, ...] = ()


class SubprocessConfig(NamedTuple):
    """A plugin that is a program: its commands, those of its hooks by event, those of a getter by scheme.

    `expand_hook_args` is False for the hooks of old files, which are lines for a shell that expands them itself.
    """

    commands: tuple[PlatformCommand, ...] = ()
    hooks: Mapping[str, tuple[PlatformCommand, ...]] = {}
    protocol_commands: tuple[ProtocolCommand, ...] = ()
    expand_hook_args: bool = False


class WasmConfig(NamedTuple):
    """A plugin that is a WebAssembly module: what it may use. 0 stands for the runtime's own limit.

    `timeout` is in milliseconds, a page of memory has 64 KiB, `entry` is the function to call ("" for the usual one).
    """

    max_pages: int = 0
    max_http_response_bytes: int = 0
    max_var_bytes: int = 0
    config: Mapping[str, str] = {}
    allowed_hosts: tuple[str, ...] = ()
    create_temp_dir: bool = False
    timeout: int = 0
    host_functions: tuple[str, ...] = ()
    entry: str = ""


class Metadata(NamedTuple):
    """A plugin.yaml. `api_version` is "legacy" or "v1", `runtime` "subprocess" or "extism/v1"."""

    api_version: str
    name: str
    type: str
    runtime: str
    version: str
    source_url: str
    config: CliConfig | GetterConfig | EmptyConfig
    runtime_config: SubprocessConfig | WasmConfig


def is_name(text: str) -> bool:
    """Whether a plugin may have this name: a-z, A-Z, 0-9, _ and -."""
    return text.isascii() and text.replace("_", "a").replace("-", "a").isalnum()


def is_version(text: str) -> bool:
    """Whether a text is a complete semantic version."""
    from navarch.golang.semver import parse_strict

    try:
        parse_strict(text)
    except VersionError:
        return False
    return True


def check(metadata: Metadata) -> Metadata:
    """The same metadata. Raises PluginError, a line for each fault, where it isn't valid."""
    from navarch.golang.strconv import quote

    faults = []
    if not is_name(metadata.name):
        faults.append(f"invalid plugin name {quote(metadata.name)}: must contain only a-z, A-Z, 0-9, _ and -")
    if metadata.version and not is_version(metadata.version):
        faults.append(f"invalid plugin version {quote(metadata.version)}: must be valid semver")
    if isinstance(metadata.config, GetterConfig):
        faults += _check_protocols(metadata.config)
    if faults:
        raise PluginError("\n".join(faults))
    return metadata


def _check_protocols(config: GetterConfig) -> list[str]:
    failed = "config validation failed: getter has "
    if not config.protocols:
        return [f"{failed}no protocols"]
    return [f"{failed}empty protocol at index {config.protocols.index('')}"] if "" in config.protocols else []
